package id.ketuk.app.households

import android.graphics.Rect
import android.view.View
import android.widget.HorizontalScrollView
import android.widget.LinearLayout
import android.widget.ListView
import android.widget.TextView
import id.ketuk.app.R
import id.ketuk.app.core.Area
import id.ketuk.app.core.Filter
import id.ketuk.app.core.HouseholdRow
import id.ketuk.app.core.HouseholdState
import id.ketuk.app.look.Field
import id.ketuk.app.look.PageAdapter
import id.ketuk.app.look.Pages
import id.ketuk.app.look.Typing
import id.ketuk.app.look.chip
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.look
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.row
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** Her families, narrowed down while she types. */
class HouseholdsScreen(shell: Shell, private var place: Place.Households) : Screen(shell) {
    override val title = activity.getString(R.string.households_title)

    private lateinit var chips: LinearLayout
    private lateinit var list: ListView
    private lateinit var none: TextView
    private var areas: List<Area> = emptyList()

    /** What she looks for now; read by the core's thread, which skips what she has typed past. */
    @Volatile
    private var sought: Filter? = null

    override fun view(): View {
        val search = Field(activity, Typing.TEXT) { narrow(place.copy(search = it)) }
        search.id = R.id.search
        search.setHint(R.string.households_search)
        search.contentDescription = string(R.string.households_search)
        search.show(place.search)
        chips = row(activity) { pad(16, 0) }
        none = text(activity, string(R.string.households_none)).apply {
            pad(16, 24)
            visibility = View.GONE
        }
        list = ListView(activity).apply {
            id = R.id.list
            divider = null
        }
        return column(activity) {
            put(column(context) { pad(16, 8); put(search) })
            put(HorizontalScrollView(context).apply {
                isHorizontalScrollBarEnabled = false
                addView(chips)
            })
            put(none, above = 8)
            put(list, weight = 1f, above = 8)
            put(column(context) {
                pad(16, 8)
                put(quietButton(context, string(R.string.households_new), ::newFamily))
            })
        }
    }

    override fun shown() = ask({ it.phone().enrolment()?.areas.orEmpty() }) {
        areas = it
        drawChips()
        load()
    }

    private fun narrow(wanted: Place.Households) {
        val now = wanted.copy(top = 0)
        val filtered = now.area != place.area || now.state != place.state
        place = now
        shell.remember(now)
        // Not at each key that she types in the search.
        if (filtered) drawChips()
        load()
    }

    private fun drawChips() {
        chips.removeAllViews()
        val all = place.area == null && place.state == null
        addChip(string(R.string.households_all), all, place.copy(area = null, state = null))
        if (areas.size in 2..FEW_AREAS) areas.forEach { area ->
            val on = place.area == area.code
            addChip(area.name, on, place.copy(area = if (on) null else area.code))
        } else if (areas.size > FEW_AREAS) {
            val here = areas.find { it.code == place.area }
            addChip(here?.name ?: string(R.string.households_rt), here != null) {
                if (here != null) narrow(place.copy(area = null))
                else chooseArea(activity, areas.map { it.name }) { narrow(place.copy(area = areas[it].code)) }
            }
        }
        HouseholdState.entries.forEach { state ->
            val on = place.state == state
            addChip(string(state.look.word), on, place.copy(state = if (on) null else state))
        }
        showChosenChip()
    }

    /** The chosen filter is in sight, also after the screen was drawn anew. */
    private fun showChosenChip() {
        val chosen = (0 until chips.childCount).map(chips::getChildAt).lastOrNull { it.isSelected } ?: return
        val space = activity.dp(16)
        chips.post { chosen.requestRectangleOnScreen(Rect(-space, 0, chosen.width + space, chosen.height)) }
    }

    private fun addChip(words: String, on: Boolean, leadsTo: Place.Households) = addChip(words, on) { narrow(leadsTo) }

    private fun addChip(words: String, on: Boolean, action: () -> Unit) {
        val space = if (chips.childCount == 0) 0 else 8
        chips.put(chip(activity, words, on, action), before = space)
    }

    /** A new list for what is sought now, shown once its first page is there. */
    private fun load() {
        val filter = Filter(place.area, place.state, place.search.ifBlank { null })
        lateinit var adapter: PageAdapter<HouseholdRow>
        val pages = Pages<HouseholdRow>({ page, after ->
            ask({ if (filter == sought) it.households().page(filter, after, Pages.SIZE.toUInt()) else null }) {
                if (it != null) adapter.pages.arrived(page, it.rows, it.next)
            }
        }) { if (list.adapter === adapter) adapter.notifyDataSetChanged() else if (filter == sought) show(adapter) }
        adapter = PageAdapter(pages) { RowView(activity) }
        sought = filter
        pages.row(0)
    }

    private fun show(adapter: PageAdapter<HouseholdRow>) {
        val top = if (list.adapter == null) place.top else 0
        list.adapter = adapter
        // Only now: before the first answer of the core the list isn't known to be empty.
        list.emptyView = none
        list.setSelection(top)
        list.setOnItemClickListener { _, _, at, _ -> adapter.getItem(at)?.let { open(it, at) } }
    }

    private fun open(row: HouseholdRow, at: Int) {
        shell.remember(place.copy(top = list.firstVisiblePosition))
        shell.go(Place.Household(row.id))
    }

    private fun newFamily() {
        val only = areas.singleOrNull()
        if (only != null) return begin(only)
        chooseArea(activity, areas.map { it.name }, R.string.households_new_rt) { begin(areas[it]) }
    }

    private fun begin(area: Area) = ask({ it.newFamily(area.code) }) { shell.go(Place.Visit(it)) }
}
