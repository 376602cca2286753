package id.ketuk.testing

import java.io.File
import java.nio.file.Files
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** With the questionnaire of the family data update. */
object Server : SampleServer()

/** With the questionnaire that asks every kind of question. */
object ServerOfAllKinds : SampleServer("--questionnaire", checkNotNull(System.getProperty("ketuk.forms")) + "/kinds/kinds.csv")

/**
 * The real server with the sample campaign, a process of its own on a free port of this machine.
 * It is started once for all tests; each takes another cadre's code.
 */
abstract class SampleServer(private vararg val options: String) {
    private class Started(val process: Process, val address: String, val codes: ArrayDeque<String>)

    private val started by lazy { start() }

    val address: String get() = started.address

    /** The code of a cadre whom no test before has taken. */
    @Synchronized
    fun code(): String = started.codes.removeFirst()

    private fun start(): Started {
        val binary = File(checkNotNull(System.getProperty("ketuk.server.bin")) { "ketuk.server.bin says where the server is" })
        check(binary.canExecute()) { "there is no server at $binary: build it, or say -Dketuk.server.bin=…" }
        val data = Files.createTempDirectory("ketuk-server").toFile()
        val process = ProcessBuilder(binary.path, "serve", "--sample", "--json", "--listen", "127.0.0.1:0", "--data", data.path, *options)
            .redirectError(File(data, "log"))
            .start()
        Runtime.getRuntime().addShutdownHook(
            Thread {
                process.destroyForcibly().waitFor()
                data.deleteRecursively()
            },
        )
        val line = CompletableFuture.supplyAsync { process.inputStream.bufferedReader().readLine() }
            .get(180, TimeUnit.SECONDS) ?: error("the server ended: " + File(data, "log").readText())
        val address = checkNotNull(ADDRESS.find(line)) { "no address in the server's line" }.groupValues[1]
        return Started(process, address, ArrayDeque(CODE.findAll(line).map { it.groupValues[1] }.toList()))
    }

    private companion object {
        val ADDRESS = Regex(""""address":"([^"]+)"""")
        val CODE = Regex(""""code":"([^"]+)"""")
    }
}
