package id.ketuk.app.nav

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Core
import id.ketuk.app.core.Finger
import id.ketuk.app.core.sentence
import id.ketuk.app.sync.ByItself

/** What a screen may ask of the activity that shows it. */
interface Shell {
    val activity: Activity
    val core: Core
    val finger: Finger
    val byItself: ByItself

    /** Opens [place] on top of this one. */
    fun go(place: Place)

    /** Goes to the place before, or leaves the app from the first. */
    fun back()

    /** Remembers that this same screen is now seen as [place], without drawing it anew. */
    fun remember(place: Place)

    /** Starts over at [place], with nothing behind it. */
    fun restart(place: Place)

    /** Shows [place] in front of wherever she is, and not instead of it. */
    fun cover(place: Place)

    /** Looks whether she may pass now to where she was. */
    fun pass()

    /** Asks for her PIN from now on, as after a pause. */
    fun lock()

    /** Draws everything anew, in the language or the theme that is now in force. */
    fun recreate()

    /** Asks her for a permission; what she says comes to [Screen.permitted]. */
    fun permit(permission: String)

    /** Says a sentence above the page, until she taps it away or goes on. */
    fun say(sentence: CharSequence, trouble: Boolean = true)
}

/**
 * One screen: a function from what the core says to views. It lives from [view] until it is left,
 * and keeps nothing that the core or its [Place] doesn't.
 */
abstract class Screen(protected val shell: Shell) {
    protected val activity: Activity get() = shell.activity
    protected val core: Core get() = shell.core

    /** Whether she sees it now: answers that come later are for whoever asks again. */
    private var here = false

    fun enter() {
        here = true
        shown()
    }

    fun leave() {
        if (!here) return
        here = false
        hidden()
    }

    /**
     * Asks the core; the answer comes only if this screen is still seen then. A failure is always
     * said: it may be about an answer that she believes to be kept.
     */
    fun <T> ask(
        question: (Core) -> T,
        failed: (Throwable) -> Unit = { shell.say(sentence(activity, it)) },
        done: (T) -> Unit,
    ) = core.ask(question, failed) { if (here) done(it) }

    /** Asks another app; what it gives comes to [returned], as [request]. [none] is said where no app can do it. */
    fun fetch(intent: Intent, request: Int = 0, none: Int = R.string.error_no_app) = reach(none) {
        @Suppress("DEPRECATION") // its successor is not in the platform
        activity.startActivityForResult(intent, request)
    }

    /** Opens another app. */
    fun open(intent: Intent) = reach(R.string.error_no_app) { activity.startActivity(intent) }

    private fun reach(none: Int, other: () -> Unit) = try {
        other()
    } catch (_: ActivityNotFoundException) {
        shell.say(string(none))
    }

    /** What stands in the bar at the top; null for no bar. */
    open val title: CharSequence? = null

    /** Whether the strip "where is my data?" makes sense here yet. */
    open val strip: Boolean = true

    /** Builds what is below the bar; answers of the core fill it later. */
    abstract fun view(): View

    /** Adds the signs at the right end of the bar. */
    open fun actions(bar: LinearLayout) = Unit

    /** It can be seen: ask the core. Called again whenever it comes back to the front. */
    protected open fun shown() = Unit

    /** It can't be seen any more. */
    protected open fun hidden() = Unit

    /**
     * Another app that was asked as [request] has ended, with what it gave unless she gave up; also if this one was
     * killed meanwhile.
     */
    open fun returned(request: Int, done: Boolean, data: Intent?) = Unit

    open fun permitted(granted: Boolean) = Unit

    /** She tapped back: true if that was for something inside the screen. */
    open fun back(): Boolean = false

    protected fun string(id: Int, vararg values: Any): String = activity.getString(id, *values)

    protected fun plural(id: Int, count: Int, vararg values: Any): String =
        activity.resources.getQuantityString(id, count, *values)
}
