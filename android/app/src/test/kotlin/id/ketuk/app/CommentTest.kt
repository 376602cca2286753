package id.ketuk.app

import id.ketuk.app.core.Answer
import id.ketuk.app.core.Choices
import id.ketuk.app.core.Happened
import id.ketuk.app.core.IntegerControl
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.Question
import id.ketuk.app.core.SentBack
import id.ketuk.app.household.history
import id.ketuk.app.look.Language
import id.ketuk.app.nav.Place
import id.ketuk.app.visit.Answering
import id.ketuk.app.visit.QuestionView
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** What a supervisor asks is read where it is answered, and in the family's history. */
@RunWith(RobolectricTestRunner::class)
class CommentTest {
    private val context = Language.wrap(RuntimeEnvironment.getApplication())
    private val phone = Phone()

    private val nobody = object : Answering {
        override fun answer(path: String, answer: Answer) = Unit
        override fun answer(path: String, mediaType: String, bytes: () -> ByteArray) = Unit
        override fun fetch(asked: Place.Asked) = Unit
        override fun file(name: String, found: (ByteArray?) -> Unit) = Unit
        override fun permit(permission: String, then: (Boolean) -> Unit) = Unit
        override fun find(path: String, words: String, found: (Choices) -> Unit) = Unit
        override fun note(path: String, words: String) = Unit
        override fun addMember(roster: String) = Unit
        override fun openMember(page: String) = Unit
        override fun removeMember(card: String, name: String) = Unit
    }

    private fun question(comment: String?) = Question(
        path = "anggota[a]/umur", label = "Umur", hint = null, guidance = null, media = emptyList(), number = null,
        control = IntegerControl, appearance = emptyList(), parameters = emptyList(), value = NoAnswer, required = true,
        readOnly = false, notApplicable = null, fromLastYear = false, problem = null, warning = null, note = null,
        comment = comment,
    )

    @Test
    fun `a supervisor's comment stands below its question, and goes with it`() {
        val view = QuestionView(context, question("Benar 40?"), nobody)
        assertEquals(listOf("Umur", "Pesan supervisor", "Benar 40?"), phone.words(view).lines())
        view.show(question(null))
        assertEquals("Umur", phone.words(view))
    }

    @Test
    fun `what was sent back is told with the words and the question`() {
        val comment = id.ketuk.core.CommentInWords("anggota[a]/umur", "Umur", "Benar 40?")
        val view = history(context, listOf(Happened(null, SentBack(listOf(comment))))) {}
        assertEquals(listOf("Riwayat", "Supervisor meminta perbaikan", "Umur: Benar 40?"), phone.words(view).lines())
    }
}
