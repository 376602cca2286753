package id.ketuk.app.visit

import android.content.Context
import android.view.Gravity
import android.view.View
import android.widget.LinearLayout
import android.widget.TextView
import id.ketuk.app.R
import id.ketuk.app.core.NoteControl
import id.ketuk.app.core.Question
import id.ketuk.app.look.Field
import id.ketuk.app.look.Size
import id.ketuk.app.look.Typing
import id.ketuk.app.look.column
import id.ketuk.app.look.onTap
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.putSign
import id.ketuk.app.look.row
import id.ketuk.app.look.shape
import id.ketuk.app.look.signAndWord
import id.ketuk.app.look.text

/** One question: its words, its control, and beside it what is wrong with the answer. */
internal class QuestionView(context: Context, question: Question, private val to: Answering) :
    LinearLayout(context), ItemView {
    var question: Question = question
        private set

    override val path: String get() = question.path
    override val view: View get() = this

    private val label = text(context, "", Size.QUESTION)
    private val hint = text(context, "", Size.NOTE)
    private val guidance = guidanceFold()
    private val said = text(context, "")
    private val comment = commentMark()
    private val lastYear = lastYearMark()
    private val control = controlFor(context, question, left = ::drawTrouble, to)
    private val wrong = text(context, "", Size.BODY, R.color.bata)
    private val note = Field(context, Typing.LINES) { to.note(path, it) }

    /** Whether what is wrong is said even while she types: once she tried to go on with it. */
    private var revealed = false

    init {
        orientation = VERTICAL
        put(label)
        put(hint, above = 4)
        put(guidance, above = 4)
        put(comment, above = 8)
        put(lastYear, above = 4)
        put(control.view, above = 8)
        put(wrong, above = 8)
        put(note.apply { setHint(R.string.visit_note) }, above = 8)
        wrong.accessibilityLiveRegion = ACCESSIBILITY_LIVE_REGION_POLITE
        show(question)
    }

    /** Longer help, read only when she asks for it. */
    private fun guidanceFold(): TextView =
        text(context, context.getString(R.string.visit_guidance), Size.NOTE, R.color.nila, bold = true).apply {
            gravity = Gravity.CENTER_VERTICAL
            onTap { text = question.guidance }
        }

    /** What the supervisor asks her to look at in this answer. */
    private fun commentMark(): LinearLayout = column(context) {
        background = shape(context, R.color.putih, R.color.bata)
        pad(12, 8)
        put(signAndWord(context, R.drawable.state_attention, context.getString(R.string.visit_comment), R.color.bata))
        put(said, above = 2)
    }

    /** The mark of an answer that was brought along; a tap says that it still holds. */
    private fun lastYearMark(): LinearLayout = row(context) {
        put(text(context, context.getString(R.string.visit_last_year), Size.NOTE), weight = 1f)
        putSign(R.drawable.state_received, R.color.nila, 18)
        put(text(context, context.getString(R.string.visit_confirm), Size.NOTE, R.color.nila, bold = true), before = 6)
        onTap { to.answer(path, question.value) }
    }

    /** Whether this question is still asked in the same way, so that its views can stay. */
    fun fits(other: Question) =
        other.path == path && other.readOnly == question.readOnly &&
            other.control::class == question.control::class &&
            (other.notApplicable == null) == (question.notApplicable == null)

    fun show(now: Question) {
        question = now
        label.text = listOfNotNull(now.number, now.label).joinToString(". ")
        val optional = !now.required && !now.readOnly && now.notApplicable == null && now.control !is NoteControl
        hint.text = now.hint ?: if (optional) context.getString(R.string.visit_optional) else ""
        hint.visibility = if (hint.text.isEmpty()) GONE else VISIBLE
        guidance.visibility = if (now.guidance == null) GONE else VISIBLE
        said.text = now.comment
        comment.visibility = if (now.comment == null) GONE else VISIBLE
        lastYear.visibility = if (now.fromLastYear && !now.readOnly) VISIBLE else GONE
        control.show(now)
        drawTrouble()
    }

    private fun drawTrouble() {
        val trouble = trouble()
        val quiet = !revealed && control.typing
        control.trouble(question.problem != null && !quiet)
        wrong.text = trouble?.message
        wrong.visibility = if (trouble == null || quiet) GONE else VISIBLE
        val noted = question.warning != null || !question.note.isNullOrEmpty()
        note.visibility = if (noted && !quiet) VISIBLE else GONE
        note.contentDescription = "${question.label}, ${context.getString(R.string.visit_note)}"
        note.show(question.note.orEmpty())
    }

    private fun trouble() = question.problem ?: question.warning.takeIf { question.note.isNullOrEmpty() }

    override fun reveal(): Boolean {
        val news = trouble() != null && !revealed
        revealed = true
        drawTrouble()
        return news
    }
}
