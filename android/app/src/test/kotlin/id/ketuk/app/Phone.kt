package id.ketuk.app

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.net.Uri
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.AdapterView
import android.widget.EditText
import android.widget.ScrollView
import android.widget.TextView
import id.ketuk.app.nav.Place
import id.ketuk.testing.SampleServer
import id.ketuk.testing.Server
import java.io.File
import java.time.Duration
import java.util.concurrent.TimeUnit
import org.junit.Assert.assertTrue
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog

/** The phone in a cadre's hand, set to Indonesian: what she sees, taps and types, on the real screens. */
class Phone(intent: Intent? = null) : Handset(intent) {
    fun start(): Phone = apply { launch() }

    /** Until neither the core nor the main thread has anything left to do, and a frame was drawn. */
    override fun settle() {
        do {
            await("the core to come to rest") { app.coreIsIdle }
            shadowOf(Looper.getMainLooper()).idleFor(FRAME)
        } while (!app.coreIsIdle)
    }

    /** Lets the main thread work until [there], for what comes from other threads. */
    fun await(what: String, there: () -> Boolean) {
        val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30)
        while (!there()) {
            if (System.nanoTime() > deadline) throw AssertionError("waited in vain for $what; on screen:\n${words()}")
            shadowOf(Looper.getMainLooper()).idle()
            Thread.onSpinWait()
        }
    }

    /** Every view that can be seen under [root], parents first. */
    fun views(root: View = activity.window.decorView): Sequence<View> = sequence {
        if (root.visibility != View.VISIBLE) return@sequence
        yield(root)
        if (root is ViewGroup) for (i in 0 until root.childCount) yieldAll(views(root.getChildAt(i)))
    }

    /** Every word on the screen, or in [root], a view a line, from top to bottom. */
    fun words(root: View = activity.window.decorView): String = views(root).filterIsInstance<TextView>()
        .map { it.text.toString().replace('\u00A0', ' ') }.filter { it.isNotBlank() }.joinToString("\n")

    fun sees(words: String) {
        assertTrue("expected “$words” on the screen, which says:\n${words()}", words in words())
    }

    fun seesNot(words: String) {
        assertTrue("did not expect “$words” on the screen, which says:\n${words()}", words !in words())
    }

    /** Taps what says [words], or has it as its name for TalkBack; rather all of it than a part. */
    fun tap(words: String) {
        val whole = views().filter { it.says { said -> said == words } }
        val part = views().filter { it.says { said -> words in said } }
        val target = (whole + part).firstNotNullOfOrNull { it.tappable() }
            ?: throw AssertionError("nothing to tap says “$words”; on screen:\n${words()}")
        if (target is AdapterView<*>) target.tapRow(words) else target.performClick()
        settle()
    }

    private fun AdapterView<*>.tapRow(words: String) {
        val row = (0 until childCount).first { i -> views(getChildAt(i)).any { it.says { said -> words in said } } }
        performItemClick(getChildAt(row), firstVisiblePosition + row, 0)
    }

    /** Taps the row at [index] of the list on the screen. */
    fun tapRow(index: Int) {
        val list = views().filterIsInstance<AdapterView<*>>().first()
        list.performItemClick(list.getChildAt(index), list.firstVisiblePosition + index, 0)
        settle()
    }

    /** Taps the first thing whose name for TalkBack begins with [words]. */
    fun tapNamed(words: String) {
        val target = views().firstOrNull { it.contentDescription?.startsWith(words) == true }
            ?: throw AssertionError("nothing is named “$words…”; on screen:\n${words()}")
        target.performClick()
        settle()
    }

    /** The heads of the families in the list that can be seen. */
    fun listed(): List<String> {
        val list = views().filterIsInstance<AdapterView<*>>().first()
        return (0 until list.childCount).map { words(list.getChildAt(it)).lines()[1] }
    }

    /** From home: into the first RT with families still to visit. */
    fun openArea() {
        val left = views().filterIsInstance<TextView>().first { line ->
            AREA.matchEntire(line.text)?.destructured?.let { (done, all) -> done.toInt() < all.toInt() } == true
        }
        tap(left.text.toString())
    }

    /** From home: a family where nobody was met three times, recorded and finished; which one it was. */
    fun recordNobodyFound(): Place.Household {
        val interview = Interview(this)
        openArea()
        tap("Belum didata")
        tapRow(0)
        val family = place() as Place.Household
        tap("Mulai mendata")
        interview.choose("hasil", "Tidak ditemui")
        interview.type("kali_kunjungan", "3")
        tap("Selanjutnya")
        tap("Simpan dan selesai")
        sees("Tersimpan di HP. Menunggu kirim.")
        home()
        return family
    }

    fun dp(value: Int): Int = Math.round(value * activity.resources.displayMetrics.density)

    /** Taps what says [words] inside [root]. */
    fun tapIn(root: View, words: String) {
        val target = views(root).firstOrNull { it.says { said -> said == words } }?.tappable()
            ?: throw AssertionError("nothing to tap says “$words” here:\n${words(root)}")
        target.performClick()
        settle()
    }

    private fun View.says(such: (String) -> Boolean) =
        (this is TextView && such(text.toString().replace('\u00A0', ' '))) ||
            contentDescription?.let { such(it.toString()) } == true

    private fun View.tappable(): View? =
        generateSequence(this) { it.parent as? View }.find { it.isClickable && it.isEnabled }

    fun type(field: EditText, text: String) {
        field.requestFocus()
        field.setText(text)
        settle()
    }

    /** Taps beside the field: she has done with it. */
    fun leaveField() {
        activity.findViewById<View>(R.id.root).requestFocus()
        settle()
    }

    /** The field that is named [name], for TalkBack or by its hint. */
    fun field(name: String): EditText = views().filterIsInstance<EditText>()
        .firstOrNull { it.contentDescription?.contains(name) == true || it.hint?.contains(name) == true }
        ?: throw AssertionError("no field is named “$name”; on screen:\n${words()}")

    /** Types a PIN into the field for it. */
    fun pin(digits: String) {
        type(views().filterIsInstance<EditText>().single(), digits)
    }

    /** Nobody touches the phone for so long. */
    fun wait(time: Duration) {
        shadowOf(Looper.getMainLooper()).idleFor(time)
        settle()
    }

    /** Chooses a PIN in the settings. */
    fun choosePin(digits: String) {
        tapNamed("Pengaturan")
        tap("Pasang PIN")
        pin(digits)
        pin(digits)
        sees("PIN tersimpan.")
        home()
    }

    /** In the system's picker, which is open now, she takes [file]. */
    fun pick(file: File?) {
        val asked = shadowOf(activity).nextStartedActivityForResult ?: throw AssertionError("no picker was opened")
        val code = if (file == null) Activity.RESULT_CANCELED else Activity.RESULT_OK
        shadowOf(activity).receiveResult(asked.intent, code, file?.let { Intent().setData(Uri.fromFile(it)) })
        settle()
    }

    /** Types the code and the server's address that the screen asks for, and taps [words]. */
    fun openBy(code: String, server: String, words: String) {
        type(field("Kode pendaftaran"), code)
        type(field("Alamat server"), server)
        tap(words)
    }

    /** Enrols with the next cadre's code, through [address], and waits until her families are here. */
    fun enrol(address: String, code: String = Server.code()): Phone = enrolBy(code, address)

    fun enrol(server: SampleServer): Phone = enrolBy(server.code(), server.address)

    private fun enrolBy(code: String, address: String): Phone = apply {
        type(field("Kode pendaftaran"), code)
        type(field("Alamat server"), address)
        tap("Daftarkan")
        sent()
        sees("RT Anda")
    }

    /** Until no run of sending is on its way. */
    fun sent() {
        await("sending to end") { app.core.sender.running == null && app.core.sender.last != null }
        settle()
    }

    /** The other app that she was sent to ends, having given [data]; without [done] she thought better of it. */
    fun returns(done: Boolean = true, data: Intent? = null) {
        val asked = shadowOf(activity).nextStartedActivityForResult ?: throw AssertionError("no other app was started")
        val result = if (done) Activity.RESULT_OK else Activity.RESULT_CANCELED
        shadowOf(activity).receiveResult(asked.intent, result, data)
        settle()
    }

    /** What another app gives to the app that was killed behind it. */
    fun gets(request: Int, data: Intent?) {
        @Suppress("DEPRECATION")
        activity.onActivityResult(request, Activity.RESULT_OK, data)
        settle()
    }

    /** What Android was asked to let the app do; she answers. */
    fun permits(granted: Boolean) {
        val asked = shadowOf(activity).lastRequestedPermission ?: throw AssertionError("no permission was asked for")
        if (granted) shadowOf(app).grantPermissions(*asked.requestedPermissions)
        val answer = if (granted) PackageManager.PERMISSION_GRANTED else PackageManager.PERMISSION_DENIED
        activity.onRequestPermissionsResult(asked.requestCode, asked.requestedPermissions, intArrayOf(answer))
        settle()
    }

    /** What the core says, asked as no screen does: for what only a test wants to know, or to do. */
    fun <T> core(question: (id.ketuk.app.core.Core) -> T): T {
        var answer: Result<T>? = null
        app.core.ask(question, { answer = Result.failure(it) }) { answer = Result.success(it) }
        await("the core's answer") { answer != null }
        return checkNotNull(answer).getOrThrow()
    }

    /** The page, scrolled down as far as it goes. */
    fun scrollToEnd() {
        views().filterIsInstance<ScrollView>().first().run { scrollTo(0, getChildAt(0).height) }
        settle()
    }

    fun back() {
        @Suppress("DEPRECATION")
        activity.onBackPressed()
        settle()
    }

    /** Back, as often as it takes, to the first screen. */
    fun home() {
        while (activity.findViewById<View>(R.id.back) != null) back()
    }

    /** What is written largest on the page. */
    fun headline(): String = views(activity.findViewById(R.id.content)).filterIsInstance<TextView>()
        .maxBy { it.textSize }.text.toString()

    /** Only a cadre of several RTs is asked in which one a new family lives. */
    fun takeTheFirstRtIfAsked() {
        val list = (ShadowAlertDialog.getLatestDialog() as? AlertDialog)?.listView ?: return
        list.performItemClick(list.adapter.getView(0, null, list), 0, 0)
        settle()
    }

    fun picture(name: String): Bitmap = shoot(activity, name)

    private companion object {
        val AREA = Regex("(\\d+) dari (\\d+) selesai didata")
        val FRAME: Duration = Duration.ofMillis(50)
    }
}
