package id.ketuk.tryout

import android.content.Intent
import android.content.pm.PackageManager
import android.os.Bundle
import android.os.Looper
import android.os.SystemClock
import android.text.InputType
import android.widget.TextView
import id.ketuk.app.Handset
import id.ketuk.testing.Link
import java.time.Duration
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import org.json.JSONArray
import org.json.JSONObject
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers

/** Whoever looks at the phone. */
interface Onlooker {
    /** Whether it could do with another picture now. */
    val ready: Boolean

    fun tell(told: Told)
}

/** What it is told: something about the phone, or a picture of what changed. */
sealed class Told {
    class State(val state: JSONObject) : Told()

    /** [after] is the number of the last request whose doing it shows; at [rest] nothing more will come of it. */
    class Seen(val after: Long, val rest: Boolean, val change: Change?, val words: List<Words>) : Told()
}

/** What can be set on the phone; the app knows it by resource qualifiers. */
private data class Settings(
    val language: String = "id",
    val wide: Boolean = false,
    val dark: Boolean = false,
    val letters: Float = 1f,
) {
    val qualifiers get() = "+$language-${if (wide) "land" else "port"}-${if (dark) "night" else "notnight"}"
}

/**
 * The phone of the page, in time as it passes. Everything of Android happens on the thread that [live]s here, which is
 * Android's main thread; [ask] takes from any.
 */
class LivePhone(private val link: Intent, private val way: Link, private val onlooker: Onlooker) : Handset() {
    /** Where the app is. */
    private enum class App { OPEN, ASIDE, KILLED }

    private class Request(val number: Long, val actions: JSONArray)

    private val requests = LinkedBlockingQueue<Request>()
    private val main = shadowOf(Looper.getMainLooper())
    private val coverage = Coverage(way, this)
    private val fingers = Fingers()
    private val screen = Screen()
    private var where = App.OPEN

    /** What Android kept of the killed app. */
    private var kept: Bundle? = null
    private var settings = Settings()

    /** The last request that was done, and whether its end was told. */
    private var done = 0L
    private var rested = false

    /** Something may look otherwise than was told. */
    private var owed = true
    private var stateTold = ""

    /** The app asked for something that a phone has and this has not. */
    private var lacks = ""
    private var permissionAsked: Any? = null

    /** Has the actions of request [number] done, one after the other. */
    fun ask(number: Long, actions: JSONArray) {
        requests.put(Request(number, actions))
    }

    /** Somebody new looks. */
    fun looked() = ask(0, JSONArray().put(JSONObject().put("look", true)))

    fun live() {
        start()
        var then = System.nanoTime()
        while (true) {
            val first = requests.poll(BEAT, TimeUnit.MILLISECONDS)
            owed = owed || first != null
            survive {
                generateSequence(first) { requests.poll() }.forEach(::act)
                val now = System.nanoTime()
                owed = pass(Duration.ofNanos(now - then)) || owed
                then = now
                if (where == App.OPEN) whatPhonesHave()
                coverage.work()
            }
            if (onlooker.ready && (owed || !rested)) show()
        }
    }

    /** From its icon; until it is a cadre's, she opens the link that she was sent right after. */
    private fun start() {
        launch()
        app.core.ask({ it.phone().enrolment() == null }, failed = {}) { if (it) open(link) }
    }

    /** Lets time pass for the app; whether anything happened in it. */
    private fun pass(time: Duration): Boolean {
        val next = main.nextScheduledTaskTime.toMillis()
        val due = next != 0L && next <= SystemClock.uptimeMillis() + time.toMillis()
        main.idleFor(time)
        return due
    }

    /** An app that dies is a killed app, here as on a phone. */
    private fun survive(block: () -> Unit) {
        try {
            block()
        } catch (fault: Throwable) {
            System.err.println("The app died: ${fault.stackTraceToString()}")
            if (where == App.OPEN) runCatching(::die)
        }
    }

    private fun act(request: Request) {
        for (at in 0 until request.actions.length()) act(request.actions.getJSONObject(at))
        done = maxOf(done, request.number)
        rested = false
    }

