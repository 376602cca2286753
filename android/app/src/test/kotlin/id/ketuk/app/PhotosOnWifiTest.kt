package id.ketuk.app

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.net.ConnectivityManager
import id.ketuk.app.core.ChoiceAnswer
import id.ketuk.app.core.Filter
import id.ketuk.app.core.HouseholdState
import id.ketuk.app.nav.Place
import id.ketuk.app.sync.SyncJob
import id.ketuk.core.PhotoState
import id.ketuk.testing.ServerOfAllKinds
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf

/** Her wish that photos don't cost her. */
@RunWith(RobolectricTestRunner::class)
class PhotosOnWifiTest {
    private val phone = Phone().start().enrol(ServerOfAllKinds)
    private val jobs get() = phone.app.getSystemService(JobScheduler::class.java)

    @Test
    fun `photos wait for Wi-Fi if she wants it, and the answers go at once`() {
        phone.tapNamed("Pengaturan")
        phone.tap("Foto hanya lewat Wi-Fi")
        phone.picture("settings-photos")
        phone.home()
        val family = recordWithPhoto()
        phone.activity.go(Place.Sync)
        phone.settle()
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.sees("1 keluarga diterima server. 1 foto menunggu Wi-Fi, aman di HP ini.")
        phone.picture("sync-photos-wait")
        @Suppress("DEPRECATION") // what it was replaced by came with API 28
        assertEquals(JobInfo.NETWORK_TYPE_UNMETERED, jobs.getPendingJob(SyncJob.UNMETERED)?.networkType)
        assertTrue(checkNotNull(jobs.getPendingJob(SyncJob.UNMETERED)).isPersisted)

        onWifi()
        Robolectric.buildService(SyncJob::class.java).create().get().onStartJob(parameters(SyncJob.UNMETERED))
        phone.sent()
        val photo = phone.core { it.households().detail(family, "id").photos.single().state }
        assertEquals(PhotoState.Received, photo)
    }

    @Test
    fun `without that wish photos go over whatever network there is`() {
        recordWithPhoto()
        phone.activity.go(Place.Sync)
        phone.settle()
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.sees("1 keluarga diterima server. Tidak ada yang menunggu.")
        assertNull(jobs.getPendingJob(SyncJob.UNMETERED))
    }

    /** A family that refused, with a photo of its door. */
    private fun recordWithPhoto(): String {
        val family = phone.core {
            val filter = Filter(null, HouseholdState.NOT_STARTED, null)
            val family = it.households().page(filter, null, 1u).rows.single().id
            it.visit(family).run {
                answer("kunjungan/hasil", ChoiceAnswer("6"))
                answerWithFile("gambar/foto", "image/jpeg", ByteArray(3_000) { at -> at.toByte() })
                finish()
            }
            it.leave(family)
            family
        }
        phone.app.core.recount()
        phone.settle()
        return family
    }

    private fun onWifi() {
        val networks = phone.app.getSystemService(ConnectivityManager::class.java)
        @Suppress("DEPRECATION") // the shadow knows networks by it
        shadowOf(networks).setActiveNetworkInfo(networks.getNetworkInfo(ConnectivityManager.TYPE_WIFI))
    }
}
