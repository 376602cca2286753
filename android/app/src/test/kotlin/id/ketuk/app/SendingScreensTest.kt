package id.ketuk.app

import id.ketuk.app.nav.Place
import id.ketuk.testing.Link
import id.ketuk.testing.Server
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** The screens from "it waits" to "here is the proof", and help beside them, in each look of a phone. */
@RunWith(RobolectricTestRunner::class)
class SendingScreensTest {
    private val phone = Phone()

    @Test
    fun `by day`() = walk("day", "id-w360dp-h640dp-notnight-xhdpi", 1f)

    @Test
    fun `by night in letters of twice the size`() = walk("night-large", "id-w360dp-h640dp-night-xhdpi", 2f)

    private fun walk(look: String, qualifiers: String, letters: Float) = Link(Server.address).use { link ->
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(letters)
        phone.start().enrol(link.address)
        link.cut()
        phone.recordNobodyFound()
        phone.picture("$look-20-home-waiting")
        phone.activity.go(Place.Sync)
        phone.settle()
        phone.sees("HP ini mengirim sendiri begitu ada sinyal.")
        phone.sees(": Tidak ada yang menunggu. Daftar keluarga sudah terbaru.")
        phone.picture("$look-21-sync-first")
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.picture("$look-22-sync-no-signal")
        link.heal()
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.sees("1 keluarga diterima server. Tidak ada yang menunggu.")
        phone.picture("$look-23-sync-received")
        phone.activity.go(Place.Proofs())
        phone.settle()
        phone.picture("$look-24-proofs")
        phone.tapRow(0)
        phone.picture("$look-25-receipt")
        assertTrue("the code is on the screen", phone.views().any { it is id.ketuk.app.proofs.QrView && it.height > phone.dp(200) })
        phone.tap("Lihat keluarga ini")
        phone.sees("Diterima server, revisi 1")
        phone.picture("$look-26-family")
        phone.scrollToEnd()
        phone.picture("$look-27-history")
        for ((number, place) in listOf(28 to Place.Settings, 29 to Place.Help, 30 to Place.Licences)) {
            phone.activity.go(place)
            phone.settle()
            phone.picture("$look-$number-${place.toString().lowercase()}")
        }
        phone.sees("SQLCipher")
    }
}
