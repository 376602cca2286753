package id.ketuk.app.sync

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import id.ketuk.app.KetukApp
import id.ketuk.app.core.Sender
import id.ketuk.app.core.Sent
import id.ketuk.app.core.SyncEnd

/** Sends by itself when there is a network again: the same run as the button's. */
class SyncJob : JobService() {
    private var watch: (() -> Unit)? = null

    private val sender: Sender get() = (application as KetukApp).core.sender

    override fun onStartJob(parameters: JobParameters): Boolean {
        val watching = { if (sender.running == null) finished(parameters) }
        sender.start()
        sender.listen(watching)
        watch = watching
        return true
    }

    private fun finished(parameters: JobParameters) {
        watch?.let(sender::deafen)
        watch = null
        jobFinished(parameters, wantsAgain(sender.last))
    }

    /** Android takes the network away: what was received stays so, the rest is for the next run. */
    override fun onStopJob(parameters: JobParameters): Boolean {
        watch?.let(sender::deafen)
        watch = null
        sender.stop()
        return true
    }

    companion object {
        /** One job, whatever schedules it: a second one takes the place of the first. */
        const val ID = 1

        /** Lets Android start a run as soon as there is any network, also after a restart. */
        fun schedule(context: Context) {
            val job = JobInfo.Builder(ID, ComponentName(context, SyncJob::class.java))
                .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
                .setPersisted(true)
                .setBackoffCriteria(JobInfo.DEFAULT_INITIAL_BACKOFF_MILLIS, JobInfo.BACKOFF_POLICY_EXPONENTIAL)
                .build()
            context.applicationContext.getSystemService(JobScheduler::class.java).schedule(job)
        }

        /** Schedules a run unless one waits: Android forgets it when she stops the app by force. */
        fun ensure(context: Context) {
            val jobs = context.applicationContext.getSystemService(JobScheduler::class.java)
            if (jobs.getPendingJob(ID) == null) schedule(context)
        }

        /** Whether trying later by itself can help, or only she can. A Wi-Fi's sign-in page is not trusted. */
        fun wantsAgain(last: Sent?): Boolean {
            val report = (last as? Sent.Reported)?.report ?: return false
            val waits = report.stillWaiting > 0uL || report.photosWaiting > 0uL
            return waits && report.end in setOf(SyncEnd.NO_SIGNAL, SyncEnd.BUSY, SyncEnd.TRUST)
        }
    }
}
