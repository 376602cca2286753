package id.ketuk.app

import android.content.Intent
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.graphics.Color
import android.location.Location
import android.location.LocationManager
import android.media.ExifInterface
import android.net.Uri
import android.os.Looper
import android.os.SystemClock
import android.provider.MediaStore
import android.view.MotionEvent
import android.view.View
import android.widget.EditText
import android.widget.SeekBar
import id.ketuk.app.core.Filter
import id.ketuk.app.core.HouseholdState
import id.ketuk.app.core.TextAnswer
import id.ketuk.testing.ServerOfAllKinds
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import java.io.ByteArrayOutputStream
import java.io.File
import java.time.Duration

/** Every kind of question that the form engine has, answered with the thumb or by another app. */
@RunWith(RobolectricTestRunner::class)
class KindsTest {
    private val phone = Phone()
    private val interview = Interview(phone)

    @Before
    fun inAVisit() {
        phone.start().enrol(ServerOfAllKinds)
        interview.begin()
    }

    private fun onPage(title: String) {
        phone.tap("Daftar isi")
        phone.tap(title)
    }

    private fun answer(name: String): String? = (interview.question(name).question.value as? TextAnswer)?.v1

    private fun jpeg(width: Int, height: Int): ByteArray {
        val picture = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
        Canvas(picture).drawColor(Color.rgb(27, 110, 66))
        return ByteArrayOutputStream().apply { picture.compress(Bitmap.CompressFormat.JPEG, 90, this) }.toByteArray()
    }

    /** A photo as the camera leaves it: turned, and with the place where it was taken noted in it. */
    private fun noted(width: Int, height: Int): ByteArray {
        val file = File.createTempFile("noted", ".jpg")
        file.writeBytes(jpeg(width, height))
        ExifInterface(file.path).apply {
            setAttribute(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_ROTATE_90.toString())
            setAttribute(ExifInterface.TAG_GPS_LATITUDE, "0/1,33/1,0/1")
            setAttribute(ExifInterface.TAG_MAKE, "Kamera Contoh")
            saveAttributes()
        }
        return file.readBytes().also { file.delete() }
    }

    /** The camera app writes where it was told to. */
    private fun cameraWrites(bytes: ByteArray) {
        val intent = shadowOf(phone.activity).peekNextStartedActivityForResult().intent
        @Suppress("DEPRECATION") // the typed getter came with API 33
        val address = intent.getParcelableExtra<Uri>(MediaStore.EXTRA_OUTPUT)!!
        assertTrue("the camera may write there", intent.flags and Intent.FLAG_GRANT_WRITE_URI_PERMISSION != 0)
        checkNotNull(phone.activity.contentResolver.openOutputStream(address)).use { it.write(bytes) }
    }

    private fun photoOf(name: String): ByteArray {
        var bytes: ByteArray? = null
        val answer = checkNotNull(answer(name))
        val drafts = Filter(null, HouseholdState.DRAFT, null)
        phone.app.core.ask(
            { core -> core.visit(core.households().page(drafts, null, 1u).rows.single().id).file(answer) },
            { throw it },
        ) { bytes = it }
        phone.settle()
        return checkNotNull(bytes)
    }

    private fun inTheClear(): List<String> = phone.app.noBackupFilesDir.list().orEmpty().toList()

    @Test
    fun `a photo is upright, small, without what the camera noted beside it, and only in the database`() {
        onPage("Gambar")
        phone.tap("Ambil foto")
        cameraWrites(noted(3000, 2000))
        phone.returns()
        val kept = photoOf("foto")
        val size = BitmapFactory.decodeByteArray(kept, 0, kept.size)
        assertEquals(683 to 1024, size.width to size.height)
        val exif = ExifInterface(kept.inputStream())
        assertNull(exif.getAttribute(ExifInterface.TAG_MAKE))
        assertNull(exif.getAttribute(ExifInterface.TAG_GPS_LATITUDE))
        assertFalse("the camera's file lies about: ${inTheClear()}", "camera" in inTheClear())
        phone.sees("Ambil ulang")
        phone.picture("kinds-photo")
    }

