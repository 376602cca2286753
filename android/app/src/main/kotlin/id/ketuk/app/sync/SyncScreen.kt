package id.ketuk.app.sync

import android.view.View
import id.ketuk.app.R
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
import id.ketuk.app.look.look
import id.ketuk.app.look.mainButton
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

    private val sentence = text(activity, "", Size.QUESTION).apply {
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }
    private val bar = Bar(activity)
    private val families = column(activity) {}
    private val marks = HashMap<String, StatefulRow>()
    private val button = mainButton(activity, string(R.string.sync_action)) { core.sender.start() }
    private val stop = quietButton(activity, string(R.string.sync_stop)) { core.sender.stop() }
    private val enrol = quietButton(activity, string(R.string.enrol_again)) { shell.go(Place.Enrol(again = true)) }
    private val moved = { draw() }
    private var wasRunning = false

    /** Whether the server takes nothing from this phone until it has a new code; known from earlier runs too. */
    private var shutOut = false

    override fun view(): View = column(activity) {
        put(scroll(context, column(context) {
            pad(16, 16)
            put(sentence)
            put(bar, above = 12)
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
        listFamilies()
        draw()
    }

    override fun hidden() = core.sender.deafen(moved)

    private fun listFamilies() = ask({ it.phone().run { waiting(null, SHOWN) to enrolment()?.standing } }) {
        val (page, standing) = it
        shutOut = standing != null && standing != Standing.FINE
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
        if (running != null && !wasRunning) listFamilies()
        wasRunning = running != null
        button.visibility = if (running == null) View.VISIBLE else View.GONE
        enrol.visibility = if (running == null && (shutOut || asksForCode(core.sender.last))) View.VISIBLE else View.GONE
        stop.visibility = if (running == null) View.GONE else View.VISIBLE
        bar.visibility = if (running == null || running.total == 0) View.GONE else View.VISIBLE
        if (running != null) drawRunning(running) else sentence.text = ended(core.sender.last)
    }

    private fun drawRunning(now: Sending) {
        bar.show(now.received, now.total)
        now.answered.forEach { (household, state) -> marks[household]?.show(state.look) }
        sentence.text = when {
            now.retryIn != null -> string(R.string.sync_retrying, now.retryIn)
            now.received < now.total -> string(R.string.sync_running, now.received, now.total)
            now.photos > 0 -> string(R.string.sync_running_photos, now.photos, kilobytes(now.photoBytes))
            else -> string(R.string.sync_running_pull)
        }
    }

    private fun kilobytes(bytes: Long) = activity.number(((bytes + 1023) / 1024).toInt())

    /** Whether only a new code lets this phone send again. */
    private fun asksForCode(last: Sent?) =
        (last as? Sent.Reported)?.report?.end in setOf(SyncEnd.SIGN_IN, SyncEnd.REVOKED)

    private fun ended(last: Sent?): CharSequence = when (last) {
        null -> string(R.string.sync_idle)
        is Sent.Failed -> sentence(activity, last.fault)
        is Sent.Reported -> said(activity, last.report)
    }
}
