package id.ketuk.app.backup

import android.content.Context
import android.content.Intent
import android.view.View
import android.widget.TextView
import id.ketuk.app.R
import id.ketuk.app.core.Core
import id.ketuk.app.core.sentence
import id.ketuk.app.files.Packets
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.text
import id.ketuk.app.nav.Screen
import java.io.File
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale

/** Today's name of a file, which says nothing of her. */
fun packetName(what: String): String =
    "ketuk-$what-${SimpleDateFormat("yyyy-MM-dd", Locale.ROOT).format(Date())}.ketuk"

/**
 * The two ways by which a copy leaves the app: to where she keeps it, or to whom she sends it. [write] makes
 * it, [kept] follows once it is there.
 */
class CopyOut(
    private val screen: Screen,
    private val context: Context,
    private val request: Int = SAVE,
    private val kept: (Core) -> Unit = {},
    private val write: (Core, File) -> Unit,
) {
    private val said: TextView = text(context, "", Size.BODY, R.color.daun).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        visibility = View.GONE
    }

    val view: View = column(context) {
        put(quietButton(context, context.getString(R.string.backup_save)) {
            screen.fetch(Packets.keepAs(packetName(NAME)), request)
        })
        put(quietButton(context, context.getString(R.string.backup_share), ::share), above = 8)
        put(said, above = 8)
    }

    /** She chose where to keep it. */
    fun returned(request: Int, data: Intent?) {
        val to = data?.data?.takeIf { request == this.request } ?: return
        screen.ask({ core ->
            Packets.save(context, made(core), to)
            kept(core)
        }, ::failed) { say(context.getString(R.string.backup_saved), R.color.daun) }
    }

    private fun share() = screen.ask({ core -> made(core).also { kept(core) } }, ::failed) {
        screen.open(Packets.share(it, context.getString(R.string.backup_share)))
    }

    private fun made(core: Core) = Packets.fresh(context, packetName(NAME)).also { write(core, it) }

    private fun failed(fault: Throwable) = say(sentence(context, fault), R.color.bata)

    private fun say(words: CharSequence, color: Int) {
        said.text = words
        said.setTextColor(context.getColor(color))
        said.visibility = View.VISIBLE
    }

    companion object {
        private const val NAME = "cadangan"
        const val SAVE = 31
    }
}
