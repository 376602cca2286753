package id.ketuk.app

import android.app.AlertDialog
import android.app.Dialog
import android.content.Intent
import android.net.Uri
import id.ketuk.app.nav.Place
import id.ketuk.testing.Link
import id.ketuk.testing.SampleServer
import java.io.File
import java.time.Duration
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowDialog

/** Ways out and ways back: by a file, from a copy, out of a lost key. By each of them nothing is lost. */
@RunWith(RobolectricTestRunner::class)
class RescueTest {
    @get:Rule
    val card = TemporaryFolder()

    /** One of their own: they are many, and a server has so many cadres. */
    private object Office : SampleServer()

    private val phone = Phone()
    private val interview = Interview(phone)
    private val her = Office.cadre()

    @After
    fun mended() {
        TestKeystore.broken = false
    }

    private fun file(name: String) = File(card.root, name)

    private fun aDraft() {
        phone.openArea()
        interview.beginFirst()
        interview.onToTheFamily()
        interview.type("alamat", "Lorong Mawar")
        phone.home()
    }

    private fun confirm() {
        (ShadowDialog.getLatestDialog() as AlertDialog).getButton(Dialog.BUTTON_POSITIVE).performClick()
        phone.settle()
    }

    @Test
    fun `what waits leaves as a file, and the answer comes back as a file`() {
        Link(Office.address).use { link ->
            phone.start().enrol(link.address, her.code)
            link.cut()
            phone.recordNobodyFound()
            phone.tap("1 menunggu kirim")
            phone.tap("Serahkan lewat berkas")
            phone.sees("1 isian menunggu")
            phone.picture("handover-waiting")
            phone.tap("Simpan berkas")
            phone.pick(null)
            phone.sees("1 isian menunggu")
            phone.tap("Simpan berkas")
            phone.pick(file("serahan.ketuk"))
            phone.sees("1 isian ada di berkas itu. Semuanya tetap di HP ini")
            phone.picture("handover-done")
            phone.back()
            phone.sees("Diserahkan dalam berkas")
            phone.picture("handover-list")

            Office.operate("import-batch", file("serahan.ketuk").path, "--answers", card.root.path)
            phone.tap("Serahkan lewat berkas")
            phone.tap("Buka berkas jawaban")
            phone.pick(file("serahan.ketuk"))
            phone.sees("Berkas ini bukan berkas yang dimaksud")
            phone.tap("Buka berkas jawaban")
            phone.pick(file("serahan.jawaban.ketuk"))
            phone.sees("1 isian diterima server.")
            phone.sees("Tidak ada isian yang menunggu.")
            phone.sees("0 menunggu kirim")
            phone.seesNot("bukan berkas yang dimaksud")
        }
    }

    @Test
    fun `a shared file can be read by its address alone, and only read`() {
        phone.start().enrol(Office.address, her.code)
        phone.recordNobodyFound()
        phone.activity.go(Place.Handover)
        phone.settle()
        phone.tap("Bagikan berkas")
        val chooser = shadowOf(phone.activity).nextStartedActivity
        @Suppress("DEPRECATION") // the typed getter came with API 33
        val send = checkNotNull(chooser.getParcelableExtra<Intent>(Intent.EXTRA_INTENT))
        assertEquals(Intent.ACTION_SEND, send.action)
        assertNotEquals(0, send.flags and Intent.FLAG_GRANT_READ_URI_PERMISSION)
        assertEquals(0, send.flags and Intent.FLAG_GRANT_WRITE_URI_PERMISSION)
        @Suppress("DEPRECATION")
        val uri = checkNotNull(send.getParcelableExtra<Uri>(Intent.EXTRA_STREAM))
        assertFalse(checkNotNull(phone.app.packageManager.resolveContentProvider(checkNotNull(uri.authority), 0)).exported)

        val (shared, name, refused) = offMain {
            val resolver = phone.app.contentResolver
            val bytes = checkNotNull(resolver.openInputStream(uri)).use { it.readBytes() }
            val name = checkNotNull(resolver.query(uri, null, null, null, null)).use { it.moveToFirst(); it.getString(0) }
            val refused = listOf(
                runCatching { resolver.openOutputStream(uri) },
                runCatching { resolver.openInputStream(Uri.parse("content://${uri.authority}/..%2Fdata")) },
                runCatching { resolver.openInputStream(Uri.parse("content://${uri.authority}/none")) },
            )
            Triple(bytes, name, refused)
        }
        assertTrue(name.startsWith("ketuk-serahan-"))
        assertTrue(refused.all { it.isFailure })
        file("shared").writeBytes(shared)
        assertTrue("1 entries are on the server" in Office.operate("import-batch", file("shared").path))
    }

