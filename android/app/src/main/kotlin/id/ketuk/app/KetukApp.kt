package id.ketuk.app

import android.app.Application
import id.ketuk.app.core.Core
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** The process: it has one core, opened when it is first asked. */
open class KetukApp : Application() {
    lateinit var core: Core
        private set

    override fun onCreate() {
        super.onCreate()
        startCore()
    }

    protected fun startCore() {
        core = Core(this, coreThread())
    }

    protected open fun coreThread(): ExecutorService = Executors.newSingleThreadExecutor { Thread(it, "ketuk-core") }
}
