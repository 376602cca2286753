package id.ketuk.app

import id.ketuk.app.nav.Place
import id.ketuk.testing.SampleServer
import id.ketuk.testing.ServerOfAllKinds
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Every screen in every look that a phone can be set to. */
@RunWith(RobolectricTestRunner::class)
class ScreensTest {
    private val phone = Phone()
    private val interview = Interview(phone)
    private val gallery = Gallery(phone)

    /** A server of its own: its first cadre is the same one in every run, and so are her families. */
    private object Fresh : SampleServer()

    @Test
    fun `every screen is as it was looked at, in both languages, by day and night, in small letters and large`() {
        phone.start()
        gallery.look("01-enrol")
        phone.tap("Pulihkan dari cadangan")
        gallery.look("01-restore")
        phone.back()
        phone.enrol(Fresh)
        gallery.look("02-home")
        phone.tap("Lanjut mendata")
        gallery.look("03-list")
        phone.tap("Belum didata")
        phone.tapRow(0)
        gallery.look("04-household")
        phone.tap("Mulai mendata")
        interview.choose("hasil", "Ditemui")
        gallery.look("05-outcome")
        phone.tap("Selanjutnya")
        gallery.look("06-family")
        phone.tap("Selanjutnya")
        gallery.look("07-members")
        phone.tap("Tambah")
        interview.type("nama", "R2-D2")
        gallery.look("08-wrong-name")
        interview.type("nama", "Rahmat")
        interview.choose("perubahan", "Lahir")
        phone.tap("Selanjutnya")
        interview.type("nik", "7571012205589363")
        interview.choose("jk", "Perempuan")
        interview.type("tgl_lahir", "2025-03-12")
        gallery.look("09-doubt")
        phone.tap("Daftar isi")
        gallery.look("10-contents")
        phone.tap("Selesaikan")
        gallery.look("11-missing")
        phone.home()
        go(Place.Waiting)
        gallery.look("12-nothing-waits")
        go(Place.Sync)
        phone.tap("Kirim sekarang")
        phone.sent()
        gallery.look("13-sent")
        go(Place.Settings)
        gallery.look("14-settings")
        phone.tap("Bukti terima")
        gallery.look("15-no-proofs")
        phone.back()
        phone.tap("Tentang Ketuk")
        gallery.look("16-about")
        phone.tap("Lisensi")
        gallery.look("17-licences")
        go(Place.Help)
        gallery.look("18-help")
        phone.home()
        phone.recordNobodyFound()
        go(Place.Sync)
        phone.tap("Kirim sekarang")
        phone.sent()
        go(Place.Proofs())
        gallery.look("19-proofs")
        phone.tapRow(0)
        gallery.look("20-receipt", alike = false)
        go(Place.Handover)
        gallery.look("21-handover")
        go(Place.Backup)
        gallery.look("22-backup")
        go(Place.Pin())
        gallery.look("23-pin")
        // From here on the app is locked in each picture.
        phone.home()
        phone.choosePin("271828")
        phone.killAndReturn()
        gallery.look("24-locked")
        phone.tap("Lupa PIN")
        gallery.look("25-forgotten")
        everyPlaceWasLookedAt()
        gallery.end()
    }

    @Test
    fun `every kind of question is as it was looked at`() {
        phone.start().enrol(ServerOfAllKinds)
        interview.begin()
        listOf("Gambar", "Tempat", "Suara dan berkas", "Angka dan waktu", "Pilihan").forEachIndexed { nth, page ->
            phone.tap("Selanjutnya")
            phone.sees(page)
            gallery.look("kinds-${nth + 1}")
        }
        gallery.end()
    }

    private fun go(place: Place) {
        phone.activity.go(place)
        phone.settle()
    }

    private fun everyPlaceWasLookedAt() {
        val all = Place::class.java.permittedSubclasses.map { it.simpleName }.sorted()
        assertEquals(all, gallery.places.map { it.javaClass.simpleName }.distinct().sorted())
        val panels = gallery.places.filterIsInstance<Place.Visit>().map { it.panel }.distinct()
        assertEquals(Place.Panel.entries.toSet(), panels.toSet())
    }
}
