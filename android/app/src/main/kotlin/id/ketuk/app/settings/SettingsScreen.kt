package id.ketuk.app.settings

import android.view.View
import android.widget.FrameLayout
import id.ketuk.app.R
import id.ketuk.app.core.Enrolment
import id.ketuk.app.look.Language
import id.ketuk.app.look.Size
import id.ketuk.app.look.card
import id.ketuk.app.look.choiceRow
import id.ketuk.app.look.column
import id.ketuk.app.look.heading
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.putSign
import id.ketuk.app.look.row
import id.ketuk.app.look.scroll
import id.ketuk.app.look.text
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell

/** Her language, who she is to the campaign, and what this app is. */
class SettingsScreen(shell: Shell) : Screen(shell) {
    override val title = activity.getString(R.string.settings_title)

    private lateinit var cadre: FrameLayout
    private val lock = LockCard(this, shell)
    private lateinit var photos: FrameLayout

    override fun view(): View = scroll(activity, column(activity) {
        pad(16, 8)
        put(heading(context, string(R.string.settings_language)))
        val now = Language.of(context)
        Language.entries.forEach { language ->
            put(choiceRow(context, language.named, language == now, many = false) { choose(language) }, above = 8)
        }
        put(text(context, string(R.string.settings_text), Size.NOTE), above = 12)
        put(lock.view, above = 24)
        put(heading(context, string(R.string.settings_sending)), above = 24)
        photos = put(FrameLayout(context), above = 8)
        put(text(context, string(R.string.settings_photos_lead), Size.NOTE), above = 8)
        cadre = put(FrameLayout(context), above = 24)
        put(leadsTo(R.string.help_title, Place.Help), above = 24)
        put(leadsTo(R.string.settings_about, Place.About), above = 8)
    })

    override fun shown() {
        lock.refresh()
        ask({ it.phone().enrolment() }) { enrolment ->
            cadre.removeAllViews()
            if (enrolment != null) cadre.addView(cadreCard(enrolment))
        }
        ask({ it.wishes.photosOnWifiOnly }, done = ::drawPhotos)
    }

    private fun drawPhotos(onWifiOnly: Boolean) {
        photos.removeAllViews()
        photos.addView(choiceRow(activity, string(R.string.settings_photos), onWifiOnly, many = true) {
            ask({ it.wishes.photosOnWifiOnly = !onWifiOnly }) { drawPhotos(!onWifiOnly) }
        })
    }

    private fun cadreCard(enrolment: Enrolment): View = column(activity) {
        put(heading(context, string(R.string.settings_cadre)))
        put(card(context) {
            put(text(context, enrolment.cadre, bold = true))
            put(text(context, enrolment.campaign, Size.NOTE), above = 4)
            put(text(context, enrolment.areas.joinToString("\n") { it.name }, Size.NOTE), above = 4)
            put(text(context, enrolment.server, Size.NOTE), above = 4)
        }, above = 8)
        put(leadsTo(R.string.proofs_title, Place.Proofs()), above = 8)
        put(leadsTo(R.string.handover_title, Place.Handover), above = 8)
        put(leadsTo(R.string.backup_title, Place.Backup), above = 8)
        put(leadsTo(R.string.enrol_again, Place.Enrol(again = true)), above = 8)
    }

    private fun leadsTo(words: Int, place: Place): View = card(activity, { shell.go(place) }) {
        put(row(context) {
            put(text(context, string(words)), weight = 1f)
            putSign(R.drawable.ic_next, R.color.abu)
        })
    }

    private fun choose(language: Language) {
        Language.choose(activity, language)
        shell.recreate()
    }
}
