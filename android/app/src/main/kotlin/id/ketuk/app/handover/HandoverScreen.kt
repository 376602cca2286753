package id.ketuk.app.handover

import android.content.Intent
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.backup.packetName
import id.ketuk.app.core.Core
import id.ketuk.app.core.Handover
import id.ketuk.app.core.Standing
import id.ketuk.app.files.Packets
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.number
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell
import java.io.File

/** What waits as a sealed file, for somebody who has a way to the server; and what the server answers to it. */
class HandoverScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.handover_title)

    private val waiting = text(activity, "", bold = true)
    private val revoked = text(activity, string(R.string.handover_revoked), color = R.color.bata)
    private lateinit var ways: LinearLayout

    override fun view(): View = column(activity) {
        put(scroll(context, column(context) {
            pad(16, 8)
            put(text(context, string(R.string.handover_lead)))
            put(revoked.apply { visibility = View.GONE }, above = 16)
            put(waiting, above = 16)
            put(card(context) {
                put(text(context, string(R.string.handover_answer_title), bold = true))
                put(text(context, string(R.string.handover_answer_lead), Size.NOTE), above = 4)
                put(quietButton(context, string(R.string.handover_answer)) { fetch(Packets.choose(), ANSWER) }, above = 8)
            }, above = 24)
            put(card(context) {
                put(text(context, string(R.string.handover_carry_title), bold = true))
                put(text(context, string(R.string.handover_carry_lead), Size.NOTE), above = 4)
                put(quietButton(context, string(R.string.handover_carry)) { fetch(Packets.choose(), CARRY) }, above = 8)
            }, above = 8)
        }), weight = 1f)
        ways = put(column(context) {
            pad(16, 8)
            put(mainButton(context, string(R.string.handover_save)) { fetch(Packets.keepAs(packetName(NAME)), SAVE) })
            put(quietButton(context, string(R.string.handover_share), ::share), above = 8)
        })
    }

    override fun shown() = ask({ it.phone().run { onlyHere().entries to enrolment()?.standing } }) { (entries, standing) ->
        val count = entries.toInt()
        waiting.text = if (count > 0) plural(R.plurals.handover_waiting, count, activity.number(count))
        else string(R.string.handover_nothing)
        ways.visibility = if (count > 0) View.VISIBLE else View.GONE
        revoked.visibility = if (standing == Standing.REVOKED) View.VISIBLE else View.GONE
    }

    override fun returned(request: Int, done: Boolean, data: Intent?) {
        val chosen = data?.data ?: return
        when (request) {
            SAVE -> ask({ core -> sealed(core)?.also { (file, _) -> Packets.save(activity, file, chosen) } }) { left(it?.second) }
            ANSWER -> ask({ it.takeReceipts(Packets.read(activity, chosen)) }) { count ->
                core.recount()
                say(if (count > 0) plural(R.plurals.handover_answered, count, activity.number(count)) else string(R.string.handover_answered_none))
            }
            CARRY -> ask({ it.phone().carry(Packets.read(activity, chosen)) }) {
                val count = it.received.toInt()
                say(plural(R.plurals.handover_carried, count, activity.number(count)))
            }
        }
    }

    private fun share() = ask({ sealed(it) }) { made ->
        if (made != null) open(Packets.share(made.first, string(R.string.handover_share)))
        left(made?.second)
    }

    /** The file and what is in it; null if nothing waits any more. */
    private fun sealed(core: Core): Pair<File, Handover>? = core.phone().handOver()?.let { parcel ->
        Packets.fresh(activity, packetName(NAME)).apply { writeBytes(parcel.bytes) } to parcel
    }

    /** How much of it left, and that all of it stays here. */
    private fun left(parcel: Handover?) {
        if (parcel == null) return shown()
        val (inside, rest) = parcel.entries.toInt() to parcel.leftOver.toInt()
        val words = plural(R.plurals.handover_done, inside, activity.number(inside))
        say(if (rest == 0) words else words + " " + plural(R.plurals.handover_rest, rest, activity.number(rest)))
    }

    private fun say(words: CharSequence) {
        shell.say(words, trouble = false)
        shown()
    }

    private companion object {
        const val NAME = "serahan"
        const val SAVE = 11
        const val ANSWER = 12
        const val CARRY = 13
    }
}
