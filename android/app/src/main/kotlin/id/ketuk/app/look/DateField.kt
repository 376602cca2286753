package id.ketuk.app.look

import android.app.DatePickerDialog
import android.content.Context
import android.text.InputFilter
import android.view.Gravity
import android.widget.LinearLayout
import id.ketuk.app.R
import java.util.Calendar
import java.util.Locale

/**
 * A date as fields in the order it is said here: day, month, year; or only the last two of them, or
 * the last, where no more is asked ([parts]). The day or month that isn't asked is the first.
 *
 * Tells `YYYY-MM-DD`, as much of it as there is, or "" when all are empty. Whether that is a date is
 * the core's to say.
 */
class DateField(
    context: Context,
    name: CharSequence,
    parts: Int,
    private val told: (String) -> Unit,
) : LinearLayout(context) {
    private val day = part(name, R.string.date_day, 2)
    private val month = part(name, R.string.date_month, 2)
    private val year = part(name, R.string.date_year, 4)
    private val parts = listOf(day, month, year).takeLast(parts)

    init {
        gravity = Gravity.CENTER_VERTICAL
        this.parts.forEach { put(it, weight = if (it === year) 3f else 2f, before = if (childCount == 0) 0 else 8) }
        put(iconButton(context, R.drawable.ic_calendar, context.getString(R.string.date_choose), ::choose), before = 8)
    }

    private fun part(name: CharSequence, hint: Int, digits: Int): Field =
        Field(context, Typing.INTEGER) { typed(it, digits) }.apply {
            setHint(hint)
            contentDescription = "$name, ${context.getString(hint)}"
            filters = arrayOf(InputFilter.LengthFilter(digits))
            gravity = Gravity.CENTER
            pad(4, 12)
        }

    private fun typed(text: String, digits: Int) {
        told(value())
        val next = parts.getOrNull(parts.indexOfFirst { it.hasFocus() } + 1)
        if (text.length == digits && next?.text?.isEmpty() == true) next.requestFocus()
    }

    private fun value(): String {
        if (parts.all { it.text.isEmpty() }) return ""
        fun padded(field: Field): String {
            val digits = if (field in parts) field.text.toString() else "1"
            return if (digits.isEmpty()) digits else digits.padStart(2, '0')
        }
        return "${year.text}-${padded(month)}-${padded(day)}"
    }

    /** Shows what the core holds, but for the part that she is typing. */
    fun show(value: String) {
        val (y, m, d) = value.split('-').let { if (it.size == 3) it else listOf(value, "", "") }
        year.show(y)
        month.show(m)
        day.show(d)
    }

    fun trouble(there: Boolean) = parts.forEach { it.trouble(there) }

    fun lock(locked: Boolean) = parts.forEach { it.isEnabled = !locked }

    fun onLeft(action: () -> Unit) = parts.forEach { it.onLeft = action }

    private fun choose() {
        val shown = Calendar.getInstance()
        val (d, m, y) = listOf(day, month, year).map { it.text.toString().toIntOrNull() }
        if (y != null) shown.set(y, (m ?: 1) - 1, d ?: 1)
        DatePickerDialog(
            context,
            { _, year, month, day -> chosen(year, month + 1, day) },
            shown[Calendar.YEAR],
            shown[Calendar.MONTH],
            shown[Calendar.DAY_OF_MONTH],
        ).shownSafely()
    }

    private fun chosen(y: Int, m: Int, d: Int) {
        parts.forEach { it.clearFocus() }
        show("%04d-%02d-%02d".format(Locale.ROOT, y, m, d))
        told(value())
    }
}
