package id.ketuk.app.proofs

import android.content.Context
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.view.View
import id.ketuk.app.core.Qr

/** The light modules around a code, without which a camera doesn't find it. */
private const val MARGIN = 4

/**
 * A QR code, as large as its place allows in whole pixels a module. Black on white by night, too: many
 * scanners know no other.
 */
class QrView(context: Context, private val qr: Qr) : View(context) {
    private val modules = qr.side.toInt() + 2 * MARGIN
    private val paint = Paint()

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val width = MeasureSpec.getSize(widthMeasureSpec)
        // On its side the phone is wide: the whole code must still be in sight.
        val most = resources.displayMetrics.run { minOf(widthPixels, heightPixels) }
        setMeasuredDimension(width, minOf(width, most))
    }

    override fun onDraw(canvas: Canvas) {
        val module = (minOf(width, height) / modules).coerceAtLeast(1)
        val left = (width - module * modules) / 2
        val top = (height - module * modules) / 2
        fun square(x: Int, y: Int, side: Int) {
            val x0 = (left + x * module).toFloat()
            val y0 = (top + y * module).toFloat()
            canvas.drawRect(x0, y0, x0 + side * module, y0 + side * module, paint)
        }
        paint.color = Color.WHITE
        square(0, 0, modules)
        paint.color = Color.BLACK
        val side = qr.side.toInt()
        qr.dark.forEachIndexed { at, dark -> if (dark.toInt() == 1) square(MARGIN + at % side, MARGIN + at / side, 1) }
    }
}
