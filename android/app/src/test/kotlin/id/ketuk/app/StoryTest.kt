package id.ketuk.app

import android.app.job.JobScheduler
import id.ketuk.app.nav.Place
import id.ketuk.testing.Link
import id.ketuk.testing.Server
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** The first village, on the real library and against the real server, as the cadre sees it. */
@RunWith(RobolectricTestRunner::class)
class StoryTest {
    private val phone = Phone()
    private val interview = Interview(phone)

    @Test
    fun `a cadre records offline what she finds, is interrupted, and sends it when the signal is back`() {
        Link(Server.address).use { link ->
            phone.start()
            phone.picture("story-01-enrol")
            phone.enrol(link.address)
            phone.picture("story-02-home")

            link.cut()
            phone.signal(false)
            phone.sees("Tanpa sinyal. Aman di HP ini.")

            val met = meetAFamily()
            findNobody()
            findANewFamily()
            phone.sees("3 menunggu kirim")
            phone.picture("story-11-waiting-home")
            tryToSend()

            phone.signal(true)
            phone.sent()
            link.heal()
            send()
            seeTheReceipt(met)
            nothingCanBeReadOnDisk(met, "Fajar Ramadhan", "Nani Wartabone", "Rusli Datau", "9999999999999999")
        }
    }

    /** She finds a family in the list, corrects last year's answers, adds a child, and is interrupted. */
    private fun meetAFamily(): String {
        phone.tap("Lanjut mendata")
        phone.tap("Belum didata")
        phone.picture("story-03-list")
        phone.tapRow(0)
        val head = phone.headline()
        phone.picture("story-04-household")
        phone.tap("Mulai mendata")

        interview.choose("hasil", "Ditemui")
        phone.picture("story-05-outcome")
        interview.choose("responden", "Kepala keluarga")
        phone.tap("Selanjutnya")
        interview.type("alamat", "Jl. Nani Wartabone No. 7")
        phone.tap("Selanjutnya")
        phone.picture("story-06-members")

        phone.tap("Tambah")
        interview.type("nama", "Fajar Ramadhan")
        interview.choose("perubahan", "Lahir")
        phone.tap("Selanjutnya")
        interview.type("nik", "757101220589")
        phone.sees("NIK harus 16 angka")
        phone.picture("story-07-wrong-nik")

        // The battery dies here; she starts the app from its icon and goes to what isn't finished.
        phone.killAndStart()
        phone.sees("1 keluarga belum selesai diisi")
        phone.tap("1 keluarga belum selesai diisi")
        phone.tap(head)
        phone.tap("Lanjutkan pengisian")
        phone.sees("NIK harus 16 angka")
        assertEquals("757101220589", interview.typed("nik"))
        interview.type("nik", "9999999999999999")
        phone.seesNot("NIK harus 16 angka")

        interview.choose("jk", "Laki-laki")
        interview.type("tgl_lahir", "2025-03-12")
        interview.fillToTheEnd(
            mapOf("hubungan" to "Anak", "kawin" to "Belum kawin", "kode_ibu" to "0"),
        )
        phone.picture("story-08-finish")
        interview.completeWhatIsMissing(mapOf("perubahan" to "Tetap"))
        finish()
        return head
    }

    private fun finish() {
        phone.sees("Semua sudah diisi.")
        phone.tap("Simpan dan selesai")
        phone.sees("Tersimpan di HP. Menunggu kirim.")
        phone.home()
    }

    private fun findNobody() = phone.recordNobodyFound()

    private fun findANewFamily() {
        interview.fillANewFamily()
        phone.picture("story-10-new-family")
        finish()
    }

    /** Without a signal nothing is lost and she is told so. */
    private fun tryToSend() {
        phone.tap("3 menunggu kirim")
        phone.picture("story-12-waiting")
        phone.tap("Kirim sekarang")
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.sees("Tidak ada sambungan ke server.")
        phone.sees("3 masih menunggu, aman di HP ini.")
        phone.picture("story-13-no-signal")
    }

    private fun send() {
        assertEquals(1, phone.app.getSystemService(JobScheduler::class.java).allPendingJobs.size)
        phone.tap("Kirim sekarang")
        phone.picture("story-14-sending")
        phone.sent()
        phone.sees("3 keluarga diterima server. Tidak ada yang menunggu.")
        phone.sees("0 menunggu kirim")
        phone.picture("story-15-received")
        phone.home()
    }

    /** Of all that she typed, no file of the app holds a word that a thief could read. */
    private fun nothingCanBeReadOnDisk(vararg words: String) {
        val files = phone.app.dataDir.walk().filter { it.isFile }.toList()
        assertTrue("there must be a database to look into", files.any { it.length() > 100_000 })
        for (file in files) {
            val bytes = String(file.readBytes(), Charsets.ISO_8859_1)
            words.forEach { assertFalse("“$it” can be read in ${file.name}", it in bytes) }
        }
    }

    private fun seeTheReceipt(head: String) {
        phone.tap("Lanjut mendata")
        phone.type(phone.field("Nama atau nomor"), head)
        phone.tapRow(0)
        phone.sees("Diterima server")
        phone.sees("Bukti terima: revisi")
        phone.sees("Riwayat")
        val history = phone.words().substringAfter("Riwayat").lines().filterNot { line -> line.any(Char::isDigit) }
        assertEquals(listOf("Selesai didata, tersimpan di HP", "Mulai didata"), history.filter(String::isNotEmpty).take(2))
        phone.picture("story-16-receipt")
        phone.activity.go(Place.Proofs())
        phone.settle()
        phone.sees(head)
        phone.sees("Nomor bukti")
        phone.picture("story-17-proofs")
        phone.type(phone.field("Nama atau nomor"), "tidak ada yang begini")
        phone.sees("Tidak ada bukti terima keluarga yang cocok.")
        phone.type(phone.field("Nama atau nomor"), head)
        phone.tapRow(0)
        phone.sees(head)
        phone.sees("Tunjukkan kode ini kepada supervisor.")
        assertNotNull(phone.views().find { it.contentDescription == "Kode QR bukti terima" })
        phone.picture("story-18-receipt-qr")
    }
}
