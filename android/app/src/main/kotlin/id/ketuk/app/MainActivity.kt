package id.ketuk.app

import android.app.Activity
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.view.WindowManager
import android.view.inputmethod.InputMethodManager
import id.ketuk.app.backup.BackupScreen
import id.ketuk.app.backup.RestoreScreen
import id.ketuk.app.core.Core
import id.ketuk.app.core.Gate
import id.ketuk.app.core.Signal
import id.ketuk.app.core.Standing
import id.ketuk.app.core.sentence
import id.ketuk.app.enrol.EnrolLink
import id.ketuk.app.enrol.EnrolScreen
import id.ketuk.app.handover.HandoverScreen
import id.ketuk.app.help.HelpScreen
import id.ketuk.app.home.HomeScreen
import id.ketuk.app.household.HouseholdScreen
import id.ketuk.app.households.HouseholdsScreen
import id.ketuk.app.lock.LockScreen
import id.ketuk.app.lock.PinScreen
import id.ketuk.app.look.Language
import id.ketuk.app.nav.Frame
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell
import id.ketuk.app.nav.Stack
import id.ketuk.app.proofs.ProofsScreen
import id.ketuk.app.rescue.RescueScreen
import id.ketuk.app.proofs.ReceiptScreen
import id.ketuk.app.settings.AboutScreen
import id.ketuk.app.settings.LicencesScreen
import id.ketuk.app.settings.SettingsScreen
import id.ketuk.app.sync.SyncJob
import id.ketuk.app.sync.SyncScreen
import id.ketuk.app.sync.askToNotify
import id.ketuk.app.visit.CameraFile
import id.ketuk.app.visit.VisitScreen
import id.ketuk.app.waiting.WaitingScreen

/** The one activity: a stack of places, and the screen of the topmost. */
class MainActivity : Activity(), Shell {
    override val activity: Activity get() = this
    override val core: Core get() = (application as KetukApp).core
    override val finger get() = (application as KetukApp).finger

    override val byItself get() = (application as KetukApp).byItself

    private lateinit var frame: Frame
    private lateinit var signal: Signal
    private var stack: Stack? = null
    private var screen: Screen? = null
    private var canSend = false
    private var signalWasGone = false

    /** What stands in front of the stack: the lock, or a way back to what can't be opened. */
    private var over: Place? = null
    private var here = false

    /** Whether a link came while she could not pass. */
    private var linked = false
    private var answers = ArrayList<Answered>()
    private val watch = Handler(Looper.getMainLooper())

