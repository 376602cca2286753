package id.ketuk.app.visit

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import android.widget.ScrollView
import id.ketuk.app.R
import id.ketuk.app.core.HeadingItem
import id.ketuk.app.core.Item
import id.ketuk.app.core.NoteItem
import id.ketuk.app.core.Page
import id.ketuk.app.core.Question
import id.ketuk.app.core.QuestionItem
import id.ketuk.app.core.RosterItem
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.heading
import id.ketuk.app.look.put
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text

/** A question or a roster on a page. */
internal interface ItemView {
    val path: String
    val view: View

    /** Says what is wrong here; true if that is news to her. */
    fun reveal(): Boolean
}

/**
 * A page of the visit. When the core says how it is now, views whose question stays are kept, so
 * that the field she types in keeps its cursor and the page its place.
 */
internal class PageView(context: Context, private val to: Answering) {
    private val title = text(context, "", Size.BODY, R.color.abu, bold = true)
    private val items = column(context) {}
    private val inside = column(context) {
        setPadding(dp(16), 0, dp(16), dp(24))
        put(title, above = 16)
        put(items)
    }
    val view: ScrollView = scroll(context, inside)

    private var shown: List<ItemView> = emptyList()
    private var page = ""

    fun show(now: Page) {
        if (now.page != page) {
            page = now.page
            shown = emptyList()
            view.scrollTo(0, 0)
        }
        title.text = listOfNotNull(now.subject, now.title.ifEmpty { null }).joinToString(" · ")
        // A page of one question often has its name too: once is enough.
        val twice = (now.items.firstOrNull() as? QuestionItem)?.v1?.label == now.title && now.subject == null
        title.visibility = if (title.text.isEmpty() || twice) View.GONE else View.VISIBLE
        val before = shown.associateBy { it.path }
        val next = now.items.map { viewOf(it, before) }
        if (next != shown) arrange(next)
        shown = next
    }

    private fun viewOf(item: Item, before: Map<String, ItemView>): ItemView = when (item) {
        is HeadingItem -> (before[item.path] as? HeadingView)?.apply { show(item) } ?: HeadingView(view.context, item)
        is NoteItem -> questionView(item.v1, before)
        is QuestionItem -> questionView(item.v1, before)
        is RosterItem -> (before[item.v1.path] as? RosterView)?.apply { show(item.v1) }
            ?: RosterView(view.context, item.v1, to)
    }

    private fun questionView(question: Question, before: Map<String, ItemView>): ItemView {
        val kept = before[question.path] as? QuestionView
        if (kept?.fits(question) != true) return QuestionView(view.context, question, to)
        return kept.apply { show(question) }
    }

    private fun arrange(next: List<ItemView>) {
        // Taking a focused view out of the page closes the keyboard: only what goes is removed.
        val staying = next.map { it.view }.toSet()
        for (i in items.childCount - 1 downTo 0) if (items.getChildAt(i) !in staying) items.removeViewAt(i)
        next.forEachIndexed { i, item ->
            if (items.getChildAt(i) !== item.view) {
                (item.view.parent as? LinearLayout)?.removeView(item.view)
                items.put(item.view, above = 24, at = i)
            }
        }
    }

    /** Says what is wrong on this page and goes to the first of it; false if she knew it all. */
    fun reveal(): Boolean {
        view.clearFocus()
        val news = shown.filter { it.reveal() }
        news.firstOrNull()?.let { view.smoothScrollTo(0, it.view.top) }
        return news.isNotEmpty()
    }
}

/** The label of a group inside the page. */
private class HeadingView(context: Context, item: HeadingItem) : ItemView {
    override val path: String = item.path
    override val view = heading(context, item.label)

    fun show(item: HeadingItem) {
        view.text = item.label
    }

    override fun reveal() = false
}
