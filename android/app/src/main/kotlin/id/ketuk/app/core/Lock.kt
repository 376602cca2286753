package id.ketuk.app.core

import android.os.SystemClock
import java.io.File

/** What stands between her and her families. */
enum class Gate {
    OPEN,

    /** The PIN, or her finger. */
    LOCKED,

    /** The campaign wants a PIN, and she has none yet. */
    CHOOSE,

    /** The key is lost: the way on is back by the server, or out by a file. */
    LOST,
}

/** What came of a PIN that she tried. */
sealed class Tried {
    data object Right : Tried()

    data object Wrong : Tried()

    /** Too many were wrong: this one was not looked at. */
    data class Wait(val seconds: Long) : Tried()
}

/**
 * When the app locks itself: after some minutes without a touch, and with every new process. On the main
 * thread.
 */
class Idle(private val now: () -> Long = SystemClock::elapsedRealtime) {
    /** Minutes, as the campaign wants it. */
    var minutes = DEFAULT_MINUTES

    private var touched = now()

    fun touch() {
        touched = now()
    }

    /** Milliseconds until it is time to lock; 0 when it is. */
    fun left(): Long = (touched + minutes * MINUTE - now()).coerceAtLeast(0)

    private companion object {
        const val DEFAULT_MINUTES = 5
        const val MINUTE = 60_000L
    }
}

/**
 * Counts wrong PINs, also across a kill and a restart, and says how long to wait. The time is that since the
 * phone started, which nobody can set; after a restart the whole wait begins anew. On the core's thread.
 */
internal class Tries(folder: File, private val now: () -> Long = SystemClock::elapsedRealtime) {
    private val file = File(folder, DatabaseKey.TRIES)

    private fun read(): Pair<Int, Long> {
        val words = if (file.exists()) file.readText().split(' ') else emptyList()
        return (words.getOrNull(0)?.toIntOrNull() ?: 0) to (words.getOrNull(1)?.toLongOrNull() ?: 0)
    }

    /** Seconds until the next try. */
    fun left(): Long {
        val (wrong, at) = read()
        val passed = if (now() >= at) now() - at else now()
        val wait = id.ketuk.core.pinWait(wrong.toUInt()).toLong() * SECOND
        return ((wait - passed + SECOND - 1) / SECOND).coerceAtLeast(0)
    }

    /** Before a PIN is tried, so that a kill at the right moment wins nothing. */
    fun count() {
        val (wrong, _) = read()
        file.writeText("${wrong + 1} ${now()}")
    }

    fun right() {
        file.delete()
    }

    private companion object {
        const val SECOND = 1000L
    }
}
