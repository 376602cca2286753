package id.ketuk.app

import android.app.Activity
import android.content.Context
import android.content.pm.ApplicationInfo
import android.os.CancellationSignal
import id.ketuk.app.core.Finger
import id.ketuk.app.core.Touched
import java.io.File
import java.util.concurrent.ExecutorService
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import javax.crypto.Cipher

/** A debug build of the app, with a core thread that tells whether it has anything left to do. */
class TestKetukApp : KetukApp() {
    private lateinit var worker: CountingThread

    override val finger = TestFinger()

    override fun onCreate() {
        TestKeystore.install()
        applicationInfo.flags = applicationInfo.flags or ApplicationInfo.FLAG_DEBUGGABLE
        super.onCreate()
    }

    override fun coreThread(): ExecutorService = CountingThread().also { worker = it }

    val coreIsIdle: Boolean get() = worker.unfinished.get() == 0

    /** Where the database and its keys are. */
    val data: File get() = File(noBackupFilesDir, "data")

    /** What a kill does: everything in memory is gone, nothing is closed or saved first. */
    fun kill() = startCore()
}

/** Knows what it was asked and has not done yet; the pool's own figures miss what is between queue and thread. */
private class CountingThread : ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, LinkedBlockingQueue()) {
    val unfinished = AtomicInteger()

    override fun execute(task: Runnable) {
        unfinished.incrementAndGet()
        super.execute(task)
    }

    override fun afterExecute(task: Runnable, fault: Throwable?) {
        unfinished.decrementAndGet()
    }
}

/** A finger that a test holds out, and a prompt that it sees. */
class TestFinger : Finger() {
    var there = false
    private var asked: ((Touched) -> Unit)? = null
    private var cipher: Cipher? = null

    val isAsked: Boolean get() = asked != null

    override fun there(context: Context): Boolean = there

    override fun ask(
        activity: Activity,
        cipher: Cipher,
        title: CharSequence,
        instead: CharSequence,
        stop: CancellationSignal,
        done: (Touched) -> Unit,
    ) {
        this.cipher = cipher
        asked = done
        stop.setOnCancelListener { asked = null }
    }

    /** She lays her finger on it. */
    fun touch() = answer(Touched.Right(checkNotNull(cipher)))

    fun turnAway() = answer(Touched.Cancelled)

    private fun answer(how: Touched) = checkNotNull(asked) { "no finger was asked for" }.also { asked = null }(how)
}
