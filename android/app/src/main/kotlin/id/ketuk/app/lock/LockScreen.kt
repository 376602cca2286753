package id.ketuk.app.lock

import android.os.CancellationSignal
import android.view.View
import android.widget.Button
import id.ketuk.app.R
import id.ketuk.app.core.Touched
import id.ketuk.app.core.Tried
import id.ketuk.app.core.sentence
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.mark
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** In front of wherever she was: her PIN, or her finger, and she is there again. */
class LockScreen(shell: Shell) : Screen(shell) {
    override val strip = false

    private val trouble = text(activity, "", Size.BODY, R.color.bata).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        visibility = View.GONE
    }
    private val pin: PinField = PinField(activity, string(R.string.lock_pin), ::tryPin)
    private val open: Button = mainButton(activity, string(R.string.lock_open)) { tryPin(pin.digits) }
    private val finger: Button = quietButton(activity, string(R.string.lock_finger), ::askForFinger)
    private var asking: CancellationSignal? = null

    override fun view(): View = scroll(activity, column(activity) {
        pad(16, 24)
        put(mark(context), dp(56), dp(56))
        put(text(context, string(R.string.lock_title), Size.FIGURE, bold = true), above = 16)
        put(text(context, string(R.string.lock_lead)), above = 8)
        put(text(context, string(R.string.lock_pin), bold = true), above = 24)
        put(pin, above = 8)
        put(trouble, above = 8)
        put(open, above = 24)
        put(finger.apply { visibility = View.GONE }, above = 8)
        put(quietButton(context, string(R.string.lock_forgotten)) { shell.cover(Place.Rescue()) }, above = 8)
    })

    override fun shown() = ask({ it.hasFinger }) { there ->
        val can = there && finger().there(activity)
        finger.visibility = if (can) View.VISIBLE else View.GONE
        if (can) askForFinger() else pin.focus()
    }

    override fun hidden() {
        asking?.cancel()
        asking = null
        trouble.removeCallbacks(tick)
    }

    private fun tryPin(digits: String) {
        if (!open.isEnabled) return
        open.isEnabled = false
        ask({ it.tryPin(digits) }, { failed(it) }) {
            when (it) {
                Tried.Right -> shell.pass()
                Tried.Wrong -> wrong(string(R.string.lock_wrong))
                is Tried.Wait -> await(it.seconds)
            }
        }
    }

    private fun wrong(why: CharSequence?) {
        open.isEnabled = true
        pin.clear()
        trouble.text = why
        trouble.visibility = if (why == null) View.GONE else View.VISIBLE
    }

    private fun failed(fault: Throwable) {
        wrong(sentence(activity, fault))
        // A Keystore that lost its key takes no PIN any more: the way on is another.
        shell.pass()
    }

    private var left = 0L
    private val tick = Runnable { if (left > 1) await(left - 1) else wrong(null) }

    /** Too many wrong ones: she waits, sees how long, and nothing is lost. */
    private fun await(seconds: Long) {
        left = seconds
        wrong(waiting(seconds))
        open.isEnabled = false
        trouble.removeCallbacks(tick)
        trouble.postDelayed(tick, SECOND)
    }

    private fun waiting(seconds: Long): String = if (seconds < MINUTE) {
        plural(R.plurals.lock_wait_seconds, seconds.toInt(), seconds.toInt())
    } else {
        val minutes = ((seconds + MINUTE - 1) / MINUTE).toInt()
        plural(R.plurals.lock_wait_minutes, minutes, minutes)
    }

    private fun askForFinger() = ask({ it.fingerToOpen() }) { cipher ->
        if (cipher == null) {
            finger.visibility = View.GONE
            wrong(string(R.string.lock_finger_gone))
            return@ask
        }
        val stop = CancellationSignal().also { asking = it }
        finger().ask(activity, cipher, string(R.string.lock_title), string(R.string.lock_use_pin), stop) {
            asking = null
            touched(it)
        }
    }

    private fun touched(how: Touched) = when (how) {
        is Touched.Right -> ask({ it.tryFinger(how.cipher) }) {
            if (it) shell.pass() else wrong(string(R.string.lock_finger_gone))
        }
        Touched.Cancelled -> Unit
        is Touched.Refused -> wrong(how.why)
    }

    private fun finger() = shell.finger

    private companion object {
        const val SECOND = 1000L
        const val MINUTE = 60
    }
}
