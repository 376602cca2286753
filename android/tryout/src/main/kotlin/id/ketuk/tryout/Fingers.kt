package id.ketuk.tryout

import android.os.SystemClock
import android.view.InputDevice
import android.view.KeyEvent
import android.view.MotionEvent
import android.view.View
import android.view.inspector.WindowInspector
import android.view.inputmethod.EditorInfo
import android.view.inputmethod.InputConnection
import android.widget.TextView
import kotlin.math.abs
import org.json.JSONObject
import org.robolectric.shadows.ShadowUiAutomation

/** What comes from the page as Android would have it of a finger and a keyboard. On the main thread. */
class Fingers {
    private var downAt = 0L

    private var last = finger(MotionEvent.ACTION_CANCEL, 0, 0f, 0f)

    /** The page's clock, in milliseconds, when the finger came down. */
    private var pageDownAt = 0L

    /** A finger comes down, moves, or leaves; in pixels of the screen. */
    fun touch(how: JSONObject) {
        val action = when (how.getString("touch")) {
            "down" -> MotionEvent.ACTION_DOWN
            "move" -> MotionEvent.ACTION_MOVE
            "up" -> MotionEvent.ACTION_UP
            else -> MotionEvent.ACTION_CANCEL
        }
        if (action == MotionEvent.ACTION_DOWN) {
            downAt = SystemClock.uptimeMillis()
            pageDownAt = how.getLong("at")
        }
        // As far apart as the finger made them: that is how a list knows how hard it was flung.
        val at = downAt + (how.getLong("at") - pageDownAt).coerceAtLeast(0)
        val (x, y) = how.getDouble("x").toFloat() to how.getDouble("y").toFloat()
        if (action == MotionEvent.ACTION_MOVE) slide(at, x, y) else inject(finger(action, at, x, y))
        last = finger(action, at, x, y)
    }

    /** A finger doesn't jump: what the browser left out on the way is put in. */
    private fun slide(at: Long, x: Float, y: Float) {
        val from = last
        val steps = (maxOf(abs(x - from.x), abs(y - from.y)) / STEP).toInt().coerceIn(1, MOST_STEPS)
        for (step in 1..steps) {
            val part = step.toFloat() / steps
            val then = from.eventTime + ((at - from.eventTime) * part).toLong()
            inject(finger(MotionEvent.ACTION_MOVE, then, from.x + (x - from.x) * part, from.y + (y - from.y) * part))
        }
    }

    private fun finger(action: Int, at: Long, x: Float, y: Float): MotionEvent =
        MotionEvent.obtain(downAt, at, action, x, y, 0).apply { source = InputDevice.SOURCE_TOUCHSCREEN }

    /** A mouse's wheel, by so many of its steps. */
    fun wheel(how: JSONObject) {
        val where = MotionEvent.PointerCoords().apply {
            x = how.getDouble("x").toFloat()
            y = how.getDouble("y").toFloat()
            setAxisValue(MotionEvent.AXIS_VSCROLL, how.getDouble("wheel").toFloat())
        }
        val mouse = MotionEvent.PointerProperties().apply { toolType = MotionEvent.TOOL_TYPE_MOUSE }
        val now = SystemClock.uptimeMillis()
        val event = MotionEvent.obtain(
            now, now, MotionEvent.ACTION_SCROLL, 1, arrayOf(mouse), arrayOf(where),
            0, 0, 1f, 1f, 0, 0, InputDevice.SOURCE_MOUSE, 0,
        )
        WindowInspector.getGlobalWindowViews().lastOrNull { it.isShown }?.dispatchGenericMotionEvent(event)
    }

    private fun inject(event: MotionEvent) {
        ShadowUiAutomation.injectInputEvent(event)
    }

    /** The field that is typed into, or null. */
    fun field(): View? = WindowInspector.getGlobalWindowViews().asReversed()
        .firstNotNullOfOrNull { it.findFocus() }?.takeIf { it.onCheckIsTextEditor() }

    /** What a keyboard of the screen does with text. */
    fun type(text: String) = keyboard { connection, _ -> connection.commitText(text, 1) }

    fun key(name: String) {
        val code = KEYS[name] ?: return
        if (code == KeyEvent.KEYCODE_ENTER) return enter()
        press(code)
    }

    /** Enter is the keyboard's key at the lower right: the next field, or a new line where there may be some. */
    private fun enter() {
        val field = field() as? TextView ?: return press(KeyEvent.KEYCODE_ENTER)
        keyboard { connection, about ->
            if (field.maxLines == 1) connection.performEditorAction(about.imeOptions and EditorInfo.IME_MASK_ACTION)
            else connection.commitText("\n", 1)
        }
    }

    private fun press(code: Int) {
        val now = SystemClock.uptimeMillis()
        for (action in listOf(KeyEvent.ACTION_DOWN, KeyEvent.ACTION_UP)) {
            ShadowUiAutomation.injectInputEvent(KeyEvent(now, now, action, code, 0))
        }
    }

    private fun keyboard(use: (InputConnection, EditorInfo) -> Unit) {
        val about = EditorInfo()
        field()?.onCreateInputConnection(about)?.let { use(it, about) }
    }

    private companion object {
        /** In pixels: no more than what Android takes for a trembling. */
        const val STEP = 12f
        const val MOST_STEPS = 40

        /** By the names that browsers have for them. */
        val KEYS = mapOf(
            "Enter" to KeyEvent.KEYCODE_ENTER,
            "Backspace" to KeyEvent.KEYCODE_DEL,
            "Delete" to KeyEvent.KEYCODE_FORWARD_DEL,
            "ArrowLeft" to KeyEvent.KEYCODE_DPAD_LEFT,
            "ArrowRight" to KeyEvent.KEYCODE_DPAD_RIGHT,
            "ArrowUp" to KeyEvent.KEYCODE_DPAD_UP,
            "ArrowDown" to KeyEvent.KEYCODE_DPAD_DOWN,
            "PageUp" to KeyEvent.KEYCODE_PAGE_UP,
            "PageDown" to KeyEvent.KEYCODE_PAGE_DOWN,
            "Home" to KeyEvent.KEYCODE_MOVE_HOME,
            "End" to KeyEvent.KEYCODE_MOVE_END,
        )
    }
}
