package id.ketuk.app

import android.content.pm.ApplicationInfo
import java.util.concurrent.ExecutorService
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/** A debug build of the app, with a core thread that tells whether it has anything left to do. */
class TestKetukApp : KetukApp() {
    private lateinit var worker: ThreadPoolExecutor

    override fun onCreate() {
        TestKeystore.install()
        applicationInfo.flags = applicationInfo.flags or ApplicationInfo.FLAG_DEBUGGABLE
        super.onCreate()
    }

    override fun coreThread(): ExecutorService =
        ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, LinkedBlockingQueue()).also { worker = it }

    val coreIsIdle: Boolean get() = worker.activeCount == 0 && worker.queue.isEmpty()

    /** What a kill does: everything in memory is gone, nothing is closed or saved first. */
    fun kill() = startCore()
}
