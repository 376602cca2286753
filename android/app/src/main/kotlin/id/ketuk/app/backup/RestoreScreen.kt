package id.ketuk.app.backup

import android.content.Intent
import android.view.View
import id.ketuk.app.R
import id.ketuk.app.core.sentence
import id.ketuk.app.files.Packets
import id.ketuk.app.look.column
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell
import id.ketuk.app.rescue.CodeForm

/** A copy comes back on a new phone: she chooses the file, then types a new code, which opens it. */
class RestoreScreen(shell: Shell, private var place: Place.Restore) : Screen(shell) {
    override val title = activity.getString(R.string.restore_title)
    override val strip = false

    private val form: CodeForm = CodeForm(activity, R.string.restore_open, ::typed, ::recover)

    override fun view(): View = scroll(activity, column(activity) {
        pad(16, 8)
        put(text(context, string(if (place.chosen) R.string.restore_code_lead else R.string.restore_lead)))
        if (place.chosen) {
            put(form, above = 24)
            form.show(place.code, place.server)
        } else {
            put(mainButton(context, string(R.string.restore_choose)) { fetch(Packets.choose(), CHOOSE) }, above = 24)
        }
    })

    override fun returned(request: Int, done: Boolean, data: Intent?) {
        val from = data?.data?.takeIf { request == CHOOSE } ?: return
        ask({ it.unpack(Packets.fetch(activity, from)) }) { server ->
            shell.back()
            shell.go(place.copy(server = server, chosen = true))
        }
    }

    private fun typed(code: String, server: String) {
        place = place.copy(code = code, server = server)
        shell.remember(place)
    }

    private fun recover(code: String, server: String): Unit =
        ask({ it.restore(server, code) }, { form.failed(sentence(activity, it)) }) { shell.restart(Place.Home) }

    private companion object {
        const val CHOOSE = 21
    }
}
