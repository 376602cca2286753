package id.ketuk.app.visit

import android.content.Context
import android.view.View
import id.ketuk.app.R
import id.ketuk.app.core.AcknowledgeControl
import id.ketuk.app.core.Answer
import id.ketuk.app.core.ChoiceControl
import id.ketuk.app.core.ChoicesControl
import id.ketuk.app.core.DateControl
import id.ketuk.app.core.DateTimeControl
import id.ketuk.app.core.DecimalControl
import id.ketuk.app.core.IntegerControl
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.NoteControl
import id.ketuk.app.core.Question
import id.ketuk.app.core.TextAnswer
import id.ketuk.app.core.TextControl
import id.ketuk.app.core.TimeControl
import id.ketuk.app.look.DateField
import id.ketuk.app.look.Field
import id.ketuk.app.look.Size
import id.ketuk.app.look.Typing
import id.ketuk.app.look.choiceRow
import id.ketuk.app.look.column
import id.ketuk.app.look.put
import id.ketuk.app.look.text

/** The part of a question that takes the answer. */
interface ControlView {
    val view: View

    /** Shows the core's state, but never overwrites what she is typing. */
    fun show(question: Question)

    /** Whether she is typing here now. */
    val typing: Boolean get() = view.hasFocus()
}

/** The control for a question's type; [left] is called when she has gone on to something else. */
fun controlFor(context: Context, question: Question, left: () -> Unit, told: (Answer) -> Unit): ControlView {
    val typed = { words: String -> told(if (words.isEmpty()) NoAnswer else TextAnswer(words)) }
    if (question.readOnly) return ShownControl(context)
    return when (val control = question.control) {
        is TextControl -> FieldControl(context, control.typing(), left, typed)
        is IntegerControl -> FieldControl(context, Typing.INTEGER, left, typed)
        is DecimalControl -> FieldControl(context, Typing.DECIMAL, left, typed)
        is TimeControl -> FieldControl(context, Typing.TIME, left, typed)
        is DateTimeControl -> FieldControl(context, Typing.DATE_TIME, left, typed)
        is DateControl -> DateView(context, question.label, control.monthYear, left, typed)
        is ChoiceControl, is ChoicesControl -> ChoiceRows(context, told)
        is AcknowledgeControl -> Acknowledge(context, typed)
        is NoteControl -> ShownControl(context)
    }
}

private fun TextControl.typing() = when {
    digits -> Typing.DIGITS
    multiline -> Typing.LINES
    else -> Typing.TEXT
}

/** The answer as it was typed, whatever its kind; "" for none or a choice. */
val Question.typed: String get() = (answer as? TextAnswer)?.v1.orEmpty()

private class FieldControl(context: Context, typing: Typing, left: () -> Unit, told: (String) -> Unit) :
    ControlView {
    private val field = Field(context, typing, told).apply { onLeft = left }
    override val view get() = field

    override fun show(question: Question) {
        field.contentDescription = question.label
        field.show(question.typed)
        field.trouble(question.problem != null && !typing)
    }
}

private class DateView(
    context: Context,
    name: CharSequence,
    monthYear: Boolean,
    left: () -> Unit,
    told: (String) -> Unit,
) : ControlView {
    private val field = DateField(context, name, withDay = !monthYear, told).apply { onLeft(left) }
    override val view get() = field

    override fun show(question: Question) {
        field.show(question.typed)
        field.trouble(question.problem != null && !typing)
    }
}

/** "I have read this": one row, on or off. */
private class Acknowledge(context: Context, private val told: (String) -> Unit) : ControlView {
    override val view = column(context) {}

    override fun show(question: Question) {
        val done = question.answer != NoAnswer
        view.removeAllViews()
        val words = view.context.getString(R.string.visit_acknowledge)
        view.put(choiceRow(view.context, words, done, many = true) { told(if (done) "" else "OK") })
    }
}

/** What isn't hers to answer: a note's text, a figure that the form works out. */
private class ShownControl(context: Context) : ControlView {
    override val view = text(context, "", Size.BODY, bold = true)

    override fun show(question: Question) {
        view.text = question.shown
        view.visibility = if (question.shown.isEmpty()) View.GONE else View.VISIBLE
    }
}
