package id.ketuk.app

import android.app.job.JobParameters
import android.text.InputType
import android.view.WindowManager
import android.widget.EditText
import id.ketuk.app.core.Locked
import id.ketuk.app.sync.SyncJob
import id.ketuk.testing.Server
import java.time.Duration
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.Shadows.shadowOf

/** The app's own lock: what it keeps out, and that it never keeps her from where she was. */
@RunWith(RobolectricTestRunner::class)
class LockTest {
    private val phone = Phone()
    private val interview = Interview(phone)

    private fun aPhoneWithAPin() = phone.start().enrol(Server.address).also { it.choosePin(PIN) }

    private fun inAVisit() {
        interview.begin()
        interview.onToTheFamily()
        phone.type(interview.field("telepon"), "0812")
    }

    private fun locked() {
        phone.sees("Ketuk terkunci")
        phone.seesNot("menunggu kirim")
        phone.seesNot("Selanjutnya")
    }

    @Test
    fun `a campaign that wants a PIN lets nobody pass without one`() {
        Server.operate("lock-phones", "--pin", "true", "--after", "2")
        try {
            phone.start()
            phone.openBy(Server.code(), Server.address, "Daftarkan")
            phone.sent()
            phone.sees("Pendataan ini meminta PIN")
            phone.picture("lock-choose")
            phone.pin("123456")
            phone.sees("PIN ini mudah ditebak.")
            phone.pin(PIN)
            phone.pin("314159")
            phone.sees("Kedua PIN tidak sama.")
            phone.back()
            phone.seesNot("RT Anda")
            phone.killAndStart()
            phone.sees("Pendataan ini meminta PIN")
            phone.pin(PIN)
            phone.pin(PIN)
            phone.sees("RT Anda")
            phone.tapNamed("Pengaturan")
            phone.sees("setelah 2 menit tidak disentuh")
            phone.seesNot("Hapus PIN")
        } finally {
            Server.operate("lock-phones", "--pin", "false")
        }
    }

    @Test
    fun `after minutes without a touch she is asked for the PIN, and is then exactly where she was`() {
        aPhoneWithAPin()
        inAVisit()
        phone.wait(Duration.ofMinutes(3))
        phone.activity.onUserInteraction()
        phone.wait(Duration.ofMinutes(3))
        assertEquals("0812", interview.typed("telepon"))
        phone.wait(Duration.ofMinutes(5))
        locked()
        phone.picture("lock-locked")
        phone.rotate()
        locked()
        phone.pin("314159")
        phone.sees("PIN belum cocok.")
        phone.pin(PIN)
        assertEquals("0812", interview.typed("telepon"))
    }

    @Test
    fun `away for long she comes back to the lock, and from there to her place`() {
        aPhoneWithAPin()
        inAVisit()
        phone.putAside()
        phone.wait(Duration.ofMinutes(6))
        phone.takeUp()
        locked()
        phone.pin(PIN)
        assertEquals("0812", interview.typed("telepon"))
        phone.putAside()
        phone.wait(Duration.ofMinutes(1))
        phone.takeUp()
        assertEquals("a short look away asks for nothing", "0812", interview.typed("telepon"))
    }

    @Test
    fun `killed while it was locked it is locked again, and opens where she was`() {
        aPhoneWithAPin()
        inAVisit()
        phone.wait(Duration.ofMinutes(6))
        phone.killAndReturn()
        locked()
        phone.back()
        phone.killAndReturn()
        locked()
        phone.pin(PIN)
        assertEquals("0812", interview.typed("telepon"))
        // Also one that was killed while it was open.
        phone.killAndReturn()
        locked()
        phone.pin(PIN)
        assertEquals("0812", interview.typed("telepon"))
    }

    @Test
    fun `wrong PINs are slowed down, also across a kill, and nothing is ever wiped`() {
        aPhoneWithAPin()
        phone.recordNobodyFound()
        phone.killAndStart()
        repeat(4) { phone.pin("31415$it") }
        phone.sees("PIN belum cocok.")
        phone.pin("314159")
        phone.sees("Tunggu 30 detik. Data Anda tetap ada.")
        phone.picture("lock-wait")
        phone.pin(PIN)
        locked()
        phone.killAndStart()
        phone.pin(PIN)
        phone.sees("Terlalu banyak PIN yang salah.")
        phone.wait(Duration.ofSeconds(40))
        phone.seesNot("Terlalu banyak")
        phone.pin(PIN)
        phone.sees("1 menunggu kirim")
        phone.killAndStart()
        phone.pin("314159")
        phone.sees("PIN belum cocok.")
    }

