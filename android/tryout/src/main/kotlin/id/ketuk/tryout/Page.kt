package id.ketuk.tryout

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.Base64
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import org.json.JSONArray
import org.json.JSONObject

/**
 * The page, on loopback only. No other page of a browser may drive the phone: what doesn't come from this page, by its
 * Host and its Origin, is refused, and it lets itself be framed by none.
 */
class Page(private val given: Given) : Onlooker {
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    private val port = server.address.port
    private val hosts = setOf("127.0.0.1:$port", "localhost:$port")
    private val looking = CopyOnWriteArrayList<Looker>()

    /** Pictures are compressed beside the main thread. */
    private val painter = Executors.newSingleThreadExecutor { Thread(it, "painter").apply { isDaemon = true } }

    private val unpainted = AtomicInteger()

    /** Pictures that nobody has painted yet would only grow old. */
    override val ready get() = looking.isNotEmpty() && unpainted.get() == 0

    val address = "http://127.0.0.1:$port"

    private class Looker {
        val events = LinkedBlockingQueue<String>()
    }

    fun serve(phone: LivePhone) {
        server.executor = Executors.newCachedThreadPool { Thread(it, "page").apply { isDaemon = true } }
        for ((path, file) in FILES) answer(path, "GET") { send(200, file.type, file.bytes) }
        answer("/office", "GET") { send(200, "application/json", office().toString().toByteArray()) }
        answer("/events", "GET") { events(phone) }
        answer("/do", "POST") {
            val request = JSONObject(String(requestBody.readAllBytes()))
            phone.ask(request.getLong("number"), request.getJSONArray("actions"))
            send(204, null, ByteArray(0))
        }
        server.start()
    }

    private fun answer(path: String, method: String, how: HttpExchange.() -> Unit) {
        server.createContext(path) { exchange ->
            exchange.use {
                it.responseHeaders.apply {
                    set("Content-Security-Policy", POLICY)
                    set("Cross-Origin-Resource-Policy", "same-origin")
                    set("X-Content-Type-Options", "nosniff")
                    set("Cache-Control", "no-store")
                }
                when {
                    !it.isOurs() -> it.send(403, null, ByteArray(0))
                    it.requestURI.path != path -> it.send(404, null, ByteArray(0))
                    it.requestMethod != method -> it.send(405, null, ByteArray(0))
                    else -> it.how()
                }
            }
        }
    }

    private fun HttpExchange.isOurs(): Boolean {
        val host = requestHeaders.getFirst("Host")
        val origin = requestHeaders.getFirst("Origin")
        // Browsers tell the origin with everything but plain reading.
        val read = requestMethod == "GET" && origin == null
        return host in hosts && (read || origin == "http://$host")
    }

    private fun HttpExchange.send(status: Int, type: String?, body: ByteArray) {
        type?.let { responseHeaders.set("Content-Type", it) }
        sendResponseHeaders(status, if (body.isEmpty()) -1 else body.size.toLong())
        if (body.isNotEmpty()) responseBody.write(body)
    }

    private fun office() = JSONObject().put("address", given.server).put("village", given.village)
        .put("name", given.name).put("password", given.password)

    /** Pictures and states, as they come, until the page is closed. */
    private fun HttpExchange.events(phone: LivePhone) {
        responseHeaders.set("Content-Type", "text/event-stream")
        sendResponseHeaders(200, 0)
        val looker = Looker().also { looking += it }
        phone.looked()
        try {
            while (true) {
                val event = looker.events.poll(ALIVE, TimeUnit.SECONDS) ?: ":\n\n"
                responseBody.write(event.toByteArray())
                responseBody.flush()
            }
        } catch (_: IOException) {
            // It was closed.
        } finally {
            looking -= looker
        }
    }

    /** Tells every page that is open. */
    override fun tell(told: Told) {
        unpainted.incrementAndGet()
        painter.execute {
            try {
                val event = when (told) {
                    is Told.State -> "event: state\ndata: ${told.state}\n\n"
                    is Told.Seen -> "event: seen\ndata: ${told.inJson()}\n\n"
                }
                looking.forEach { it.events += event }
            } finally {
                unpainted.decrementAndGet()
            }
        }
    }

    private fun Told.Seen.inJson() = JSONObject().put("after", after).put("rest", rest).apply {
        change?.let {
            put("width", it.width).put("height", it.height).put("top", it.top)
            put("png", Base64.getEncoder().encodeToString(Png.of(it.band, it.width)))
        }
        put("words", JSONArray(words.map { it.inJson() }))
    }

    private fun Words.inJson() = JSONObject().put("said", said)
        .put("x", at.left).put("y", at.top).put("width", at.width()).put("height", at.height())

    private class File(name: String, val type: String) {
        val bytes: ByteArray = checkNotNull(Page::class.java.getResourceAsStream(name)) { "$name was not built in" }.use { it.readAllBytes() }
    }

    private companion object {
        const val POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

        /** Seconds without news after which a line goes out all the same, to notice that nobody is there any more. */
        const val ALIVE = 15L

        val FILES = mapOf(
            "/" to File("page.html", "text/html; charset=utf-8"),
            "/page.css" to File("page.css", "text/css; charset=utf-8"),
            "/page.js" to File("page.js", "text/javascript; charset=utf-8"),
            // The office's own: it is one look.
            "/style.css" to File("style.css", "text/css; charset=utf-8"),
            "/icon.svg" to File("icon.svg", "image/svg+xml"),
        )
    }
}