    /** Off the main thread, where a debug build may read. */
    private fun <T> offMain(work: () -> T): T {
        var done: Result<T>? = null
        phone.app.core.ask({ runCatching(work) }, failed = { throw it }) { done = it }
        phone.settle()
        return checkNotNull(done).getOrThrow()
    }

    @Test
    fun `a cadre with a signal brings another's file`() {
        phone.start().enrol(Office.address, her.code)
        phone.recordNobodyFound()
        phone.activity.go(Place.Handover)
        phone.settle()
        phone.tap("Simpan berkas")
        phone.pick(file("hers"))
        phone.tap("Kirim berkas kader lain")
        phone.pick(file("hers"))
        phone.sees("1 isian dari berkas itu ada di server.")
        file("letter").writeText("a letter")
        phone.tap("Kirim berkas kader lain")
        phone.pick(file("letter"))
        phone.sees("bukan titipan untuk server ini")
    }

    @Test
    fun `a revoked phone keeps what it has and hands it over`() {
        phone.start().enrol(Office.address, her.code)
        phone.recordNobodyFound()
        Office.operate("revoke", her.id)
        phone.tap("Kirim sekarang")
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.sees("HP ini tidak boleh mengirim lagi. Data aman di sini; ketuk untuk menyerahkan lewat berkas.")
        phone.home()
        phone.tap("1 menunggu kirim")
        phone.tap("Serahkan lewat berkas")
        phone.sees("HP ini tidak boleh mengirim lagi, tetapi isiannya masih bisa diserahkan di sini.")
        phone.picture("handover-revoked")
        phone.tap("Simpan berkas")
        phone.pick(file("serahan"))
        val said = Office.operate("import-batch", file("serahan").path)
        assertTrue(said, "1 entries are on the server, 0 of them were before, 1 need a look" in said)
        phone.home()
        phone.sees("1 menunggu kirim")
        // And a new code takes it up again.
        phone.tapNamed("Pengaturan")
        phone.tap("Kode pendaftaran baru")
        phone.openBy(Office.operate("invite", her.id), Office.address, "Daftarkan")
        phone.sent()
        phone.sees("0 menunggu kirim")
    }

    @Test
    fun `a copy comes back on a new phone with draft, entry and sign-in, and nothing is there twice`() {
        phone.start().enrol(Office.address, her.code)
        phone.recordNobodyFound()
        aDraft()
        phone.tapNamed("Pengaturan")
        phone.tap("Cadangan")
        phone.sees("1 isian menunggu kirim")
        phone.sees("1 draf belum selesai")
        phone.sees("Belum pernah dibuat cadangan.")
        phone.picture("backup")
        phone.tap("Simpan cadangan")
        phone.pick(file("cadangan"))
        phone.sees("Cadangan tersimpan.")
        phone.sees("Cadangan terakhir:")
        phone.home()
        // The old phone goes on, sends, and then falls into the river.
        phone.tap("Kirim sekarang")
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.sees("0 menunggu kirim")
        phone.app.data.deleteRecursively()
        phone.killAndStart()

        phone.tap("Pulihkan dari cadangan")
        phone.picture("restore")
        file("letter").writeText("a letter")
        phone.tap("Pilih berkas cadangan")
        phone.pick(file("letter"))
        phone.sees("Berkas ini bukan berkas yang dimaksud")
        phone.tap("Pilih berkas cadangan")
        phone.pick(file("cadangan"))
        phone.sees("Berkas sudah dibaca.")
        assertEquals(Office.address, phone.field("Alamat server").text.toString())
        phone.killAndReturn()
        phone.picture("restore-code")
        // The code on the old sheet opens nothing.
        phone.openBy(her.code, Office.address, "Pulihkan")
        phone.sees("Kode ini sudah dipakai")
        phone.openBy(Office.operate("invite", her.id), Office.address, "Pulihkan")
        phone.sent()
        phone.sees("RT Anda")
        phone.sees("0 menunggu kirim")
        phone.sees("1 keluarga belum selesai diisi")
        phone.tap("1 keluarga belum selesai diisi")
        phone.tapRow(0)
        phone.tap("Lanjutkan pengisian")
        assertEquals("Lorong Mawar", interview.typed("alamat"))
        assertTrue("0 differences" in Office.operate("verify"))
    }

