package id.ketuk.app.waiting

import android.content.Context
import id.ketuk.app.R
import id.ketuk.app.core.WaitingEntry
import id.ketuk.app.look.PageRow
import id.ketuk.app.look.Size
import id.ketuk.app.look.StatefulRow
import id.ketuk.app.look.column
import id.ketuk.app.look.look
import id.ketuk.app.look.moment
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.short
import id.ketuk.app.look.text

/** Which family, since when, whether it was handed over, and why it is still here. */
internal class WaitingView(context: Context) : PageRow<WaitingEntry>(context) {
    private val name = text(context, "", bold = true)
    private val since = text(context, "", Size.NOTE)
    private val handedOver = text(context, "", Size.NOTE)
    private val why = text(context, "", Size.NOTE, R.color.bata)
    private val state = StatefulRow(context, column(context) {
        put(name.short())
        put(since, above = 2)
        put(handedOver, above = 2)
        put(why, above = 2)
    })

    init {
        orientation = VERTICAL
        pad(16, 8)
        put(state.view)
    }

    override fun show(row: WaitingEntry?) {
        name.text = row?.household?.head?.ifEmpty { context.getString(R.string.households_unnamed) } ?: "…"
        since.text = row?.let { context.getString(R.string.waiting_since, context.moment(it.finishedAt)) }
        val handed = row?.handedOver?.let { context.getString(R.string.waiting_handed_over, context.moment(it)) }
        handedOver.text = handed
        handedOver.visibility = if (handed == null) GONE else VISIBLE
        why.text = row?.message
        why.visibility = if (row?.message == null) GONE else VISIBLE
        state.show(row?.household?.state?.look)
    }
}
