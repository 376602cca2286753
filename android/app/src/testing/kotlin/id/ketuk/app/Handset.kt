package id.ketuk.app

import android.content.Intent
import android.net.ConnectivityManager
import android.net.NetworkInfo
import android.os.Bundle
import android.os.LocaleList
import android.os.Parcel
import android.view.WindowManager
import android.view.inspector.WindowInspector
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Stack
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.shadows.ShadowNetworkInfo

/** The phone as a thing that runs the app: it starts and kills it, is turned, and loses its signal. */
open class Handset(private val intent: Intent? = null) {
    private lateinit var controller: ActivityController<MainActivity>
    val activity: MainActivity get() = controller.get()
    val app: TestKetukApp get() = RuntimeEnvironment.getApplication() as TestKetukApp

    /** What is to happen after each of these, before whoever did it looks at the screen. */
    open fun settle() = Unit

    /** Starts the app, from its icon or by the intent. */
    fun launch() {
        controller = Robolectric.buildActivity(MainActivity::class.java, intent).setup()
        settle()
    }

    /** Android hands the app [intent] while it is open. */
    fun open(intent: Intent) {
        controller.newIntent(intent)
        settle()
    }

    /** The network goes or comes back, as Android tells the app. */
    fun signal(there: Boolean) {
        val manager = app.getSystemService(ConnectivityManager::class.java)
        val shadow = shadowOf(manager)
        val network = ShadowNetwork.newInstance(1)
        @Suppress("DEPRECATION") // Robolectric makes the network of what came before it.
        val connected = ShadowNetworkInfo.newInstance(
            NetworkInfo.DetailedState.CONNECTED, ConnectivityManager.TYPE_MOBILE, 0, true, NetworkInfo.State.CONNECTED,
        )
        shadow.setActiveNetworkInfo(if (there) connected else null)
        shadow.networkCallbacks.toList().forEach { if (there) it.onAvailable(network) else it.onLost(network) }
        settle()
    }

    /** Where she is, as Android would keep it. */
    fun place(): Place {
        val kept = Bundle().also { controller.saveInstanceState(it) }
        @Suppress("DEPRECATION") // the typed getter came with API 33
        return kept.getSerializable(MainActivity.OVER) as? Place ?: checkNotNull(Stack.restore(kept)).top
    }

    /** Turns the phone: the activity is made anew from its saved state. */
    fun rotate() {
        val landscape = activity.resources.configuration.orientation == 2
        become(if (landscape) "+port" else "+land")
    }

    /** The phone is set otherwise, by resource qualifiers and the size of letters: the open app is made anew, and knows. */
    fun become(qualifiers: String, letters: Float = activity.resources.configuration.fontScale) {
        RuntimeEnvironment.setQualifiers(qualifiers)
        RuntimeEnvironment.setFontScale(letters)
        // As Android tells every process; Robolectric only does when the language is another.
        LocaleList.setDefault(app.resources.configuration.locales)
        controller.configurationChange()
        controller.visible()
        settle()
    }

    /** She looks at something else: the app goes to the background. */
    fun putAside() {
        controller.pause().stop()
        settle()
    }

    /** She takes the app up again, which was in the background. */
    fun takeUp() {
        controller.restart().start().resume().visible()
        settle()
    }

    /** Kills the process in the background: all that is left is on disk, and in what Android kept of the activity. */
    fun kill(): Bundle {
        val saved = Bundle()
        controller.pause().stop().saveInstanceState(saved)
        controller.destroy()
        windowsGo()
        app.kill()
        return saved.throughParcel()
    }

    /** With its process a killed app loses its windows, dialogs too. */
    private fun windowsGo() = WindowInspector.getGlobalWindowViews().toList()
        .forEach { it.context.getSystemService(WindowManager::class.java).removeViewImmediate(it) }

    /** She comes back to the killed app from the recents. */
    fun comeBack(saved: Bundle) {
        controller = Robolectric.buildActivity(MainActivity::class.java)
        controller.setup(saved)
        settle()
    }

    /** Kills the process in the background and lets her come back to it from the recents. */
    fun killAndReturn() = comeBack(kill())

    /** Kills the process for good: she starts the app from its icon. */
    fun killAndStart() {
        controller.pause().stop().destroy()
        app.kill()
        launch()
    }

    private fun Bundle.throughParcel(): Bundle {
        val parcel = Parcel.obtain()
        parcel.writeBundle(this)
        parcel.setDataPosition(0)
        return checkNotNull(parcel.readBundle(MainActivity::class.java.classLoader)).also { parcel.recycle() }
    }
}
