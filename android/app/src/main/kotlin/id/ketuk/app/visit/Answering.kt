package id.ketuk.app.visit

import id.ketuk.app.core.Answer
import id.ketuk.app.core.Choices
import id.ketuk.app.nav.Place.Asked

/** What she does on a page of a visit. The answers and notes are on disk when the core is done. */
interface Answering {
    fun answer(path: String, answer: Answer)

    /** Answers with a drawing or a recording that was made here; [bytes] are read on the core's thread. */
    fun answer(path: String, mediaType: String, bytes: () -> ByteArray)

    /** Has another app answer: the camera, a picker, a scanner. */
    fun fetch(asked: Asked)

    /** The bytes of the file that an answer names; null if it isn't on this phone. */
    fun file(name: String, found: (ByteArray?) -> Unit)

    /** Whether this app may, once she has been asked if need be. */
    fun permit(permission: String, then: (Boolean) -> Unit)

    /** Choices of a question that are too many to show, by words that stand in them. */
    fun find(path: String, words: String, found: (Choices) -> Unit)
    fun note(path: String, words: String)
    fun addMember(roster: String)
    fun openMember(page: String)
    fun removeMember(card: String, name: String)
}
