package id.ketuk.app.visit

import android.content.Context
import android.view.View
import id.ketuk.app.R
import id.ketuk.app.core.AcknowledgeControl
import id.ketuk.app.core.Answer
import id.ketuk.app.core.BarcodeControl
import id.ketuk.app.core.ChoiceControl
import id.ketuk.app.core.Choices
import id.ketuk.app.core.ChoicesControl
import id.ketuk.app.core.DateControl
import id.ketuk.app.core.DateTimeControl
import id.ketuk.app.core.DecimalControl
import id.ketuk.app.core.FileControl
import id.ketuk.app.core.GeoControl
import id.ketuk.app.core.IntegerControl
import id.ketuk.app.core.Keyboard
import id.ketuk.app.core.Media
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.NoteControl
import id.ketuk.app.core.Precision
import id.ketuk.app.core.Question
import id.ketuk.app.core.RangeControl
import id.ketuk.app.core.RankControl
import id.ketuk.app.core.TextAnswer
import id.ketuk.app.core.TextControl
import id.ketuk.app.core.TimeControl
import id.ketuk.app.look.DateField
import id.ketuk.app.look.Field
import id.ketuk.app.look.Size
import id.ketuk.app.look.TimeField
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

    /** Outlines what she must correct. */
    fun trouble(there: Boolean) = Unit

    /** Whether she is typing here now. */
    val typing: Boolean get() = view.hasFocus()
}

/** The control for a question's type; [left] is called when she has gone on to something else. */
internal fun controlFor(context: Context, question: Question, left: () -> Unit, to: Answering): ControlView {
    val told = { answer: Answer -> to.answer(question.path, answer) }
    val typed = { words: String -> told(if (words.isEmpty()) NoAnswer else TextAnswer(words)) }
    if (question.readOnly || question.notApplicable != null) return ShownControl(context)
    return when (val control = question.control) {
        is TextControl -> FieldControl(context, control.typing(), left, typed)
        is IntegerControl -> FieldControl(context, Typing.INTEGER, left, typed)
        is DecimalControl -> FieldControl(context, Typing.DECIMAL, left, typed)
        is TimeControl -> TimeView(context, question.label, left, typed)
        is DateTimeControl -> MomentView(context, question.label, left, typed)
        is RangeControl -> ScaleControl(context, control, typed)
        is DateControl -> DateView(context, question.label, control.precision, left, typed)
        is ChoiceControl, is ChoicesControl -> ChoiceRows(context, to)
        is RankControl -> RankRows(context, told)
        is AcknowledgeControl -> Acknowledge(context, typed)
        is BarcodeControl -> ScanControl(context, left, typed, to)
        is NoteControl -> ShownControl(context)
        is GeoControl -> PlaceControl(context, control.geo, to)
        is FileControl -> fileControl(context, control.media, to)
    }
}

private fun fileControl(context: Context, media: Media, to: Answering): ControlView = when (media) {
    Media.IMAGE, Media.VIDEO, Media.OTHER -> FetchControl(context, media, to)
    Media.SIGNATURE, Media.DRAWING, Media.ANNOTATION -> DrawControl(context, media, to)
    Media.AUDIO -> SoundControl(context, to)
}

private fun TextControl.typing() = when {
    masked -> Typing.MASKED
    keyboard == Keyboard.DIGITS -> Typing.DIGITS
    multiline -> Typing.LINES
    else -> Typing.TEXT
}

/** The answer as it was typed, whatever its kind; "" for none or a choice. */
val Question.typed: String get() = (value as? TextAnswer)?.v1.orEmpty()

private class FieldControl(context: Context, typing: Typing, left: () -> Unit, told: (String) -> Unit) :
    ControlView {
    private val field = Field(context, typing, told).apply { onLeft = left }
    override val view get() = field

    override fun show(question: Question) {
        field.contentDescription = question.label
        field.show(question.typed)
    }

    override fun trouble(there: Boolean) = field.trouble(there)
}

private class DateView(
    context: Context,
    name: CharSequence,
    precision: Precision,
    left: () -> Unit,
    told: (String) -> Unit,
) : ControlView {
    private val field = DateField(context, name, precision.parts, told).apply { onLeft(left) }
    override val view get() = field

    override fun show(question: Question) = field.show(question.typed)

    override fun trouble(there: Boolean) = field.trouble(there)
}

private class TimeView(context: Context, name: CharSequence, left: () -> Unit, told: (String) -> Unit) : ControlView {
    private val field = TimeField(context, name, told).apply { onLeft(left) }
    override val view get() = field

    override fun show(question: Question) = field.show(question.typed)

    override fun trouble(there: Boolean) = field.trouble(there)
}

/** A day and a time of day: `YYYY-MM-DDTHH:MM`. */
private class MomentView(context: Context, name: CharSequence, left: () -> Unit, told: (String) -> Unit) : ControlView {
    private var day = ""
    private var time = ""
    private val told = { told(if (day.isEmpty() && time.isEmpty()) "" else "${day}T$time") }
    private val date = DateField(context, name, parts = 3) { day = it; this.told() }.apply { onLeft(left) }
    private val clock = TimeField(context, name) { time = it; this.told() }.apply { onLeft(left) }
    override val view = column(context) {
        put(date)
        put(clock, above = 8)
    }

    override fun show(question: Question) {
        val parts = question.typed.split('T')
        day = parts[0]
        time = parts.getOrElse(1) { "" }
        date.show(day)
        clock.show(time)
    }

    override fun trouble(there: Boolean) {
        date.trouble(there)
        clock.trouble(there)
    }
}

/** "I have read this": one row, on or off. */
private class Acknowledge(context: Context, private val told: (String) -> Unit) : ControlView {
    override val view = column(context) {}

    override fun show(question: Question) {
        val done = question.value != NoAnswer
        view.removeAllViews()
        val words = view.context.getString(R.string.visit_acknowledge)
        view.put(choiceRow(view.context, words, done, many = true) { told(if (done) "" else "OK") })
    }
}

private val Precision.parts: Int
    get() = when (this) {
        Precision.DAY -> 3
        Precision.MONTH -> 2
        Precision.YEAR -> 1
    }

/** What isn't hers to answer: a figure that the form works out, a question that doesn't apply. */
private class ShownControl(context: Context) : ControlView {
    override val view = text(context, "", Size.BODY, bold = true)

    override fun show(question: Question) {
        val words = question.notApplicable ?: question.inWords
        view.text = words
        view.visibility = if (words.isEmpty()) View.GONE else View.VISIBLE
    }
}

/** The answer as it is read: a choice by its label. */
private val Question.inWords: String
    get() = when (val control = control) {
        is ChoiceControl -> control.v1.inWords
        is ChoicesControl -> control.v1.inWords
        else -> typed
    }

private val Choices.inWords: String get() = choices.filter { it.chosen }.joinToString { it.label }
