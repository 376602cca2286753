package id.ketuk.app.visit

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Answer
import id.ketuk.app.core.Choice
import id.ketuk.app.core.ChoiceAnswer
import id.ketuk.app.core.ChoiceControl
import id.ketuk.app.core.ChoicesAnswer
import id.ketuk.app.core.ChoicesControl
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.Question
import id.ketuk.app.look.Field
import id.ketuk.app.look.Typing
import id.ketuk.app.look.choiceRow
import id.ketuk.app.look.column
import id.ketuk.app.look.put

/** A list of choices longer than this can be filtered by typing. */
private const val LONG = 12

/**
 * Choices as rows of the full width. Of one choice, tapping the chosen row takes it back; of many,
 * each row is on or off by itself.
 */
internal class ChoiceRows(context: Context, private val told: (Answer) -> Unit) : ControlView {
    private val filter = Field(context, Typing.TEXT) { draw() }
    private val rows = column(context) {}
    override val view: LinearLayout = column(context) {
        put(filter.apply { setHint(R.string.visit_filter) })
        put(rows)
    }
    private var choices: List<Choice> = emptyList()
    private var chosen: List<String> = emptyList()
    private var many = false

    override fun show(question: Question) {
        val control = question.control
        val offered = when (control) {
            is ChoiceControl -> control.choices
            is ChoicesControl -> control.choices
            else -> emptyList()
        }
        val answer = question.answer
        val taken = when (answer) {
            is ChoiceAnswer -> listOf(answer.v1)
            is ChoicesAnswer -> answer.v1
            else -> emptyList()
        }
        if (rows.childCount > 0 && offered == choices && taken == chosen) return
        choices = offered
        chosen = taken
        many = control is ChoicesControl
        val filtered = choices.size > LONG || (control as? ChoiceControl)?.minimal == true
        filter.visibility = if (filtered) View.VISIBLE else View.GONE
        filter.contentDescription = "${question.label}, ${view.context.getString(R.string.visit_filter)}"
        draw()
    }

    private fun draw() {
        val sought = filter.text.toString().trim()
        rows.removeAllViews()
        choices.filter { it.value in chosen || it.label.contains(sought, ignoreCase = true) }.forEach { choice ->
            val row = choiceRow(view.context, choice.label, choice.value in chosen, many) { tapped(choice.value) }
            rows.put(row, above = 8)
        }
    }

    private fun tapped(value: String) = told(
        when {
            !many -> if (value in chosen) NoAnswer else ChoiceAnswer(value)
            value in chosen -> (chosen - value).let { if (it.isEmpty()) NoAnswer else ChoicesAnswer(it) }
            // In the order of the list, whatever order she tapped them in.
            else -> ChoicesAnswer(choices.map { it.value }.filter { it in chosen || it == value })
        },
    )
}
