package id.ketuk.app.enrol

import android.content.Intent
import android.view.View
import android.widget.Button
import id.ketuk.app.R
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
import id.ketuk.app.nav.Scanner
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/**
 * How the phone comes to belong to a cadre, and how she signs it in again: a code and an address, typed
 * or from a link.
 */
class EnrolScreen(shell: Shell, private var place: Place.Enrol) : Screen(shell) {
    override val title = if (place.again) activity.getString(R.string.enrol_again) else null
    override val strip = place.again

    private val fields = CodeFields(activity) { code, server -> typed(place.copy(code = code, server = server)) }
    private val button: Button = mainButton(activity, string(R.string.enrol_action), ::enrol)
    private var busy = false

    override fun view(): View {
        fields.show(place.code, place.server)
        return scroll(activity, column(activity) {
            pad(16, 24)
            if (place.again) {
                put(text(context, string(R.string.enrol_again_lead)))
            } else {
                put(mark(context), dp(56), dp(56))
                put(text(context, string(R.string.enrol_title), Size.FIGURE, bold = true), above = 16)
                put(text(context, string(R.string.enrol_lead)), above = 8)
            }
            put(quietButton(context, string(R.string.enrol_scan), ::scan), above = 16)
            put(fields, above = 24)
            put(button, above = 24)
            if (!place.again) {
                put(quietButton(context, string(R.string.restore_title)) { shell.go(Place.Restore()) }, above = 8)
            }
        })
    }

    /** Any scanner app will do; most phones' camera apps open the link by themselves. */
    private fun scan() {
        fields.say(null)
        fetch(Scanner.askForQr(), none = R.string.enrol_no_scanner)
    }

    override fun returned(request: Int, done: Boolean, data: Intent?) {
        if (data == null) return
        val link = EnrolLink.scanned(data) ?: return fields.say(string(R.string.enrol_not_ours))
        fields.show(link.code, link.server)
        typed(link.copy(again = place.again))
    }

    private fun typed(now: Place.Enrol) {
        place = now
        shell.remember(now)
    }

    override fun shown() = ask({ it.phone().enrolment() }) { enrolment ->
        when {
            enrolment == null -> Unit
            // The answer to a first enrolment may have come while the phone was being turned.
            !place.again -> shell.restart(Place.Home)
            else -> fields.offer(enrolment.server)
        }
    }

    private fun enrol() {
        if (busy) return
        busy(true)
        fields.say(null)
        val (code, server) = place
        ask({ it.enrol(server.trim(), code) }, ::refused) { shell.restart(Place.Home) }
    }

    private fun refused(fault: Throwable) {
        busy(false)
        fields.say(sentence(activity, fault))
    }

    private fun busy(now: Boolean) {
        busy = now
        button.isEnabled = !now
        button.text = string(if (now) R.string.enrol_busy else R.string.enrol_action)
    }
}
