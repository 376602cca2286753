package id.ketuk.tryout

import kotlin.concurrent.thread
import kotlin.system.exitProcess
import org.junit.runner.JUnitCore

/**
 * Starts the app on the framework that its tests run on, beside a running server, and shows it on a page of this
 * machine. What it needs to know comes by the environment (see [Given]); the page's address goes to stdout, one line.
 * It ends with whoever started it, when its stdin ends.
 */
fun main() {
    thread(isDaemon = true) {
        while (System.`in`.read() >= 0) Unit
        exitProcess(0)
    }
    // Robolectric gives the app its framework as it gives it to a test.
    val ended = JUnitCore.runClasses(TryOut::class.java)
    ended.failures.forEach { System.err.println(it.trace) }
    exitProcess(1)
}
