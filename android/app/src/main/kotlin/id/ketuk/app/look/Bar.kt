package id.ketuk.app.look

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.view.View
import id.ketuk.app.R

/**
 * A bar that is [done] of [target] full, with a tick where today's pace would have it.
 *
 * All three are counts of the same thing. More than the target fills the bar, no further.
 */
class Bar(context: Context, private val height: Int = 8) : View(context) {
    private var done = 0f
    private var tick: Float? = null
    private val paint = Paint(Paint.ANTI_ALIAS_FLAG)

    init {
        importantForAccessibility = IMPORTANT_FOR_ACCESSIBILITY_NO
    }

    fun show(done: Int, target: Int, pace: Int? = null) {
        this.done = part(done, target)
        tick = pace?.let { part(it, target) }
        invalidate()
    }

    private fun part(count: Int, target: Int): Float =
        if (target <= 0) 0f else (count.toFloat() / target).coerceIn(0f, 1f)

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        setMeasuredDimension(getDefaultSize(suggestedMinimumWidth, widthMeasureSpec), dp(height + 8))
    }

    override fun onDraw(canvas: Canvas) {
        val top = dp(4).toFloat()
        val bottom = top + dp(height)
        val round = dp(height) / 2f
        paint.color = context.tint(R.color.garis)
        canvas.drawRoundRect(0f, top, width.toFloat(), bottom, round, round, paint)
        paint.color = context.tint(R.color.nila)
        if (done > 0) {
            val end = (width * done).coerceAtLeast(2 * round)
            canvas.drawRoundRect(0f, top, end, bottom, round, round, paint)
        }
        tick?.let {
            paint.color = context.tint(R.color.tinta)
            val x = (width * it).coerceIn(dp(1).toFloat(), width - dp(1).toFloat())
            canvas.drawRect(x - dp(1), 0f, x + dp(1), top + bottom, paint)
        }
    }
}
