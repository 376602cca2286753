package id.ketuk.app.core

import android.os.Handler
import id.ketuk.core.SyncCancel
import id.ketuk.core.SyncEvent
import id.ketuk.core.SyncObserver
import kotlin.concurrent.thread

/** How a run of sending stands. */
data class Sending(
    /** How many of her entries the server has received in it. */
    val received: Int = 0,
    /** Of so many: these and all that wait. */
    val total: Int = 0,
    /** The households that the server has answered for, in the order of its answers. */
    val answered: List<Pair<String, HouseholdState>> = emptyList(),
    /** How many photos still wait, once the entries are there; and their bytes. */
    val photos: Int = 0,
    val photoBytes: Long = 0,
    /** How many changes of the list were fetched. */
    val pulled: Int = 0,
    /** Seconds until the next attempt, while the link is down. */
    val retryIn: Int? = null,
)

/** How a run ended. */
sealed class Sent {
    data class Reported(val report: SyncReport) : Sent()
    data class Failed(val fault: Throwable) : Sent()
}

/**
 * Runs the core's sync on a thread of its own, so that collecting goes on meanwhile. One run at a
 * time; whoever starts a second one joins the first.
 */
class Sender(
    private val main: Handler,
    private val phone: () -> Phone,
    private val wishes: Wishes,
    private val changed: () -> Unit,
) {
    /** The run that is on its way, or null. On the main thread. */
    var running: Sending? = null
        private set

    /** How the last one ended, in this process. */
    var last: Sent? = null
        private set

    private val listeners = LinkedHashSet<() -> Unit>()
    private var cancel: SyncCancel? = null

    fun listen(listener: () -> Unit) {
        listeners += listener
    }

    fun deafen(listener: () -> Unit) {
        listeners -= listener
    }

    /** Starts a run unless one is on its way. On the main thread. */
    fun start() {
        if (running != null) return
        val cancel = SyncCancel().also { cancel = it }
        running = Sending()
        tell()
        thread(name = "ketuk-send") {
            val result = runCatching {
                cancel.holdPhotos(wishes.holdsPhotos())
                phone().sync(Observer(cancel), cancel)
            }
            main.post { ended(result.fold({ Sent.Reported(it) }, { Sent.Failed(it) })) }
        }
    }

    /** Ends the run soon; what was received stays received, the rest waits. */
    fun stop() {
        cancel?.cancel()
    }

    private fun ended(how: Sent) {
        running = null
        cancel = null
        last = how
        changed()
        tell()
    }

    private fun tell() = listeners.toList().forEach { it() }

    /** Called by the core on the sending thread. */
    private inner class Observer(private val cancel: SyncCancel) : SyncObserver {
        override fun happened(event: SyncEvent) {
            // She may have walked out of the Wi-Fi since the last part of a photo.
            if (event is SyncEvent.Photos) cancel.holdPhotos(wishes.holdsPhotos())
            main.post {
                running = running?.after(event)
                tell()
            }
        }
    }
}

private fun Sending.after(event: SyncEvent): Sending = when (event) {
    is SyncEvent.Started -> copy(total = event.waiting.toInt())
    is SyncEvent.Sent -> copy(retryIn = null)
    is SyncEvent.Progress -> copy(received = event.received.toInt(), total = event.of.toInt(), retryIn = null)
    is SyncEvent.Photos -> copy(photos = event.waiting.toInt(), photoBytes = event.bytes.toLong(), retryIn = null)
    is SyncEvent.Left, is SyncEvent.PutBack -> this
    is SyncEvent.Received -> copy(answered = answered + (event.household to event.state), retryIn = null)
    is SyncEvent.Pulled -> copy(pulled = pulled + event.changes.toInt(), retryIn = null)
    is SyncEvent.Retrying -> copy(retryIn = event.seconds.toInt())
}
