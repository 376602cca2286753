package id.ketuk.app.visit

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Answer
import id.ketuk.app.core.Choice
import id.ketuk.app.core.ChoiceAnswer
import id.ketuk.app.core.ChoiceControl
import id.ketuk.app.core.Choices
import id.ketuk.app.core.ChoicesAnswer
import id.ketuk.app.core.ChoicesControl
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.Question
import id.ketuk.app.core.RankControl
import id.ketuk.app.look.Field
import id.ketuk.app.look.Size
import id.ketuk.app.look.Typing
import id.ketuk.app.look.choiceRow
import id.ketuk.app.look.column
import id.ketuk.app.look.put
import id.ketuk.app.look.text

/** A list of choices longer than this can be filtered by typing. */
private const val LONG = 12

/**
 * Choices as rows of the full width. Of one choice, tapping the chosen row takes it back; of many,
 * each row is on or off by itself. Of very many choices only the first are here, and those that are
 * chosen: the others are found by typing.
 */
internal class ChoiceRows(context: Context, private val to: Answering) : ControlView {
    private val filter = Field(context, Typing.TEXT) { seek() }
    private val rows = column(context) {}
    private val more = text(context, "", Size.NOTE)
    override val view: LinearLayout = column(context) {
        put(filter.apply { setHint(R.string.visit_filter) })
        put(rows)
        put(more, above = 8)
    }
    private var path = ""
    private var offered = Choices(emptyList(), 0u)
    private var many = false

    override fun show(question: Question) {
        val control = question.control
        val now = when (control) {
            is ChoiceControl -> control.v1
            is ChoicesControl -> control.v1
            else -> return
        }
        if (rows.childCount > 0 && now == offered) return
        path = question.path
        offered = now
        many = control is ChoicesControl
        val filtered = offered.of > LONG.toUInt() || question.appearance.any { it in TO_SEARCH }
        filter.visibility = if (filtered) View.VISIBLE else View.GONE
        filter.contentDescription = "${question.label}, ${view.context.getString(R.string.visit_filter)}"
        seek()
    }

    private fun seek() {
        val sought = filter.text.toString().trim()
        val all = offered.choices
        when {
            sought.isEmpty() -> draw(all, offered.of)
            offered.of > all.size.toUInt() -> to.find(path, sought) {
                // She may have typed on in the meantime.
                if (sought == filter.text.toString().trim()) draw(it.choices, it.of)
            }
            else -> all.filter { it.label.contains(sought, ignoreCase = true) }.let { draw(it, it.size.toUInt()) }
        }
    }

    /** What is chosen is always shown. */
    private fun draw(found: List<Choice>, of: UInt) {
        val codes = found.map { it.code }.toSet()
        rows.removeAllViews()
        (offered.choices.filter { it.chosen && it.code !in codes } + found).forEach { choice ->
            rows.put(choiceRow(view.context, choice.label, choice.chosen, many) { tapped(choice) }, above = 8)
        }
        val left = of.toInt() - found.size
        more.text = view.context.getString(R.string.visit_more_choices, left)
        more.visibility = if (left > 0) View.VISIBLE else View.GONE
    }

    private fun tapped(choice: Choice) {
        // In the order of the list, whatever order she tapped them in; one that she sought comes last.
        val here = offered.choices.filter { it.chosen != (it.code == choice.code) }.map { it.code }
        val now = if (offered.choices.any { it.code == choice.code }) here else here + choice.code
        to.answer(
            path,
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
        val choices = (question.control as? RankControl)?.v1?.choices.orEmpty()
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
