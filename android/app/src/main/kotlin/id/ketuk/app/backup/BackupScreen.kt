package id.ketuk.app.backup

import android.content.Intent
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Core
import id.ketuk.app.core.OnlyHere
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.moment
import id.ketuk.app.look.number
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell
import java.io.File

/** A copy of everything that is on the phone, sealed, for her to keep; and when she last made one. */
class BackupScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.backup_title)

    private val now = column(activity) {}
    private val before = column(activity) {}
    private val out = CopyOut(this, activity, kept = ::kept) { core, file -> core.phone().backUp(file.path) }
    private val older = ArrayList<CopyOut>()
    private val answers = ArrayList<Pair<Int, Intent?>>()

    override fun view(): View = scroll(activity, column(activity) {
        pad(16, 8)
        put(text(context, string(R.string.backup_lead)))
        put(now, above = 16)
        put(out.view, above = 16)
        put(text(context, string(R.string.backup_back), Size.NOTE), above = 16)
        put(before, above = 16)
    })

    private fun kept(core: Core) {
        core.phone().backedUp()
        activity.runOnUiThread { shown() }
    }

    override fun shown() = ask({ it.phone().onlyHere() to it.aside() }) { (here, aside) ->
        now.removeAllViews()
        now.put(card(activity) { say(here) })
        before.removeAllViews()
        older.clear()
        aside.forEach { before.put(put(it), above = 8) }
        answers.forEach { (request, data) -> older.forEach { it.returned(request, data) } }
        answers.clear()
    }

    private fun LinearLayout.say(here: OnlyHere) {
        val counts = listOf(
            R.plurals.backup_entries to here.entries,
            R.plurals.backup_drafts to here.drafts,
            R.plurals.backup_photos to here.photos,
        ).filter { (_, count) -> count > 0uL }
        put(text(context, string(R.string.backup_only_here), bold = true))
        if (counts.isEmpty()) put(text(context, string(R.string.backup_nothing)), above = 4)
        counts.forEach { (words, count) ->
            put(text(context, plural(words, count.toInt(), activity.number(count.toInt()))), above = 4)
        }
        val last = here.backedUp?.let { string(R.string.backup_last, context.moment(it)) }
        val color = if (here.due) R.color.bata else null
        put(text(context, last ?: string(R.string.backup_never), Size.NOTE, color), above = 8)
        if (here.due) put(text(context, string(R.string.backup_due), color = R.color.bata), above = 4)
    }

    /** What was put aside when its key was lost: it can still leave as a file. */
    private fun put(folder: File): View = card(activity) {
        val request = CopyOut.SAVE + 1 + older.size
        val copy = CopyOut(this@BackupScreen, activity, request) { core, file -> core.copyUnopened(file, folder) }
        older += copy
        put(text(context, string(R.string.backup_aside), bold = true))
        put(text(context, string(R.string.backup_aside_lead), Size.NOTE), above = 4)
        put(copy.view, above = 8)
    }

    override fun returned(request: Int, done: Boolean, data: Intent?) {
        out.returned(request, data)
        // Which of the older ones she meant is known again once they are listed.
        if (request > CopyOut.SAVE) {
            answers += request to data
            shown()
        }
    }
}
