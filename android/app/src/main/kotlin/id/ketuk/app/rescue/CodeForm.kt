package id.ketuk.app.rescue

import android.content.Context
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.look.Field
import id.ketuk.app.look.Size
import id.ketuk.app.look.Typing
import id.ketuk.app.look.mainButton
import id.ketuk.app.look.put
import id.ketuk.app.look.text

/** A new code of the supervisor and the server's address, and the button that opens what is closed. */
class CodeForm(
    context: Context,
    words: Int,
    private val typed: (code: String, server: String) -> Unit,
    private val open: (code: String, server: String) -> Unit,
) : LinearLayout(context) {
    private val code: Field = Field(context, Typing.CODE) { tell() }
    private val server: Field = Field(context, Typing.LINK) { tell() }
    private val trouble = text(context, "", Size.BODY, R.color.bata)
    private val button: Button = mainButton(context, context.getString(words), ::go)
    private val idle = context.getString(words)

    init {
        orientation = VERTICAL
        code.named(R.string.enrol_code, R.string.enrol_code_example)
        server.named(R.string.enrol_server, R.string.enrol_server_example)
        trouble.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        put(text(context, context.getString(R.string.enrol_code), bold = true))
        put(code, above = 8)
        put(text(context, context.getString(R.string.enrol_server), bold = true), above = 16)
        put(server, above = 8)
        put(trouble, above = 8)
        put(button, above = 16)
        say(null)
    }

    private fun Field.named(name: Int, example: Int) {
        contentDescription = context.getString(name)
        hint = context.getString(example)
    }

    private fun tell() = typed(code.text.toString(), server.text.toString())

    fun show(code: String, server: String) {
        this.code.show(code)
        this.server.show(server)
    }

    /** The server's address where she has typed none. */
    fun offer(address: String?) {
        if (address != null && server.text.isEmpty()) {
            server.show(address)
            tell()
        }
    }

    private fun go() {
        say(null)
        button.isEnabled = false
        button.text = context.getString(R.string.rescue_busy)
        open(code.text.toString(), server.text.toString().trim())
    }

    fun failed(why: CharSequence) {
        button.isEnabled = true
        button.text = idle
        say(why)
    }

    private fun say(why: CharSequence?) {
        trouble.text = why
        trouble.visibility = if (why == null) GONE else VISIBLE
    }
}
