package id.ketuk.app.look

import android.content.Context
import android.text.format.Formatter
import java.text.DateFormat
import java.text.NumberFormat
import java.util.Date
import java.util.Locale

private val Context.locale: Locale get() = resources.configuration.locales[0]

/** A count in the form of her language. */
fun Context.number(count: Int): String = NumberFormat.getIntegerInstance(locale).format(count)

/** A moment, given in milliseconds since 1970, as day and time in her language and time zone. */
fun Context.moment(millis: Long): String =
    DateFormat.getDateTimeInstance(DateFormat.MEDIUM, DateFormat.SHORT, locale).format(Date(millis))

/** The size of a file in the words of her phone. */
fun Context.fileSize(bytes: Int): String = Formatter.formatShortFileSize(this, bytes.toLong())
