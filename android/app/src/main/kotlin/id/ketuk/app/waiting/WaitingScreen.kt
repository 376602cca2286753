package id.ketuk.app.waiting

import android.view.View
import android.widget.ListView
import android.widget.TextView
import id.ketuk.app.R
import id.ketuk.app.core.WaitingEntry
import id.ketuk.app.look.PageAdapter
import id.ketuk.app.look.Pages
import id.ketuk.app.look.column
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** What is on this phone only: which family, why, since when. */
class WaitingScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.waiting_title)

    private lateinit var list: ListView
    private lateinit var none: TextView
    private lateinit var send: View

    override fun view(): View = column(activity) {
        none = put(text(context, string(R.string.waiting_none)).apply {
            pad(16, 16)
            visibility = View.GONE
        })
        list = put(ListView(context).apply {
            id = R.id.list
            divider = null
        }, weight = 1f)
        send = put(column(context) {
            pad(16, 8)
            put(mainButton(context, string(R.string.sync_action)) { shell.go(Place.Sync) })
            put(quietButton(context, string(R.string.handover_title)) { shell.go(Place.Handover) }, above = 8)
        })
    }

    override fun shown() {
        lateinit var adapter: PageAdapter<WaitingEntry>
        val pages = Pages<WaitingEntry>({ page, after ->
            ask({ it.phone().waiting(after?.toULong(), Pages.SIZE.toUInt()) }) {
                adapter.pages.arrived(page, it.rows, it.next?.toString())
            }
        }) {
            adapter.notifyDataSetChanged()
            none.visibility = if (adapter.pages.empty) View.VISIBLE else View.GONE
            send.visibility = if (adapter.pages.empty) View.GONE else View.VISIBLE
        }
        adapter = PageAdapter(pages) { WaitingView(activity) }
        list.adapter = adapter
        list.setOnItemClickListener { _, _, at, _ -> pages.row(at)?.let { shell.go(Place.Household(it.household.id)) } }
    }
}
