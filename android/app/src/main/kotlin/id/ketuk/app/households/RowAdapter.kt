package id.ketuk.app.households

import android.content.Context
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.HouseholdRow
import id.ketuk.app.look.Pages
import id.ketuk.app.look.Size
import id.ketuk.app.look.StatefulRow
import id.ketuk.app.look.beside
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.look
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.short
import id.ketuk.app.look.text

/** Draws the rows that are on the screen; the list's own recycling keeps the views few. */
internal class RowAdapter(private val context: Context, val pages: Pages<HouseholdRow>) : BaseAdapter() {
    override fun getCount(): Int = pages.count
    override fun getItem(position: Int): HouseholdRow? = pages.row(position)
    override fun getItemId(position: Int): Long = position.toLong()
    override fun isEnabled(position: Int): Boolean = pages.row(position) != null

    override fun getView(position: Int, old: View?, parent: ViewGroup): View {
        val view = old ?: RowView(context)
        (view as RowView).show(pages.row(position))
        return view
    }
}

/** Number, head's name and address, and the state at the right as a sign and a word. */
internal class RowView(context: Context) : LinearLayout(context) {
    private val number = text(context, "", Size.NOTE)
    private val name = text(context, "", bold = true)
    private val address = text(context, "", Size.NOTE)
    private val state = StatefulRow(context, column(context) {
        put(name.short())
        put(address.short(), above = 2)
    })

    init {
        orientation = HORIZONTAL
        gravity = Gravity.CENTER_VERTICAL
        isBaselineAligned = false
        minimumHeight = dp(64)
        pad(16, 8)
        put(number.apply { minWidth = context.beside(28) })
        put(state.view, weight = 1f, before = 8)
    }

    fun show(row: HouseholdRow?) {
        number.text = row?.number
        name.text = row?.head?.ifEmpty { context.getString(R.string.households_unnamed) } ?: "…"
        address.text = row?.address
        state.show(row?.state?.look)
    }
}
