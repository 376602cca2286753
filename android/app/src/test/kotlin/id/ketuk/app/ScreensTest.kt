package id.ketuk.app

import android.view.View
import android.widget.ImageButton
import id.ketuk.app.look.Language
import id.ketuk.app.nav.Place
import id.ketuk.testing.Server
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** Every screen as a picture, in each look that a phone can be set to; kept in target/screens. */
@RunWith(RobolectricTestRunner::class)
class ScreensTest {
    private val phone = Phone()
    private val interview = Interview(phone)

    @Test
    fun `by day`() = walk("day", "id-w360dp-h640dp-notnight-xhdpi", 1f)

    @Test
    fun `by night`() = walk("night", "id-w360dp-h640dp-night-xhdpi", 1f)

    @Test
    fun `in letters of twice the size`() = walk("large", "id-w360dp-h640dp-notnight-xhdpi", 2f)

    @Test
    fun `on its side`() = walk("landscape", "id-w640dp-h360dp-land-notnight-xhdpi", 1f)

    private fun walk(look: String, qualifiers: String, letters: Float) {
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(letters)
        fun shoot(name: String) {
            phone.picture("$look-$name")
            everyTargetIsLargeAndNamed(name)
        }

        phone.start()
        shoot("01-enrol")
        phone.enrol(Server.address)
        shoot("02-home")
        phone.tap("Lanjut mendata")
        shoot("03-list")
        phone.tap("Belum didata")
        phone.tapRow(0)
        shoot("04-household")
        phone.tap("Mulai mendata")
        interview.choose("hasil", "Ditemui")
        shoot("05-outcome")
        phone.tap("Selanjutnya")
        shoot("06-family")
        phone.tap("Selanjutnya")
        shoot("07-members")
        phone.tap("Tambah")
        interview.type("nama", "R2-D2")
        shoot("08-wrong-name")
        interview.type("nama", "Rahmat")
        interview.choose("perubahan", "Lahir")
        phone.tap("Selanjutnya")
        interview.type("nik", "7571012205589363")
        interview.choose("jk", "Perempuan")
        interview.type("tgl_lahir", "2025-03-12")
        shoot("09-doubt")
        phone.tap("Daftar isi")
        shoot("10-contents")
        phone.tap("Selesaikan")
        shoot("11-missing")
        phone.home()
        phone.activity.go(Place.Waiting)
        phone.settle()
        shoot("12-nothing-waits")
        phone.activity.go(Place.Sync)
        phone.settle()
        phone.tap("Kirim sekarang")
        phone.sent()
        shoot("13-sent")
        phone.activity.go(Place.Settings)
        phone.settle()
        shoot("14-settings")
        phone.tap("Bukti terima")
        phone.sees("Belum ada bukti terima.")
        shoot("14-proofs")
        phone.back()
        phone.tap("Tentang Ketuk")
        shoot("15-about")
        phone.home()
        Language.choose(phone.activity, Language.ENGLISH)
        phone.activity.recreate()
        phone.settle()
        shoot("16-english")
    }

    private fun everyTargetIsLargeAndNamed(screen: String) {
        val small = phone.views().filter { it.isClickable && it.isShown && it.width > 0 }
            .filter { it.height < phone.dp(48) || it.width < phone.dp(48) }
            .joinToString { "${phone.words(it)} ${it.width}×${it.height} $it" }
        assertEquals("too small to hit on $screen", "", small)
        val nameless = phone.views().filter { it is ImageButton && it.contentDescription.isNullOrEmpty() }
        assertEquals("TalkBack has no name for it on $screen", emptyList<View>(), nameless.toList())
    }
}
