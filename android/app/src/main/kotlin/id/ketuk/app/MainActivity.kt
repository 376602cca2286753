package id.ketuk.app

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Bundle
import android.view.WindowManager
import id.ketuk.app.core.Core
import id.ketuk.app.core.Signal
import id.ketuk.app.core.Standing
import id.ketuk.app.core.sentence
import id.ketuk.app.enrol.EnrolLink
import id.ketuk.app.enrol.EnrolScreen
import id.ketuk.app.help.HelpScreen
import id.ketuk.app.home.HomeScreen
import id.ketuk.app.household.HouseholdScreen
import id.ketuk.app.households.HouseholdsScreen
import id.ketuk.app.look.Language
import id.ketuk.app.nav.Frame
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell
import id.ketuk.app.nav.Stack
import id.ketuk.app.proofs.ProofsScreen
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

    override val byItself get() = (application as KetukApp).byItself

    private lateinit var frame: Frame
    private lateinit var signal: Signal
    private var stack: Stack? = null
    private var screen: Screen? = null
    private var canSend = false
    private var signalWasGone = false

    override fun attachBaseContext(base: Context) = super.attachBaseContext(Language.wrap(base))

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // Names, addresses and answers are on nearly every screen: none of them in recents or casts.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        frame = Frame(this, onStrip = { if (stack?.top != Place.Waiting) go(Place.Waiting) }, onBack = ::onBackPressed)
        signal = Signal(this, ::signalled)
        setContentView(frame.view)
        stack = Stack.restore(state)
        show()
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        if (EnrolLink.of(intent) != null) begin(intent)
    }

    /**
     * Home for a phone that belongs to a cadre, and a link's new code on top of wherever she is; else
     * enrolment with what the link says.
     */
    private fun begin(intent: Intent) {
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
            if (waits && stack?.top !is Place.Visit) askToNotify(this, core)
            opened = false
        }
        signal.listen()
        if (stack == null) begin(intent) else screen?.enter()
    }

    /** The network went, or came: what waits then goes at once, without her. */
    private fun signalled(there: Boolean) {
        frame.strip.signal(there)
        if (there && signalWasGone && canSend) core.sender.start()
        signalWasGone = !there
    }

    override fun onStop() {
        screen?.leave()
        signal.stop()
        core.deafen()
        byItself.watched = false
        super.onStop()
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        stack?.save(state)
    }

    @Deprecated("its successor came with API 33")
    override fun onBackPressed() {
        if (screen?.back() != true) back()
    }

    override fun go(place: Place) = move { push(place) }

    override fun back() {
        if (stack?.deep == true) move { pop() } else moveTaskToBack(true)
    }

    override fun restart(place: Place) {
        stack = stack ?: Stack(place)
        move { restart(place) }
    }

    override fun remember(place: Place) {
        stack?.replace(place)
    }

    override fun start(intent: Intent): Boolean = try {
        @Suppress("DEPRECATION") // its successor is androidx's
        startActivityForResult(intent, ANSWER)
        true
    } catch (_: ActivityNotFoundException) {
        false
    }

    override fun permit(permission: String) = requestPermissions(arrayOf(permission), ANSWER)

    @Deprecated("its successor is androidx's")
    public override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        screen?.returned(result == RESULT_OK, data)
    }

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
    }

    private fun show() {
        val stack = stack ?: return
        screen = screenOf(stack.top).also { frame.show(it, stack.deep) }
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
        Place.Licences -> LicencesScreen(this)
    }

    private companion object {
        /** All that other apps and Android are asked is answered to the topmost screen. */
        const val ANSWER = 1
    }
}
