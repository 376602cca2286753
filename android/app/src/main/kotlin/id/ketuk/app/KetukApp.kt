package id.ketuk.app

import android.app.Application
import android.content.pm.ApplicationInfo
import android.os.StrictMode
import id.ketuk.app.core.Core
import id.ketuk.app.core.Finger
import id.ketuk.app.sync.ByItself
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** The process: it has one core, opened when it is first asked. */
open class KetukApp : Application() {
    lateinit var core: Core
        private set

    /** How her finger is asked for. */
    open val finger = Finger()

    /** What is done about sending without her. */
    lateinit var byItself: ByItself
        private set

    override fun onCreate() {
        super.onCreate()
        if (applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE != 0) dieOfWaiting()
        startCore()
    }

    /** A debug build ends where disk or network would make the main thread, and so her, wait. */
    private fun dieOfWaiting() = StrictMode.setThreadPolicy(
        // No other penalty beside it: Android would then put the death off to where nobody sees why.
        StrictMode.ThreadPolicy.Builder().detectDiskReads().detectDiskWrites().detectNetwork().penaltyDeath().build(),
    )

    protected fun startCore() {
        core = Core(this, coreThread())
        byItself = ByItself(this, core.sender)
    }

    protected open fun coreThread(): ExecutorService = Executors.newSingleThreadExecutor { Thread(it, "ketuk-core") }
}
