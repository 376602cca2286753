package id.ketuk.app.sync

import android.content.Context
import android.os.Build
import id.ketuk.app.core.Sender
import id.ketuk.app.core.Sent
import id.ketuk.app.core.SyncEnd

/**
 * What follows from each run, whoever began it and whether she looks or not: what is left is scheduled
 * again, and if she doesn't look, she is told.
 */
class ByItself(private val context: Context, private val sender: Sender) {
    private val notices by lazy { Notices(context) }
    private var wasRunning = false

    /** Whether the app is open before her, where the screens say all this. */
    var watched = false
        set(now) {
            field = now
            if (now) {
                notices.clearResult()
                if (sender.running == null) notices.clearProgress()
            }
        }

    init {
        sender.listen(::moved)
    }

    /** Sends now, and goes on when she puts the phone away. */
    fun sendNow() {
        sender.start()
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) SyncJob.keepAlive(context)
        else SendService.start(context)
    }

    private fun moved() {
        val now = sender.running
        if (now != null) {
            wasRunning = true
            if (!watched && (now.total > 0 || now.photos > 0)) notices.show(now)
        } else if (wasRunning) {
            wasRunning = false
            ended(sender.last)
        }
    }

    private fun ended(last: Sent?) {
        SyncJob.letGo(context)
        notices.clearProgress()
        if (SyncJob.wantsAgain(last)) SyncJob.ensure(context)
        val report = (last as? Sent.Reported)?.report ?: return
        if (report.photosHeld) SyncJob.schedulePhotos(context)
        val news = report.received > 0uL || report.photosReceived > 0uL || report.troubles > 0uL
        val needsHer = report.end == SyncEnd.SIGN_IN || report.end == SyncEnd.REVOKED
        if (!watched && (news || needsHer)) notices.show(report)
    }
}
