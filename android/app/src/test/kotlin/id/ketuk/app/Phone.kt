package id.ketuk.app

import android.graphics.Bitmap
import android.os.Bundle
import android.os.Looper
import android.os.Parcel
import android.view.View
import android.view.ViewGroup
import android.widget.AdapterView
import android.widget.EditText
import android.widget.TextView
import org.junit.Assert.assertTrue
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import java.time.Duration
import java.util.concurrent.TimeUnit

/** The phone in a cadre's hand: what she sees, taps and types, on the real screens. */
class Phone {
    private var controller: ActivityController<MainActivity> = Robolectric.buildActivity(MainActivity::class.java)
    val activity: MainActivity get() = controller.get()
    val app: TestKetukApp get() = RuntimeEnvironment.getApplication() as TestKetukApp

    fun start(): Phone = apply {
        controller.setup()
        settle()
    }

    /** Until neither the core nor the main thread has anything left to do, and a frame was drawn. */
    fun settle() {
        do {
            await("the core to come to rest") { app.coreIsIdle }
            shadowOf(Looper.getMainLooper()).idleFor(FRAME)
        } while (!app.coreIsIdle)
    }

    /** Lets the main thread work until [there], for what comes from other threads. */
    fun await(what: String, there: () -> Boolean) {
        val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30)
        while (!there()) {
            if (System.nanoTime() > deadline) throw AssertionError("waited in vain for $what; on screen:\n${words()}")
            shadowOf(Looper.getMainLooper()).idle()
            Thread.onSpinWait()
        }
    }

    private fun views(root: View = activity.window.decorView): Sequence<View> = sequence {
        if (root.visibility != View.VISIBLE) return@sequence
        yield(root)
        if (root is ViewGroup) for (i in 0 until root.childCount) yieldAll(views(root.getChildAt(i)))
    }

    /** Every word on the screen, a view a line, from top to bottom. */
    fun words(): String = views().filterIsInstance<TextView>()
        .map { it.text.toString() }.filter { it.isNotBlank() }.joinToString("\n")

    fun sees(words: String) {
        assertTrue("expected “$words” on the screen, which says:\n${words()}", words in words())
    }

    fun seesNot(words: String) {
        assertTrue("did not expect “$words” on the screen, which says:\n${words()}", words !in words())
    }

    /** Taps what says [words], or has it as its name for TalkBack; rather all of it than a part. */
    fun tap(words: String) {
        val whole = views().filter { it.says { said -> said == words } }
        val part = views().filter { it.says { said -> words in said } }
        val target = (whole + part).firstNotNullOfOrNull { it.tappable() }
            ?: throw AssertionError("nothing to tap says “$words”; on screen:\n${words()}")
        if (target is AdapterView<*>) target.tapRow(words) else target.performClick()
        settle()
    }

    private fun AdapterView<*>.tapRow(words: String) {
        val row = (0 until childCount).first { i -> views(getChildAt(i)).any { it.says { said -> words in said } } }
        performItemClick(getChildAt(row), firstVisiblePosition + row, 0)
    }

    /** Taps the row at [index] of the list on the screen. */
    fun tapRow(index: Int) {
        val list = views().filterIsInstance<AdapterView<*>>().first()
        list.performItemClick(list.getChildAt(index), list.firstVisiblePosition + index, 0)
        settle()
    }

    private fun View.says(such: (String) -> Boolean) =
        (this is TextView && such(text.toString())) || contentDescription?.let { such(it.toString()) } == true

    private fun View.tappable(): View? =
        generateSequence(this) { it.parent as? View }.find { it.isClickable && it.isEnabled }

    fun type(field: EditText, text: String) {
        field.requestFocus()
        field.setText(text)
        settle()
    }

    /** The field that is named [name], for TalkBack or by its hint. */
    fun field(name: String): EditText = views().filterIsInstance<EditText>()
        .firstOrNull { it.contentDescription?.contains(name) == true || it.hint?.contains(name) == true }
        ?: throw AssertionError("no field is named “$name”; on screen:\n${words()}")

    fun back() {
        @Suppress("DEPRECATION")
        activity.onBackPressed()
        settle()
    }

    /** Turns the phone: the activity is made anew from its saved state. */
    fun rotate() {
        val landscape = activity.resources.configuration.orientation == 2
        RuntimeEnvironment.setQualifiers(if (landscape) "+port" else "+land")
        controller.configurationChange()
        controller.visible()
        settle()
    }

    /** Kills the process in the background and lets her come back to it from the recents. */
    fun killAndReturn() {
        val saved = Bundle()
        controller.pause().stop().saveInstanceState(saved)
        controller.destroy()
        app.kill()
        controller = Robolectric.buildActivity(MainActivity::class.java)
        controller.create(saved.throughParcel()).start().restoreInstanceState(saved).postCreate(saved).resume().visible()
        settle()
    }

    /** Kills the process for good: she starts the app from its icon. */
    fun killAndStart() {
        controller.pause().stop().destroy()
        app.kill()
        controller = Robolectric.buildActivity(MainActivity::class.java)
        start()
    }

    fun picture(name: String): Bitmap = shoot(activity, name)

    private fun Bundle.throughParcel(): Bundle {
        val parcel = Parcel.obtain()
        parcel.writeBundle(this)
        parcel.setDataPosition(0)
        return checkNotNull(parcel.readBundle(MainActivity::class.java.classLoader)).also { parcel.recycle() }
    }

    private companion object {
        val FRAME: Duration = Duration.ofMillis(50)
    }
}
