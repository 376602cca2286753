package id.ketuk.app.proofs

import android.view.View
import android.widget.FrameLayout
import id.ketuk.app.R
import id.ketuk.app.core.ProofRow
import id.ketuk.app.core.Qr
import id.ketuk.app.core.qrOf
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.scroll
import id.ketuk.app.look.signAndWord
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** One receipt, to be shown to whoever doubts: as a QR code, with its time and its short number. */
class ReceiptScreen(shell: Shell, private val place: Place.Receipt) : Screen(shell) {
    override val title = activity.getString(R.string.receipt_title)

    private val page = FrameLayout(activity)

    override fun view(): View = page

    override fun shown() = ask({
        val proof = it.phone().proof(place.seq.toULong())
        proof to qrOf(proof.text)
    }) { (proof, qr) ->
        page.removeAllViews()
        page.addView(draw(proof, qr))
    }

    private fun draw(proof: ProofRow, qr: Qr?): View = scroll(activity, column(activity) {
        pad(16, 8)
        val head = proof.household.head.ifEmpty { string(R.string.households_unnamed) }
        put(text(context, head, Size.FIGURE, bold = true))
        put(signAndWord(context, R.drawable.state_received, string(R.string.state_received), R.color.daun), above = 8)
        put(text(context, context.inWords(proof.revision, proof.receivedAt), Size.NOTE), above = 4)
        put(text(context, string(R.string.proofs_number, proof.number), Size.QUESTION, bold = true), above = 8)
        if (qr != null) put(QrView(context, qr).apply { contentDescription = string(R.string.receipt_qr) }, above = 16)
        put(text(context, string(R.string.receipt_lead), Size.NOTE), above = 16)
        put(quietButton(context, string(R.string.receipt_family)) {
            shell.go(Place.Household(proof.household.id))
        }, above = 16)
    })
}
