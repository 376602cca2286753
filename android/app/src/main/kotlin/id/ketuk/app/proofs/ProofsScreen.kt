package id.ketuk.app.proofs

import android.content.Context
import android.view.View
import android.widget.ListView
import android.widget.TextView
import id.ketuk.app.R
import id.ketuk.app.core.ProofRow
import id.ketuk.app.look.Field
import id.ketuk.app.look.PageAdapter
import id.ketuk.app.look.PageRow
import id.ketuk.app.look.Pages
import id.ketuk.app.look.Size
import id.ketuk.app.look.Typing
import id.ketuk.app.look.column
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.short
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** What the server has signed for, the newest first, narrowed down while she types. */
class ProofsScreen(shell: Shell, private var place: Place.Proofs) : Screen(shell) {
    override val title = activity.getString(R.string.proofs_title)

    private lateinit var list: ListView
    private lateinit var none: TextView

    /** What she looks for now; read by the core's thread, which skips what she has typed past. */
    @Volatile
    private var sought = ""

    override fun view(): View = column(activity) {
        val search = Field(context, Typing.TEXT, ::narrow)
        search.id = R.id.search
        search.setHint(R.string.households_search)
        search.contentDescription = string(R.string.households_search)
        search.show(place.search)
        put(column(context) { pad(16, 8); put(search) })
        none = put(text(context, "").apply {
            pad(16, 16)
            visibility = View.GONE
        })
        list = put(ListView(context).apply {
            id = R.id.list
            divider = null
        }, weight = 1f)
    }

    private fun narrow(search: String) {
        place = Place.Proofs(search)
        shell.remember(place)
        load()
    }

    override fun shown() = load()

    private fun load() {
        val search = place.search
        lateinit var adapter: PageAdapter<ProofRow>
        val pages = Pages<ProofRow>({ page, after ->
            ask({ if (search == sought) it.phone().proofs(search, after?.toULong(), Pages.SIZE.toUInt()) else null }) {
                if (it != null) adapter.pages.arrived(page, it.rows, it.next?.toString())
            }
        }) { if (list.adapter === adapter) adapter.notifyDataSetChanged() else if (search == sought) show(adapter) }
        adapter = PageAdapter(pages) { ProofView(activity) }
        sought = search
        pages.row(0)
    }

    private fun show(adapter: PageAdapter<ProofRow>) {
        list.adapter = adapter
        none.setText(if (place.search.isBlank()) R.string.proofs_none else R.string.proofs_none_found)
        none.visibility = if (adapter.pages.empty) View.VISIBLE else View.GONE
        list.setOnItemClickListener { _, _, at, _ ->
            adapter.getItem(at)?.let { shell.go(Place.Receipt(it.seq.toLong())) }
        }
    }
}

private class ProofView(context: Context) : PageRow<ProofRow>(context) {
    private val name = text(context, "", bold = true)
    private val words = text(context, "", Size.NOTE)
    private val number = text(context, "", Size.NOTE, R.color.daun)

    init {
        orientation = VERTICAL
        pad(16, 8)
        put(name.short())
        put(words, above = 2)
        put(number, above = 2)
    }

    override fun show(row: ProofRow?) {
        name.text = row?.household?.head?.ifEmpty { context.getString(R.string.households_unnamed) } ?: "…"
        words.text = row?.let { context.inWords(it.revision, it.receivedAt) }
        number.text = row?.let { context.getString(R.string.proofs_number, it.number) }
    }
}
