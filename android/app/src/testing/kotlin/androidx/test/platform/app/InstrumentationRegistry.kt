package androidx.test.platform.app

import android.app.Instrumentation
import android.os.Bundle

/** Where Robolectric leaves the instrumentation of the running test. */
object InstrumentationRegistry {
    private var instrumentation: Instrumentation? = null
    private var arguments: Bundle? = null

    @JvmStatic
    fun getInstrumentation(): Instrumentation? = instrumentation

    @JvmStatic
    fun getArguments(): Bundle? = arguments

    @JvmStatic
    fun registerInstance(instrumentation: Instrumentation?, arguments: Bundle?) {
        this.instrumentation = instrumentation
        this.arguments = arguments
    }
}