    @Test
    fun `a photo survives the death of the app behind the camera`() {
        onPage("Gambar")
        phone.tap("Ambil foto")
        cameraWrites(jpeg(400, 300))
        val asked = shadowOf(phone.activity).nextStartedActivityForResult
        phone.killAndReturn()
        phone.gets(asked.requestCode, null)
        assertNotNull(answer("foto"))
        phone.sees("Ambil ulang")
    }

    @Test
    fun `a camera that gave nothing, or something that is no picture, costs nothing`() {
        onPage("Gambar")
        phone.tap("Ambil foto")
        cameraWrites(jpeg(40, 30))
        phone.returns()
        val before = answer("foto")
        phone.tap("Ambil ulang")
        phone.returns(done = false)
        assertEquals(before, answer("foto"))
        phone.tap("Ambil ulang")
        cameraWrites("no picture".toByteArray())
        phone.returns()
        phone.sees("tidak terbaca")
        assertEquals(before, answer("foto"))
    }

    @Test
    fun `without a camera app she is told so`() {
        shadowOf(phone.app).checkActivities(true)
        onPage("Gambar")
        phone.tap("Ambil foto")
        phone.sees("Tidak ada aplikasi untuk ini")
    }

    @Test
    fun `a removed photo is gone from the phone`() {
        onPage("Gambar")
        phone.tap("Ambil foto")
        cameraWrites(jpeg(40, 30))
        phone.returns()
        phone.tap("Hapus")
        assertNull(answer("foto"))
    }

    @Test
    fun `a signature is kept at each stroke and survives a kill`() {
        onPage("Gambar")
        val sheet = sheetOf("tanda_tangan")
        stroke(sheet, 0.2f, 0.5f, 0.8f, 0.5f)
        val once = checkNotNull(answer("tanda_tangan"))
        stroke(sheet, 0.5f, 0.2f, 0.5f, 0.8f)
        val twice = checkNotNull(answer("tanda_tangan"))
        assertTrue("the second stroke is in it", once != twice && twice.endsWith(".png"))
        phone.picture("kinds-signature")
        phone.killAndReturn()
        assertEquals(twice, answer("tanda_tangan"))
        val picture = photoOf("tanda_tangan").let { BitmapFactory.decodeByteArray(it, 0, it.size) }
        assertEquals("ink where she drew", Color.BLACK, picture.getPixel(picture.width / 2, picture.height / 2))
        assertEquals("paper elsewhere", Color.WHITE, picture.getPixel(picture.width / 10, picture.height / 10))
        phone.tap("Hapus gambar")
        assertNull(answer("tanda_tangan"))
    }

    @Test
    fun `strokes that follow each other faster than the disk are all kept`() {
        onPage("Gambar")
        val sheet = sheetOf("tanda_tangan")
        touch(sheet, 0.2f, 0.5f, 0.8f, 0.5f)
        touch(sheet, 0.2f, 0.2f, 0.8f, 0.2f)
        touch(sheet, 0.2f, 0.8f, 0.8f, 0.8f)
        phone.settle()
        stroke(sheet, 0.5f, 0.1f, 0.5f, 0.15f)
        val picture = photoOf("tanda_tangan").let { BitmapFactory.decodeByteArray(it, 0, it.size) }
        listOf(0.2f, 0.5f, 0.8f).forEach {
            assertEquals("the stroke at $it", Color.BLACK, picture.getPixel(picture.width / 3, (picture.height * it).toInt()))
        }
    }

    @Test
    fun `a position is taken by itself once it is good enough, and by her before`() {
        onPage("Tempat")
        phone.tap("Cari posisi")
        phone.permits(true)
        phone.sees("Mencari posisi")
        located(accuracy = 80f)
        phone.sees("Belum teliti: ±80 m")
        located(accuracy = 30f)
        phone.sees("±30 m")
        phone.picture("kinds-place")
        located(accuracy = 8f)
        assertEquals("0.5386000 123.0595000 12.0 8.0", answer("letak"))
        phone.tap("Cari posisi lagi")
        located(accuracy = 40f)
        phone.tap("Pakai posisi ini")
        assertEquals("0.5386000 123.0595000 12.0 40.0", answer("letak"))
    }

