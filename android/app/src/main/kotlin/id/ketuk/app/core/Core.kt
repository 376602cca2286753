package id.ketuk.app.core

import android.content.Context
import android.os.Build
import android.os.Handler
import android.os.Looper
import id.ketuk.core.KetukException
import id.ketuk.core.Trouble
import java.io.File
import java.io.IOException
import java.util.TimeZone
import java.util.concurrent.ExecutorService
import javax.crypto.Cipher

/** Where her data is, and whether the server still takes it from this phone. */
data class Holdings(val waiting: Int, val received: Int, val standing: Standing)

/**
 * The phone's core behind the one thread that owns it. Questions are asked from the main thread and
 * answered there; in between nothing of the main thread waits.
 */
class Core(private val context: Context, private val thread: ExecutorService) {
    private val main = Handler(Looper.getMainLooper())
    private var listener: ((Holdings) -> Unit)? = null

    // All are touched by the core's thread only.
    private val folder by lazy(::place)
    private val beside by lazy { File(folder.path + RESTORING) }
    private var closed: DatabaseKey? = null
    private val key: DatabaseKey get() = closed ?: DatabaseKey(folder).also { closed = it }
    private var opened: Phone? = null
    private var list: Households? = null
    private val visits = HashMap<String, Visit>()

    /** Whether the Keystore showed, as the PIN was tried, that no PIN opens it any more. */
    private var lost = false

    /** When the app locks itself. On the main thread. */
    val idle = Idle()

    /** Whether she must show again that it is she, if she has a PIN. */
    @Volatile
    private var shut = true

    /** What [gate] said last; null when it must be asked again. On the main thread. */
    var known: Gate? = null
        private set

    /** Whether there is a PIN that a pause could ask for; as of then. */
    var pinned = false
        private set