    private fun act(action: JSONObject) {
        val what = action.keys().next()
        when (what) {
            "look" -> return lookAnew()
            "signal" -> return coverage.become(Coverage.Signal.valueOf(action.getString(what)))
            "open" -> return reopen(action.getString(what))
        }
        if (where != App.OPEN) return
        lacks = ""
        when (what) {
            "touch" -> fingers.touch(action)
            "wheel" -> fingers.wheel(action)
            "type" -> fingers.type(action.getString(what))
            "key" -> if (action.getString(what) == "Back") back() else fingers.key(action.getString(what))
            "turn" -> set(settings.copy(wide = !settings.wide))
            "language" -> set(settings.copy(language = action.getString(what)))
            "dark" -> set(settings.copy(dark = action.getBoolean(what)))
            "letters" -> set(settings.copy(letters = action.getDouble(what).toFloat()))
            "aside" -> aside()
            "kill" -> die()
        }
    }

    private fun lookAnew() {
        screen.forget()
        stateTold = ""
    }

    private fun set(next: Settings) {
        settings = next
        become(next.qualifiers, next.letters)
    }

    private fun back() {
        @Suppress("DEPRECATION") // Its successor came with API 33.
        activity.onBackPressed()
    }

    private fun aside() {
        putAside()
        where = App.ASIDE
    }

    /** The process is gone with everything in memory. What was on its way to the server breaks off, as sockets do. */
    private fun die() {
        val orphan = app.core.sender
        kept = kill()
        where = App.KILLED
        // This process lives on: a run of the killed one must not.
        orphan.stop()
        way.breakOff()
        coverage.killed()
    }

    private fun reopen(how: String) {
        when {
            where == App.ASIDE -> takeUp()
            where == App.KILLED && how == "recents" -> comeBack(checkNotNull(kept))
            where == App.KILLED -> start()
        }
        where = App.OPEN
        kept = null
    }

    /** Answers for what stands around an app: the home screen, other apps, and the question whether it may. */
    private fun whatPhonesHave() {
        val shadow = shadowOf(activity)
        if (shadow.isTaskMovedToBack) {
            // Robolectric never takes it back by itself.
            ReflectionHelpers.setField(shadow, "isTaskMovedToBack", false)
            return aside()
        }
        shadow.nextStartedActivityForResult?.let { asked ->
            lacks = asked.intent.action.orEmpty()
            if (asked.requestCode >= 0) shadow.receiveResult(asked.intent, android.app.Activity.RESULT_CANCELED, null)
        }
        val permission = shadow.lastRequestedPermission ?: return
        if (permission === permissionAsked) return
        permissionAsked = permission
        lacks = permission.requestedPermissions.first()
        val refused = IntArray(permission.requestedPermissions.size) { PackageManager.PERMISSION_DENIED }
        activity.onRequestPermissionsResult(permission.requestCode, permission.requestedPermissions, refused)
    }

    private fun show() {
        owed = false
        val open = where == App.OPEN
        val change = if (open) screen.change() else null
        // After the drawing: a list that is still rolling asks for its next frame there.
        val rest = !open || app.coreIsIdle && requests.isEmpty() && !soon()
        if (change != null || rest && !rested) {
            onlooker.tell(Told.Seen(done, rest, change, if (open) screen.words() else emptyList()))
        }
        rested = rest
        val state = state()
        if (state.toString() != stateTold) onlooker.tell(Told.State(state))
        stateTold = state.toString()
    }

    /** Whether Android has something to do by the next frame. */
    private fun soon(): Boolean {
        val next = main.nextScheduledTaskTime.toMillis()
        return next != 0L && next <= SystemClock.uptimeMillis() + FRAME
    }

    private fun state(): JSONObject {
        val state = JSONObject().put("app", where.name).put("signal", coverage.signal.name).put("lacks", lacks)
        if (where != App.OPEN) return state
        val field = fingers.field() as? TextView
        return state.put("wide", settings.wide).put("language", settings.language).put("dark", settings.dark)
            .put("letters", settings.letters.toDouble())
            .put("typing", field?.let { if (it.inputType and InputType.TYPE_MASK_CLASS == InputType.TYPE_CLASS_TEXT) "text" else "numeric" })
    }

    private companion object {
        /** How often it looks at what came from other threads. */
        const val BEAT = 8L

        /** Android draws as often, in milliseconds. */
        const val FRAME = 16L
    }
}
