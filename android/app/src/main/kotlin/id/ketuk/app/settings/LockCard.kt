package id.ketuk.app.settings

import android.os.CancellationSignal
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Touched
import id.ketuk.app.look.Size
import id.ketuk.app.look.choiceRow
import id.ketuk.app.look.column
import id.ketuk.app.look.heading
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** The PIN, the finger in its place, and locking at once. */
internal class LockCard(private val screen: Screen, private val shell: Shell) {
    val view: LinearLayout = column(shell.activity) {}

    fun refresh(): Unit = screen.ask({ core ->
        Triple(core.hasPin, core.hasFinger, core.phone().enrolment())
    }) { (hasPin, hasFinger, enrolment) ->
        val must = enrolment?.wantsPin == true
        view.removeAllViews()
        view.put(heading(shell.activity, string(R.string.settings_lock)))
        if (!hasPin) {
            view.put(text(shell.activity, string(R.string.settings_lock_none), Size.NOTE), above = 8)
            view.put(quietButton(shell.activity, string(R.string.settings_pin_set)) { shell.go(Place.Pin()) }, above = 8)
        } else {
            val minutes = enrolment?.lockAfter?.toInt() ?: 0
            val after = shell.activity.resources.getQuantityString(R.plurals.settings_lock_after, minutes, minutes)
            view.put(text(shell.activity, after, Size.NOTE), above = 8)
            if (shell.finger.there(shell.activity)) view.put(fingerRow(hasFinger), above = 8)
            view.put(quietButton(shell.activity, string(R.string.settings_lock_now)) { shell.lock() }, above = 8)
            view.put(quietButton(shell.activity, string(R.string.settings_pin_change)) { shell.go(Place.Pin()) }, above = 8)
            if (!must) view.put(quietButton(shell.activity, string(R.string.settings_pin_drop), ::drop), above = 8)
        }
    }

    private fun fingerRow(on: Boolean): View =
        choiceRow(shell.activity, string(R.string.settings_finger), on, many = true) { if (on) dropFinger() else askForFinger() }

    private fun dropFinger(): Unit = screen.ask({ it.dropFinger() }) { refresh() }

    private fun askForFinger(): Unit = screen.ask({ it.fingerToSet() }) { cipher ->
        if (cipher == null) return@ask shell.say(string(R.string.settings_finger_none))
        val stop = CancellationSignal()
        shell.finger.ask(shell.activity, cipher, string(R.string.settings_finger), string(R.string.settings_finger_cancel), stop) {
            when (it) {
                is Touched.Right -> screen.ask({ core -> core.setFinger(it.cipher) }) { refresh() }
                is Touched.Refused -> shell.say(it.why)
                Touched.Cancelled -> Unit
            }
        }
    }

    private fun drop(): Unit = screen.ask({ it.dropPin() }) {
        shell.core.pinned(false)
        refresh()
    }

    private fun string(id: Int) = shell.activity.getString(id)
}
