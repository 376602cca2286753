package id.ketuk.app.visit

import android.content.Context
import android.view.View
import id.ketuk.app.R
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
    onProblem: (Problem) -> Unit,
    onFinish: () -> Unit,
): View = column(context) {
    put(scroll(context, column(context) {
        pad(16, 16)
        put(text(context, context.getString(R.string.finish_title), Size.FIGURE, bold = true))
        val lead = if (problems.isEmpty()) R.string.finish_ready else R.string.finish_missing
        put(text(context, context.getString(lead)), above = 8)
        if (problems.isEmpty()) put(text(context, context.getString(R.string.finish_lead), Size.NOTE), above = 8)
        problems.forEach { problem ->
            put(card(context, { onProblem(problem) }) {
                put(text(context, problem.label, bold = true))
                put(text(context, problem.message, Size.NOTE, R.color.bata), above = 4)
            }, above = 8)
        }
    }), weight = 1f)
    if (problems.isEmpty()) {
        put(column(context) {
            pad(16, 8)
            put(mainButton(context, context.getString(R.string.finish_action), onFinish))
        })
    }
}
