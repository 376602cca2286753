package id.ketuk.app.visit

import android.content.Context
import android.view.View
import android.widget.ImageView
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Media
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.Question
import id.ketuk.app.look.CORNER
import id.ketuk.app.look.SNUG
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.fileSize
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.shape
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place.Asked
import id.ketuk.app.nav.Place.Source

/** A photo, film or file that another app gives: what is there, and the ways to it. */
internal class FetchControl(context: Context, private val media: Media, private val to: Answering) : ControlView {
    private val picture = ImageView(context).apply {
        adjustViewBounds = true
        maxHeight = dp(240)
        scaleType = ImageView.ScaleType.FIT_CENTER
        background = shape(context, R.color.putih, R.color.garis, CORNER)
        clipToOutline = true
    }
    private val state = text(context, "", Size.BODY)
    private val take = quietButton(context, "") { fetch(if (media == Media.VIDEO) Source.FILM else Source.CAMERA) }
    private val choose = quietButton(context, "") { fetch(if (media == Media.IMAGE) Source.GALLERY else Source.DOCUMENT) }
    private val remove = quietButton(context, context.getString(R.string.visit_file_remove)) { to.answer(path, NoAnswer) }
    override val view: LinearLayout = column(context) {
        put(picture, SNUG, SNUG)
        put(state, above = 4)
        put(take, above = 8)
        put(choose, above = 8)
        put(remove, above = 8)
    }
    private var path = ""
    private var shown: String? = null
    private var most: Int? = null

    override val typing get() = false

    override fun show(question: Question) {
        path = question.path
        most = question.parameters.find { it.name == "max-pixels" }?.value?.toIntOrNull()
        val now = question.typed
        words(now.isNotEmpty(), canChoose = "new" !in question.appearance)
        picture.contentDescription = question.label
        if (now == shown) return
        shown = now
        draw(null)
        if (now.isNotEmpty()) to.file(now) { if (shown == now) draw(it) }
    }

    private fun words(there: Boolean, canChoose: Boolean) {
        val context = view.context
        take.visibility = if (media == Media.OTHER) View.GONE else View.VISIBLE
        take.setText(
            when {
                media == Media.VIDEO -> if (there) R.string.visit_film_again else R.string.visit_film
                there -> R.string.visit_photo_again
                else -> R.string.visit_photo
            },
        )
        choose.text = context.getString(if (media == Media.OTHER) R.string.visit_file_choose else R.string.visit_pick)
        choose.visibility = if (canChoose) View.VISIBLE else View.GONE
        remove.visibility = if (there) View.VISIBLE else View.GONE
    }

    private fun draw(bytes: ByteArray?) {
        val bitmap = bytes?.takeIf { media == Media.IMAGE }?.let { decoded(it, view.dp(320)) }
        picture.setImageBitmap(bitmap)
        picture.visibility = if (bitmap == null) View.GONE else View.VISIBLE
        state.text = when {
            shown.isNullOrEmpty() || bitmap != null -> ""
            bytes == null -> view.context.getString(R.string.visit_file_elsewhere)
            else -> view.context.getString(R.string.visit_file_here, view.context.fileSize(bytes.size))
        }
        state.visibility = if (state.text.isEmpty()) View.GONE else View.VISIBLE
    }

    private fun fetch(source: Source) = to.fetch(Asked(path, source, most))
}
