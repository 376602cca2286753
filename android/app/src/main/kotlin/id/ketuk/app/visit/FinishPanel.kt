package id.ketuk.app.visit

import android.content.Context
import android.view.View
import id.ketuk.app.R
import id.ketuk.app.core.ContentsRow
import id.ketuk.app.core.Problem
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text

/** The end of a visit: what is still open, each one tap away, or the button that saves it. */
internal fun finishPanel(
    context: Context,
    problems: List<Problem>,
    contents: List<ContentsRow>,
    onPage: (String) -> Unit,
    onFinish: () -> Unit,
): View = column(context) {
    put(scroll(context, column(context) {
        pad(16, 16)
        put(text(context, context.getString(R.string.finish_title), Size.FIGURE, bold = true))
        val lead = if (problems.isEmpty()) R.string.finish_ready else R.string.finish_missing
        put(text(context, context.getString(lead)), above = 8)
        if (problems.isEmpty()) put(text(context, context.getString(R.string.finish_lead), Size.NOTE), above = 8)
        val pages = contents.associateBy { it.page }
        problems.groupBy { it.page }.forEach { (page, onIt) ->
            put(problemCard(context, pages[page], onIt) { page?.let(onPage) }, above = 8)
        }
    }), weight = 1f)
    if (problems.isEmpty()) {
        put(column(context) {
            pad(16, 8)
            put(mainButton(context, context.getString(R.string.finish_action), onFinish))
        })
    }
}

/** One page that isn't done, with what is wrong on it. */
private fun problemCard(context: Context, page: ContentsRow?, problems: List<Problem>, onTap: () -> Unit): View =
    card(context, onTap) {
        tag = "problem"
        val name = listOfNotNull(page?.subject, page?.title).joinToString(" · ")
        if (name.isNotEmpty()) put(text(context, name, bold = true))
        problems.groupingBy { it.message }.eachCount().forEach { (message, times) ->
            val words = if (times == 1) message else "$message (${times}×)"
            put(text(context, words, Size.NOTE, R.color.bata), above = 4)
        }
    }
