package id.ketuk.app.enrol

import android.content.Intent
import android.view.View
import android.widget.Button
import id.ketuk.app.R
import id.ketuk.app.core.sentence
import id.ketuk.app.look.Field
import id.ketuk.app.look.Size
import id.ketuk.app.look.Typing
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

/**
 * How the phone comes to belong to a cadre, and how she signs it in again: a code and an address, typed
 * or from a link.
 */
class EnrolScreen(shell: Shell, private var place: Place.Enrol) : Screen(shell) {
    override val title = if (place.again) activity.getString(R.string.enrol_again) else null
    override val strip = place.again

    private lateinit var code: Field
    private lateinit var server: Field
    private lateinit var button: Button
    private lateinit var say: (CharSequence?) -> Unit
    private var busy = false

    override fun view(): View {
        code = Field(activity, Typing.CODE) { typed(place.copy(code = it)) }
        server = Field(activity, Typing.LINK) { typed(place.copy(server = it)) }
        val trouble = text(activity, "", Size.BODY, R.color.bata)
        trouble.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        say = {
            trouble.text = it
            trouble.visibility = if (it == null) View.GONE else View.VISIBLE
        }
        say(null)
        button = mainButton(activity, string(R.string.enrol_action), ::enrol)
        code.named(R.string.enrol_code, R.string.enrol_code_example)
        server.named(R.string.enrol_server, R.string.enrol_server_example)
        code.show(place.code)
        server.show(place.server)
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
            put(text(context, string(R.string.enrol_code), bold = true), above = 24)
            put(code, above = 8)
            put(text(context, string(R.string.enrol_server), bold = true), above = 16)
            put(server, above = 8)
            put(trouble, above = 8)
            put(button, above = 24)
            if (!place.again) {
                put(quietButton(context, string(R.string.restore_title)) { shell.go(Place.Restore()) }, above = 8)
            }
        })
    }

    /** Any scanner app will do; most phones' camera apps open the link by themselves. */
    private fun scan() {
        say(null)
        fetch(EnrolLink.scan(), none = R.string.enrol_no_scanner)
    }

    override fun returned(request: Int, done: Boolean, data: Intent?) {
        if (data == null) return
        val link = EnrolLink.scanned(data) ?: return say(string(R.string.enrol_not_ours))
        code.show(link.code)
        server.show(link.server)
        typed(link.copy(again = place.again))
    }

    private fun Field.named(name: Int, example: Int) {
        contentDescription = string(name)
        hint = string(example)
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
            place.server.isEmpty() -> {
                server.show(enrolment.server)
                typed(place.copy(server = enrolment.server))
            }
        }
    }

    private fun enrol() {
        if (busy) return
        busy(true)
        say(null)
        val (code, server) = place
        ask({ it.enrol(server.trim(), code) }, ::refused) { shell.restart(Place.Home) }
    }

    private fun refused(fault: Throwable) {
        busy(false)
        say(sentence(activity, fault))
    }

    private fun busy(now: Boolean) {
        busy = now
        button.isEnabled = !now
        button.text = string(if (now) R.string.enrol_busy else R.string.enrol_action)
    }
}
