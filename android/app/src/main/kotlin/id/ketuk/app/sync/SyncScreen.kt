package id.ketuk.app.sync

import android.view.View
import id.ketuk.app.R
import id.ketuk.app.core.LastRun
import id.ketuk.app.core.Sending
import id.ketuk.app.core.Sent
import id.ketuk.app.core.Standing
import id.ketuk.app.core.SyncEnd
import id.ketuk.app.core.WaitingEntry
import id.ketuk.app.core.sentence
import id.ketuk.app.look.Bar
import id.ketuk.app.look.Size
import id.ketuk.app.look.StatefulRow
import id.ketuk.app.look.column
import id.ketuk.app.look.heading
import id.ketuk.app.look.look
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.moment
import id.ketuk.app.look.number
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.scroll
import id.ketuk.app.look.short
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** How many families are shown ticking over, the first that wait; the figure above counts them all. */
private const val SHOWN = 60u

/** The button, then families turning from waiting to received, then one plain sentence. */
class SyncScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.sync_title)

    private val figure = text(activity, "", Size.FIGURE, bold = true)
    private val bar = Bar(activity, 12)
    private val sentence = text(activity, "", Size.QUESTION).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }
    private val since = text(activity, "", Size.NOTE)
    private val above = heading(activity, string(R.string.sync_families))
    private val families = column(activity) {}
    private val marks = HashMap<String, StatefulRow>()
    private val button = mainButton(activity, string(R.string.sync_action)) { shell.byItself.sendNow() }
    private val stop = quietButton(activity, string(R.string.sync_stop)) { core.sender.stop() }
    private val enrol = quietButton(activity, string(R.string.enrol_again)) { shell.go(Place.Enrol(again = true)) }
    private val moved = { draw() }
    private var wasRunning = false

    /** What the core knows besides the run that is on its way. */
    private class Known(val waiting: Int, val shutOut: Boolean, val last: LastRun?)

    private var known = Known(0, false, null)

    override fun view(): View = column(activity) {
        put(scroll(context, column(context) {
            pad(16, 16)
            put(figure)
            put(bar, above = 8)
            put(sentence, above = 8)
            put(since, above = 4)
            put(above, above = 24)
            put(families, above = 8)
        }), weight = 1f)
        put(column(context) {
            pad(16, 8)
            put(button)
            put(enrol, above = 8)
            put(stop)
        })
    }

    override fun shown() {
        core.sender.listen(moved)
        wasRunning = core.sender.running != null
        listFamilies()
        askWhatIsKnown()
        draw()
    }

    override fun hidden() = core.sender.deafen(moved)

    private fun askWhatIsKnown() = ask({
        it.phone().run {
            val standing = enrolment()?.standing ?: Standing.FINE
            Known(progress().total.waiting.toInt(), standing != Standing.FINE, lastRun())
        }
    }) {
        known = it
        draw()
    }

    private fun listFamilies() = ask({ it.phone().waiting(null, SHOWN) }) { page ->
        families.removeAllViews()
        marks.clear()
        page.rows.forEach { families.put(familyRow(it)) }
        draw()
    }

    private fun familyRow(waiting: WaitingEntry): View {
        val name = text(activity, waiting.household.head.ifEmpty { string(R.string.households_unnamed) }).short()
        val row = StatefulRow(activity, name).apply { show(waiting.household.state.look) }
        marks[waiting.household.id] = row
        return row.view.apply { pad(0, 8) }
    }

    private fun draw() {
        val running = core.sender.running
        // Those that have just been received stay in sight: only a new run begins a new list.
        if (running != null && !wasRunning) listFamilies()
        if (running == null && wasRunning) askWhatIsKnown()
        wasRunning = running != null
        val shutOut = known.shutOut || asksForCode(core.sender.last)
        button.shown(running == null)
        enrol.shown(running == null && shutOut)
        stop.shown(running != null)
        bar.shown(running != null && running.total > 0)
        above.shown(families.childCount > 0)
        if (running != null) drawRunning(running) else drawLast(core.sender.last)
        figure.shown(figure.text.isNotEmpty())
        since.shown(since.text.isNotEmpty())
    }

    private fun View.shown(there: Boolean) {
        visibility = if (there) View.VISIBLE else View.GONE
    }

    private fun drawRunning(now: Sending) {
        bar.show(now.received, now.total)
        now.answered.forEach { (household, state) -> marks[household]?.show(state.look) }
        figure.text = if (now.total == 0) "" else string(R.string.sync_figure, now.received, now.total)
        since.text = ""
        sentence.text = when {
            now.retryIn != null -> string(R.string.sync_retrying, now.retryIn)
            now.received < now.total -> string(R.string.sync_running)
            now.photos > 0 -> string(R.string.sync_running_photos, now.photos, kilobytes(now.photoBytes))
            else -> string(R.string.sync_running_pull)
        }
    }

    private fun kilobytes(bytes: Long) = activity.number(((bytes + 1023) / 1024).toInt())

    /** Whether only a new code lets this phone send again. */
    private fun asksForCode(last: Sent?) =
        (last as? Sent.Reported)?.report?.end in setOf(SyncEnd.SIGN_IN, SyncEnd.REVOKED)

    /** What waits, and what the last run came to, also if that was before the app was started. */
    private fun drawLast(here: Sent?) {
        val last = known.last
        figure.text = if (known.waiting == 0) "" else plural(R.plurals.sync_waiting, known.waiting, known.waiting)
        // It said that nothing waits, and she has recorded since.
        val overtaken = known.waiting > 0 && last?.report?.stillWaiting == 0uL
        since.text = when {
            last == null || here is Sent.Failed -> ""
            overtaken -> string(R.string.sync_then, activity.moment(last.endedAt), said(activity, last.report))
            else -> string(R.string.sync_since, activity.moment(last.endedAt))
        }
        sentence.text = when {
            here is Sent.Failed -> sentence(activity, here.fault)
            overtaken -> string(R.string.sync_idle)
            last != null -> said(activity, last.report)
            here is Sent.Reported -> said(activity, here.report)
            else -> string(R.string.sync_idle)
        }
    }
}