    override fun attachBaseContext(base: Context) = super.attachBaseContext(Language.wrap(base))

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // Names, addresses and answers are on nearly every screen: none of them in recents or casts.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        frame = Frame(this, onStrip = { if (stack?.top != Place.Waiting) go(Place.Waiting) }, onBack = ::onBackPressed)
        signal = Signal(this, ::signalled)
        setContentView(frame.view)
        stack = Stack.restore(state)
        @Suppress("DEPRECATION") // the typed getter came with API 33
        over = state?.getSerializable(OVER) as? Place
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        setIntent(intent)
        if (EnrolLink.of(intent) == null) return
        if (screen != null && over == null) begin(intent) else linked = true
    }

    /**
     * Home for a phone that belongs to a cadre, and a link's new code on top of wherever she is; else
     * enrolment with what the link says.
     */
    private fun begin(intent: Intent) {
        linked = false
        core.ask({ CameraFile.clear(this); it.phone().run { (enrolment() != null) to (movedAside() != null) } }, { say(sentence(this, it)) }) {
            val (enrolled, damaged) = it
            val link = EnrolLink.of(intent)
            if (!enrolled) restart(link ?: Place.Enrol()) else if (stack == null) restart(Place.Home)
            if (enrolled && link != null) enrolAgain(link)
            if (damaged) say(getString(R.string.error_damaged))
        }
    }

    private fun enrolAgain(link: Place.Enrol) = move {
        if (top is Place.Enrol) pop()
        push(link.copy(again = true))
    }

    override fun onStart() {
        super.onStart()
        byItself.watched = true
        // Not at every count: a run that only she can help would begin anew as soon as it ended.
        var opened = true
        core.listen { holdings ->
            val waits = holdings.waiting > 0
            canSend = waits && holdings.standing == Standing.FINE
            frame.strip.show(holdings)
            if (opened && waits) SyncJob.ensure(this)
            if (waits && over == null && stack?.top !is Place.Visit) askToNotify(this, core)
            opened = false
        }
        signal.listen()
        here = true
        if (core.idle.left() == 0L && core.pinned) core.shut()
        if (core.known == Gate.OPEN) passed(Gate.OPEN) else pass()
    }

    override fun onUserInteraction() {
        super.onUserInteraction()
        core.idle.touch()
    }

    /** Locks the app when she has not touched it for so long. */
    private fun watchTheTime() {
        watch.removeCallbacksAndMessages(null)
        if (!core.pinned || over != null) return
        watch.postDelayed({ if (core.idle.left() == 0L) lock() else watchTheTime() }, core.idle.left())
    }

    override fun lock() {
        core.shut()
        getSystemService(InputMethodManager::class.java).hideSoftInputFromWindow(frame.view.windowToken, 0)
        pass()
    }

    override fun pass() {
        screen?.leave()
        screen = null
        frame.blank()
        core.look({ say(sentence(this, it)) }) {
            passed(it)
            core.recount()
        }
    }

    private fun passed(gate: Gate) {
        if (!here) return
        val rescue = over as? Place.Rescue
        over = when (gate) {
            Gate.OPEN -> null
            Gate.LOCKED -> rescue ?: Place.Locked
            Gate.CHOOSE -> Place.Pin(must = true)
            Gate.LOST -> rescue?.copy(lost = true) ?: Place.Rescue(lost = true)
        }
        if (over == null) {
            core.idle.touch()
            if (stack == null) return begin(intent)
        }
        watchTheTime()
        if (screen == null) show()
        screen?.enter()
        if (over == null || over is Place.Rescue) answered()
        if (over == null && linked) begin(intent)
    }

    override fun cover(place: Place) {
        screen?.leave()
        over = place
        show()
        screen?.enter()
    }

    @Deprecated("its successor is not in the platform")
    public override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        answers += Answered(request, result == RESULT_OK, data)
        if (here && screen != null && (over == null || over is Place.Rescue)) answered()
    }

    /** What other apps answered, once the screen that asked is seen again. */
    private fun answered() {
        val answers = answers
        this.answers = ArrayList()
        answers.forEach { (request, done, data) ->
            screen?.returned(request, done, data.takeIf { done })
        }
    }

    private data class Answered(val request: Int, val done: Boolean, val data: Intent?)

    /** The network went, or came: what waits then goes at once, without her. */
    private fun signalled(there: Boolean) {
        frame.strip.signal(there)
        if (there && signalWasGone && canSend) core.sender.start()
        signalWasGone = !there
    }

    override fun onStop() {
        here = false
        watch.removeCallbacksAndMessages(null)
        screen?.leave()
        signal.stop()
        core.deafen()
        byItself.watched = false
        super.onStop()
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        stack?.save(state)
        state.putSerializable(OVER, over)
    }

    @Deprecated("its successor came with API 33")
    override fun onBackPressed() {
        if (screen?.back() != true) back()
    }

    override fun go(place: Place) = move { push(place) }

    override fun back() {
        val rescue = over as? Place.Rescue
        when {
            rescue?.lost == false -> cover(Place.Locked)
            over == null && stack?.deep == true -> move { pop() }
            else -> moveTaskToBack(true)
        }
    }

    override fun restart(place: Place) {
        stack = stack ?: Stack(place)
        over = null
        // A phone that has just become hers, or been put back, may want a PIN first.
        if (core.known == null) {
            stack?.restart(place)
            pass()
        } else {
            move { restart(place) }
        }
    }

    override fun remember(place: Place) {
        if (over == null) stack?.replace(place) else over = place
    }

    override fun permit(permission: String) = requestPermissions(arrayOf(permission), PERMISSION)

    override fun onRequestPermissionsResult(request: Int, permissions: Array<String>, results: IntArray) {
        // Without results Android has broken the question off: it counts as not answered.
        results.firstOrNull()?.let { screen?.permitted(it == PackageManager.PERMISSION_GRANTED) }
    }

    override fun say(sentence: CharSequence, trouble: Boolean) = frame.say(sentence, trouble)

    private fun move(change: Stack.() -> Unit) {
        screen?.leave()
        stack?.change()
        show()
        screen?.enter()
        watchTheTime()
    }

    private fun show() {
        val place = over ?: stack?.top ?: return
        val deep = if (over == null) stack?.deep == true else (over as? Place.Rescue)?.lost == false
        screen = screenOf(place).also { frame.show(it, deep) }
    }

    private fun screenOf(place: Place): Screen = when (place) {
        is Place.Enrol -> EnrolScreen(this, place)
        Place.Home -> HomeScreen(this)
        is Place.Households -> HouseholdsScreen(this, place)
        is Place.Household -> HouseholdScreen(this, place)
        is Place.Visit -> VisitScreen(this, place)
        Place.Waiting -> WaitingScreen(this)
        Place.Sync -> SyncScreen(this)
        is Place.Proofs -> ProofsScreen(this, place)
        is Place.Receipt -> ReceiptScreen(this, place)
        Place.Settings -> SettingsScreen(this)
        Place.Help -> HelpScreen(this)
        Place.About -> AboutScreen(this)
        Place.Handover -> HandoverScreen(this)
        Place.Backup -> BackupScreen(this)
        is Place.Restore -> RestoreScreen(this, place)
        Place.Locked -> LockScreen(this)
        is Place.Pin -> PinScreen(this, place)
        is Place.Rescue -> RescueScreen(this, place)
        Place.Licences -> LicencesScreen(this)
    }

    companion object {
        const val OVER = "over"

        private const val PERMISSION = 1
    }
}
