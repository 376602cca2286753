package id.ketuk.app

import id.ketuk.app.core.Filter
import id.ketuk.app.nav.Place
import id.ketuk.testing.Server
import id.ketuk.testing.ServerOfAllKinds
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** What somebody finds who has a copy of all the app's files. */
@RunWith(RobolectricTestRunner::class)
class OnDiskTest {
    @get:Rule
    val card = TemporaryFolder()

    private val phone = Phone()
    private val interview = Interview(phone)

    @Test
    fun `after a filled visit no file of the app, nor one that left it, holds an answer, a name or a NIK`() {
        phone.start().enrol(Server.address)
        val listed = lastYearsHead()
        phone.choosePin("271828")
        record()
        phone.activity.go(Place.Handover)
        phone.settle()
        phone.tap("Simpan berkas")
        phone.pick(File(card.root, "serahan"))
        phone.activity.go(Place.Backup)
        phone.settle()
        phone.tap("Simpan cadangan")
        phone.pick(File(card.root, "cadangan"))
        phone.killAndReturn()

        assertEquals("and what left", 2, card.root.listFiles { file -> file.length() > 1000 }?.size)
        nothingIsSaid(listOf(listed, "Rusli Datau", "Lorong Mawar", "9999999999999999", "1990-02-14", "271828", "no_keluarga"))
    }

    @Test
    fun `nor a photo`() {
        phone.start().enrol(ServerOfAllKinds)
        var photos = 0
        phone.app.core.ask({
            val family = it.households().page(Filter(null, null, null), null, 1u).rows.single()
            it.visit(family.id).answerWithFile("gambar/foto", "image/jpeg", PHOTO.toByteArray())
            it.phone().onlyHere().photos.toInt()
        }, failed = { throw it }) { photos = it }
        phone.settle()
        assertEquals(1, photos)
        phone.activity.go(Place.Backup)
        phone.settle()
        phone.sees("1 foto")
        phone.tap("Simpan cadangan")
        phone.pick(File(card.root, "cadangan"))
        phone.killAndReturn()
        nothingIsSaid(listOf(PHOTO, "blue door", "gambar/foto"))
    }

    private fun nothingIsSaid(words: List<String>) {
        val files = (phone.app.dataDir.walk() + card.root.walk()).filter { it.isFile }.toList()
        assertTrue("there must be a database to look into", files.any { it.name == "ketuk.db" && it.length() > 100_000 })
        val found = files.flatMap { file ->
            val bytes = String(file.readBytes(), Charsets.ISO_8859_1)
            words.filter { it in bytes }.map { "“$it” in ${file.name}" }
        }
        assertEquals(emptyList<String>(), found)
    }

    private fun lastYearsHead(): String {
        phone.tap("Lanjut mendata")
        return phone.listed().first().also { phone.home() }
    }

    private fun record() {
        interview.fillANewFamily()
        phone.tap("Simpan dan selesai")
        phone.home()
    }

    private companion object {
        const val PHOTO = "JFIF of a house with a blue door"
    }
}
