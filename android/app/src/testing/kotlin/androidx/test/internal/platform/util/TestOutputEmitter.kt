package androidx.test.internal.platform.util

/** Called when a test hangs: every thread's stack, so that the failure explains itself. */
object TestOutputEmitter {
    @JvmStatic
    fun dumpThreadStates(outputFileName: String) {
        System.err.println(outputFileName)
        Thread.getAllStackTraces().forEach { (thread, frames) ->
            System.err.println("$thread\n" + frames.joinToString("\n") { "    at $it" })
        }
    }
}
