package id.ketuk.app.enrol

import android.content.Intent
import id.ketuk.app.nav.Place

/**
 * The link that a cadre is sent with her code: `ketuk://enrol?server=https%3A%2F%2F…&code=K7QM-2XTA`.
 */
object EnrolLink {
    /** Enrolment with what the link says, or null if the intent brings none. */
    fun of(intent: Intent): Place.Enrol? {
        val link = intent.data?.takeIf { it.scheme == "ketuk" && it.isHierarchical } ?: return null
        return Place.Enrol(link.getQueryParameter("code").orEmpty(), link.getQueryParameter("server").orEmpty())
    }
}
