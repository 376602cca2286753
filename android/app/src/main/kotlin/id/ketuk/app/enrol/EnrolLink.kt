package id.ketuk.app.enrol

import android.content.Intent
import android.net.Uri
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Scanner

/**
 * The link that a cadre is sent with her code: `ketuk://enrol?server=https%3A%2F%2F…&code=K7QM-2XTA`. It
 * comes from whatever app it was opened in, or read off a sheet by a scanner app.
 */
object EnrolLink {
    /** Enrolment with what the link says, or null if the intent brings none. */
    fun of(intent: Intent): Place.Enrol? = intent.data?.let(::of)

    /** Enrolment with what a scanner app read, or null if that was no link of ours. */
    fun scanned(data: Intent): Place.Enrol? = Scanner.read(data)?.let { of(Uri.parse(it)) }

    private fun of(link: Uri): Place.Enrol? {
        if (link.scheme != "ketuk" || !link.isHierarchical) return null
        return Place.Enrol(link.getQueryParameter("code").orEmpty(), link.getQueryParameter("server").orEmpty())
    }
}
