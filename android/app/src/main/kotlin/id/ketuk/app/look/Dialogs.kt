package id.ketuk.app.look

import android.app.AlertDialog
import android.app.Dialog
import android.view.WindowManager

/** A dialog is a window of its own: like the screen behind it, it is in no picture, cast or list of recents. */
fun <D : Dialog> D.shownSafely(): D = apply {
    window?.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
    show()
}

fun AlertDialog.Builder.showSafely(): AlertDialog = create().shownSafely()
