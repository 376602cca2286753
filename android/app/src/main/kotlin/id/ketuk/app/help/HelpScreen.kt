package id.ketuk.app.help

import android.view.View
import id.ketuk.app.R
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.column
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** What she asks when something is otherwise than she is used to, and a short answer to each. */
class HelpScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.help_title)

    override fun view(): View = scroll(activity, column(activity) {
        pad(16, 8)
        val asked = resources.getStringArray(R.array.help_asked)
        val answered = resources.getStringArray(R.array.help_answered)
        asked.zip(answered).forEach { (question, answer) ->
            put(card(context) {
                put(text(context, question, bold = true).apply {
                    if (android.os.Build.VERSION.SDK_INT >= 28) isAccessibilityHeading = true
                })
                put(text(context, answer), above = 4)
            }, above = 8)
        }
        put(text(context, string(R.string.help_else), Size.NOTE), above = 16)
    })
}
