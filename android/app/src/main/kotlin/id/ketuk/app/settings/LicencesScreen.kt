package id.ketuk.app.settings

import android.content.Context
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.LinearLayout
import android.widget.ListView
import id.ketuk.app.R
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.text
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** Whose work is in this app, and on which terms. */
class LicencesScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.licences_title)

    private lateinit var list: ListView

    override fun view(): View = column(activity) {
        put(text(context, string(R.string.licences_lead), Size.NOTE).apply { pad(16, 8) })
        list = put(ListView(context).apply {
            id = R.id.list
            divider = null
        }, weight = 1f)
    }

    // A line each: what it is and its version, a tab, its licence.
    override fun shown() = ask({
        activity.resources.openRawResource(R.raw.licences).bufferedReader().use { it.readLines() }.map { it.split('\t') }
    }) { list.adapter = Parts(it) }
}

private class Parts(private val parts: List<List<String>>) : BaseAdapter() {
    override fun getCount(): Int = parts.size
    override fun getItem(position: Int): List<String> = parts[position]
    override fun getItemId(position: Int): Long = position.toLong()
    override fun isEnabled(position: Int): Boolean = false

    override fun getView(position: Int, old: View?, parent: ViewGroup): View =
        (old as? PartView ?: PartView(parent.context)).apply { show(parts[position]) }
}

private class PartView(context: Context) : LinearLayout(context) {
    private val part = text(context, "")
    private val licence = text(context, "", Size.NOTE)

    init {
        orientation = VERTICAL
        pad(16, 6)
        put(part)
        put(licence, above = 2)
    }

    fun show(line: List<String>) {
        part.text = line.first()
        licence.text = line.last()
    }
}
