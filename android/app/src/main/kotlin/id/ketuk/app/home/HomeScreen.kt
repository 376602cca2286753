package id.ketuk.app.home

import android.view.View
import android.widget.FrameLayout
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.AreaProgress
import id.ketuk.app.core.Counts
import id.ketuk.app.core.Enrolment
import id.ketuk.app.core.HouseholdState
import id.ketuk.app.core.Progress
import id.ketuk.app.core.achieved
import id.ketuk.app.households.FEW_AREAS
import id.ketuk.app.households.chooseArea
import id.ketuk.app.look.Bar
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.heading
import id.ketuk.app.look.iconButton
import id.ketuk.app.look.look
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.number
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.putSign
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.row
import id.ketuk.app.look.scroll
import id.ketuk.app.look.signAndWord
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell
import kotlin.math.ceil

/** How far she is, what needs her, her RTs, and the one thing to do next. */
class HomeScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.app_name)

    private lateinit var page: FrameLayout
    private val moved = { refresh() }

    override fun actions(bar: LinearLayout) {
        bar.put(iconButton(activity, R.drawable.ic_more, string(R.string.nav_settings)) { shell.go(Place.Settings) })
    }

    override fun view(): View = FrameLayout(activity).also { page = it }

    override fun shown() {
        core.sender.listen(moved)
        refresh()
    }

    override fun hidden() = core.sender.deafen(moved)

    private fun refresh() = ask({ it.phone().run { Triple(enrolment(), progress(), onlyHere().due) } }) {
        val (enrolment, progress, due) = it
        page.removeAllViews()
        page.addView(draw(enrolment, progress, due))
    }

    private fun draw(enrolment: Enrolment?, progress: Progress, copyIsDue: Boolean): View = column(activity) {
        put(scroll(context, column(context) {
            pad(16, 8)
            if (enrolment?.synthetic == true) {
                put(text(context, string(R.string.home_synthetic), Size.NOTE, R.color.kunyit))
            }
            figure(progress)
            needs(progress.total)
            if (copyIsDue) put(copyCard(), above = 8)
            put(heading(context, string(R.string.home_areas)), above = 24)
            val few = if (progress.areas.size > FEW_AREAS) progress.areas.take(FEW_AREAS) else progress.areas
            few.forEach { put(areaCard(it), above = 8) }
            if (few.size < progress.areas.size) put(allAreas(progress.areas), above = 8)
        }), weight = 1f)
        put(mainAction(progress).let { button -> column(context) { pad(16, 8); put(button) } })
    }

    private fun LinearLayout.figure(progress: Progress) {
        val (achieved, target) = progress.total.achieved to progress.total.target.toInt()
        val expected = progress.pace.expected.toInt()
        val figure = string(R.string.home_figure, activity.number(achieved), activity.number(target))
        put(text(context, figure, Size.FIGURE, bold = true), above = 8)
        put(Bar(context, 12).apply { show(achieved, target, expected) }, above = 8)
        val today = activity.number(progress.today.toInt())
        put(text(context, string(R.string.home_today, today), bold = true), above = 8)
        put(text(context, pace(progress, target - achieved, expected), Size.NOTE), above = 2)
    }

    /** Whether she is where she should be, and how many a day bring her home. */
    private fun pace(progress: Progress, missing: Int, expected: Int): String {
        val days = progress.pace.daysLeft.toInt()
        val needed = progress.pace.needed
        val soFar = string(R.string.home_pace, activity.number(expected))
        return when {
            missing <= 0 -> string(R.string.home_reached)
            needed == null || days == 0 -> soFar
            else -> soFar + " " + plural(R.plurals.home_needed, days, days, activity.number(ceil(needed).toInt()))
        }
    }

    /** Only what needs her: nothing here means that nothing does. */
    private fun LinearLayout.needs(counts: Counts) {
        val needs = listOf(
            Triple(HouseholdState.NEEDS_CORRECTION, R.plurals.home_correction, counts.needsCorrection),
            Triple(HouseholdState.HELD, R.plurals.home_held, counts.held),
            Triple(HouseholdState.DRAFT, R.plurals.home_drafts, counts.drafts),
        ).filter { (_, _, count) -> count > 0uL }
        if (needs.isEmpty()) return
        put(heading(context, string(R.string.home_needs)), above = 24)
        needs.forEach { (state, words, count) ->
            put(card(context, { shell.go(Place.Households(state = state)) }) {
                put(row(context) {
                    putSign(state.look.sign, state.look.color, 24)
                    put(text(context, plural(words, count.toInt(), count.toInt())), weight = 1f, before = 12)
                    putSign(R.drawable.ic_next, R.color.abu)
                })
            }, above = 8)
        }
    }

    /** Something has been only on this phone for a week. */
    private fun copyCard(): View = card(activity, { shell.go(Place.Backup) }) {
        put(row(context) {
            putSign(R.drawable.state_attention, R.color.bata, 24)
            put(text(context, string(R.string.home_copy)), weight = 1f, before = 12)
            putSign(R.drawable.ic_next, R.color.abu)
        })
    }

    private fun areaCard(area: AreaProgress): View =
        card(activity, { shell.go(Place.Households(area = area.area)) }) {
            val counts = area.counts
            val listed = counts.listed.toInt()
            val visited = listed - counts.toVisit.toInt()
            put(row(context) {
                put(text(context, area.name, bold = true), weight = 1f)
                putSign(R.drawable.ic_next, R.color.abu)
            })
            val words = string(R.string.home_area_line, activity.number(visited), activity.number(listed))
            put(text(context, words, Size.NOTE), above = 4)
            put(Bar(context).apply { show(visited, listed) }, above = 8)
            val reached = string(R.string.home_area_target, activity.number(counts.achieved), activity.number(counts.target.toInt()))
            put(text(context, reached, Size.NOTE), above = 4)
            standing(HouseholdState.WAITING, R.plurals.home_area_waiting, counts.waiting)
            standing(HouseholdState.NEEDS_CORRECTION, R.plurals.home_area_correction, counts.needsCorrection + counts.held)
        }

    /** The way to each RT for her who has more than anybody looks through. */
    private fun allAreas(areas: List<AreaProgress>): View =
        quietButton(activity, string(R.string.home_all_areas, activity.number(areas.size))) {
            chooseArea(activity, areas.map { it.name }) { shell.go(Place.Households(area = areas[it].area)) }
        }

    /** How many of an RT stand so; nothing where none does. */
    private fun LinearLayout.standing(state: HouseholdState, words: Int, count: ULong) {
        if (count == 0uL) return
        put(signAndWord(context, state.look.sign, plural(words, count.toInt(), count.toInt()), state.look.color), above = 4)
    }

    private fun mainAction(progress: Progress): View =
        if (progress.total.waiting > 0uL) {
            mainButton(activity, string(R.string.home_send)) { shell.go(Place.Sync) }
        } else {
            mainButton(activity, string(R.string.home_continue)) { shell.go(Place.Households()) }
        }
}
