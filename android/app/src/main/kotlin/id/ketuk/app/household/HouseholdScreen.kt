package id.ketuk.app.household

import android.app.AlertDialog
import android.view.View
import android.widget.FrameLayout
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.AnswerInWords
import id.ketuk.app.core.HouseholdDetail
import id.ketuk.app.core.HouseholdState
import id.ketuk.app.core.Photo
import id.ketuk.app.core.ReceiptInWords
import id.ketuk.app.core.RefusedPhoto
import id.ketuk.app.core.WasReceived
import id.ketuk.app.look.Language
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.heading
import id.ketuk.app.look.look
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.putSign
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.row
import id.ketuk.app.look.scroll
import id.ketuk.app.look.signAndWord
import id.ketuk.app.look.showSafely
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell
import id.ketuk.app.proofs.inWords

/** One family: who they are, where its form stands, what was answered last year. */
class HouseholdScreen(shell: Shell, private val place: Place.Household) : Screen(shell) {
    override val title = activity.getString(R.string.household_title)

    private lateinit var page: FrameLayout

    override fun view(): View = FrameLayout(activity).also { page = it }

    override fun shown() = ask({ it.households().detail(place.id, Language.of(activity).tag) }) {
        page.removeAllViews()
        page.addView(draw(it))
    }

    private fun draw(detail: HouseholdDetail): View = column(activity) {
        put(scroll(context, column(context) {
            pad(16, 8)
            val head = detail.row.head.ifEmpty { string(R.string.households_unnamed) }
            put(text(context, head, Size.FIGURE, bold = true))
            put(text(context, detail.row.address), above = 4)
            put(text(context, string(R.string.household_number, detail.row.number), Size.NOTE), above = 4)
            put(stateCard(detail), above = 16)
            comments(detail)
            answers(detail)
            put(history(context, detail.history) { shell.go(Place.Receipt(it)) })
        }), weight = 1f)
        put(actions(detail.row.state))
    }

    private fun stateCard(detail: HouseholdDetail) = card(activity) {
        val look = detail.row.state.look
        put(heading(context, string(R.string.household_state)))
        put(signAndWord(context, look.sign, string(look.word), look.color), above = 8)
        detail.receipt?.let { receipt(detail, it) }
        detail.row.gone?.let { put(text(context, it, color = toned(detail)), above = 8) }
        detail.trouble?.let { put(text(context, it, color = toned(detail)), above = 8) }
        photos(detail.photos)
    }

    /** What the server says of a family is a warning only where something is left for her to do. */
    private fun toned(detail: HouseholdDetail): Int = when (detail.row.state) {
        HouseholdState.RECEIVED, HouseholdState.GONE -> R.color.abu
        else -> R.color.bata
    }

    /** That the server has it, and the way to what proves it. */
    private fun LinearLayout.receipt(detail: HouseholdDetail, receipt: ReceiptInWords) {
        put(text(context, context.inWords(receipt.revision, receipt.receivedAt), Size.NOTE), above = 8)
        val seq = detail.history.firstNotNullOfOrNull { it.what as? WasReceived }?.seq ?: return
        put(quietButton(context, string(R.string.household_receipt, receipt.number)) {
            shell.go(Place.Receipt(seq.toLong()))
        }, above = 12)
    }

    private fun LinearLayout.photos(photos: List<Photo>) {
        if (photos.isEmpty()) return
        put(text(context, plural(R.plurals.household_photos, photos.size, photos.size), Size.NOTE), above = 8)
        photos.mapNotNull { (it.state as? RefusedPhoto)?.message }.distinct()
            .forEach { put(text(context, string(R.string.household_photo_refused, it), color = R.color.bata), above = 4) }
    }

    private fun LinearLayout.comments(detail: HouseholdDetail) {
        if (detail.comments.isEmpty()) return
        put(heading(context, string(R.string.household_comment)), above = 24)
        detail.comments.forEach { comment ->
            put(card(context) {
                if (comment.label.isNotEmpty()) put(text(context, comment.label, Size.NOTE))
                put(text(context, comment.text, color = R.color.bata))
            }, above = 8)
        }
    }

    /** Last year's answers, or this year's once there are any: a card for the family and each member. */
    private fun LinearLayout.answers(detail: HouseholdDetail) {
        val words = if (detail.lastYear) R.string.household_last_year else R.string.household_answers
        if (detail.answers.isNotEmpty()) put(heading(context, string(words)), above = 24)
        detail.answers.groupBy { it.within }
            .forEach { (within, answers) -> put(answersCard(within, answers), above = 8) }
    }

    /** A part of the form as one card, folded up: a tap unfolds it. */
    private fun answersCard(within: String, answers: List<AnswerInWords>): View {
        val unfolded = column(activity) {
            visibility = View.GONE
            answers.forEach { answer ->
                put(text(context, answer.label, Size.NOTE), above = 12)
                put(text(context, answer.answer), above = 2)
            }
        }
        val fold = { unfolded.visibility = if (unfolded.visibility == View.GONE) View.VISIBLE else View.GONE }
        return card(activity, fold) {
            put(row(context) {
                put(text(context, within.ifEmpty { answers.first().label }), weight = 1f)
                putSign(R.drawable.ic_unfold, R.color.abu, before = 8)
            })
            put(unfolded)
        }
    }

    private fun actions(state: HouseholdState): View = column(activity) {
        if (state == HouseholdState.GONE) return@column
        pad(16, 8)
        val words = when (state) {
            HouseholdState.NOT_STARTED -> R.string.household_start
            HouseholdState.DRAFT -> R.string.household_go_on
            else -> R.string.household_edit
        }
        put(mainButton(context, string(words)) { shell.go(Place.Visit(place.id)) })
        if (state == HouseholdState.DRAFT) {
            put(quietButton(context, string(R.string.household_discard), ::askToDiscard), above = 8)
        }
    }

    private fun askToDiscard() {
        AlertDialog.Builder(activity)
            .setMessage(R.string.household_discard_sure)
            .setPositiveButton(R.string.household_discard) { _, _ -> discard() }
            .setNegativeButton(R.string.household_discard_keep, null)
            .showSafely()
    }

    private fun discard() = ask({ it.discard(place.id) }) { shown() }
}
