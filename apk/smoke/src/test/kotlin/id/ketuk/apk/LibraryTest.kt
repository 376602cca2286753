package id.ketuk.apk

import id.ketuk.apk.Bionic.Companion.bytes
import id.ketuk.apk.Bionic.Companion.text
import id.ketuk.apk.Bionic.Companion.written
import id.ketuk.core.Answer
import id.ketuk.core.FfiConverterOptionalTypeEnrolment
import id.ketuk.core.FfiConverterOptionalULong
import id.ketuk.core.FfiConverterTypeAnswer
import id.ketuk.core.FfiConverterTypeFinish
import id.ketuk.core.FfiConverterTypeScreen
import id.ketuk.core.FfiConverterTypeWaitingPage
import id.ketuk.core.Filter
import id.ketuk.core.Finish
import id.ketuk.core.HouseholdState
import id.ketuk.core.Item
import id.ketuk.core.KetukException
import id.ketuk.core.Phone
import id.ketuk.core.Question
import id.ketuk.core.Screen
import id.ketuk.core.SyncCancel
import id.ketuk.core.SyncEnd
import id.ketuk.core.SyncEvent
import id.ketuk.core.SyncObserver
import id.ketuk.core.Trouble
import id.ketuk.testing.Server
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File

/**
 * The arm64 libraries of the APK on a real Android's libc, emulated. They have not run on a phone here: no network, one
 * thread at a time, and the linker is the emulator's.
 */
class LibraryTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val apk = File(System.getProperty("ketuk.apk"))
    private val key = ByteArray(32) { it.toByte() }

    private object Nobody : SyncObserver {
        override fun happened(event: SyncEvent) = Unit
    }

    /** On this machine's own library, which has the network. */
    private fun open(at: File) = Phone.open(at.path, key, "test", 8 * 60)

    private fun Phone.synced() = SyncCancel().use { sync(Nobody, it) }.also { assertEquals(SyncEnd.DONE, it.end) }

    private fun Bionic.open(key: ByteArray = this@LibraryTest.key) =
        handle("uniffi_ketuk_fn_constructor_phone_open", text("/data"), bytes(key), text("test"), 8 * 60)

    private fun Screen.question(name: String): Question =
        items.filterIsInstance<Item.Question>().map { it.v1 }.first { it.path.endsWith(name) }

    @Test
    fun `a cadre's database opens on a phone's libc, a visit is filled, and the server takes it`() {
        val data = folder.newFolder("data")
        val family = open(data).use { phone ->
            phone.enrol(Server.address, Server.code(), "a JVM")
            phone.synced()
            phone.households().use { it.page(Filter(null, HouseholdState.NOT_STARTED, null), null, 1u).rows.single().id }
        }
        Bionic(apk, folder.root).use { bionic ->
            val phone = bionic.open()
            val households = bionic.handleOf("phone", phone, "households")
            val visit = bionic.handleOf("households", households, "visit", text(family))
            fun answer(name: String, answer: Answer) {
                val screen = bionic.value("visit", visit, "screen", FfiConverterTypeScreen)
                val path = screen.question(name).path
                bionic.value("visit", visit, "answer", FfiConverterTypeScreen, text(path), written(FfiConverterTypeAnswer, answer))
            }
            answer("hasil", Answer.Choice("5"))
            answer("kali_kunjungan", Answer.Text("3"))
            assertEquals(Finish.Saved, bionic.value("visit", visit, "finish", FfiConverterTypeFinish))
            val none = written(FfiConverterOptionalULong, null)
            val waiting = bionic.value("phone", phone, "waiting", FfiConverterTypeWaitingPage, none, 10)
            assertEquals(family, waiting.rows.single().household.id)
            bionic.free("visit", visit)
            bionic.free("households", households)
            bionic.free("phone", phone)
        }
        open(data).use { assertEquals(1uL, it.synced().received) }
    }

    @Test
    fun `with another key it is refused as that, and stays whole`() {
        val data = folder.newFolder("data")
        open(data).close()
        Bionic(apk, folder.root).use { bionic ->
            val fault = assertThrows(KetukException.Storage::class.java) { bionic.open(ByteArray(32)) }
            assertEquals(Trouble.WRONG_KEY, fault.trouble)
        }
        open(data).close()
    }

    @Test
    fun `a panic is an error, and the phone answers after it`() {
        folder.newFolder("data")
        Bionic(apk, folder.root).use { bionic ->
            val phone = bionic.open()
            val households = bionic.handleOf("phone", phone, "households")
            // A text that is none: nothing but a broken shell sends it.
            val nonsense = Bionic.Bytes(byteArrayOf(-1, -1))
            assertThrows(Bionic.Panicked::class.java) { bionic.handleOf("households", households, "visit", nonsense) }
            assertNull(bionic.value("phone", phone, "enrolment", FfiConverterOptionalTypeEnrolment))
        }
    }

    @Test
    fun `every name that a library is linked to is in a real Android`() {
        Bionic(apk, folder.root).use { bionic ->
            val names = File(System.getProperty("ketuk.apk.names")).listFiles { file -> file.extension == "txt" }.orEmpty()
            assertEquals(4, names.size)
            for (list in names) {
                // A line with a word after the name is for that kind of processor alone.
                val everywhere = list.readLines().filter { it.isNotBlank() && ' ' !in it }
                assertTrue(everywhere.isNotEmpty())
                val missing = everywhere.filterNot { bionic.exports(list.nameWithoutExtension + ".so", it) }
                assertEquals(list.name, emptyList<String>(), missing)
            }
        }
    }
}
