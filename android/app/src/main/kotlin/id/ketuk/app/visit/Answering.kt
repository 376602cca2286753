package id.ketuk.app.visit

import id.ketuk.app.core.Answer

/** What she does on a page of a visit. The answers and notes are on disk when the core is done. */
interface Answering {
    fun answer(path: String, answer: Answer)
    fun note(path: String, words: String)
    fun addMember(roster: String)
    fun openMember(page: String)
    fun removeMember(card: String, name: String)
}
