package id.ketuk.app.sync

import android.Manifest.permission.POST_NOTIFICATIONS
import android.app.Activity
import android.app.AlertDialog
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.Build
import id.ketuk.app.R
import id.ketuk.app.core.Core
import id.ketuk.app.look.showSafely

/**
 * Asks whether the phone may tell her what it sent: when something is first left to go by itself, with
 * the reason, and never again. Android wants to be asked from 13 on.
 */
fun askToNotify(activity: Activity, core: Core) {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU) return
    if (activity.checkSelfPermission(POST_NOTIFICATIONS) == PERMISSION_GRANTED) return
    core.ask({ it.wishes.mayAskToNotify() }, failed = {}) { may ->
        if (!may || activity.isFinishing || activity.isDestroyed) return@ask
        AlertDialog.Builder(activity)
            .setMessage(R.string.notice_ask)
            .setPositiveButton(R.string.notice_yes) { _, _ -> activity.requestPermissions(arrayOf(POST_NOTIFICATIONS), 0) }
            .setNegativeButton(R.string.notice_no, null)
            .showSafely()
    }
}
