package id.ketuk.app

import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import id.ketuk.app.core.Answer
import id.ketuk.app.core.Choice
import id.ketuk.app.core.ChoiceAnswer
import id.ketuk.app.core.ChoiceControl
import id.ketuk.app.core.Choices
import id.ketuk.app.core.ChoicesAnswer
import id.ketuk.app.core.ChoicesControl
import id.ketuk.app.core.Control
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.Question
import id.ketuk.app.nav.Place
import id.ketuk.app.visit.Answering
import id.ketuk.app.visit.controlFor
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** A list of more choices than a screen takes: the first are shown, the others found by typing. */
@RunWith(RobolectricTestRunner::class)
class ChoiceRowsTest {
    private val told = mutableListOf<Answer>()
    private val sought = mutableListOf<Pair<String, (Choices) -> Unit>>()

    private val core = object : Answering {
        override fun answer(path: String, answer: Answer) = told.plusAssign(answer)
        override fun answer(path: String, mediaType: String, bytes: () -> ByteArray) = Unit
        override fun fetch(asked: Place.Asked) = Unit
        override fun file(name: String, found: (ByteArray?) -> Unit) = Unit
        override fun permit(permission: String, then: (Boolean) -> Unit) = Unit
        override fun find(path: String, words: String, found: (Choices) -> Unit) = sought.plusAssign(words to found)
        override fun note(path: String, words: String) = Unit
        override fun addMember(roster: String) = Unit
        override fun openMember(page: String) = Unit
        override fun removeMember(card: String, name: String) = Unit
    }

    @Test
    fun `what she types is looked for among all, and what came too late is left`() {
        val shown = shown(ChoiceControl(towns(3, of = 100_000u)))
        shown.says("Town 0", "Town 1", "Town 2", "99997 pilihan lagi: ketik untuk mencari")
        shown.type("po")
        shown.type("pohe")
        assertEquals(listOf("po", "pohe"), sought.map { it.first })
        sought[1].second(Choices(listOf(town("Pohe")), 1u))
        sought[0].second(Choices(listOf(town("Popo")), 1u))
        shown.says("Pohe")
        shown.tap("Pohe")
        assertEquals(listOf<Answer>(ChoiceAnswer("Pohe")), told)
    }

    @Test
    fun `what is chosen stays in sight and is kept when another is found`() {
        val chosen = towns(3, of = 100_000u).let { it.copy(choices = it.choices + town("Last", chosen = true)) }
        val shown = shown(ChoicesControl(chosen))
        shown.type("pohe")
        sought[0].second(Choices(listOf(town("Pohe")), 1u))
        shown.says("Last", "Pohe")
        shown.tap("Pohe")
        assertEquals(listOf<Answer>(ChoicesAnswer(listOf("Last", "Pohe"))), told)
    }

    @Test
    fun `a list that is all here is filtered without asking`() {
        val shown = shown(ChoiceControl(towns(20, of = 20u)))
        shown.type("town 19")
        shown.says("Town 19")
        assertEquals(0, sought.size)
    }

    private fun shown(control: Control): ViewGroup {
        val question = question(control)
        val rows = controlFor(RuntimeEnvironment.getApplication(), question, left = {}, core)
        rows.show(question)
        return rows.view as ViewGroup
    }

    private fun ViewGroup.texts(): List<TextView> = (0 until childCount).map(::getChildAt)
        .filter { it.visibility == ViewGroup.VISIBLE }
        .flatMap { if (it is ViewGroup) it.texts() else listOfNotNull(it as? TextView) }

    private fun ViewGroup.says(vararg words: String) =
        assertEquals(words.toList(), texts().filter { it !is EditText }.map { it.text.toString() })

    private fun ViewGroup.type(words: String) = texts().filterIsInstance<EditText>().single().setText(words)

    private fun ViewGroup.tap(words: String) {
        (texts().first { it.text.toString() == words }.parent as ViewGroup).performClick()
    }

    private fun towns(count: Int, of: UInt) = Choices((0 until count).map { town("Town $it") }, of)

    private fun town(name: String, chosen: Boolean = false) = Choice(name, name, emptyList(), chosen)

    private fun question(control: Control) = Question(
        path = "town",
        label = "Town",
        hint = null,
        guidance = null,
        media = emptyList(),
        number = null,
        control = control,
        appearance = emptyList(),
        parameters = emptyList(),
        value = NoAnswer,
        required = false,
        readOnly = false,
        notApplicable = null,
        fromLastYear = false,
        problem = null,
        warning = null,
        note = null,
        comment = null,
    )
}
