package id.ketuk.app.proofs

import android.content.Context
import id.ketuk.app.R
import id.ketuk.app.look.moment

/** That the server has an entry, and since when. */
fun Context.inWords(revision: ULong, receivedAt: Long): String =
    if (revision == 0uL) getString(R.string.proofs_beside, moment(receivedAt))
    else getString(R.string.proofs_revision, revision.toLong(), moment(receivedAt))
