package id.ketuk.app.look

import android.content.Context
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.LinearLayout

/** How one row of a long list is drawn. */
abstract class PageRow<Row>(context: Context) : LinearLayout(context) {
    /** Shows [row], or that it is being fetched. */
    abstract fun show(row: Row?)
}

/** Draws the rows that are on the screen; the list's own recycling keeps the views few. */
class PageAdapter<Row>(val pages: Pages<Row>, private val make: () -> PageRow<Row>) : BaseAdapter() {
    override fun getCount(): Int = pages.count
    override fun getItem(position: Int): Row? = pages.row(position)
    override fun getItemId(position: Int): Long = position.toLong()
    override fun isEnabled(position: Int): Boolean = pages.row(position) != null

    override fun getView(position: Int, old: View?, parent: ViewGroup): View {
        // A list gives back only views that its own adapter made.
        @Suppress("UNCHECKED_CAST")
        val view = old as PageRow<Row>? ?: make()
        view.show(pages.row(position))
        return view
    }
}
