package id.ketuk.app.sync

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import android.os.Build
import id.ketuk.app.KetukApp
import id.ketuk.app.core.Sender
import id.ketuk.app.core.Sent
import id.ketuk.app.core.SyncEnd

/**
 * Android's jobs around the one run of sending: it is the same run as the button's, and whichever comes
 * second joins the first.
 */
class SyncJob : JobService() {
    private val watches = HashMap<Int, () -> Unit>()

    private val sender: Sender get() = (application as KetukApp).core.sender

    override fun onStartJob(parameters: JobParameters): Boolean {
        val id = parameters.jobId
        if (id == LONG) {
            // It only keeps the run alive that she began: there is nothing to keep once that is over.
            if (sender.running == null) return false
            keepOn(parameters)
        }
        val watching = { if (sender.running == null) finished(parameters) }
        sender.start()
        sender.listen(watching)
        watches.put(id, watching)?.let(sender::deafen)
        return true
    }

    private fun keepOn(parameters: JobParameters) {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) return
        val notice = Notices(this).progress(sender.running)
        setNotification(parameters, Notices.PROGRESS, notice, JOB_END_NOTIFICATION_POLICY_REMOVE)
    }

    private fun finished(parameters: JobParameters) {
        unwatch(parameters)
        jobFinished(parameters, parameters.jobId == ANY && wantsAgain(sender.last))
    }

    private fun unwatch(parameters: JobParameters) {
        watches.remove(parameters.jobId)?.let(sender::deafen)
    }

    /** Android takes the network away: what was received stays so, the rest is for the next run. */
    override fun onStopJob(parameters: JobParameters): Boolean {
        unwatch(parameters)
        sender.stop()
        // Android doesn't run the long one again: the ordinary one sees to what is left.
        if (parameters.jobId == LONG) ensure(this)
        return parameters.jobId != LONG
    }

    companion object {
        /** One job of each kind, whatever schedules it: a second one takes the place of the first. */
        const val ANY = 1

        /** The same, for photos that wait for a network that isn't paid by the byte. */
        const val UNMETERED = 2

        /** Keeps a run alive that she began herself, also when she puts the phone away. */
        const val LONG = 3

        /** Lets Android start a run as soon as there is any network, also after a restart. */
        fun schedule(context: Context) {
            val job = of(context, ANY).setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY).setPersisted(true)
            context.jobs.schedule(job.build())
        }

        /** The same with a network that costs nothing: there are photos that wait for one. */
        fun schedulePhotos(context: Context) {
            val job = of(context, UNMETERED).setRequiredNetworkType(JobInfo.NETWORK_TYPE_UNMETERED).setPersisted(true)
            context.jobs.schedule(job.build())
        }

        /** Schedules a run unless one waits: Android forgets it when she stops the app by force. */
        fun ensure(context: Context) {
            if (context.jobs.getPendingJob(ANY) == null) schedule(context)
        }

        /** Has Android let a run go on for as long as it takes, from 14 on: it shows that to her meanwhile. */
        fun keepAlive(context: Context) {
            if (Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) return
            val job = of(context, LONG).setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY).setUserInitiated(true)
            context.jobs.schedule(job.build())
        }

        /** A run that is over needs nothing to keep it alive. */
        fun letGo(context: Context) = context.jobs.cancel(LONG)

        private fun of(context: Context, id: Int) = JobInfo.Builder(id, ComponentName(context, SyncJob::class.java)).apply {
            // Android takes no backoff for a job that she began.
            if (id != LONG) setBackoffCriteria(JobInfo.DEFAULT_INITIAL_BACKOFF_MILLIS, JobInfo.BACKOFF_POLICY_EXPONENTIAL)
        }

        private val Context.jobs get() = applicationContext.getSystemService(JobScheduler::class.java)

        /** Whether trying later by itself can help, or only she can. A Wi-Fi's sign-in page is not trusted. */
        fun wantsAgain(last: Sent?): Boolean {
            val report = (last as? Sent.Reported)?.report ?: return false
            val waits = report.stillWaiting > 0uL || (report.photosWaiting > 0uL && !report.photosHeld)
            return waits && report.end in setOf(SyncEnd.NO_SIGNAL, SyncEnd.BUSY, SyncEnd.TRUST)
        }
    }
}
