package id.ketuk.app.rescue

import android.app.AlertDialog
import android.content.Intent
import android.view.View
import id.ketuk.app.R
import id.ketuk.app.backup.CopyOut
import id.ketuk.app.core.sentence
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.scroll
import id.ketuk.app.look.showSafely
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/**
 * What is on the phone can't be opened: its key is lost, or the PIN is forgotten. A new code opens it again;
 * or it leaves as a file for the office, and the app begins anew beside it. Nothing is ever deleted.
 */
class RescueScreen(shell: Shell, private var place: Place.Rescue) : Screen(shell) {
    override val title = activity.getString(if (place.lost) R.string.rescue_title else R.string.rescue_forgotten_title)
    override val strip = false

    private val form: CodeForm = CodeForm(activity, R.string.rescue_open, ::typed, ::recover)
    private val waysByServer = column(activity) { visibility = View.GONE }
    private val none = text(activity, string(R.string.rescue_none)).apply { visibility = View.GONE }
    private val out = CopyOut(this, activity) { core, file -> core.copyUnopened(file) }

    override fun view(): View = scroll(activity, column(activity) {
        pad(16, 8)
        put(text(context, string(if (place.lost) R.string.error_key else R.string.rescue_forgotten_lead)))
        put(waysByServer.apply {
            put(card(context) {
                put(text(context, string(R.string.rescue_code_title), bold = true))
                put(text(context, string(R.string.rescue_code_lead), Size.NOTE), above = 4)
                put(form, above = 16)
            }, above = 16)
            put(card(context) {
                put(text(context, string(R.string.rescue_file_title), bold = true))
                put(text(context, string(R.string.rescue_file_lead), Size.NOTE), above = 4)
                put(out.view, above = 8)
            }, above = 16)
        })
        put(none, above = 16)
        put(card(context) {
            put(text(context, string(R.string.rescue_anew_title), bold = true))
            put(text(context, string(R.string.rescue_anew_lead), Size.NOTE), above = 4)
            put(quietButton(context, string(R.string.rescue_anew)) { askToBeginAnew() }, above = 8)
        }, above = 16)
    }).also { form.show(place.code, place.server) }

    override fun shown() = ask({ it.recoverable() }) { server ->
        waysByServer.visibility = if (server == null) View.GONE else View.VISIBLE
        none.visibility = if (server == null) View.VISIBLE else View.GONE
        form.offer(server)
    }

    private fun typed(code: String, server: String) {
        place = place.copy(code = code, server = server)
        shell.remember(place)
    }

    private fun recover(code: String, server: String): Unit =
        ask({ it.recover(server, code) }, { form.failed(sentence(activity, it)) }) { shell.pass() }

    override fun returned(request: Int, done: Boolean, data: Intent?) = out.returned(request, data)

    private fun askToBeginAnew() {
        AlertDialog.Builder(activity)
            .setMessage(R.string.rescue_anew_sure)
            .setPositiveButton(R.string.rescue_anew) { _, _ -> ask({ it.beginAnew() }) { shell.restart(Place.Enrol()) } }
            .setNegativeButton(R.string.rescue_anew_not, null)
            .showSafely()
    }
}
