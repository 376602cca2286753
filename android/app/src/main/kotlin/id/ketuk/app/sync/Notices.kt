package id.ketuk.app.sync

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.os.Build
import id.ketuk.app.MainActivity
import id.ketuk.app.R
import id.ketuk.app.core.Sending
import id.ketuk.app.core.SyncReport
import id.ketuk.app.look.Language
import id.ketuk.app.look.tint

/** What Android shows of a run while she doesn't look at the app: counts and sentences, and nobody's name. */
class Notices(context: Context) {
    private val context = Language.wrap(context.applicationContext)
    private val manager = context.getSystemService(NotificationManager::class.java)

    /** How far a run is. */
    fun progress(now: Sending?): Notification {
        val words = when {
            now == null || now.retryIn != null || now.total == 0 && now.photos == 0 -> context.getString(R.string.notice_safe)
            now.received < now.total -> context.getString(R.string.notice_received, now.received, now.total)
            else -> context.resources.getQuantityString(R.plurals.notice_photos, now.photos, now.photos)
        }
        return notice(context.getString(R.string.notice_sending), words)
            .setOngoing(true)
            .setProgress(now?.total ?: 0, now?.received ?: 0, now == null || now.received == now.total)
            .build()
    }

    fun show(now: Sending) = manager.notify(PROGRESS, progress(now))

    /** What a run came to. */
    fun show(report: SyncReport) {
        val words = said(context, report)
        val notice = notice(context.getString(R.string.app_name), words)
            .setStyle(Notification.BigTextStyle().bigText(words))
            .setAutoCancel(true)
        manager.notify(RESULT, notice.build())
    }

    fun clearProgress() = manager.cancel(PROGRESS)

    fun clearResult() = manager.cancel(RESULT)

    private fun notice(title: String, words: String): Notification.Builder {
        val opens = Intent(context, MainActivity::class.java)
        return builder()
            .setSmallIcon(R.drawable.ic_notice)
            .setColor(context.tint(R.color.nila))
            .setContentTitle(title)
            .setContentText(words)
            .setContentIntent(PendingIntent.getActivity(context, 0, opens, PendingIntent.FLAG_IMMUTABLE))
            .setOnlyAlertOnce(true)
            // Counts only, so that it may be read on a locked phone.
            .setVisibility(Notification.VISIBILITY_PUBLIC)
    }

    private fun builder(): Notification.Builder {
        @Suppress("DEPRECATION") // its successor came with API 26
        if (Build.VERSION.SDK_INT < 26) return Notification.Builder(context).setPriority(Notification.PRIORITY_LOW)
        val named = context.getString(R.string.notice_channel)
        manager.createNotificationChannel(NotificationChannel(CHANNEL, named, NotificationManager.IMPORTANCE_LOW))
        return Notification.Builder(context, CHANNEL)
    }

    companion object {
        /** Shared with what keeps the run alive, which must show one. */
        const val PROGRESS = 1
        private const val RESULT = 2
        private const val CHANNEL = "send"
    }
}
