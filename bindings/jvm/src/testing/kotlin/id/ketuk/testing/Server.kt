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
    /** A cadre who has not enrolled yet: her number in the campaign, and her code. */
    class Cadre(val id: String, val code: String)

    private class Started(val address: String, val data: File, val cadres: ArrayDeque<Cadre>)

    private val started by lazy { start() }

    val address: String get() = started.address

    /** A cadre whom no test before has taken. */
    @Synchronized
    fun cadre(): Cadre = started.cadres.removeFirst()

    /** Her code. */
    fun code(): String = cadre().code

    /** What the operator does beside the running server, as at a command line; gives what it said. */
    fun operate(vararg arguments: String): String {
        val process = ProcessBuilder(binary.path, *arguments, "--data", started.data.path).redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText().trim()
        check(process.waitFor() == 0) { said }
        return said
    }

    private val binary: File by lazy {
        val binary = File(checkNotNull(System.getProperty("ketuk.server.bin")) { "ketuk.server.bin says where the server is" })
        check(binary.canExecute()) { "there is no server at $binary: build it, or say -Dketuk.server.bin=…" }
        binary
    }

    private fun start(): Started {
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
        val cadres = CADRE.findAll(line).map { it.destructured.let { (id, code) -> Cadre(id, code) } }
        return Started(address, data, ArrayDeque(cadres.toList()))
    }

    private companion object {
        val ADDRESS = Regex(""""address":"([^"]+)"""")
        val CADRE = Regex(""""id":"([^"]+)","name":"[^"]*","village":"[^"]*","code":"([^"]+)"""")
    }
}