    @Test
    fun `the wait for a position can be left, and what is refused or off is said`() {
        onPage("Tempat")
        phone.tap("Cari posisi")
        phone.permits(false)
        phone.sees("belum boleh memakai lokasi")
        shadowOf(phone.app).grantPermissions(android.Manifest.permission.ACCESS_FINE_LOCATION)
        providers(on = false)
        phone.tap("Cari posisi")
        phone.sees("Lokasi di HP ini mati.")
        providers(on = true)
        phone.tap("Cari posisi")
        phone.tap("Berhenti mencari")
        assertNull(answer("letak"))
        assertEquals(0, listeners())
        phone.tap("Cari posisi")
        phone.tap("Selanjutnya")
        assertEquals("nobody listens once she has gone on", 0, listeners())
    }

    @Test
    fun `bounds are walked point by point and closed`() {
        shadowOf(phone.app).grantPermissions(android.Manifest.permission.ACCESS_FINE_LOCATION)
        providers(on = true)
        onPage("Tempat")
        repeat(3) { nth ->
            phone.tapIn(interview.question("kebun"), "Tambah titik di sini")
            located(accuracy = 6f, north = nth * 0.001)
            phone.tap("Pakai titik ini")
        }
        phone.tap("Tutup batas")
        val points = checkNotNull(answer("kebun")).split(';')
        assertEquals(4, points.size)
        assertEquals(points.first(), points.last())
        assertNull(interview.question("kebun").question.problem)
    }

    @Test
    fun `a recording is kept when she ends it, and when she leaves the page`() {
        onPage("Suara dan berkas")
        phone.tap("Mulai merekam")
        phone.permits(true)
        phone.sees("Sedang merekam…")
        recorded("the first words")
        phone.tap("Selesai merekam")
        val first = checkNotNull(answer("rekaman"))
        assertTrue(first, first.endsWith(".aac"))
        assertEquals("the first words", String(photoOf("rekaman")))
        assertFalse("the recording lies about", "recording" in inTheClear())
        phone.tap("Rekam ulang")
        recorded("other words")
        phone.tap("Selanjutnya")
        onPage("Suara dan berkas")
        assertEquals("other words", String(photoOf("rekaman")))
    }

    @Test
    fun `a refused microphone is said, and she goes on`() {
        onPage("Suara dan berkas")
        phone.tap("Mulai merekam")
        phone.permits(false)
        phone.sees("belum boleh memakai mikrofon")
        phone.tap("Selanjutnya")
        phone.sees("Banyaknya orang")
    }

    @Test
    fun `a file is taken over from the system's picker, and one too large is said`() {
        onPage("Suara dan berkas")
        phone.tap("Pilih berkas")
        val letter = Uri.parse("content://letters/1")
        shadowOf(phone.activity.contentResolver).registerInputStream(letter, "Yth.".byteInputStream())
        phone.returns(data = Intent().setData(letter))
        assertTrue(checkNotNull(answer("surat")).endsWith(".bin"))
        phone.sees("Ada di HP ini")
        val before = answer("surat")
        phone.tapIn(interview.question("surat"), "Pilih berkas")
        val film = Uri.parse("content://letters/2")
        shadowOf(phone.activity.contentResolver).registerInputStream(film, ByteArray(6_000_000).inputStream())
        phone.returns(data = Intent().setData(film))
        phone.sees("terlalu besar")
        assertEquals(before, answer("surat"))
    }

    @Test
    fun `a code comes from a scanner app or is typed`() {
        onPage("Suara dan berkas")
        phone.tap("Pindai kode")
        phone.returns(data = Intent().putExtra("SCAN_RESULT", "7571-005"))
        assertEquals("7571-005", answer("kode"))
        interview.type("kode", "7571-006")
        assertEquals("7571-006", answer("kode"))
    }

