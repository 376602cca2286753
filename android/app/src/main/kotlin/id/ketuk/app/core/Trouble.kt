package id.ketuk.app.core

import android.content.Context
import id.ketuk.app.R

/** What happened to her data and what to do next, in a sentence of her language. */
fun sentence(context: Context, fault: Throwable): String = when (fault) {
    is KeyLost -> context.getString(R.string.error_key)
    else -> context.getString(R.string.error_unknown)
}
