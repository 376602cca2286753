package id.ketuk.app

import android.app.Activity
import android.app.job.JobScheduler
import android.content.Intent
import android.net.Uri
import id.ketuk.app.core.DatabaseKey
import id.ketuk.testing.Link
import id.ketuk.testing.Server
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import java.io.File
import java.nio.file.Files

@RunWith(RobolectricTestRunner::class)
class EnrolTest {
    private fun enrol(phone: Phone, code: String, server: String) {
        phone.type(phone.field("Kode pendaftaran"), code)
        phone.type(phone.field("Alamat server"), server)
        phone.tap("Daftarkan")
    }

    @Test
    fun `a code that nobody gave out is refused in words, and stays as typed`() {
        val phone = Phone().start()
        enrol(phone, "0000-0000", Server.address)
        phone.sees("Kode ini tidak dikenal.")
        phone.picture("enrol-refused")
        assertEquals("0000-0000", phone.field("Kode pendaftaran").text.toString())
    }

    @Test
    fun `a code is good for one phone only`() {
        val code = Server.code()
        val phone = Phone().start()
        enrol(phone, code, Server.address)
        phone.sent()
        phone.sees("RT Anda")
        phone.app.dataDir.walk().filter { it.isFile }.forEach { it.delete() }
        phone.killAndStart()
        enrol(phone, code, Server.address)
        phone.sees("Kode ini sudah dipakai HP lain")
    }

    @Test
    fun `what is no code at all is said to be none`() {
        val phone = Phone().start()
        enrol(phone, "siti", Server.address)
        phone.sees("Yang diketik belum benar.")
    }

    @Test
    fun `without a way to the server she is told to look for the signal`() {
        val phone = Phone().start()
        Link(Server.address).use { link ->
            link.cut()
            enrol(phone, "K7QM-2XTA", link.address)
            phone.sees("Server tidak terjangkau.")
        }
    }

    @Test
    fun `the link that she was sent fills code and address`() {
        val phone = Phone(LINK).start()
        assertEquals("K7QM-2XTA", phone.field("Kode pendaftaran").text.toString())
        assertEquals("https://pk.contoh.go.id", phone.field("Alamat server").text.toString())
    }

    @Test
    fun `a phone that the server no longer knows is signed in again by her new code, and loses nothing`() {
        val own = Server.code()
        val phone = Phone().start()
        enrol(phone, own, Server.address)
        phone.sent()
        phone.recordNobodyFound()
        phone.sees("1 menunggu kirim")

        phone.tapNamed("Pengaturan")
        phone.tap("Kode pendaftaran baru")
        phone.sees("Semua data di HP ini tetap ada")
        assertEquals(Server.address, phone.field("Alamat server").text.toString())
        phone.picture("enrol-again")
        // Another cadre's code is refused before it is spent.
        enrol(phone, Server.code(), Server.address)
        phone.sees("HP ini milik kader atau pendataan lain")

        phone.home()
        signedInElsewhere(phone, own)
        val jobs = phone.app.getSystemService(JobScheduler::class.java).apply { cancelAll() }
        phone.tap("Kirim sekarang")
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.sees("Server tidak mengenali HP ini lagi.")
        phone.sees("HP ini perlu kode pendaftaran baru.")
        phone.picture("sync-sign-in")
        assertEquals("what only she can help isn't tried again and again", emptyList<Any>(), jobs.allPendingJobs)

        phone.tap("Kode pendaftaran baru")
        enrol(phone, own, Server.address)
        phone.sent()
        phone.sees("RT Anda")
        phone.sees("0 menunggu kirim")
        phone.seesNot("HP ini perlu kode pendaftaran baru.")
    }

    /** A copy of this phone asks for a new token: the server knows the phone by that one from now on. */
    private fun signedInElsewhere(phone: Phone, code: String) {
        val copy = Files.createTempDirectory("ketuk-copy").toFile()
        try {
            File(phone.app.noBackupFilesDir, "data").copyRecursively(copy)
            id.ketuk.core.Phone.open(copy.path, DatabaseKey(phone.app.data).bytes(), "test", 480).use {
                it.enrol(Server.address, code, "a copy")
            }
        } finally {
            copy.deleteRecursively()
        }
    }

    @Test
    fun `a link opened on an enrolled phone offers its code on top of where she is, and back leads there`() {
        val phone = Phone().start().enrol(Server.address)
        phone.tap("Lanjut mendata")
        phone.open(LINK)
        phone.open(LINK)
        phone.sees("Semua data di HP ini tetap ada")
        assertEquals("K7QM-2XTA", phone.field("Kode pendaftaran").text.toString())
        assertEquals("https://pk.contoh.go.id", phone.field("Alamat server").text.toString())
        phone.rotate()
        assertEquals("K7QM-2XTA", phone.field("Kode pendaftaran").text.toString())
        phone.back()
        phone.field("Nama atau nomor")
    }

    @Test
    fun `a link that starts an enrolled phone offers its code before home`() {
        val phone = Phone(LINK).start()
        enrol(phone, Server.code(), Server.address)
        phone.sent()
        phone.killAndStart()
        phone.sees("Semua data di HP ini tetap ada")
        phone.back()
        phone.sees("RT Anda")
    }

    @Test
    fun `a scanner app fills code and address`() {
        val phone = Phone().start()
        phone.tap("Pindai kode QR")
        val asked = shadowOf(phone.activity).nextStartedActivityForResult
        assertEquals("com.google.zxing.client.android.SCAN", asked.intent.action)
        val read = Intent().putExtra("SCAN_RESULT", LINK.dataString)
        shadowOf(phone.activity).receiveResult(asked.intent, Activity.RESULT_OK, read)
        phone.settle()
        assertEquals("K7QM-2XTA", phone.field("Kode pendaftaran").text.toString())
        assertEquals("https://pk.contoh.go.id", phone.field("Alamat server").text.toString())
        phone.rotate()
        assertEquals("K7QM-2XTA", phone.field("Kode pendaftaran").text.toString())
    }

    @Test
    fun `what is no code of ours is said to be none, and what she typed stays`() {
        val phone = Phone().start()
        phone.type(phone.field("Kode pendaftaran"), "K7QM")
        phone.tap("Pindai kode QR")
        val asked = shadowOf(phone.activity).nextStartedActivityForResult
        shadowOf(phone.activity).receiveResult(asked.intent, Activity.RESULT_OK, Intent().putExtra("SCAN_RESULT", "https://contoh.id"))
        phone.settle()
        phone.sees("Kode QR ini bukan kode pendaftaran Ketuk.")
        assertEquals("K7QM", phone.field("Kode pendaftaran").text.toString())
    }

    @Test
    fun `without a scanner app she is told what else to do`() {
        shadowOf(RuntimeEnvironment.getApplication()).checkActivities(true)
        val phone = Phone().start()
        phone.tap("Pindai kode QR")
        phone.sees("Di HP ini tidak ada aplikasi pemindai yang bisa dipakai.")
    }

    private companion object {
        val LINK = Intent(Intent.ACTION_VIEW, Uri.parse("ketuk://enrol?server=https%3A%2F%2Fpk.contoh.go.id&code=K7QM-2XTA"))
    }
}
