package id.ketuk.app

import id.ketuk.app.nav.Place
import id.ketuk.testing.Link
import id.ketuk.testing.Server
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** What the supervisor sends back, on the real library and against the real server. */
@RunWith(RobolectricTestRunner::class)
class CorrectionTest {
    private val phone = Phone()
    private val interview = Interview(phone)

    @Test
    fun `a family sent back comes with its comment at the question, and is received anew once it was corrected`() {
        Link(Server.address).use { link ->
            phone.start().enrol(link.address)
            val family = phone.recordNobodyFound()
            send()
            go(family)
            phone.sees("revisi 1")

            Server.operate("send-back", family.id, "Sudah tiga kali? Coba lagi sore hari.", "--question", "kunjungan/kali_kunjungan")
            phone.home()
            send()
            phone.sees("Perlu Anda")
            phone.tap("1 keluarga perlu perbaikan")
            phone.tapRow(0)
            phone.sees("Sudah tiga kali? Coba lagi sore hari.")
            phone.picture("correction-household")

            // Out of reach again: she corrects it where the comment stands, and the battery dies.
            link.cut()
            phone.tap("Perbaiki")
            phone.killAndReturn()
            phone.sees("Sudah tiga kali? Coba lagi sore hari.")
            phone.picture("correction-question")
            interview.type("kali_kunjungan", "4")
            phone.tap("Selanjutnya")
            phone.tap("Simpan dan selesai")
            phone.home()
            phone.sees("1 menunggu kirim")

            link.heal()
            send()
            phone.sees("0 menunggu kirim")
            phone.seesNot("perlu perbaikan")
            go(family)
            phone.sees("revisi 2")
        }
    }

    private fun send() {
        go(Place.Sync)
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.home()
    }

    private fun go(place: Place) {
        phone.activity.go(place)
        phone.settle()
    }
}
