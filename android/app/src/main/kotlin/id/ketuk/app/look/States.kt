package id.ketuk.app.look

import android.content.Context
import android.content.res.ColorStateList
import android.view.Gravity
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.HouseholdState

/** How a state is shown: always a sign, a word and a colour together. */
enum class StateLook(val sign: Int, val word: Int, val color: Int) {
    TODO(R.drawable.state_todo, R.string.state_todo, R.color.abu),
    DRAFT(R.drawable.state_draft, R.string.state_draft, R.color.abu),
    WAITING(R.drawable.state_waiting, R.string.state_waiting, R.color.kunyit),
    RECEIVED(R.drawable.state_received, R.string.state_received, R.color.daun),
    CORRECTION(R.drawable.state_attention, R.string.state_correction, R.color.bata),
    HELD(R.drawable.state_attention, R.string.state_held, R.color.bata),
    GONE(R.drawable.state_gone, R.string.state_gone, R.color.abu),
}

val HouseholdState.look: StateLook
    get() = when (this) {
        HouseholdState.NOT_STARTED -> StateLook.TODO
        HouseholdState.DRAFT -> StateLook.DRAFT
        HouseholdState.WAITING -> StateLook.WAITING
        HouseholdState.RECEIVED -> StateLook.RECEIVED
        HouseholdState.NEEDS_CORRECTION -> StateLook.CORRECTION
        HouseholdState.HELD -> StateLook.HELD
        HouseholdState.GONE -> StateLook.GONE
    }

/**
 * What a row says at its left and a state at its right: the sign above, its word below. For who
 * reads large the state stands below, or there would be no room for the name.
 */
class StatefulRow(context: Context, said: View) {
    private val below = context.readsLarge
    private val sign = sign(context, R.drawable.state_todo, R.color.abu)
    private val word = text(context, "", Size.NOTE)
    private val side = context.beside(20)
    private val state: LinearLayout =
        if (below) {
            row(context) {
                put(sign, side, side)
                put(word, before = 6)
            }
        } else {
            column(context) {
                gravity = Gravity.END
                put(sign, side, side)
                put(word, SNUG, above = 2)
            }
        }
    val view: LinearLayout =
        if (below) {
            column(context) {
                put(said)
                put(state, above = 4)
            }
        } else {
            row(context) {
                put(said, weight = 1f)
                put(state, before = 8)
            }
        }

    /** Shows [look], or nothing while it isn't known. */
    fun show(look: StateLook?) {
        state.visibility = if (look == null) View.INVISIBLE else View.VISIBLE
        if (look == null) return
        val color = view.context.tint(look.color)
        sign.setImageResource(look.sign)
        sign.imageTintList = ColorStateList.valueOf(color)
        word.setText(look.word)
        word.setTextColor(color)
    }
}
