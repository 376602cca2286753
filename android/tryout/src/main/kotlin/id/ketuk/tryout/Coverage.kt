package id.ketuk.tryout

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import id.ketuk.app.Handset
import id.ketuk.testing.Link
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadow.api.Shadow

/** The signal where she stands: the way to the server, what Android tells the app, and the jobs that wait for it. */
class Coverage(private val link: Link, private val phone: Handset) {
    enum class Signal { ON, SLOW, OFF }

    var signal = Signal.ON
        private set

    private class Running(val id: Int, val service: JobService, val parameters: JobParameters)

    private var running: Running? = null

    /** A job that didn't get through is tried again when the signal comes back. */
    private val putOff = HashSet<Int>()

    fun become(next: Signal) {
        link.pace = if (next == Signal.SLOW) Link.Pace.EDGE else null
        if (next == Signal.OFF) link.cut() else link.heal()
        val (had, has) = (signal != Signal.OFF) to (next != Signal.OFF)
        signal = next
        if (had == has) return
        phone.signal(has)
        if (has) putOff.clear() else running?.run { if (service.onStopJob(parameters)) forget() else done() }
    }

    /** What Android's scheduler does while there is a network; called again and again. */
    fun work() {
        running?.run {
            val shadow = shadowOf(service)
            if (shadow.isRescheduleNeeded) forget() else if (shadow.isJobFinished) done()
        }
        if (running != null || signal == Signal.OFF) return
        val job = scheduler().allPendingJobs.firstOrNull { it.id !in putOff && !it.isPeriodic } ?: return
        start(job)
    }

    private fun start(job: JobInfo) {
        val service = Robolectric.buildService(Class.forName(job.service.className).asSubclass(JobService::class.java)).create().get()
        val parameters = Shadow.newInstanceOf(JobParameters::class.java)
        running = Running(job.id, service, parameters)
        if (!service.onStartJob(parameters)) done()
    }

    /** The process was killed: what ran in it is gone, what was to run is not. */
    fun killed() {
        running = null
    }

    private fun forget() {
        running?.let { putOff += it.id }
        running = null
    }

    private fun done() {
        running?.let { scheduler().cancel(it.id) }
        running = null
    }

    private fun scheduler() = phone.app.getSystemService(JobScheduler::class.java)
}
