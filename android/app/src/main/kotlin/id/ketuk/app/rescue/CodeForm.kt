package id.ketuk.app.rescue

import android.content.Context
import android.widget.Button
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.enrol.CodeFields
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.put

/** A new code of the supervisor and the server's address, and the button that opens what is closed. */
class CodeForm(
    context: Context,
    words: Int,
    typed: (code: String, server: String) -> Unit,
    private val open: (code: String, server: String) -> Unit,
) : LinearLayout(context) {
    private val fields = CodeFields(context, typed)
    private val button: Button = mainButton(context, context.getString(words), ::go)
    private val idle = context.getString(words)

    init {
        orientation = VERTICAL
        put(fields)
        put(button, above = 16)
    }

    fun show(code: String, server: String) = fields.show(code, server)

    fun offer(address: String?) = fields.offer(address)

    private fun go() {
        fields.say(null)
        button.isEnabled = false
        button.text = context.getString(R.string.rescue_busy)
        open(fields.code, fields.server.trim())
    }

    fun failed(why: CharSequence) {
        button.isEnabled = true
        button.text = idle
        fields.say(why)
    }
}
