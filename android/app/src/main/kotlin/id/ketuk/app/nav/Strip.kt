package id.ketuk.app.nav

import android.content.Context
import android.text.SpannableStringBuilder
import android.text.Spanned
import android.text.style.ForegroundColorSpan
import android.text.style.ImageSpan
import id.ketuk.app.R
import id.ketuk.app.core.Holdings
import id.ketuk.app.core.Standing
import id.ketuk.app.look.Size
import id.ketuk.app.look.onTap
import id.ketuk.app.look.pad
import id.ketuk.app.look.readsLarge
import id.ketuk.app.look.text
import id.ketuk.app.look.tint

/** "Where is my data?", answered at the top of every screen. Tapping it opens the waiting list. */
class Strip(private val context: Context, onTap: () -> Unit) {
    val view = text(context, "", Size.NOTE).apply {
        id = R.id.strip
        pad(16, 12)
        setBackgroundColor(context.tint(R.color.putih))
        onTap { onTap() }
    }
    private var holdings = Holdings(0, 0, Standing.FINE)
    private var signal = true

    fun show(holdings: Holdings) {
        this.holdings = holdings
        draw()
    }

    fun signal(there: Boolean) {
        signal = there
        draw()
    }

    private fun draw() {
        val words = SpannableStringBuilder()
        val standing = when (holdings.standing) {
            Standing.FINE -> null
            Standing.SIGNED_OUT -> R.string.strip_signed_out
            Standing.REVOKED -> R.string.strip_revoked
        }
        if (standing != null) words.part(R.drawable.state_attention, standing, R.color.bata).append("\n")
        if (!signal) words.part(R.drawable.ic_no_signal, R.string.strip_no_signal, R.color.tinta).append("\n")
        words.part(R.drawable.state_waiting, R.string.strip_waiting, R.color.kunyit, holdings.waiting)
        words.append(if (context.readsLarge) "\n" else "  ·  ")
        words.part(R.drawable.state_received, R.string.strip_received, R.color.daun, holdings.received)
        view.text = words
    }

    private fun SpannableStringBuilder.part(sign: Int, words: Int, color: Int, vararg values: Any) = apply {
        val start = length
        append("\u25CB\u00A0")
        append(context.getString(words, *values).let { if (values.isEmpty()) it else it.replace(' ', '\u00A0') })
        val drawn = checkNotNull(context.getDrawable(sign)).mutate().apply {
            setTint(context.tint(color))
            val side = view.textSize.toInt()
            setBounds(0, 0, side, side)
        }
        setSpan(ImageSpan(drawn, ImageSpan.ALIGN_BASELINE), start, start + 1, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
        setSpan(ForegroundColorSpan(context.tint(color)), start, length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
    }
}
