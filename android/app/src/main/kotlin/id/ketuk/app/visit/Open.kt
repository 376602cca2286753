package id.ketuk.app.visit

import android.content.Context
import id.ketuk.app.R

/** What is still open on a page or a card, as a sign, words and a colour that say the same. */
internal class Open(val sign: Int, val words: String, val color: Int)

/** How [missing] answers and [wrong] ones are said. */
internal fun openOf(context: Context, missing: UInt, wrong: UInt): Open = when {
    wrong > 0u -> {
        val words = context.getString(R.string.visit_problems, (missing + wrong).toInt())
        Open(R.drawable.state_attention, words, R.color.bata)
    }
    missing > 0u -> Open(R.drawable.state_todo, context.getString(R.string.visit_missing, missing.toInt()), R.color.abu)
    else -> Open(R.drawable.state_received, context.getString(R.string.visit_complete), R.color.abu)
}
