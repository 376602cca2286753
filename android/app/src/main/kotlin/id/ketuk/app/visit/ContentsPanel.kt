package id.ketuk.app.visit

import android.content.Context
import android.view.View
import id.ketuk.app.R
import id.ketuk.app.core.ContentsRow
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.heading
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.putSign
import id.ketuk.app.look.row
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text

/** Every page of the visit, with what is open on it; a tap goes there, and the last one to the end. */
internal fun contentsPanel(
    context: Context,
    rows: List<ContentsRow>,
    onPage: (String) -> Unit,
    onFinish: () -> Unit,
): View = column(context) {
    put(scroll(context, column(context) {
        pad(16, 16)
        put(text(context, context.getString(R.string.visit_contents), Size.FIGURE, bold = true))
        var subject: String? = null
        rows.forEach { page ->
            if (page.subject != subject) page.subject?.let { put(heading(context, it), above = 16) }
            subject = page.subject
            put(contentsRow(context, page, onPage), above = 8)
        }
    }), weight = 1f)
    put(column(context) {
        pad(16, 8)
        put(mainButton(context, context.getString(R.string.finish_title), onFinish))
    })
}

private fun contentsRow(context: Context, page: ContentsRow, onPage: (String) -> Unit): View =
    card(context, { onPage(page.page) }) {
        val open = openOf(context, page.required - page.answered, page.hard + page.soft)
        put(row(context) {
            putSign(open.sign, open.color)
            put(column(context) {
                put(text(context, page.title, bold = page.current))
                put(text(context, open.words, Size.NOTE, open.color), above = 2)
                if (page.comments > 0u) put(text(context, context.getString(R.string.visit_comment), Size.NOTE, R.color.bata), above = 2)
            }, weight = 1f, before = 12)
            if (page.current) putSign(R.drawable.ic_next, R.color.nila)
        })
        isSelected = page.current
    }
