package id.ketuk.app.sync

import android.app.Service
import android.content.Context
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import android.os.IBinder
import android.os.PowerManager
import id.ketuk.app.KetukApp
import id.ketuk.app.core.Sender

/**
 * Keeps a run alive that she began herself, also when she puts the phone away, before Android 14: there a
 * job does it, see [SyncJob.keepAlive].
 */
class SendService : Service() {
    private val sender: Sender get() = (application as KetukApp).core.sender
    private val watching = { if (sender.running == null) stopSelf() else Unit }
    private var awake: PowerManager.WakeLock? = null

    override fun onStartCommand(intent: Intent?, flags: Int, id: Int): Int {
        val notice = Notices(this).progress(sender.running)
        if (Build.VERSION.SDK_INT >= 29) {
            startForeground(Notices.PROGRESS, notice, ServiceInfo.FOREGROUND_SERVICE_TYPE_DATA_SYNC)
        } else {
            startForeground(Notices.PROGRESS, notice)
        }
        stayAwake()
        sender.listen(watching)
        watching()
        return START_NOT_STICKY
    }

    /** A service alone doesn't keep the processor from sleeping when the screen goes dark. */
    private fun stayAwake() {
        if (awake != null) return
        awake = getSystemService(PowerManager::class.java)
            .newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "ketuk:send")
            .apply { acquire(LONGEST) }
    }

    override fun onDestroy() {
        sender.deafen(watching)
        awake?.takeIf { it.isHeld }?.release()
        super.onDestroy()
    }

    override fun onBind(intent: Intent?): IBinder? = null

    companion object {
        /** A run that takes longer goes on by the job when Android lets it. */
        private const val LONGEST = 60 * 60_000L

        fun start(context: Context) {
            val intent = Intent(context, SendService::class.java)
            if (Build.VERSION.SDK_INT >= 26) context.startForegroundService(intent) else context.startService(intent)
        }
    }
}
