package id.ketuk.core

import id.ketuk.testing.Link
import id.ketuk.testing.SampleServer
import id.ketuk.testing.Server
import id.ketuk.testing.ServerOfAllKinds
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.util.concurrent.CopyOnWriteArrayList

/** The generated Kotlin on the host's library: what crosses the boundary arrives as it left. */
class BindingsTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val key = ByteArray(32) { it.toByte() }

    private fun open(with: ByteArray = key) = Phone.open(folder.root.path, with, "test", 8 * 60)

    private class Events : SyncObserver {
        val all = CopyOnWriteArrayList<SyncEvent>()
        override fun happened(event: SyncEvent) {
            all += event
        }
    }

    private fun Phone.enrolled(server: SampleServer = Server) = apply {
        enrol(server.address, server.code(), "a JVM")
        assertEquals(SyncEnd.DONE, SyncCancel().use { sync(Events(), it) }.end)
    }

    private fun Phone.first(): HouseholdRow = households().use {
        it.page(Filter(null, HouseholdState.NOT_STARTED, null), null, 1u).rows.single()
    }

    private fun Screen.question(name: String): Question = items.filterIsInstance<Item.Question>().map { it.v1 }
        .first { it.path.endsWith(name) }

    @Test
    fun `a new phone belongs to nobody and says so`() = open().use { phone ->
        assertNull(phone.enrolment())
        assertNull(phone.movedAside())
        SyncCancel().use { cancel ->
            assertThrows(KetukException.NotEnrolled::class.java) { phone.sync(Events(), cancel) }
        }
        Unit
    }

    @Test
    fun `a wrong key is told apart from a damaged database, and harms nothing`() {
        open().use { it.enrolled() }
        val fault = assertThrows(KetukException.Storage::class.java) { open(ByteArray(32)) }
        assertEquals(Trouble.WRONG_KEY, fault.trouble)
        open().use { assertTrue(it.progress().total.listed > 0uL) }
    }

    @Test
    fun `a server that can't be reached is an error of the link`() = open().use { phone ->
        Link(Server.address).use { link ->
            link.cut()
            val fault = assertThrows(KetukException.Link::class.java) { phone.enrol(link.address, "K7QM-2XTA", "a JVM") }
            assertEquals(LinkFault.UNREACHABLE, fault.fault)
        }
    }

    @Test
    fun `an answer comes back with the screen that it makes, and a wrong one stays as typed`() =
        open().use { phone ->
            phone.enrolled()
            val visit = phone.households().use { it.visit(phone.first().id) }
            visit.use {
                val asked = visit.screen().question("hasil")
                assertTrue(asked.required)
                assertEquals(Answer.Empty, asked.value)
                val met = visit.answer(asked.path, Answer.Choice("1"))
                assertEquals(Answer.Choice("1"), met.question("hasil").value)
                visit.answer(met.question("responden").path, Answer.Choice("1"))
                val family = visit.next()
                val wrong = visit.answer(family.question("no_kk").path, Answer.Text("75"))
                assertEquals(Answer.Text("75"), wrong.question("no_kk").value)
                assertEquals(ProblemKind.CONSTRAINT, wrong.question("no_kk").problem?.kind)
                assertTrue(visit.finish() is Finish.Unfinished)
            }
        }

    @Test
    fun `a finished visit is sent, and every event of the run arrives`() = open().use { phone ->
        phone.enrolled()
        val family = phone.first()
        phone.households().use { it.visit(family.id) }.use { visit ->
            visit.answer(visit.screen().question("hasil").path, Answer.Choice("5"))
            visit.answer(visit.screen().question("kali_kunjungan").path, Answer.Text("3"))
            assertEquals(Finish.Saved, visit.finish())
        }
        assertEquals(family.id, phone.waiting(null, 10u).rows.single().household.id)
        val events = Events()
        val report = SyncCancel().use { phone.sync(events, it) }
        assertEquals(1uL, report.received)
        assertTrue(SyncEvent.Started(1uL) in events.all)
        assertTrue(SyncEvent.Received(family.id, HouseholdState.RECEIVED) in events.all)
        val detail = phone.households().use { it.detail(family.id, "id") }
        assertEquals(family.id, detail.receipt?.household)
        assertEquals(0, phone.waiting(null, 10u).rows.size)
    }

    @Test
    fun `a photo goes with its visit, and what is handed over is received once`() = open().use { phone ->
        phone.enrolled(ServerOfAllKinds)
        val family = phone.first()
        val photo = ByteArray(50_000) { (it / 7).toByte() }
        phone.households().use { it.visit(family.id) }.use { visit ->
            visit.answer(visit.screen().question("hasil").path, Answer.Choice("1"))
            val path = visit.next().question("foto").path
            val tooLarge = assertThrows(KetukException.TooLarge::class.java) {
                visit.answerWithFile(path, "image/jpeg", ByteArray(6_000_000))
            }
            assertEquals(5_242_880uL, tooLarge.most)
            val named = visit.answerWithFile(path, "image/jpeg", photo).question("foto").value as Answer.Text
            assertTrue(checkNotNull(visit.file(named.v1)).contentEquals(photo))
            assertEquals(Finish.Saved, visit.finish())
        }
        val parcel = checkNotNull(phone.handOver())
        assertEquals(HandoverAnswer(1uL, 0uL, 0uL), phone.carry(parcel.bytes))
        assertTrue(phone.waiting(null, 10u).rows.single().handedOver != null)
        val report = SyncCancel().use { phone.sync(Events(), it) }
        assertEquals(1uL to 1uL, report.received to report.photosReceived)
        val detail = phone.households().use { it.detail(family.id, "id") }
        assertEquals(PhotoState.Received, detail.photos.single().state)
        assertTrue(phone.households().use { it.photo(detail.photos.single().sha256) }.contentEquals(photo))
        val proof = phone.proofs("", null, 10u).rows.single()
        assertEquals(detail.receipt?.text, proof.text)
        assertTrue(proof.text, proof.text.startsWith("KETUK1."))
    }
}
