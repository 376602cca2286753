package id.ketuk.app.household

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Begun
import id.ketuk.app.core.Changed
import id.ketuk.app.core.Finished
import id.ketuk.app.core.HandedOver
import id.ketuk.app.core.Happened
import id.ketuk.app.core.LeftList
import id.ketuk.app.core.SentBack
import id.ketuk.app.core.WasReceived
import id.ketuk.app.core.WasRefused
import id.ketuk.app.core.WasSent
import id.ketuk.app.core.What
import id.ketuk.app.look.Size
import id.ketuk.app.look.StateLook
import id.ketuk.app.look.column
import id.ketuk.app.look.heading
import id.ketuk.app.look.moment
import id.ketuk.app.look.onTap
import id.ketuk.app.look.put
import id.ketuk.app.look.putSign
import id.ketuk.app.look.row
import id.ketuk.app.look.text

/** What happened to a family, the newest first. [onReceipt] opens the receipt of an entry. */
internal fun history(context: Context, happened: List<Happened>, onReceipt: (Long) -> Unit): View = column(context) {
    if (happened.isEmpty()) return@column
    put(heading(context, context.getString(R.string.history_title)), above = 24)
    happened.forEach { put(line(context, it, onReceipt), above = 12) }
}

private fun line(context: Context, happened: Happened, onReceipt: (Long) -> Unit): LinearLayout = row(context) {
    val what = happened.what
    val look = what.look
    putSign(look.sign, look.color)
    put(column(context) {
        put(text(context, what.inWords(context)))
        what.details.forEach { put(text(context, it, Size.NOTE, look.color), above = 2) }
        happened.at?.let { put(text(context, context.moment(it), Size.NOTE), above = 2) }
    }, weight = 1f, before = 12)
    if (what is WasReceived) {
        putSign(R.drawable.ic_next, R.color.abu)
        onTap { onReceipt(what.seq.toLong()) }
    }
}

private val What.look: StateLook
    get() = when (this) {
        is Begun -> StateLook.DRAFT
        is Finished, is HandedOver, is WasSent -> StateLook.WAITING
        is WasReceived -> if (trouble == null) StateLook.RECEIVED else StateLook.CORRECTION
        is WasRefused -> StateLook.HELD
        is SentBack -> StateLook.CORRECTION
        is Changed -> StateLook.RECEIVED
        is LeftList -> StateLook.GONE
    }

private fun What.inWords(context: Context): String = when (this) {
    is Begun -> context.getString(R.string.history_begun)
    is Finished -> context.getString(if (corrects) R.string.history_corrected else R.string.history_finished)
    is HandedOver -> context.getString(R.string.history_handed_over)
    is WasSent -> context.getString(R.string.history_sent)
    is WasReceived ->
        if (revision == 0uL) context.getString(R.string.history_kept)
        else context.getString(R.string.history_received, revision.toLong())
    is WasRefused -> context.getString(R.string.history_refused)
    is SentBack -> context.getString(R.string.history_sent_back)
    is Changed -> context.getString(R.string.history_changed, revision.toLong())
    is LeftList -> context.getString(R.string.history_left)
}

/** What somebody said to it. */
private val What.details: List<String>
    get() = when (this) {
        is WasReceived -> listOfNotNull(trouble)
        is WasRefused -> listOfNotNull(message)
        is SentBack -> comments.map { listOf(it.label, it.text).filter(String::isNotEmpty).joinToString(": ") }
        is LeftList -> listOf(reason)
        else -> emptyList()
    }
