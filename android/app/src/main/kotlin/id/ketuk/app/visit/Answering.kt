package id.ketuk.app.visit

import id.ketuk.app.core.Answer
import id.ketuk.app.core.Choices

/** What she does on a page of a visit. The answers and notes are on disk when the core is done. */
interface Answering {
    fun answer(path: String, answer: Answer)

    /** Choices of a question that are too many to show, by words that stand in them. */
    fun find(path: String, words: String, found: (Choices) -> Unit)
    fun note(path: String, words: String)
    fun addMember(roster: String)
    fun openMember(page: String)
    fun removeMember(card: String, name: String)
}
