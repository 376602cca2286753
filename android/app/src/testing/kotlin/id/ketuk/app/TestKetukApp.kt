package id.ketuk.app

import android.content.pm.ApplicationInfo
import java.util.concurrent.ExecutorService
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

/** A debug build of the app, with a core thread that tells whether it has anything left to do. */
class TestKetukApp : KetukApp() {
    private lateinit var worker: CountingThread

    override fun onCreate() {
        TestKeystore.install()
        applicationInfo.flags = applicationInfo.flags or ApplicationInfo.FLAG_DEBUGGABLE
        super.onCreate()
    }

    override fun coreThread(): ExecutorService = CountingThread().also { worker = it }

    val coreIsIdle: Boolean get() = worker.unfinished.get() == 0

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
