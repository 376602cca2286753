package id.ketuk.app.core

import android.content.Context
import android.os.Build
import android.os.Handler
import android.os.Looper
import java.io.File
import java.util.TimeZone
import java.util.concurrent.ExecutorService

/** Where her data is, and whether the server still takes it from this phone. */
data class Holdings(val waiting: Int, val received: Int, val standing: Standing)

/**
 * The phone's core behind the one thread that owns it. Questions are asked from the main thread and
 * answered there; in between nothing of the main thread waits.
 */
class Core(private val context: Context, private val thread: ExecutorService) {
    private val main = Handler(Looper.getMainLooper())
    private var listener: ((Holdings) -> Unit)? = null

    // Both are touched by the core's thread only.
    private var opened: Phone? = null
    private var list: Households? = null
    private val visits = HashMap<String, Visit>()

    /** How she wants sending to go. On the core's thread, or the sender's. */
    val wishes = Wishes(context)

    /** Sends, one run at a time, for the button as for the job. */
    val sender = Sender(main, ::phone, wishes, ::recount)

    /** Asks on the core's thread; exactly one of [failed] and [done] follows, on the main thread. */
    fun <T> ask(question: (Core) -> T, failed: (Throwable) -> Unit, done: (T) -> Unit) {
        thread.execute {
            val answer = runCatching { question(this) }
            main.post { answer.fold(done, failed) }
        }
    }

    /** The opened store. On the core's thread, or the sender's. */
    @Synchronized
    fun phone(): Phone {
        // StrictMode does not see what Rust reads and writes.
        check(!main.looper.isCurrentThread) { "the core must not make the main thread wait" }
        return opened ?: open().also { opened = it }
    }

    private fun open(): Phone {
        val version = context.packageManager.getPackageInfo(context.packageName, 0).versionName.orEmpty()
        val offset = TimeZone.getDefault().getOffset(System.currentTimeMillis()) / MINUTE
        return Phone.open(folder().path, DatabaseKey(context).bytes(), version, offset)
    }

    /** Her list. On the core's thread. */
    fun households(): Households = list ?: phone().households().also { list = it }

    private fun folder() = File(context.noBackupFilesDir, "data").apply { mkdirs() }

    /**
     * Makes this phone the cadre's and starts fetching her families. On the core's thread.
     * [server] is an address, [code] the one that she was given, however typed.
     */
    fun enrol(server: String, code: String) {
        phone().enrol(server, code, "${Build.MANUFACTURER} ${Build.MODEL}")
        main.post { sender.start() }
    }

    /** The visit of [household], begun or resumed. On the core's thread. */
    fun visit(household: String): Visit =
        visits.getOrPut(household) { households().visit(household) }

    /** Begins a family that was on no list; gives the name it is known by from now on. */
    fun newFamily(area: String): String {
        val visit = households().newFamily(area)
        return visit.household().also { visits[it] = visit }
    }

    /** Lets the visit of [household] go; its draft is on disk. On the core's thread. */
    fun leave(household: String) {
        visits.remove(household)?.close()
    }

    /** Throws away the draft of [household]; the shell has asked whether she means it. */
    fun discard(household: String) {
        visit(household).discard()
        leave(household)
    }

    /** Tells [listener] where her data is, now and whenever that changes. */
    fun listen(listener: (Holdings) -> Unit) {
        this.listener = listener
        recount()
    }

    fun deafen() {
        listener = null
    }

    /** Counts again what waits and what was received. */
    fun recount() = ask({ it.phone().run { progress().total to enrolment()?.standing } }, failed = {}) {
        val (counts, standing) = it
        listener?.invoke(Holdings(counts.waiting.toInt(), counts.received.toInt(), standing ?: Standing.FINE))
    }

    private companion object {
        const val MINUTE = 60_000
    }
}
