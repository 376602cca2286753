package id.ketuk.app.enrol

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.look.Field
import id.ketuk.app.look.Size
import id.ketuk.app.look.Typing
import id.ketuk.app.look.put
import id.ketuk.app.look.text

/** A code of the supervisor and the server's address, and below them what is wrong with them. */
class CodeFields(context: Context, private val typed: (code: String, server: String) -> Unit) : LinearLayout(context) {
    private val codeField: Field = Field(context, Typing.CODE) { tell() }
    private val serverField: Field = Field(context, Typing.LINK) { tell() }
    private val trouble = text(context, "", Size.BODY, R.color.bata)

    val code: String get() = codeField.text.toString()
    val server: String get() = serverField.text.toString()

    init {
        orientation = VERTICAL
        codeField.named(R.string.enrol_code, R.string.enrol_code_example)
        serverField.named(R.string.enrol_server, R.string.enrol_server_example)
        trouble.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        put(text(context, context.getString(R.string.enrol_code), bold = true))
        put(codeField, above = 8)
        put(text(context, context.getString(R.string.enrol_server), bold = true), above = 16)
        put(serverField, above = 8)
        put(trouble, above = 8)
        say(null)
    }

    private fun Field.named(name: Int, example: Int) {
        contentDescription = context.getString(name)
        hint = context.getString(example)
    }

    private fun tell() = typed(code, server)

    fun show(code: String, server: String) {
        codeField.show(code)
        serverField.show(server)
    }

    /** The server's address where she has typed none. */
    fun offer(address: String?) {
        if (address == null || server.isNotEmpty()) return
        serverField.show(address)
        tell()
    }

    /** What is wrong; null for nothing. */
    fun say(why: CharSequence?) {
        trouble.text = why
        trouble.visibility = if (why == null) GONE else VISIBLE
    }
}
