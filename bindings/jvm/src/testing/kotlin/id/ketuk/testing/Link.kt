package id.ketuk.testing

import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.locks.LockSupport
import kotlin.concurrent.thread

/** The way to the server, which can be cut, healed and slowed down: a relay on a port of this machine. */
class Link(target: String) : AutoCloseable {
    /** How fast a way is: bytes a second in each direction, and the nanoseconds of a round trip. */
    data class Pace(val bytesPerSecond: Long, val roundTrip: Long) {
        companion object {
            /** The edge of a blank spot: 60 kbit/s, 0.8 s round trip. */
            val EDGE = Pace(7_500, 800_000_000)
        }
    }

    private val to = java.net.URI(target)
    private val listening = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    private val open = CopyOnWriteArrayList<Socket>()

    @Volatile
    private var whole = true

    /** How fast it is from now on; null: as fast as this machine. */
    @Volatile
    var pace: Pace? = null

    val address = "http://127.0.0.1:${listening.localPort}"

    init {
        work {
            while (!listening.isClosed) {
                val phone = listening.accept()
                if (whole) work { relay(phone) } else phone.close()
            }
        }
    }

    /** What is under way breaks off, and nobody gets through. */
    fun cut() {
        whole = false
        breakOff()
    }

    /** What is under way breaks off; whoever comes next gets through. */
    fun breakOff() {
        open.forEach { it.close() }
        open.clear()
    }

    fun heal() {
        whole = true
    }

    private fun relay(phone: Socket) {
        // The handshake, which this machine gives for nothing.
        pace?.let { waitUntil(System.nanoTime() + it.roundTrip) }
        val server = Socket(to.host, to.port)
        phone.tcpNoDelay = true
        server.tcpNoDelay = true
        open += listOf(phone, server)
        pump(phone, server)
        pump(server, phone)
        // Cut while the way was being opened.
        if (!whole) breakOff()
    }

    private class Arrival(val at: Long, val bytes: ByteArray)

    /**
     * Carries one direction: what is read leaves when the line is free and arrives half a round trip
     * later. The line is a queue, so that a large message doesn't pay the delay for each piece.
     */
    private fun pump(from: Socket, into: Socket) {
        val line = LinkedBlockingQueue<Arrival>(64)
        work {
            try {
                send(from, line)
            } finally {
                line.put(END)
            }
        }
        work {
            while (true) {
                val arrival = line.take()
                if (arrival === END) break
                waitUntil(arrival.at)
                // On to the end also where nobody takes it any more: the other side must not be left waiting.
                runCatching { into.getOutputStream().write(arrival.bytes) }
            }
            open -= setOf(from, into)
            from.close()
            into.close()
        }
    }

    private fun send(from: Socket, line: LinkedBlockingQueue<Arrival>) {
        val buffer = ByteArray(16_384)
        var free = System.nanoTime()
        while (true) {
            val pace = pace
            val read = from.getInputStream().read(buffer, 0, if (pace == null) buffer.size else PACKET)
            if (read < 0) return
            free = maxOf(free, System.nanoTime())
            if (pace != null) free += read * SECOND / pace.bytesPerSecond
            waitUntil(free)
            line.put(Arrival(free + (pace?.roundTrip ?: 0) / 2, buffer.copyOf(read)))
        }
    }

    override fun close() {
        cut()
        listening.close()
    }

    private companion object {
        const val PACKET = 1_400
        const val SECOND = 1_000_000_000L
        val END = Arrival(0, ByteArray(0))

        /** A thread that ends with what it carries: a socket that somebody closed is nothing to tell. */
        fun work(block: () -> Unit) = thread(isDaemon = true, name = "link") { runCatching(block) }

        fun waitUntil(nanos: Long) {
            while (true) {
                val left = nanos - System.nanoTime()
                if (left <= 0) return
                LockSupport.parkNanos(left)
            }
        }
    }
}
