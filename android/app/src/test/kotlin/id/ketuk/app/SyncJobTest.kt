package id.ketuk.app

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import id.ketuk.app.sync.SyncJob
import id.ketuk.testing.Link
import id.ketuk.testing.Server
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadow.api.Shadow
import org.robolectric.util.ReflectionHelpers

@RunWith(RobolectricTestRunner::class)
class SyncJobTest {
    private val app get() = RuntimeEnvironment.getApplication()
    private val pending get() = app.getSystemService(JobScheduler::class.java).allPendingJobs

    @Test
    fun `sending waits for any network at all and outlives a restart of the phone`() {
        SyncJob.schedule(app)
        val job = pending.single()
        @Suppress("DEPRECATION") // what it was replaced by came with API 28
        assertEquals(JobInfo.NETWORK_TYPE_ANY, job.networkType)
        assertTrue(job.isPersisted)
    }

    @Test
    fun `finishing two families leaves one job`() {
        SyncJob.schedule(app)
        SyncJob.schedule(app)
        assertEquals(1, pending.size)
    }

    @Test
    fun `when the network is back the job sends what waits, by itself`() {
        Link(Server.address).use { link ->
            val phone = Phone().start().enrol(link.address)
            link.cut()
            phone.recordNobodyFound()
            phone.sees("1 menunggu kirim")
            val service = Robolectric.buildService(SyncJob::class.java).create().get()
            val job = shadowOf(service)

            run(phone, service)
            assertTrue("a job that didn't get through is to be run again", job.isRescheduleNeeded)
            phone.sees("1 menunggu kirim")

            link.heal()
            run(phone, service)
            assertTrue(job.isJobFinished)
            assertFalse(job.isRescheduleNeeded)
            phone.sees("0 menunggu kirim")
        }
    }

    private fun run(phone: Phone, job: SyncJob) {
        job.onStartJob(parameters(SyncJob.ANY))
        phone.sent()
    }
}

/** What Android hands to the job of this number. */
fun parameters(id: Int): JobParameters = Shadow.newInstanceOf(JobParameters::class.java)
    .also { ReflectionHelpers.setField(it, "jobId", id) }
