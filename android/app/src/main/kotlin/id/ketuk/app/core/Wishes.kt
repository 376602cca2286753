package id.ketuk.app.core

import android.content.Context
import android.content.SharedPreferences
import android.net.ConnectivityManager

/** How she wants sending to go. On disk, so never on the main thread. */
class Wishes(private val context: Context) {
    private val kept: SharedPreferences get() = context.getSharedPreferences(FILE, Context.MODE_PRIVATE)

    /** Photos wait for a network that isn't paid by the byte; entries never do. */
    var photosOnWifiOnly: Boolean
        get() = kept.getBoolean(PHOTOS, false)
        set(only) = kept.edit().putBoolean(PHOTOS, only).apply()

    /** Whether photos have to wait on the network that is there now. */
    fun holdsPhotos(): Boolean =
        photosOnWifiOnly && context.getSystemService(ConnectivityManager::class.java).isActiveNetworkMetered

    /** True once: may she be asked whether the phone may tell her what it sent by itself? */
    fun mayAskToNotify(): Boolean {
        if (kept.getBoolean(ASKED, false)) return false
        kept.edit().putBoolean(ASKED, true).apply()
        return true
    }

    private companion object {
        const val FILE = "sending"
        const val PHOTOS = "photos_on_wifi_only"
        const val ASKED = "asked_to_notify"
    }
}
