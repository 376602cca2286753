package id.ketuk.app

import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import id.ketuk.app.core.ChoiceControl
import id.ketuk.app.core.ChoicesControl
import id.ketuk.app.core.DateControl
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.look.DateField
import id.ketuk.app.visit.QuestionView

/** A visit as a cadre does it: answering the questions on the page, by their names in the form. */
class Interview(private val phone: Phone) {
    private val asked: List<QuestionView>
        get() = phone.views().filterIsInstance<QuestionView>().toList()

    internal fun question(name: String): QuestionView = asked.firstOrNull { it.path.substringAfterLast('/') == name }
        ?: throw AssertionError("“$name” is not asked on this page:\n${phone.words()}")

    fun choose(name: String, label: String) = tapIn(question(name), label)

    /** Types into a field, or the parts of a date `YYYY-MM-DD` into its fields. */
    fun type(name: String, words: String) {
        val view = question(name)
        val fields = phone.views(view).filterIsInstance<EditText>().toList()
        if (phone.views(view).any { it is DateField }) {
            val parts = words.split('-').reversed().takeLast(fields.size.coerceAtMost(3))
            parts.zip(fields).forEach { (part, field) -> phone.type(field, part) }
        } else {
            phone.type(fields.first(), words)
        }
        phone.leaveField()
    }

    fun field(name: String): EditText = phone.views(question(name)).filterIsInstance<EditText>().first()

    /** What stands in the question's field. */
    fun typed(name: String): String = field(name).text.toString()

    fun note(name: String, words: String) {
        val note = phone.views(question(name)).filterIsInstance<EditText>().last()
        phone.type(note, words)
        phone.leaveField()
    }

    private fun tapIn(view: View, label: String) {
        val row = phone.views(view).filterIsInstance<ViewGroup>()
            .firstOrNull { it.isClickable && phone.words(it).lines().first() == label }
            ?: throw AssertionError("“$label” can't be chosen here:\n${phone.words(view)}")
        row.performClick()
        phone.settle()
    }

    /** Goes on page by page, giving every question that still needs an answer a plain one. */
    fun fillToTheEnd(answers: Map<String, String>) {
        repeat(200) {
            answerPage(answers)
            phone.tap("Selanjutnya")
            if ("Selesaikan" in phone.words()) return
        }
        throw AssertionError("the visit doesn't come to its end; on screen:\n${phone.words()}")
    }

    /** From the list of what is missing to each page of it, and back. */
    fun completeWhatIsMissing(answers: Map<String, String>) {
        repeat(50) {
            val first = phone.views().firstOrNull { it.tag == "problem" } ?: return
            first.performClick()
            phone.settle()
            answerPage(answers)
            phone.tap("Daftar isi")
            phone.tap("Selesaikan")
        }
        throw AssertionError("something is always missing; on screen:\n${phone.words()}")
    }

    private fun answerPage(answers: Map<String, String>) {
        while (true) {
            val open = asked.map { it.question }.firstOrNull {
                it.required && !it.readOnly && it.notApplicable == null && (it.value == NoAnswer || it.problem != null)
            } ?: return
            val name = open.path.substringAfterLast('/')
            val given = answers[name]
            when (val control = open.control) {
                is ChoiceControl -> choose(name, given ?: control.v1.choices.first { !it.chosen }.label)
                is ChoicesControl -> choose(name, given ?: control.v1.choices.first { !it.chosen }.label)
                is DateControl -> type(name, given ?: "2020-01-01")
                else -> type(name, given ?: "1")
            }
        }
    }
}
