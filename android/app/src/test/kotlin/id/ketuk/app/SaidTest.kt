package id.ketuk.app

import android.content.Context
import id.ketuk.app.core.Holdings
import id.ketuk.app.core.Left
import id.ketuk.app.core.Standing
import id.ketuk.app.core.SyncEnd
import id.ketuk.app.core.SyncReport
import id.ketuk.app.look.Language
import id.ketuk.app.nav.Strip
import id.ketuk.app.proofs.inWords
import id.ketuk.app.sync.said
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** What she is told where the ground has moved. */
@RunWith(RobolectricTestRunner::class)
class SaidTest {
    private val context: Context = Language.wrap(RuntimeEnvironment.getApplication())

    private val done = SyncReport(
        received = 0uL, troubles = 0uL, stillWaiting = 0uL, pulled = 0uL, end = SyncEnd.DONE, lastError = null,
        againIn = null, appTooOld = false, clockDoubtful = false, left = emptyList(), photosReceived = 0uL,
        photosWaiting = 0uL, photosHeld = false, photosRefused = 0uL, photoBytes = 0uL, putBack = false,
    )

    @Test
    fun `families that left are counted, with the reason`() {
        val report = done.copy(left = listOf(Left("Pindah ke RT lain.", 2uL), Left("Desa dimekarkan", 1uL)))
        assertEquals(
            "Tidak ada yang menunggu. Daftar keluarga sudah terbaru. " +
                "2 keluarga keluar dari daftar Anda: Pindah ke RT lain. " +
                "1 keluarga keluar dari daftar Anda: Desa dimekarkan.",
            said(context, report),
        )
    }

    @Test
    fun `nothing is said to be done while photos wait`() {
        val report = done.copy(received = 3uL, photosWaiting = 2uL)
        assertEquals(
            "3 keluarga diterima server. 2 foto masih menunggu, aman di HP ini.",
            said(context, report),
        )
    }

    @Test
    fun `that the phone was put back is said`() {
        assertTrue("HP ini pernah dikembalikan ke salinan lama." in said(context, done.copy(putBack = true)))
    }

    /** A server that was restored numbers from the millisecond in which it began. */
    @Test
    fun `a revision of a restored server is said whole`() {
        val words = context.inWords(revision = 1_783_818_060_801uL, receivedAt = 0)
        assertTrue(words, "1783818060801" in words)
    }

    @Test
    fun `the strip says above all that the server takes nothing from this phone`() {
        val strip = Strip(context) {}
        strip.show(Holdings(4, 2, Standing.REVOKED))
        val words = strip.view.text.toString().replace('\u00A0', ' ')
        assertTrue(words, words.lines().first().endsWith("HP ini tidak boleh mengirim lagi. Data aman di sini; ketuk untuk menyerahkan lewat berkas."))
        assertTrue(words, "4 menunggu kirim" in words)
    }
}
