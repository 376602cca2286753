package id.ketuk.app.visit

import android.Manifest
import android.content.Context
import android.content.Intent
import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.os.Bundle
import android.os.Looper
import android.provider.Settings
import android.view.View
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Answer
import id.ketuk.app.core.Geo
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.Question
import id.ketuk.app.core.TextAnswer
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.text
import java.util.Locale

/** Where she stands; for a way or for bounds point after point. The wait for a good position can be left at any time. */
internal class PlaceControl(context: Context, private val geo: Geo, private val to: Answering) : ControlView {
    private val state = text(context, "", Size.BODY)
    private val found = text(context, "", Size.NOTE).apply { accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE }
    private val seek = quietButton(context, "") { seek() }
    private val use = quietButton(context, "", ::useFound)
    private val stop = quietButton(context, context.getString(R.string.visit_place_stop), ::leave)
    private val close = quietButton(context, context.getString(R.string.visit_place_close), ::closeBounds)
    private val back = quietButton(context, context.getString(R.string.visit_place_back), ::takeBack)
    private val settings = quietButton(context, context.getString(R.string.visit_place_settings)) {
        context.startActivity(Intent(Settings.ACTION_LOCATION_SOURCE_SETTINGS))
    }
    override val view: LinearLayout = column(context) {
        put(state)
        put(found, above = 4)
        listOf(seek, use, stop, settings, close, back).forEach { put(it, above = 8) }
        addOnAttachStateChangeListener(Leaving(::leave))
    }
    private val manager = context.getSystemService(LocationManager::class.java)
    private var path = ""
    private var points: List<String> = emptyList()
    private var goodEnough = GOOD_ENOUGH
    private var doubtful = DOUBTFUL

    /** The best position of this wait. */
    private var best: Location? = null
    private var waiting = false
    private var trouble: Int? = null

    override val typing get() = false

    private val listener = object : LocationListener {
        override fun onLocationChanged(location: Location) {
            val before = best
            if (before == null || location.accuracy <= before.accuracy) best = location
            // Only of a single point: of a way she knows herself where the next one is.
            if (geo == Geo.POINT && location.accuracy <= goodEnough) useFound() else draw()
        }

        // Android before 11 calls these, and they were without a body there.
        @Deprecated("not called any more") override fun onStatusChanged(provider: String, status: Int, extras: Bundle?) = Unit
        override fun onProviderEnabled(provider: String) = Unit
        override fun onProviderDisabled(provider: String) = Unit
    }

    override fun show(question: Question) {
        path = question.path
        points = question.typed.split(';').map { it.trim() }.filter { it.isNotEmpty() }
        fun metres(name: String) = question.parameters.find { it.name == name }?.value?.toFloatOrNull()
        goodEnough = metres("capture-accuracy") ?: GOOD_ENOUGH
        doubtful = metres("warning-accuracy") ?: DOUBTFUL
        draw()
    }

    private fun draw() {
        val context = view.context
        val now = best
        state.text = when {
            points.isEmpty() -> ""
            geo == Geo.POINT -> context.getString(R.string.visit_place_taken, accuracyOf(points.first()))
            else -> context.resources.getQuantityString(R.plurals.visit_place_points, points.size, points.size)
        }
        found.text = when {
            trouble != null -> context.getString(checkNotNull(trouble))
            !waiting -> ""
            now == null -> context.getString(R.string.visit_place_seeking)
            now.accuracy > doubtful -> context.getString(R.string.visit_place_doubtful, metres(now.accuracy))
            else -> context.getString(R.string.visit_place_found, metres(now.accuracy))
        }
        seek.setText(
            when {
                geo != Geo.POINT -> R.string.visit_place_add
                points.isEmpty() -> R.string.visit_place_seek
                else -> R.string.visit_place_again
            },
        )
        use.setText(if (geo == Geo.POINT) R.string.visit_place_use else R.string.visit_place_use_point)
        val closed = geo == Geo.SHAPE && points.size > 3 && points.first() == points.last()
        visible(state, state.text.isNotEmpty())
        visible(found, found.text.isNotEmpty())
        visible(seek, !waiting && !closed)
        visible(use, waiting && now != null)
        visible(stop, waiting)
        visible(settings, trouble == R.string.visit_place_off)
        visible(close, geo == Geo.SHAPE && !waiting && points.size >= 3 && !closed)
        visible(back, !waiting && points.isNotEmpty())
        back.setText(if (geo == Geo.POINT) R.string.visit_file_remove else R.string.visit_place_back)
    }

    private fun visible(view: View, there: Boolean) {
        view.visibility = if (there) View.VISIBLE else View.GONE
    }

    private fun seek() = to.permit(Manifest.permission.ACCESS_FINE_LOCATION) { may ->
        trouble = when {
            !may -> R.string.visit_place_denied
            listening() -> null
            else -> R.string.visit_place_off
        }
        draw()
    }

    /** Listens to whatever tells positions; false if all of it is switched off. */
    private fun listening(): Boolean {
        val providers = listOf(LocationManager.GPS_PROVIDER, LocationManager.NETWORK_PROVIDER)
            .filter { it in manager.allProviders && manager.isProviderEnabled(it) }
        best = null
        waiting = providers.isNotEmpty()
        try {
            providers.forEach { manager.requestLocationUpdates(it, EVERY, 0f, listener, Looper.getMainLooper()) }
        } catch (_: SecurityException) {
            // She has taken the permission back in the meantime.
            waiting = false
        }
        return waiting
    }

    private fun useFound() {
        val point = best ?: return
        leave()
        val numbers = "%.7f %.7f %.1f %.1f".format(Locale.ROOT, point.latitude, point.longitude, point.altitude, point.accuracy)
        tell(if (geo == Geo.POINT) listOf(numbers) else points + numbers)
    }

    private fun closeBounds() = tell(points + points.first())

    private fun takeBack() = tell(points.dropLast(1))

    private fun tell(now: List<String>) {
        val answer: Answer = if (now.isEmpty()) NoAnswer else TextAnswer(now.joinToString(";"))
        to.answer(path, answer)
    }

    private fun leave() {
        manager.removeUpdates(listener)
        waiting = false
        draw()
    }

    private fun metres(accuracy: Float) = "%.0f".format(view.resources.configuration.locales[0], accuracy)

    private fun accuracyOf(point: String) = point.split(' ').getOrNull(3)?.toFloatOrNull()?.let(::metres) ?: "?"

    private companion object {
        /** As other collectors have it, where the author says nothing: metres. */
        const val GOOD_ENOUGH = 5f
        const val DOUBTFUL = 100f
        const val EVERY = 1000L
    }
}
