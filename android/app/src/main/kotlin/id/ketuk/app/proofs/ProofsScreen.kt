package id.ketuk.app.proofs

import android.content.Context
import android.view.View
import android.widget.ListView
import android.widget.TextView
import id.ketuk.app.R
import id.ketuk.app.core.ProofRow
import id.ketuk.app.look.PageAdapter
import id.ketuk.app.look.PageRow
import id.ketuk.app.look.Pages
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.short
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** What the server has signed for, the newest first. */
class ProofsScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.proofs_title)

    private lateinit var list: ListView
    private lateinit var none: TextView

    override fun view(): View = column(activity) {
        none = put(text(context, string(R.string.proofs_none)).apply {
            pad(16, 16)
            visibility = View.GONE
        })
        list = put(ListView(context).apply {
            id = R.id.list
            divider = null
        }, weight = 1f)
    }

    override fun shown() {
        lateinit var adapter: PageAdapter<ProofRow>
        val pages = Pages<ProofRow>({ page, after ->
            ask({ it.phone().proofs(after?.toULong(), Pages.SIZE.toUInt()) }) {
                adapter.pages.arrived(page, it.rows, it.next?.toString())
            }
        }) {
            adapter.notifyDataSetChanged()
            none.visibility = if (adapter.pages.empty) View.VISIBLE else View.GONE
        }
        adapter = PageAdapter(pages) { ProofView(activity) }
        list.adapter = adapter
        list.setOnItemClickListener { _, _, at, _ -> pages.row(at)?.let { shell.go(Place.Household(it.household.id)) } }
    }
}

private class ProofView(context: Context) : PageRow<ProofRow>(context) {
    private val name = text(context, "", bold = true)
    private val words = text(context, "", Size.NOTE)
    private val code = text(context, "", Size.NOTE, R.color.abu)

    init {
        orientation = VERTICAL
        pad(16, 8)
        put(name.short())
        put(words, above = 2)
        put(code, above = 2)
    }

    override fun show(row: ProofRow?) {
        name.text = row?.household?.head?.ifEmpty { context.getString(R.string.households_unnamed) } ?: "…"
        words.text = row?.let { context.inWords(it.revision, it.receivedAt) }
        code.text = row?.text?.beginning()
    }
}
