package id.ketuk.testing

import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread

/** The way to the server, which a test can cut and heal: a relay on a port of this machine. */
class Link(target: String) : AutoCloseable {
    private val to = java.net.URI(target)
    private val listening = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    private val open = CopyOnWriteArrayList<Socket>()

    @Volatile
    private var whole = true

    val address = "http://127.0.0.1:${listening.localPort}"

    init {
        thread(isDaemon = true, name = "link") {
            while (!listening.isClosed) runCatching { relay(listening.accept()) }
        }
    }

    /** What is under way breaks off, and nobody gets through. */
    fun cut() {
        whole = false
        open.forEach { it.close() }
        open.clear()
    }

    fun heal() {
        whole = true
    }

    private fun relay(phone: Socket) {
        if (!whole) return phone.close()
        val server = Socket(to.host, to.port)
        open += listOf(phone, server)
        pump(phone, server)
        pump(server, phone)
    }

    private fun pump(from: Socket, into: Socket) = thread(isDaemon = true, name = "link") {
        runCatching { from.getInputStream().transferTo(into.getOutputStream()) }
        runCatching { from.close() }
        runCatching { into.close() }
    }

    override fun close() {
        cut()
        listening.close()
    }
}
