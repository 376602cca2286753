package id.ketuk.app

import id.ketuk.app.nav.Place
import id.ketuk.testing.Server
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** The screens of the lock, of handing over and of coming back, as pictures; kept in target/screens. */
@RunWith(RobolectricTestRunner::class)
class SafeScreensTest {
    @get:Rule
    val card = TemporaryFolder()

    private val phone = Phone()

    @Test
    fun `by day`() = walk("day", "id-w360dp-h640dp-notnight-xhdpi", 1f)

    @Test
    fun `by night`() = walk("night", "id-w360dp-h640dp-night-xhdpi", 1f)

    @Test
    fun `in letters of twice the size`() = walk("large", "id-w360dp-h640dp-notnight-xhdpi", 2f)

    private fun walk(look: String, qualifiers: String, letters: Float) {
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(letters)
        fun shoot(name: String) {
            phone.picture("$look-safe-$name")
            val small = phone.views().filter { it.isClickable && it.isShown && it.width > 0 }
                .filter { it.height < phone.dp(48) || it.width < phone.dp(48) }
            assertEquals("too small to hit on $name", "", small.joinToString { phone.words(it) })
        }
        fun at(place: Place, name: String) {
            phone.activity.go(place)
            phone.settle()
            shoot(name)
        }

        phone.start()
        shoot("01-enrol")
        phone.tap("Pulihkan dari cadangan")
        shoot("02-restore")
        phone.back()
        phone.enrol(Server.address)
        phone.recordNobodyFound()
        at(Place.Restore(chosen = true), "03-restore-code")
        at(Place.Handover, "04-handover")
        phone.tap("Simpan berkas")
        phone.pick(File(card.root, "serahan"))
        shoot("05-handed-over")
        at(Place.Backup, "06-backup")
        at(Place.Waiting, "07-waiting")
        at(Place.Pin(), "08-pin")
        phone.pin("111111")
        shoot("09-pin-simple")
        phone.home()
        phone.choosePin("271828")
        phone.app.finger.there = true
        at(Place.Settings, "10-settings")
        phone.tap("Kunci sekarang")
        phone.pin("314159")
        shoot("11-locked")
        phone.tap("Lupa PIN")
        shoot("12-forgotten")
        phone.app.data.listFiles().orEmpty().filter { it.name.startsWith("key.") }.forEach { it.delete() }
        phone.killAndStart()
        shoot("13-lost")
    }
}
