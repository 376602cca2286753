package id.ketuk.app.visit

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Card
import id.ketuk.app.core.Roster
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.iconButton
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.row
import id.ketuk.app.look.signAndWord
import id.ketuk.app.look.text

/** A repeat as a list of cards: who, and what is missing on each. */
internal class RosterView(context: Context, private var roster: Roster, private val to: Answering) :
    LinearLayout(context), ItemView {
    override val path: String get() = roster.path
    override val view: View get() = this

    private val label = text(context, "", Size.QUESTION)
    private val hint = text(context, "", Size.NOTE)
    private val cards = column(context) {}
    private val add = quietButton(context, "") { to.addMember(path) }

    init {
        orientation = VERTICAL
        put(label)
        put(hint, above = 4)
        put(cards)
        put(add, above = 16)
        show(roster)
    }

    fun show(now: Roster) {
        val same = cards.childCount > 0 && now == roster
        roster = now
        label.text = listOfNotNull(now.number, now.label).joinToString(". ")
        hint.text = now.hint
        hint.visibility = if (now.hint.isNullOrEmpty()) GONE else VISIBLE
        add.text = now.addLabel
        add.visibility = if (now.canAdd) VISIBLE else GONE
        if (same) return
        cards.removeAllViews()
        now.cards.forEach { cards.put(cardOf(it), above = 8) }
    }

    private fun cardOf(one: Card): View {
        val name = one.title.ifEmpty { context.getString(R.string.visit_unnamed_member, one.position.toInt()) }
        return card(context, { one.firstPage?.let(to::openMember) }) {
            put(row(context) {
                put(column(context) {
                    put(text(context, name, bold = true))
                    if (one.subtitle.isNotEmpty()) put(text(context, one.subtitle, Size.NOTE), above = 2)
                    put(stateOf(one), above = 6)
                }, weight = 1f)
                if (roster.canRemove) put(removal(one, name), before = 8)
            })
            setPadding(dp(16), dp(12), dp(4), dp(12))
        }
    }

    private fun stateOf(one: Card): View {
        val open = openOf(context, one.missing, one.hard + one.soft)
        return signAndWord(context, open.sign, open.words, open.color)
    }

    private fun removal(one: Card, name: String) =
        iconButton(context, R.drawable.ic_delete, context.getString(R.string.visit_remove, name)) {
            to.removeMember(one.path, name)
        }

    /** Its cards say what is missing at all times. */
    override fun reveal() = false
}