    @Test
    fun `her finger opens it in the PIN's place, and turning away leaves the PIN`() {
        aPhoneWithAPin()
        phone.tapNamed("Pengaturan")
        phone.seesNot("Buka dengan sidik jari")
        phone.home()
        phone.app.finger.there = true
        phone.tapNamed("Pengaturan")
        phone.tap("Buka dengan sidik jari")
        phone.app.finger.touch()
        phone.settle()
        phone.tap("Kunci sekarang")
        locked()
        assertTrue("it asks by itself", phone.app.finger.isAsked)
        phone.app.finger.turnAway()
        phone.settle()
        locked()
        phone.tap("Pakai sidik jari")
        phone.app.finger.touch()
        phone.settle()
        phone.sees("Buka dengan sidik jari")

        phone.killAndStart()
        phone.app.finger.touch()
        phone.settle()
        phone.sees("RT Anda")
        // Somebody adds a finger of his own to the phone: it opens nothing.
        TestKeystore.held.keys.removeIf { "finger" in it }
        phone.killAndStart()
        assertFalse(phone.app.finger.isAsked)
        phone.sees("Ketik PIN Anda.")
        phone.pin(PIN)
        phone.sees("RT Anda")
    }

    @Test
    fun `what waits goes by itself while the app is locked, and then nobody opens it without her`() {
        aPhoneWithAPin()
        phone.recordNobodyFound()
        phone.killAndStart()
        locked()
        val job = Robolectric.buildService(SyncJob::class.java).create().get()
        job.onStartJob(Shadow.newInstanceOf(JobParameters::class.java))
        phone.sent()
        assertTrue(shadowOf(job).isJobFinished)
        locked()
        phone.killAndStart()
        var opened: Result<*>? = null
        phone.app.core.ask({ runCatching { it.phone() } }, failed = {}) { opened = it }
        phone.settle()
        assertTrue("$opened", opened?.exceptionOrNull() is Locked)
        phone.pin(PIN)
        phone.sees("0 menunggu kirim")
    }

    @Test
    fun `a PIN that she removes is asked for no more`() {
        aPhoneWithAPin()
        phone.tapNamed("Pengaturan")
        phone.tap("Ganti PIN")
        phone.pin("314159")
        phone.sees("PIN belum cocok.")
        phone.pin(PIN)
        phone.pin("161803")
        phone.pin("161803")
        phone.killAndStart()
        phone.pin("161803")
        phone.tapNamed("Pengaturan")
        phone.tap("Hapus PIN")
        phone.sees("Belum ada PIN.")
        phone.killAndStart()
        phone.sees("RT Anda")
    }

    @Test
    fun `a PIN is hidden, can't be copied, and stands in nothing that is saved`() {
        aPhoneWithAPin()
        phone.killAndStart()
        val field = phone.views().filterIsInstance<EditText>().single()
        assertNotEquals(0, field.inputType and InputType.TYPE_NUMBER_VARIATION_PASSWORD)
        assertFalse(field.isLongClickable)
        phone.type(field, "2718")
        phone.rotate()
        assertEquals("", phone.views().filterIsInstance<EditText>().single().text.toString())
    }

    @Test
    fun `answers are not copied to where every app can read them`() {
        phone.start().enrol(Server.address)
        inAVisit()
        val field = interview.field("telepon")
        field.requestFocus()
        field.selectAll()
        listOf(android.R.id.copy, android.R.id.cut, android.R.id.shareText).forEach { field.onTextContextMenuItem(it) }
        val clipboard = phone.app.getSystemService(android.content.ClipboardManager::class.java)
        assertNull(clipboard.primaryClip)
        assertEquals("0812", field.text.toString())
    }

    @Test
    fun `no dialog can be photographed either`() {
        phone.start().enrol(Server.address)
        inAVisit()
        phone.back()
        phone.tap("Buang draf")
        val dialog = ShadowAlertDialog.getLatestDialog()
        val flags = checkNotNull(dialog.window).attributes.flags
        assertNotEquals(0, flags and WindowManager.LayoutParams.FLAG_SECURE)
    }

    private companion object {
        const val PIN = "271828"
    }
}
