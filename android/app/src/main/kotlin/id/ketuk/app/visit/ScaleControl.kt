package id.ketuk.app.visit

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import android.widget.SeekBar
import android.widget.TextView
import id.ketuk.app.R
import id.ketuk.app.core.Question
import id.ketuk.app.core.RangeControl
import id.ketuk.app.look.Size
import id.ketuk.app.look.TOUCH
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.row
import id.ketuk.app.look.text
import java.text.NumberFormat
import java.util.Locale
import kotlin.math.roundToInt

/** A number on a scale, slid with the thumb. Nothing is answered before she touches it. */
internal class ScaleControl(context: Context, private val scale: RangeControl, private val told: (String) -> Unit) :
    ControlView {
    private val numbers = NumberFormat.getInstance(context.resources.configuration.locales[0])
    private val steps = ((scale.end - scale.start) / scale.step).roundToInt().coerceAtLeast(1)
    private val value: TextView = text(context, "", Size.FIGURE, bold = true).apply { textAlignment = View.TEXT_ALIGNMENT_CENTER }
    private val bar = SeekBar(context).apply {
        max = steps
        minimumHeight = dp(TOUCH)
        setOnSeekBarChangeListener(Slid())
    }
    private val empty = quietButton(context, context.getString(R.string.visit_scale_empty)) { told("") }
    override val view: LinearLayout = column(context) {
        put(value)
        put(bar, above = 4)
        put(row(context) {
            put(text(context, words(scale.start), Size.NOTE), weight = 1f)
            put(text(context, words(scale.end), Size.NOTE))
        })
        put(empty, above = 8)
    }
    private var answered = false

    override val typing get() = false

    override fun show(question: Question) {
        val number = question.typed.replace(',', '.').toDoubleOrNull()
        answered = number != null
        value.text = number?.let(::words) ?: view.context.getString(R.string.visit_scale_none)
        bar.contentDescription = question.label
        // A bar that says nothing yet stands in the middle, and pale.
        bar.alpha = if (answered) 1f else UNTOUCHED
        bar.progress = number?.let { ((it - scale.start) / scale.step).roundToInt() } ?: (steps / 2)
        empty.visibility = if (answered && !question.required) View.VISIBLE else View.GONE
    }

    private fun at(place: Int): Double = scale.start + place * scale.step

    private fun words(number: Double): String = numbers.format(number)

    private inner class Slid : SeekBar.OnSeekBarChangeListener {
        override fun onProgressChanged(bar: SeekBar, place: Int, byHer: Boolean) {
            if (!byHer) return
            value.text = words(at(place))
            bar.alpha = 1f
        }

        override fun onStartTrackingTouch(bar: SeekBar) = bar.parent.requestDisallowInterceptTouchEvent(true)

        override fun onStopTrackingTouch(bar: SeekBar) {
            val number = at(bar.progress)
            val whole = number == Math.rint(number)
            told(if (whole) "%.0f".format(Locale.ROOT, number) else number.toBigDecimal().stripTrailingZeros().toPlainString())
        }
    }

    private companion object {
        const val UNTOUCHED = 0.4f
    }
}
