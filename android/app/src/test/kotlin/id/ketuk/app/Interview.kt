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

    /** From the first screen to the visit of the first family that was not visited yet, where somebody was met. */
    fun begin() {
        phone.tap("Lanjut mendata")
        beginFirst()
    }

    /** The same from a list of families. */
    fun beginFirst() {
        phone.tap("Belum didata")
        phone.tapRow(0)
        phone.tap("Mulai mendata")
        choose("hasil", "Ditemui")
    }

    /** The same, on to the page that asks of the family. */
    fun onToTheFamily() {
        choose("responden", "Kepala keluarga")
        phone.tap("Selanjutnya")
    }

    /** From home: a family of one, on no list, up to where it is finished. */
    fun fillANewFamily() {
        phone.openArea()
        phone.tap("Keluarga baru")
        phone.takeTheFirstRtIfAsked()
        choose("hasil", "Keluarga baru")
        onToTheFamily()
        type("no_keluarga", "901")
        type("alamat", "Lorong Mawar")
        phone.tap("Selanjutnya")
        phone.tap("Selanjutnya")
        type("nama", "Rusli Datau")
        fillToTheEnd(
            mapOf(
                "nik" to "9999999999999999",
                "jk" to "Laki-laki",
                "tgl_lahir" to "1990-02-14",
                "hubungan" to "Kepala keluarga",
                "kawin" to "Belum kawin",
            ),
        )
    }

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
