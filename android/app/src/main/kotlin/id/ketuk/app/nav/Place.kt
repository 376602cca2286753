package id.ketuk.app.nav

import id.ketuk.app.core.HouseholdState
import java.io.Serializable

/**
 * Where she is: what it takes to come back there after a rotation or after the app was killed.
 * Holds no answer: those are in the core's draft.
 */
sealed class Place : Serializable {
    /**
     * Where the phone becomes a cadre's, with what she typed so far or the link said; [again] to renew
     * the sign-in of a phone that is hers already.
     */
    data class Enrol(val code: String = "", val server: String = "", val again: Boolean = false) : Place()

    data object Home : Place()

    /** The list, as she narrowed it down; [top] is the row that she had come to. */
    data class Households(
        val search: String = "",
        val area: String? = null,
        val state: HouseholdState? = null,
        val top: Int = 0,
    ) : Place()

    data class Household(val id: String) : Place()

    /**
     * The visit of a family; which page it stands at is the draft's to know. [asked] is what another app
     * was asked for last: the camera may outlive this process.
     */
    data class Visit(val household: String, val panel: Panel = Panel.PAGE, val asked: Asked? = null) : Place()

    /** The answer to a question is to come from another app; a photo with its longer side of at most [most] pixels. */
    data class Asked(val path: String, val source: Source, val most: Int? = null) : Serializable

    enum class Source { CAMERA, GALLERY, FILM, DOCUMENT, SCANNER }

    /** What of a visit is seen. */
    enum class Panel { PAGE, CONTENTS, FINISH }

    data object Waiting : Place()

    data object Sync : Place()

    /** What waits as a file that somebody brings to the server. */
    data object Handover : Place()

    /** A copy of everything, for her to keep. */
    data object Backup : Place()

    /** A copy is put back on a new phone; [chosen] once it lies beside, with what she typed so far. */
    data class Restore(val code: String = "", val server: String = "", val chosen: Boolean = false) : Place()

    /** In front of wherever she is: the app asks for her PIN or her finger. */
    data object Locked : Place()

    /** She chooses a PIN; [must] where she may not pass without. What she types is kept nowhere. */
    data class Pin(val must: Boolean = false) : Place()

    /** The way back to what can't be opened: the PIN is forgotten or, [lost], the Keystore's key is gone. */
    data class Rescue(val code: String = "", val server: String = "", val lost: Boolean = false) : Place()

    /** The server's receipts, as she narrowed them down. */
    data class Proofs(val search: String = "") : Place()

    /** The receipt of the entry of this number on this phone. */
    data class Receipt(val seq: Long) : Place()

    data object Settings : Place()

    data object Help : Place()

    data object About : Place()

    data object Licences : Place()
}
