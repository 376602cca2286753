package id.ketuk.app.nav

import android.content.Intent

/** Whichever scanner app there is on the phone: all of them answer to this. */
object Scanner {
    /** Asks for a code of any kind. */
    fun ask(): Intent = Intent("com.google.zxing.client.android.SCAN")

    /** Asks for a QR code, and no other. */
    fun askForQr(): Intent = ask().putExtra("SCAN_MODE", "QR_CODE_MODE")

    /** What it read; null for nothing. */
    fun read(given: Intent): String? = given.getStringExtra("SCAN_RESULT")
}
