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
import id.ketuk.app.core.RankControl
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
    private var many = false

    override fun show(question: Question) {
        val control = question.control
        val offered = when (control) {
            is ChoiceControl -> control.choices
            is ChoicesControl -> control.choices
            else -> emptyList()
        }
        if (rows.childCount > 0 && offered == choices) return
        choices = offered
        many = control is ChoicesControl
        val filtered = choices.size > LONG || question.appearance.any { it in TO_SEARCH }
        filter.visibility = if (filtered) View.VISIBLE else View.GONE
        filter.contentDescription = "${question.label}, ${view.context.getString(R.string.visit_filter)}"
        draw()
    }

    private fun draw() {
        val sought = filter.text.toString().trim()
        rows.removeAllViews()
        choices.filter { it.chosen || it.label.contains(sought, ignoreCase = true) }.forEach { choice ->
            rows.put(choiceRow(view.context, choice.label, choice.chosen, many) { tapped(choice) }, above = 8)
        }
    }

    private fun tapped(choice: Choice) {
        // In the order of the list, whatever order she tapped them in.
        val now = choices.filter { it.chosen != (it.code == choice.code) }.map { it.code }
        told(
            when {
                !many -> if (choice.chosen) NoAnswer else ChoiceAnswer(choice.code)
                now.isEmpty() -> NoAnswer
                else -> ChoicesAnswer(now)
            },
        )
    }
}

/** The author's words for a list to be searched. */
private val TO_SEARCH = setOf("minimal", "autocomplete", "search")

/** All of several in an order: each tap puts the next one in its place, a tap on a placed one ends it there. */
internal class RankRows(context: Context, private val told: (Answer) -> Unit) : ControlView {
    override val view: LinearLayout = column(context) {}

    override fun show(question: Question) {
        val choices = (question.control as? RankControl)?.choices.orEmpty()
        val placed = (question.value as? ChoicesAnswer)?.v1.orEmpty()
        view.removeAllViews()
        choices.forEach { choice ->
            val place = placed.indexOf(choice.code)
            val words = if (place < 0) choice.label else "${place + 1}. ${choice.label}"
            val row = choiceRow(view.context, words, place >= 0, many = true) {
                val now = if (place < 0) placed + choice.code else placed.take(place)
                told(if (now.isEmpty()) NoAnswer else ChoicesAnswer(now))
            }
            view.put(row, above = 8)
        }
    }
}
