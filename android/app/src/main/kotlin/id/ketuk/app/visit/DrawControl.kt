package id.ketuk.app.visit

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.graphics.Path
import android.graphics.RectF
import android.view.MotionEvent
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Media
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.Question
import id.ketuk.app.look.WIDE
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.shape
import id.ketuk.app.nav.Place.Asked
import id.ketuk.app.nav.Place.Source
import java.io.ByteArrayOutputStream

/** Drawn with the finger: a signature, a sketch, marks on a photo. Each stroke is kept as soon as the finger is up. */
internal class DrawControl(context: Context, media: Media, private val to: Answering) : ControlView {
    private val sheet = Sheet(context, ::drawn)
    private val photo = quietButton(context, context.getString(R.string.visit_photo)) {
        to.fetch(Asked(path, Source.CAMERA))
    }
    private val clear = quietButton(context, context.getString(R.string.visit_draw_again)) {
        ahead = 0
        to.answer(path, NoAnswer)
    }
    override val view: LinearLayout = column(context) {
        put(sheet, WIDE, dp(if (media == Media.SIGNATURE) 160 else 280))
        if (media == Media.ANNOTATION) put(photo, above = 8)
        put(clear, above = 8)
    }
    private val marksPhoto = media == Media.ANNOTATION
    private var path = ""
    private var shown: String? = null

    /** Strokes that the core has not answered yet: what it says of the ones before is on the sheet already. */
    private var ahead = 0

    override val typing get() = false

    private fun drawn(whole: Bitmap) {
        ahead++
        to.answer(path, "image/png") {
            ByteArrayOutputStream().apply { whole.compress(Bitmap.CompressFormat.PNG, 100, this) }.toByteArray()
        }
    }

    override fun show(question: Question) {
        path = question.path
        sheet.contentDescription = view.context.getString(R.string.visit_draw_here, question.label)
        val now = question.typed
        clear.visibility = if (now.isEmpty()) View.GONE else View.VISIBLE
        photo.visibility = if (now.isEmpty()) View.VISIBLE else View.GONE
        // Without a photo there is nothing to mark.
        sheet.isEnabled = !marksPhoto || now.isNotEmpty()
        if (now == shown) return
        shown = now
        if (ahead > 0 && now.isNotEmpty()) {
            ahead--
            return
        }
        if (now.isEmpty()) sheet.show(null) else to.file(now) { if (shown == now) sheet.show(it) }
    }
}

/** White paper for black ink, by night too: that is how it is printed. */
private class Sheet(context: Context, private val drawn: (Bitmap) -> Unit) : View(context) {
    private val ink = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = Color.BLACK
        style = Paint.Style.STROKE
        strokeWidth = dp(3).toFloat()
        strokeCap = Paint.Cap.ROUND
        strokeJoin = Paint.Join.ROUND
    }
    private var paper: Bitmap? = null
    private var stroke = Path()
    private val strokes = ArrayList<Path>()

    init {
        background = shape(context, R.color.putih)
        foreground = shape(context, null, R.color.abu)
        clipToOutline = true
    }

    /** What is kept by now; strokes that it has in it are drawn from it from now on. */
    fun show(kept: ByteArray?) {
        paper = kept?.let { decoded(it, LONGEST) }
        strokes.clear()
        invalidate()
    }

    override fun onDraw(canvas: Canvas) = paint(canvas)

    private fun paint(canvas: Canvas) {
        canvas.drawColor(Color.WHITE)
        paper?.let { canvas.drawBitmap(it, null, place(it, width, height), null) }
        (strokes + stroke).forEach { canvas.drawPath(it, ink) }
    }

    /** As large as it fits, in the middle. */
    private fun place(picture: Bitmap, width: Int, height: Int): RectF {
        val scale = minOf(width / picture.width.toFloat(), height / picture.height.toFloat())
        val (w, h) = picture.width * scale to picture.height * scale
        return RectF((width - w) / 2, (height - h) / 2, (width + w) / 2, (height + h) / 2)
    }

    @SuppressLint("ClickableViewAccessibility") // a drawing can't be made by a click
    override fun onTouchEvent(event: MotionEvent): Boolean {
        if (!isEnabled) return false
        when (event.actionMasked) {
            MotionEvent.ACTION_DOWN -> {
                // The page must not scroll away under the pen.
                parent.requestDisallowInterceptTouchEvent(true)
                stroke.moveTo(event.x, event.y)
                // A dot is a stroke, too.
                stroke.lineTo(event.x + 0.1f, event.y)
            }
            MotionEvent.ACTION_MOVE -> {
                for (i in 0 until event.historySize) stroke.lineTo(event.getHistoricalX(i), event.getHistoricalY(i))
                stroke.lineTo(event.x, event.y)
            }
            MotionEvent.ACTION_UP, MotionEvent.ACTION_CANCEL -> {
                strokes += stroke
                stroke = Path()
                drawn(asPicture())
            }
        }
        invalidate()
        return true
    }

    private fun asPicture(): Bitmap =
        Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888).also { paint(Canvas(it)) }

    private companion object {
        const val LONGEST = 1280
    }
}
