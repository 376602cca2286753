package id.ketuk.app.visit

import android.content.Context
import android.view.View
import id.ketuk.app.R
import id.ketuk.app.core.ContentsRow
import id.ketuk.app.look.Size
import id.ketuk.app.look.beside
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.heading
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.row
import id.ketuk.app.look.scroll
import id.ketuk.app.look.sign
import id.ketuk.app.look.text

/** Every page of the visit, with what is open on it; a tap goes there. */
internal fun contentsPanel(context: Context, rows: List<ContentsRow>, onPage: (String) -> Unit): View =
    scroll(context, column(context) {
        pad(16, 16)
        put(text(context, context.getString(R.string.visit_contents), Size.FIGURE, bold = true))
        var within = ""
        rows.forEach { page ->
            if (page.within != within && page.within.isNotEmpty()) put(heading(context, page.within), above = 16)
            within = page.within
            put(contentsRow(context, page, onPage), above = 8)
        }
    })

private fun contentsRow(context: Context, page: ContentsRow, onPage: (String) -> Unit): View =
    card(context, { onPage(page.page) }) {
        val (drawn, color, words) = when {
            page.problems > 0u -> Triple(
                R.drawable.state_attention,
                R.color.bata,
                context.getString(R.string.visit_problems, (page.problems + page.missing).toInt()),
            )
            page.missing > 0u ->
                Triple(R.drawable.state_todo, R.color.abu, context.getString(R.string.visit_missing, page.missing.toInt()))
            else -> Triple(R.drawable.state_received, R.color.abu, context.getString(R.string.visit_complete))
        }
        put(row(context) {
            put(sign(context, drawn, color), context.beside(20), context.beside(20))
            put(column(context) {
                put(text(context, page.title, bold = page.current))
                put(text(context, words, Size.NOTE, color), above = 2)
            }, weight = 1f, before = 12)
            if (page.current) put(sign(context, R.drawable.ic_next, R.color.nila), context.beside(20), context.beside(20))
        })
        isSelected = page.current
    }
