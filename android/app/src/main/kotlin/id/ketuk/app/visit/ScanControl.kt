package id.ketuk.app.visit

import android.content.Context
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Question
import id.ketuk.app.look.Field
import id.ketuk.app.look.Typing
import id.ketuk.app.look.column
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.nav.Place.Asked
import id.ketuk.app.nav.Place.Source

/** A code read by a scanner app, or typed where it can't be read. */
internal class ScanControl(context: Context, left: () -> Unit, told: (String) -> Unit, to: Answering) : ControlView {
    private val field = Field(context, Typing.TEXT, told).apply { onLeft = left }
    private var path = ""
    override val view: LinearLayout = column(context) {
        put(field)
        put(quietButton(context, context.getString(R.string.visit_scan)) { to.fetch(Asked(path, Source.SCANNER)) }, above = 8)
    }

    override fun show(question: Question) {
        path = question.path
        field.contentDescription = question.label
        field.show(question.typed)
    }

    override fun trouble(there: Boolean) = field.trouble(there)
}
