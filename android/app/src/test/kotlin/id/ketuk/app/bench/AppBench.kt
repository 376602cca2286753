package id.ketuk.app.bench

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Looper
import android.widget.EditText
import android.widget.ListView
import id.ketuk.app.Phone
import id.ketuk.app.R
import id.ketuk.app.core.DatabaseKey
import id.ketuk.app.core.Filter
import id.ketuk.app.nav.Place
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import java.io.File
import java.lang.management.ManagementFactory
import java.util.concurrent.atomic.AtomicInteger

/**
 * Measures the screens with 100,000 households. Its name keeps it out of the tests: `cargo xtask bench app`
 * runs it and reads the rows that it leaves.
 */
@RunWith(RobolectricTestRunner::class)
class AppBench {
    private val phone = Phone()
    private val app get() = phone.app
    private val main = shadowOf(Looper.getMainLooper())
    private val out = File(checkNotNull(System.getProperty("ketuk.bench.out")))

    @Test
    fun `what the screens cost`() {
        stock()
        val before = javaHeap()
        phone.start()
        val families = phone.core { it.households().page(Filter(null, null, null), null, 200u).rows.map { row -> row.id } }
        val heads = phone.core { it.households().page(Filter(null, null, null), null, 200u).rows.map { row -> row.head } }
        firstFrames(families)
        keys(heads)
        calls(families.first())
        memory(families.last(), before)
    }

    /** The phone's database is made by the core's own bench, under the key that the app made. */
    private fun stock() {
        // The framework's own classes aren't ours: they are here before memory is looked at.
        Robolectric.buildActivity(Activity::class.java).setup().get().apply { setContentView(ListView(this)) }
        core("--stock")
    }

    /** Runs the core's bench on the phone's folder; what it prints. */
    private fun core(does: String): String {
        val folder = app.data.apply { mkdirs() }
        val key = DatabaseKey(folder).bytes().joinToString("") { "%02x".format(it) }
        val run = ProcessBuilder(System.getProperty("ketuk.bench.bin"), does, folder.path, "--key", key)
            .redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val said = run.inputStream.bufferedReader().readText().trim()
        check(run.waitFor() == 0) { "the core's bench failed at $does" }
        return said
    }

    private fun firstFrames(families: List<String>) {
        val turns = families.iterator()
        val cases = listOf<Pair<String, () -> Place>>(
            "home" to { Place.Home }, "list" to { Place.Households() }, "visit" to { Place.Visit(turns.next()) },
        )
        cases.forEach { (name, place) ->
            val taken = (0 until WARM_UP + TURNS).map {
                val where = place()
                val begun = System.nanoTime()
                phone.activity.go(where)
                come()
                frame()
                val taken = (System.nanoTime() - begun) / 1e6
                phone.activity.back()
                come()
                taken
            }
            row("$name, 100,000 households: from intent to first frame, median", taken.drop(WARM_UP).share(0.5), "ms", 30.0)
        }
    }

    /** Until neither the core nor the main thread has anything left to do. */
    private fun come() {
        do {
            while (!app.coreIsIdle) Thread.onSpinWait()
            main.idle()
        } while (!app.coreIsIdle)
    }

    private val picture by lazy {
        phone.activity.window.decorView.run { Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888) }
    }

    private fun frame() = phone.activity.window.decorView.draw(Canvas(picture))

    private fun keys(heads: List<String>) {
        phone.activity.go(Place.Households())
        come()
        val search = phone.activity.findViewById<EditText>(R.id.search)
        search.requestFocus()
        val taken = heads.flatMap { head ->
            search.setText("")
            come()
            (1..4).map { length -> mainThread { search.setText(head.lowercase().take(length)) } }
        }
        phone.activity.back()
        come()
        row("search in 100,000: main thread for a key typed, p95", taken.drop(WARM_UP * 4).share(0.95), "ms", 2.0)
    }

    /** The time of the main thread's processor for [act] and all that follows from it there. */
    private fun mainThread(act: () -> Unit): Double {
        val thread = ManagementFactory.getThreadMXBean()
        var used = 0L
        fun measured(part: () -> Unit) {
            val begun = thread.currentThreadCpuTime
            part()
            used += thread.currentThreadCpuTime - begun
        }
        measured(act)
        do {
            while (!app.coreIsIdle) Thread.onSpinWait()
            measured { main.idle() }
        } while (!app.coreIsIdle)
        return used / 1e6
    }

    private fun calls(family: String) {
        val made = Class.forName("id.ketuk.core.Calls").getField("made").get(null) as AtomicInteger
        phone.activity.go(Place.Visit(family))
        come()
        val result = phone.views().filterIsInstance<id.ketuk.app.visit.QuestionView>().first()
        val before = made.get()
        result.answerFirst()
        come()
        val answered = made.get() - before
        phone.tap("Selanjutnya")
        val turned = made.get() - before - answered
        phone.home()
        row("one page of a visit: calls of the core, turned to · an answer on it", maxOf(answered, turned).toDouble(), "", 2.0)
    }

    private fun id.ketuk.app.visit.QuestionView.answerFirst() {
        phone.views(this).filterIsInstance<android.view.ViewGroup>().first { it.isClickable }.performClick()
    }

    private fun memory(family: String, before: Long) {
        phone.activity.go(Place.Visit(family))
        come()
        frame()
        val java = javaHeap() - before
        val native = core("--visit-memory").toLong()
        row("memory with a visit open, 100,000 households: native + Java", (java + native) / 1_048_576.0, "MiB", 48.0)
    }

    private fun javaHeap(): Long {
        repeat(3) { System.gc() }
        return Runtime.getRuntime().run { totalMemory() - freeMemory() }
    }

    private fun List<Double>.share(of: Double) = sorted()[(size * of).toInt().coerceAtMost(size - 1)]

    private fun row(name: String, value: Double, unit: String, most: Double) =
        out.appendText("""{"name":"$name","value":$value,"unit":"$unit","at_most":$most}""" + "\n")

    private companion object {
        const val WARM_UP = 40
        const val TURNS = 60
    }
}