    @Test
    fun `numbers, scales, days and times are answered with the thumb`() {
        onPage("Angka dan waktu")
        phone.sees("Belum dipilih")
        val bar = phone.views(interview.question("nilai")).filterIsInstance<SeekBar>().single()
        bar.progress = 6
        shadowOf(bar).onSeekBarChangeListener.apply {
            onProgressChanged(bar, 6, true)
            onStopTrackingTouch(bar)
        }
        phone.settle()
        assertEquals("7", answer("nilai"))
        interview.type("luas", "36,5")
        assertEquals("36,5", answer("luas"))
        typeParts("jam", "7", "30")
        assertEquals("07:30", answer("jam"))
        typeParts("saat", "20", "7", "2023", "14", "05")
        assertEquals("2023-07-20T14:05", answer("saat"))
        listOf("nilai", "luas", "jam", "saat").forEach { assertNull(it, interview.question(it).question.problem) }
        phone.picture("kinds-numbers")
    }

    @Test
    fun `what was answered in every kind reaches the server`() {
        onPage("Gambar")
        phone.tap("Ambil foto")
        cameraWrites(jpeg(40, 30))
        phone.returns()
        stroke(sheetOf("denah"), 0.1f, 0.1f, 0.9f, 0.9f)
        phone.tap("Daftar isi")
        phone.tap("Selesaikan")
        phone.tap("Simpan dan selesai")
        phone.sees("Tersimpan di HP. Menunggu kirim.")
        phone.home()
        phone.tap("Kirim sekarang")
        phone.tap("Kirim sekarang")
        phone.sent()
        phone.sees("1 keluarga diterima server.")
        phone.seesNot("foto menunggu")
    }

    private fun typeParts(name: String, vararg parts: String) {
        val fields = phone.views(interview.question(name)).filterIsInstance<EditText>().toList()
        fields.zip(parts).forEach { (field, part) -> phone.type(field, part) }
        phone.leaveField()
    }

    private fun sheetOf(name: String): View =
        phone.views(interview.question(name)).first { it.contentDescription?.startsWith("Gambar dengan jari") == true }

    private fun stroke(sheet: View, x: Float, y: Float, toX: Float, toY: Float) {
        touch(sheet, x, y, toX, toY)
        phone.settle()
    }

    /** A finger goes down, moves and goes up, in parts of the sheet's size. */
    private fun touch(sheet: View, x: Float, y: Float, toX: Float, toY: Float) {
        val begun = SystemClock.uptimeMillis()
        fun event(action: Int, x: Float, y: Float) {
            val event = MotionEvent.obtain(begun, begun, action, x * sheet.width, y * sheet.height, 0)
            sheet.dispatchTouchEvent(event)
            event.recycle()
        }
        event(MotionEvent.ACTION_DOWN, x, y)
        event(MotionEvent.ACTION_MOVE, (x + toX) / 2, (y + toY) / 2)
        event(MotionEvent.ACTION_MOVE, toX, toY)
        event(MotionEvent.ACTION_UP, toX, toY)
    }

    private val manager get() = phone.activity.getSystemService(LocationManager::class.java)

    private fun providers(on: Boolean) = listOf(LocationManager.GPS_PROVIDER, LocationManager.NETWORK_PROVIDER)
        .forEach { shadowOf(manager).setProviderEnabled(it, on) }

    private fun listeners() = shadowOf(manager).getLocationRequests(LocationManager.GPS_PROVIDER).size

    private fun located(accuracy: Float, north: Double = 0.0) {
        // The app asks for one position a second.
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(2))
        val place = Location(LocationManager.GPS_PROVIDER).apply {
            latitude = 0.5386 + north
            longitude = 123.0595
            altitude = 12.0
            this.accuracy = accuracy
            time = System.currentTimeMillis()
            elapsedRealtimeNanos = SystemClock.elapsedRealtimeNanos()
        }
        shadowOf(manager).simulateLocation(place)
        phone.settle()
    }

    private fun recorded(words: String) = File(phone.app.noBackupFilesDir, "recording").writeText(words)
}
