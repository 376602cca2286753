package id.ketuk.app

import android.Manifest.permission.POST_NOTIFICATIONS
import android.app.AlertDialog
import android.app.Notification
import android.app.NotificationManager
import android.app.job.JobScheduler
import android.os.Build
import id.ketuk.app.nav.Place
import id.ketuk.app.sync.SendService
import id.ketuk.app.sync.SyncJob
import id.ketuk.testing.Link
import id.ketuk.testing.Server
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.util.ReflectionHelpers

/** What goes by itself, what she is told of it, and what of her wishes holds for it. */
@RunWith(RobolectricTestRunner::class)
class SendingTest {
    private val link = Link(Server.address)
    private val phone = Phone().start().enrol(link.address)
    private val jobs get() = phone.app.getSystemService(JobScheduler::class.java)
    private val notices get() = shadowOf(phone.app.getSystemService(NotificationManager::class.java))

    @After
    fun close() = link.close()

    /** A family of which something waits, with the link cut so that it does. */
    private fun oneWaits() {
        link.cut()
        phone.recordNobodyFound()
        phone.sees("1 menunggu kirim")
    }

    @Test
    fun `when a network comes back while the app is open, what waits goes without a tap`() {
        phone.signal(false)
        oneWaits()
        link.heal()
        phone.signal(true)
        phone.await("it to be sent") { phone.app.core.sender.running == null && "0 menunggu kirim" in phone.words() }
    }

    @Test
    fun `what the last run came to is said in the same words after the app was killed`() {
        oneWaits()
        phone.tap("Kirim sekarang")
        phone.tap("Kirim sekarang")
        phone.sent()
        val said = "Tidak ada sambungan ke server. HP ini mengirim sendiri begitu ada sinyal. 1 masih menunggu, aman di HP ini."
        phone.sees(said)
        phone.picture("sync-no-signal")
        phone.killAndReturn()
        phone.sees(said)
        phone.sees("Pengiriman terakhir: ")
        phone.sees("1 keluarga menunggu")
    }

    @Test
    fun `a run that she does not look at is told in counts, and nobody is named`() {
        oneWaits()
        val head = phone.core { it.phone().waiting(null, 1u).rows.single().household.head }
        link.heal()
        phone.putAside()
        Robolectric.buildService(SyncJob::class.java).create().get().onStartJob(parameters(SyncJob.ANY))
        phone.sent()
        val told = notices.allNotifications.map { it.extras.getCharSequence(Notification.EXTRA_TEXT).toString() }
        assertEquals(listOf("1 keluarga diterima server. Tidak ada yang menunggu."), told)
        notices.allNotifications.forEach { assertFalse(head, head in it.extras.toString() + it.toString()) }
        phone.takeUp()
        assertEquals("opened, she sees for herself", 0, notices.size())
    }

    @Test
    fun `a run without news leaves nothing behind`() {
        phone.putAside()
        Robolectric.buildService(SyncJob::class.java).create().get().onStartJob(parameters(SyncJob.ANY))
        phone.sent()
        assertEquals(0, notices.size())
    }

    @Test
    fun `whether she may be told is asked when something is first left to go by itself, and never again`() {
        assertNull(ShadowAlertDialog.getLatestAlertDialog())
        oneWaits()
        val asked: AlertDialog = ShadowAlertDialog.getLatestAlertDialog()
        assertTrue("HP ini mengirim sendiri begitu ada sinyal" in shadowOf(asked).message.toString())
        asked.getButton(AlertDialog.BUTTON_NEGATIVE).performClick()
        phone.settle()
        ShadowAlertDialog.reset()
        phone.recordNobodyFound()
        phone.killAndStart()
        phone.sees("2 menunggu kirim")
        assertNull(ShadowAlertDialog.getLatestAlertDialog())
    }

    @Test
    fun `she who agrees is asked by Android, once`() {
        oneWaits()
        ShadowAlertDialog.getLatestAlertDialog().getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        phone.settle()
        assertEquals(listOf(POST_NOTIFICATIONS), shadowOf(phone.activity).lastRequestedPermission.requestedPermissions.toList())
    }

    @Test
    fun `a run that she began is a job of hers from Android 14 on, which goes on when she puts the phone away`() {
        oneWaits()
        phone.activity.go(Place.Sync)
        phone.settle()
        phone.activity.findViewById<android.view.View>(R.id.main_action).performClick()
        val job = checkNotNull(jobs.getPendingJob(SyncJob.LONG))
        assertTrue(job.isUserInitiated)
        val service = Robolectric.buildService(SyncJob::class.java).create().get()
        assertTrue("it keeps the run alive", service.onStartJob(parameters(SyncJob.LONG)))
        phone.sent()
        assertTrue(shadowOf(service).isJobFinished)
        assertFalse("the ordinary job sees to the rest", shadowOf(service).isRescheduleNeeded)
        assertNull(jobs.getPendingJob(SyncJob.LONG))
        assertNotNull(jobs.getPendingJob(SyncJob.ANY))
        assertFalse("nothing to keep", service.onStartJob(parameters(SyncJob.LONG)))
    }

    @Test
    fun `before Android 14 a service keeps it alive, and ends with it`() {
        oneWaits()
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 30)
        try {
            phone.activity.go(Place.Sync)
            phone.settle()
            phone.activity.findViewById<android.view.View>(R.id.main_action).performClick()
            assertNull(jobs.getPendingJob(SyncJob.LONG))
            val started = checkNotNull(shadowOf(phone.app).nextStartedService)
            assertEquals(SendService::class.java.name, started.component?.className)
            val service = Robolectric.buildService(SendService::class.java, started).create().startCommand(0, 1).get()
            val shown = shadowOf(service).lastForegroundNotification
            assertEquals("Ketuk sedang mengirim", shown.extras.getCharSequence(Notification.EXTRA_TITLE).toString())
            assertFalse(shadowOf(service).isStoppedBySelf)
            phone.sent()
            assertTrue(shadowOf(service).isStoppedBySelf)
        } finally {
            ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 34)
        }
    }
}