    /** Asks what stands between her and her families. On the main thread. */
    fun look(failed: (Throwable) -> Unit, done: (Gate) -> Unit) = ask({ it.gate() to it.key.hasPin }, failed) {
        val (gate, hasPin) = it
        known = gate
        pinned = hasPin
        done(gate)
    }
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
        val offset = TimeZone.getDefault().getOffset(System.currentTimeMillis()) / MINUTE
        folder.mkdirs()
        return Phone.open(folder.path, key.bytes(), version, offset)
    }

    private val version: String
        get() = context.packageManager.getPackageInfo(context.packageName, 0).versionName.orEmpty()

    /** Her list. On the core's thread. */
    fun households(): Households = list ?: phone().households().also { list = it }

    /**
     * Makes this phone the cadre's and starts fetching her families. On the core's thread.
     * [server] is an address, [code] the one that she was given, however typed.
     */
    fun enrol(server: String, code: String) {
        phone().enrol(server, code, model)
        main.post {
            known = null
            sender.start()
        }
    }

    private val model get() = "${Build.MANUFACTURER} ${Build.MODEL}"

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

    /** There is a PIN now, for which a pause asks, or none any more. On the main thread. */
    fun pinned(there: Boolean) {
        pinned = there
        idle.touch()
    }

    private fun gate(): Gate = try {
        if (lost) {
            Gate.LOST
        } else if (shut && key.hasPin) {
            Gate.LOCKED
        } else {
            shut = false
            val enrolment = phone().enrolment()
            main.post { enrolment?.let { idle.minutes = it.lockAfter.toInt() } }
            if (enrolment?.wantsPin == true && !key.hasPin) Gate.CHOOSE else Gate.OPEN
        }
    } catch (_: Locked) {
        Gate.LOCKED
    } catch (_: KeyLost) {
        Gate.LOST
    } catch (fault: KetukException.Storage) {
        if (fault.trouble == Trouble.WRONG_KEY) Gate.LOST else Gate.OPEN
    }

    /** Whether she has a PIN, and whether her finger does in its place. On the core's thread. */
    val hasPin: Boolean get() = key.hasPin
    val hasFinger: Boolean get() = key.hasFinger

    /**
     * Locks the app, if she has a PIN. The key leaves the memory too, unless a run of sending needs it; it
     * then goes with the next time.
     */
    fun shut() {
        shut = true
        known = null
        if (sender.running == null) thread.execute { if (key.hasPin) letGo() }
    }

    @Synchronized
    private fun letGo() {
        visits.values.forEach { it.close() }
        visits.clear()
        list?.close()
        list = null
        opened?.close()
        opened = null
        key.forget()
    }

    /** Tries a PIN. On the core's thread. */
    fun tryPin(pin: String): Tried {
        val tries = Tries(folder)
        val wait = tries.left()
        if (wait > 0) return Tried.Wait(wait)
        tries.count()
        val right = try {
            key.unlock(pin)
        } catch (fault: KeyLost) {
            lost = true
            throw fault
        }
        if (!right) return tries.left().let { if (it > 0) Tried.Wait(it) else Tried.Wrong }
        tries.right()
        shut = false
        return Tried.Right
    }

    /** Her PIN from now on. On the core's thread, with the app open. */
    fun setPin(pin: String) = key.setPin(pin, errand = somethingGoes())

    fun dropPin() = key.dropPin()

    /** Her finger in place of the PIN: closed, shown to her, kept. On the core's thread. */
    fun fingerToSet(): Cipher? = key.fingerToSet()

    fun setFinger(cipher: Cipher) = key.setFinger(cipher)

    fun dropFinger() = key.dropFinger()

    /** To be shown to her finger at the lock; null if it must be the PIN. On the core's thread. */
    fun fingerToOpen(): Cipher? = key.fingerToOpen()

    fun tryFinger(cipher: Cipher): Boolean = key.unlock(cipher).also { if (it) shut = false }

    private fun somethingGoes() = phone().onlyHere().run { entries > 0uL || photos > 0uL }

    /** The server that can open what is here though the key is lost; null if none can. */
    fun recoverable(): String? = id.ketuk.core.recoverable(folder.path)

    /** Gets the key back from the server, with a new code of the supervisor. On the core's thread. */
    fun recover(server: String, code: String) {
        val back = id.ketuk.core.recover(folder.path, server, code, model, version)
        letGo()
        key.adopt(back)
        lost = false
        goOn()
    }

    /** Puts everything aside as it is, so that the app begins anew beside it. On the core's thread. */
    fun beginAnew() {
        letGo()
        if (folder.exists()) id.ketuk.core.moveAside(folder.path)
        closed = null
        lost = false
        shut = false
        main.post { known = null }
    }

    /** What was put aside and can still be opened by the server. On the core's thread. */
    fun aside(): List<File> = folder.parentFile?.listFiles { file -> file.name.startsWith("data.aside-") }.orEmpty()
        .filter { id.ketuk.core.recoverable(it.path) != null }.sorted()

    /** Takes over receipts out of a file's [bytes]; gives how many were news. On the core's thread. */
    fun takeReceipts(bytes: ByteArray): Int = ofFile { phone().takeReceipts(bytes) }.toInt()

    /** Writes all of [of] as it lies into [file], without opening it; gives its size. */
    fun copyUnopened(file: File, of: File = folder) {
        id.ketuk.core.copyUnopened(of.path, file.path)
    }

    /** Lays the copy out of [file] beside what is here; gives the server that can open it. */
    fun unpack(file: File): String {
        beside.deleteRecursively()
        return ofFile { id.ketuk.core.unpackCopy(file.path, beside.path) }
    }

    /**
     * Opens the copy that was unpacked, and goes on with it in place of what is here, which is put aside. On
     * the core's thread.
     */
    fun restore(server: String, code: String) {
        val back = id.ketuk.core.recover(beside.path, server, code, model, version)
        DatabaseKey(beside).adopt(back)
        beginAnew()
        if (!beside.renameTo(folder)) throw IOException("the copy could not be put in place")
        goOn()
    }

    private fun goOn() {
        shut = false
        main.post {
            known = null
            sender.start()
        }
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
    fun recount() = ask({ it.counted() }, failed = {}) {
        val (counts, standing) = it
        listener?.invoke(Holdings(counts.waiting.toInt(), counts.received.toInt(), standing ?: Standing.FINE))
    }

    /** Where all is; a copy that was opened when the app was killed takes its place now. */
    private fun place(): File {
        val place = File(context.noBackupFilesDir, "data")
        val restored = File(place.path + RESTORING)
        if (!place.exists() && DatabaseKey(restored).isOpen) restored.renameTo(place)
        return place
    }

    private fun counted(): Pair<Counts, Standing?> {
        val counted = phone().run { progress().total to enrolment()?.standing }
        if (key.hasPin) {
            key.errand(somethingGoes())
            // Opened for a run of sending: it is locked as before.
            if (shut) letGo()
        }
        return counted
    }

    private companion object {
        const val MINUTE = 60_000
        const val RESTORING = ".restoring"
    }
}
