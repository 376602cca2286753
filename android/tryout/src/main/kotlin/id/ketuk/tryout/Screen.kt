package id.ketuk.tryout

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Rect
import android.view.PixelCopy
import android.view.View
import android.view.ViewGroup
import android.view.WindowManager
import android.view.inspector.WindowInspector
import android.widget.EditText
import android.widget.TextView
import java.util.Arrays

/** A band of the screen that looks otherwise than before: all of its width, from row [top] on. */
class Change(val width: Int, val height: Int, val top: Int, val band: IntArray)

/** Something on the screen that says something, and where it stands. */
class Words(val said: String, val at: Rect)

/** What can be seen of the phone: its pixels, and for whoever doesn't see them its words. On the main thread. */
class Screen {
    private var width = 0
    private var shown = IntArray(0)

    /** What changed since this was last asked; null for nothing. */
    fun change(): Change? {
        val picture = picture() ?: return null
        val (wide, high) = picture.width to picture.height
        val before = shown
        val now = IntArray(wide * high)
        picture.getPixels(now, 0, wide, 0, 0, wide, high)
        val (first, last) = if (wide == width && before.size == now.size) differing(before, now) else 0 to now.lastIndex
        if (first < 0) return null
        width = wide
        shown = now
        val top = first / wide
        return Change(wide, high, top, now.copyOfRange(top * wide, (last / wide + 1) * wide))
    }

    /** The next [change] is all of it: somebody looks who hasn't seen anything yet. */
    fun forget() {
        shown = IntArray(0)
    }

    /** Every window as it is now, the last opened in front. Robolectric's own picture of the screen wants Java 21. */
    private fun picture(): Bitmap? {
        val windows = windows()
        val back = windows.firstOrNull() ?: return null
        val all = shot(back) ?: return null
        val canvas = Canvas(all)
        for (window in windows.drop(1)) {
            val about = window.layoutParams as? WindowManager.LayoutParams
            if (about != null && about.flags and WindowManager.LayoutParams.FLAG_DIM_BEHIND != 0) {
                canvas.drawColor(Color.argb((about.dimAmount * 255).toInt(), 0, 0, 0))
            }
            val corner = IntArray(2).also(window::getLocationOnScreen)
            shot(window)?.let { canvas.drawBitmap(it, corner[0].toFloat(), corner[1].toFloat(), null) }
        }
        return all
    }

    private fun shot(window: View): Bitmap? {
        val picture = Bitmap.createBitmap(window.width, window.height, Bitmap.Config.ARGB_8888)
        val request = PixelCopy.Request.Builder.ofWindow(window).setDestinationBitmap(picture)
            .setSourceRect(Rect(0, 0, window.width, window.height)).build()
        var result = PixelCopy.ERROR_UNKNOWN
        PixelCopy.request(request, Runnable::run) { result = it.status }
        return picture.takeIf { result == PixelCopy.SUCCESS }
    }

    private fun windows() = WindowInspector.getGlobalWindowViews().filter { it.isShown && it.width > 0 && it.height > 0 }

    private fun differing(before: IntArray, now: IntArray): Pair<Int, Int> {
        val first = Arrays.mismatch(before, now)
        var last = now.lastIndex
        if (first >= 0) while (before[last] == now[last]) last--
        return first to last
    }

    /** Every text and every named thing that can be seen, from the back to the front and from top to bottom. */
    fun words(): List<Words> = windows().flatMap { window ->
        val corner = IntArray(2).also(window::getLocationOnScreen)
        seen(window).mapNotNull { view ->
            val typed = (view as? TextView)?.text?.takeIf { it.isNotBlank() }
            val name = view.contentDescription?.takeIf { it.isNotBlank() } ?: (view as? TextView)?.hint.takeIf { typed == null }
            val said = listOfNotNull(name, typed.takeIf { name == null || view is EditText }).joinToString(": ")
            val at = Rect()
            if (said.isEmpty() || !view.getGlobalVisibleRect(at)) return@mapNotNull null
            Words(said.replace(FIXED_BLANK, ' '), at.apply { offset(corner[0], corner[1]) })
        }
    }

    private fun seen(view: View): Sequence<View> = sequence {
        if (view.visibility != View.VISIBLE) return@sequence
        yield(view)
        if (view is ViewGroup) for (at in 0 until view.childCount) yieldAll(seen(view.getChildAt(at)))
    }

    private companion object {
        /** Keeps a line from being broken; it says nothing. */
        const val FIXED_BLANK = '\u00A0'
    }
}