    @Test
    fun `a forgotten PIN is replaced by a new code, and she is exactly where she was`() {
        phone.start().enrol(Office.address, her.code)
        phone.choosePin("271828")
        aDraft()
        phone.tap("1 keluarga belum selesai diisi")
        phone.tapRow(0)
        phone.tap("Lanjutkan pengisian")
        phone.killAndReturn()
        phone.tap("Lupa PIN")
        phone.sees("Data Anda tetap ada di HP ini.")
        phone.picture("rescue-forgotten")
        phone.back()
        phone.sees("Ketuk terkunci")
        phone.tap("Lupa PIN")
        phone.type(phone.field("Kode pendaftaran"), "K7QM")
        phone.killAndReturn()
        assertEquals("K7QM", phone.field("Kode pendaftaran").text.toString())
        phone.openBy(her.code, Office.address, "Buka lagi")
        phone.sees("Kode ini sudah dipakai")
        phone.openBy(Office.operate("invite", her.id), Office.address, "Buka lagi")
        phone.sent()
        assertEquals("Lorong Mawar", interview.typed("alamat"))
        phone.home()
        phone.tapNamed("Pengaturan")
        phone.sees("Belum ada PIN.")
    }

    @Test
    fun `a phone whose Keystore lost the key gets it back by a new code`() {
        phone.start().enrol(Office.address, her.code)
        phone.recordNobodyFound()
        aDraft()
        TestKeystore.lose()
        phone.killAndStart()
        phone.sees("Kunci data di HP ini tidak terbuka")
        phone.sees("Jangan hapus aplikasi")
        assertEquals(Office.address, phone.field("Alamat server").text.toString())
        phone.picture("rescue-lost")
        phone.rotate()
        phone.picture("rescue-lost-landscape")
        phone.openBy(Office.operate("invite", her.id), Office.address, "Buka lagi")
        phone.sent()
        phone.sees("0 menunggu kirim")
        phone.sees("1 keluarga belum selesai diisi")
        phone.killAndStart()
        phone.sees("RT Anda")
    }

    @Test
    fun `a Keystore that is out of order is a lost key today, and tomorrow it opens`() {
        phone.start().enrol(Office.address, her.code)
        TestKeystore.broken = true
        phone.killAndStart()
        phone.sees("Kunci data di HP ini tidak terbuka")
        TestKeystore.broken = false
        phone.killAndStart()
        phone.sees("RT Anda")
    }

    @Test
    fun `what can't be opened leaves as a file, and the app begins anew beside it`() {
        phone.start().enrol(Office.address, her.code)
        phone.recordNobodyFound()
        TestKeystore.lose()
        phone.killAndStart()
        phone.tap("Simpan cadangan")
        phone.pick(file("lost"))
        phone.sees("Cadangan tersimpan.")
        val before = bytes()
        phone.tap("Mulai baru")
        confirm()
        phone.sees("Daftarkan HP ini")
        assertTrue("every byte of before is still there", bytes().containsAll(before))

        // The file, or what is still here, opens on any phone that a new code is typed on.
        phone.enrol(Office)
        phone.activity.go(Place.Backup)
        phone.settle()
        phone.sees("Data yang disimpan terpisah")
        phone.picture("backup-aside")
    }

    /** The content of each sealed file of the app, however it is named now. */
    private fun bytes() = phone.app.noBackupFilesDir.walk().filter { it.isFile && it.name == "ketuk.db" }
        .map { it.readBytes().toList().hashCode() to it.length() }.toSet()

    @Test
    fun `a file that she chose while the app locked itself is written once she is back`() {
        phone.start().enrol(Office.address, her.code)
        phone.choosePin("271828")
        phone.recordNobodyFound()
        phone.activity.go(Place.Handover)
        phone.settle()
        phone.tap("Simpan berkas")
        phone.putAside()
        phone.wait(Duration.ofMinutes(9))
        phone.pick(file("serahan"))
        phone.takeUp()
        phone.sees("Ketuk terkunci")
        assertFalse(file("serahan").exists())
        phone.pin("271828")
        phone.sees("1 isian ada di berkas itu.")
        assertTrue(file("serahan").length() > 0)
    }

    @Test
    fun `a full or strange place for a file is said, and the data stays`() {
        phone.start().enrol(Office.address, her.code)
        phone.recordNobodyFound()
        phone.activity.go(Place.Handover)
        phone.settle()
        phone.tap("Simpan berkas")
        phone.pick(File(card.root, "no/such/folder/serahan"))
        phone.sees("Berkas itu tidak bisa dibaca atau ditulis di sana.")
        phone.sees("1 isian menunggu")
    }
}
