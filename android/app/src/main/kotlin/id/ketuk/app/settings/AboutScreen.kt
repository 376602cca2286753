package id.ketuk.app.settings

import android.view.View
import id.ketuk.app.R
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.mark
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** What this app is and whose. */
class AboutScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.about_title)

    override fun view(): View = scroll(activity, column(activity) {
        pad(16, 16)
        put(mark(context), dp(56), dp(56))
        put(text(context, string(R.string.app_name), Size.FIGURE, bold = true), above = 12)
        put(text(context, string(R.string.about_lead)), above = 8)
        val version = context.packageManager.getPackageInfo(context.packageName, 0).versionName
        put(text(context, string(R.string.about_version, version.orEmpty()), Size.NOTE), above = 16)
        put(text(context, string(R.string.about_licence), Size.NOTE), above = 4)
        put(text(context, string(R.string.about_parts), Size.NOTE), above = 4)
        put(quietButton(context, string(R.string.licences_title)) { shell.go(Place.Licences) }, above = 24)
    })
}
