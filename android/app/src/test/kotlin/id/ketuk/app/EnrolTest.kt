package id.ketuk.app

import android.content.Intent
import android.net.Uri
import id.ketuk.testing.Link
import id.ketuk.testing.Server
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

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
    fun `the link in a QR code fills code and address`() {
        val link = Uri.parse("ketuk://enrol?server=https%3A%2F%2Fpk.contoh.go.id&code=K7QM-2XTA")
        val phone = Phone(Intent(Intent.ACTION_VIEW, link)).start()
        assertEquals("K7QM-2XTA", phone.field("Kode pendaftaran").text.toString())
        assertEquals("https://pk.contoh.go.id", phone.field("Alamat server").text.toString())
    }
}
