package id.ketuk.app

import id.ketuk.testing.Server
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Nothing that happens to the app takes her anywhere else, or anything from her. */
@RunWith(RobolectricTestRunner::class)
class InterruptionsTest {
    private val phone = Phone()
    private val interview = Interview(phone)

    private fun inAVisit() {
        phone.start().enrol(Server.address)
        interview.begin()
        interview.onToTheFamily()
    }

    @Test
    fun `turning the phone keeps the page and what was typed, even half`() {
        inAVisit()
        phone.type(interview.field("telepon"), "08")
        phone.rotate()
        assertEquals("08", interview.typed("telepon"))
        phone.rotate()
        assertEquals("08", interview.typed("telepon"))
    }

    @Test
    fun `a killed app comes back from the recents to the same page with the same half answer`() {
        inAVisit()
        phone.type(interview.field("telepon"), "0812")
        phone.killAndReturn()
        assertEquals("0812", interview.typed("telepon"))
        phone.sees("Selanjutnya")
    }

    @Test
    fun `the list of contents survives a turn, and back leads to the page`() {
        inAVisit()
        phone.tap("Daftar isi")
        phone.rotate()
        phone.sees("Daftar isi")
        phone.back()
        interview.question("telepon")
    }

    @Test
    fun `a killed search comes back with its words and its filter`() {
        phone.start().enrol(Server.address)
        phone.tap("Lanjut mendata")
        phone.tap("Belum didata")
        val name = phone.listed().first()
        phone.type(phone.field("Nama atau nomor"), name)
        val found = phone.listed()
        phone.killAndReturn()
        assertEquals(name, phone.field("Nama atau nomor").text.toString())
        assertEquals(found, phone.listed())
    }

    @Test
    fun `half a code on the enrolment screen survives a kill`() {
        phone.start()
        phone.type(phone.field("Kode pendaftaran"), "K7QM")
        phone.killAndReturn()
        assertEquals("K7QM", phone.field("Kode pendaftaran").text.toString())
    }

    @Test
    fun `a key that the Keystore has lost is said, and the data stays where it is`() {
        phone.start()
        TestKeystore.lose()
        phone.killAndStart()
        phone.sees("Kunci data di HP ini tidak terbuka")
        phone.sees("Jangan hapus aplikasi")
    }

    @Test
    fun `a removed member comes back by one tap`() {
        inAVisit()
        phone.tap("Selanjutnya")
        val before = phone.words()
        phone.tapNamed("Hapus ")
        phone.sees("dihapus.")
        phone.tap("Urungkan")
        assertEquals(before, phone.words())
    }
}
