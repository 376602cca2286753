package id.ketuk.app.look

import android.app.TimePickerDialog
import android.content.Context
import android.text.InputFilter
import android.view.Gravity
import android.widget.LinearLayout
import id.ketuk.app.R
import java.util.Calendar
import java.util.Locale

/**
 * A time of day as fields for hour and minute. Tells `HH:MM`, as much of it as there is, or "" when both
 * are empty. Whether that is a time is the core's to say.
 */
class TimeField(context: Context, name: CharSequence, private val told: (String) -> Unit) : LinearLayout(context) {
    private val hour = part(name, R.string.time_hour)
    private val minute = part(name, R.string.time_minute)

    init {
        gravity = Gravity.CENTER_VERTICAL
        put(hour, weight = 1f)
        put(text(context, ":", Size.QUESTION), before = 8)
        put(minute, weight = 1f, before = 8)
        put(iconButton(context, R.drawable.ic_clock, context.getString(R.string.time_choose), ::choose), before = 8)
    }

    private fun part(name: CharSequence, hint: Int): Field =
        Field(context, Typing.DIGITS) { typed(it) }.apply {
            setHint(hint)
            contentDescription = "$name, ${context.getString(hint)}"
            filters = arrayOf(InputFilter.LengthFilter(2))
            gravity = Gravity.CENTER
            pad(4, 12)
        }

    private fun typed(text: String) {
        told(value())
        if (text.length == 2 && hour.hasFocus() && minute.text.isEmpty()) minute.requestFocus()
    }

    private fun value(): String {
        if (hour.text.isEmpty() && minute.text.isEmpty()) return ""
        return listOf(hour, minute).joinToString(":") { if (it.text.isEmpty()) "" else it.text.toString().padStart(2, '0') }
    }

    /** Shows what the core holds, but for the part that she is typing. */
    fun show(value: String) {
        val parts = value.split(':')
        hour.show(parts[0])
        minute.show(parts.getOrElse(1) { "" })
    }

    fun trouble(there: Boolean) = listOf(hour, minute).forEach { it.trouble(there) }

    fun onLeft(action: () -> Unit) = listOf(hour, minute).forEach { it.onLeft = action }

    private fun choose() {
        val now = Calendar.getInstance()
        val shownHour = hour.text.toString().toIntOrNull() ?: now[Calendar.HOUR_OF_DAY]
        val shownMinute = minute.text.toString().toIntOrNull() ?: now[Calendar.MINUTE]
        TimePickerDialog(context, { _, h, m -> chosen(h, m) }, shownHour, shownMinute, true).shownSafely()
    }

    private fun chosen(h: Int, m: Int) {
        listOf(hour, minute).forEach { it.clearFocus() }
        show("%02d:%02d".format(Locale.ROOT, h, m))
        told(value())
    }
}
