package id.ketuk.app.visit

import android.content.Context
import android.view.View
import id.ketuk.app.R
import id.ketuk.app.core.Page
import id.ketuk.app.look.Bar
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.iconButton
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.onTap
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.readsLarge
import id.ketuk.app.look.row
import id.ketuk.app.look.shape
import id.ketuk.app.look.text

/** A page between the thin bar that tells how far and the two ways on. */
internal class PagePanel(context: Context, to: Answering, onPrevious: () -> Unit, onNext: () -> Unit) {
    private val page = PageView(context, to)
    private val bar = Bar(context, 4)
    private val previous = previousButton(context, onPrevious)
    private val next = mainButton(context, context.getString(R.string.visit_next), onNext)
    private val undo = row(context) {
        pad(16, 0)
        background = shape(context, R.color.tinta, corner = 0)
        visibility = View.GONE
    }
    val view: View = column(context) {
        put(bar)
        put(page.view, weight = 1f)
        put(undo)
        put(row(context) {
            pad(16, 8)
            put(previous, weight = if (context.readsLarge) 0f else 1f)
            put(next, weight = 1f, before = 8)
        })
    }

    /** For who reads large the word would break: she gets the arrow, which TalkBack names. */
    private fun previousButton(context: Context, action: () -> Unit): View {
        val name = context.getString(R.string.visit_previous)
        if (!context.readsLarge) return quietButton(context, name, action)
        return iconButton(context, R.drawable.ic_back, name, action)
    }

    /** Whether no page follows. */
    var isLast = false
        private set

    private var shown = ""

    fun show(now: Page) {
        isLast = now.position == now.of
        page.show(now)
        bar.show(now.progress.answered.toInt(), now.progress.required.toInt())
        bar.contentDescription = view.context.getString(R.string.visit_page_of, now.position.toInt(), now.of.toInt())
        // Invisible, not gone: "next" stays where the thumb has learnt it.
        previous.visibility = if (now.position > 1u) View.VISIBLE else View.INVISIBLE
        if (now.page != shown) undo.visibility = View.GONE
        shown = now.page
    }

    fun reveal(): Boolean = page.reveal()

    /** Says what was just removed, with the way to take that back. */
    fun offerUndo(words: String, takeBack: () -> Unit) {
        undo.removeAllViews()
        undo.put(text(view.context, words, Size.NOTE, R.color.kertas), weight = 1f)
        val context = view.context
        val action = text(context, context.getString(R.string.visit_undo), Size.BODY, R.color.kertas, bold = true)
        undo.put(action.apply {
            pad(16, 12)
            onTap {
                undo.visibility = View.GONE
                takeBack()
            }
        })
        undo.visibility = View.VISIBLE
    }
}
