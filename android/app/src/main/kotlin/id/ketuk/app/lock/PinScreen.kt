package id.ketuk.app.lock

import android.view.View
import android.widget.TextView
import id.ketuk.app.R
import id.ketuk.app.core.PinFault
import id.ketuk.app.core.Tried
import id.ketuk.app.core.pinFault
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** She chooses a PIN: the one that she has first, then the new one, then the new one again. */
class PinScreen(shell: Shell, private val place: Place.Pin) : Screen(shell) {
    override val title = activity.getString(if (place.must) R.string.pin_must_title else R.string.pin_title)
    override val strip = false

    private enum class Step(val words: Int) { NOW(R.string.pin_now), NEW(R.string.pin_new), AGAIN(R.string.pin_again) }

    private val asks: TextView = text(activity, "", bold = true)
    private val trouble = text(activity, "", Size.BODY, R.color.bata).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }
    private val pin = PinField(activity, "", ::typed)
    private var step = Step.NEW
    private var chosen = ""

    override fun view(): View = scroll(activity, column(activity) {
        pad(16, 16)
        put(text(context, string(if (place.must) R.string.pin_must_lead else R.string.pin_lead)))
        put(asks, above = 24)
        put(pin, above = 8)
        put(trouble, above = 8)
        put(text(context, string(R.string.pin_forget), Size.NOTE), above = 16)
    })

    override fun shown() = ask({ it.hasPin }) {
        go(if (it) Step.NOW else Step.NEW)
        pin.focus()
    }

    private fun go(step: Step, why: Int? = null) {
        this.step = step
        asks.text = string(step.words)
        pin.named(string(step.words))
        pin.clear()
        trouble.text = why?.let { string(it) }
        trouble.visibility = if (why == null) View.GONE else View.VISIBLE
    }

    private fun typed(digits: String) = when (step) {
        Step.NOW -> ask({ it.tryPin(digits) }) {
            when (it) {
                Tried.Right -> go(Step.NEW)
                Tried.Wrong -> go(Step.NOW, R.string.lock_wrong)
                // At the lock she sees how long.
                is Tried.Wait -> shell.lock()
            }
        }
        Step.NEW -> when (pinFault(digits)) {
            null -> {
                chosen = digits
                go(Step.AGAIN)
            }
            PinFault.LENGTH -> go(Step.NEW, R.string.pin_length)
            PinFault.SIMPLE -> go(Step.NEW, R.string.pin_simple)
        }
        Step.AGAIN -> if (digits == chosen) keep() else go(Step.NEW, R.string.pin_differs)
    }

    private fun keep() = ask({ it.setPin(chosen) }) {
        core.pinned(true)
        if (place.must) shell.pass() else shell.back()
        shell.say(string(R.string.pin_kept), trouble = false)
    }
}
