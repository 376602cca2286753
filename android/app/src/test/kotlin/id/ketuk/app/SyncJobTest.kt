package id.ketuk.app

import android.app.job.JobInfo
import android.app.job.JobScheduler
import id.ketuk.app.sync.SyncJob
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

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
}
