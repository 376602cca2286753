package id.ketuk.app.sync

import android.content.Context
import id.ketuk.app.R
import id.ketuk.app.core.Left
import id.ketuk.app.core.SyncEnd
import id.ketuk.app.core.SyncReport

/** What a run came to, in one plain sentence that ends with where her data is. */
fun said(context: Context, report: SyncReport): String {
    val received = report.received.toInt()
    val left = report.stillWaiting.toInt()
    val photos = report.photosWaiting.toInt()
    fun plural(id: Int, count: Int) = context.resources.getQuantityString(id, count, count)
    val why = when (report.end) {
        SyncEnd.DONE, SyncEnd.ALREADY_RUNNING -> null
        SyncEnd.CANCELLED -> R.string.sync_end_cancelled
        SyncEnd.NO_SIGNAL -> R.string.sync_end_no_signal
        SyncEnd.BUSY -> R.string.sync_end_busy
        SyncEnd.SIGN_IN -> R.string.sync_end_sign_in
        SyncEnd.REVOKED -> R.string.sync_end_revoked
        SyncEnd.TRUST -> if (report.clockDoubtful) R.string.sync_end_date else R.string.sync_end_trust
        SyncEnd.REFUSED -> R.string.sync_end_refused
    }
    val done = when {
        why != null || left > 0 || photos > 0 -> listOfNotNull(
            why?.let(context::getString),
            if (received > 0) plural(R.plurals.sync_received, received) else null,
            if (left > 0) plural(R.plurals.sync_left, left) else null,
            if (photos > 0) plural(if (report.photosHeld) R.plurals.sync_photos_held else R.plurals.sync_photos_left, photos) else null,
        )
        received > 0 -> listOf(plural(R.plurals.sync_done, received))
        else -> listOf(context.getString(R.string.sync_nothing))
    }
    val besides = report.left.map { gone(context, it) } + listOfNotNull(
        if (report.photosRefused > 0uL) plural(R.plurals.sync_photos_refused, report.photosRefused.toInt()) else null,
        if (report.putBack) context.getString(R.string.sync_put_back) else null,
        if (report.troubles > 0uL) plural(R.plurals.sync_troubles, report.troubles.toInt()) else null,
        if (report.appTooOld) context.getString(R.string.sync_app_too_old) else null,
    )
    return (done + besides).joinToString(" ")
}

/** That families left her list, and why. */
private fun gone(context: Context, left: Left): String {
    val families = left.families.toInt()
    return context.resources.getQuantityString(R.plurals.sync_gone, families, families, left.reason.trimEnd('.'))
}
