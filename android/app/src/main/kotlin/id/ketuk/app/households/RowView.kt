package id.ketuk.app.households

import android.content.Context
import android.view.Gravity
import id.ketuk.app.R
import id.ketuk.app.core.HouseholdRow
import id.ketuk.app.look.PageRow
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

/** Number, head's name and address, and the state at the right as a sign and a word. */
internal class RowView(context: Context) : PageRow<HouseholdRow>(context) {
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

    override fun show(row: HouseholdRow?) {
        number.text = row?.number
        name.text = row?.head?.ifEmpty { context.getString(R.string.households_unnamed) } ?: "…"
        address.text = row?.address
        state.show(row?.state?.look)
    }
}
