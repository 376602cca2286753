package id.ketuk.app.core

import android.content.Context
import id.ketuk.app.R
import id.ketuk.app.files.NoPlace
import id.ketuk.core.KetukException
import id.ketuk.core.LinkFault
import id.ketuk.core.Trouble

/** What another app gave can't be read, or is not what it should be. */
class Unreadable : Exception("what another app gave can't be read")

private const val MEGABYTE = 1_048_576uL

/** What happened to her data and what to do next, in a sentence of her language. */
fun sentence(context: Context, fault: Throwable): String = when (fault) {
    is KetukException.Storage -> context.getString(storage(fault.trouble))
    is KetukException.Link -> context.getString(link(fault.fault))
    is KetukException.Refused -> refused(fault.status.toInt())?.let(context::getString) ?: fault.reason
    is KetukException.NotEnrolled -> context.getString(R.string.error_not_enrolled)
    is KetukException.Enrolled -> context.getString(R.string.error_enrolled)
    is KetukException.NoForm -> context.getString(R.string.error_no_form)
    is KetukException.TooLarge -> context.getString(R.string.error_photo, (fault.most / MEGABYTE).toInt())
    is KetukException.NoRecipient -> context.getString(R.string.error_no_recipient)
    is KetukException.Input -> context.getString(R.string.error_input)
    is Unreadable -> context.getString(R.string.error_unreadable)
    is KeyLost -> context.getString(R.string.error_key)
    is Locked -> context.getString(R.string.error_locked)
    is WrongFile -> context.getString(R.string.error_wrong_file)
    is NoPlace -> context.getString(R.string.error_file)
    else -> context.getString(R.string.error_unknown)
}

/** An enrolment that the server refuses, by what she can do; else the server's own words are said. */
private fun refused(status: Int): Int? = when (status) {
    404 -> R.string.error_code_unknown
    410 -> R.string.error_code_spent
    429 -> R.string.error_code_tries
    else -> null
}

private fun storage(trouble: Trouble): Int = when (trouble) {
    Trouble.FULL -> R.string.error_full
    Trouble.WRONG_KEY -> R.string.error_key
    Trouble.NEWER -> R.string.error_newer
    Trouble.DAMAGED, Trouble.NOT_OURS, Trouble.OTHER -> R.string.error_storage
}

private fun link(fault: LinkFault): Int = when (fault) {
    LinkFault.UNREACHABLE -> R.string.error_unreachable
    LinkFault.STRANGER -> R.string.error_stranger
    LinkFault.BUSY -> R.string.error_busy
    LinkFault.TRUST -> R.string.error_trust
    LinkFault.PLAIN -> R.string.error_plain
}

/** The file that she chose is another than was asked for. */
class WrongFile(cause: Throwable) : Exception("the file is another than was asked for", cause)

/** What she chose is nothing that she typed. */
internal fun <T> ofFile(work: () -> T): T = try {
    work()
} catch (fault: KetukException.Input) {
    throw WrongFile(fault)
}
