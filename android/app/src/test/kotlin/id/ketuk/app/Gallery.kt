package id.ketuk.app

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Color
import android.graphics.Rect
import android.text.Spanned
import android.text.style.ForegroundColorSpan
import android.view.View
import android.view.ViewGroup
import android.widget.AdapterView
import android.widget.EditText
import android.widget.TextView
import id.ketuk.app.look.Language
import id.ketuk.app.nav.Place
import org.junit.Assert.assertEquals
import java.io.File
import kotlin.math.abs
import kotlin.math.max
import kotlin.math.min
import kotlin.math.pow

/** How a phone can be set: each screen is to be usable in each of these. */
data class Look(val language: Language, val night: Boolean, val letters: Float, val upright: Boolean = true) {
    val qualifiers: String
        get() = (if (upright) "id-w360dp-h640dp-port" else "id-w640dp-h360dp-land") +
            (if (night) "-night" else "-notnight") + "-xhdpi"

    override fun toString() =
        "${language.tag}-${if (night) "night" else "day"}-${(letters * 100).toInt()}" + if (upright) "" else "-land"

    companion object {
        val PLAIN = Look(Language.INDONESIAN, night = false, letters = 1f)
        val ALL = Language.entries.flatMap { language ->
            listOf(false, true).flatMap { night -> listOf(1f, 2f).map { Look(language, night, it) } }
        } + PLAIN.copy(upright = false)
    }
}

/**
 * Looks at a screen in every [Look]: takes its picture, holds it against the kept one, and checks what can be
 * checked without eyes. `KETUK_WRITE_PICTURES=1` keeps what is seen instead; look at them then.
 */
class Gallery(private val phone: Phone) {
    /** Everything that is wrong; told at the end, all at once. */
    private val faults = mutableListOf<String>()
    val places = mutableSetOf<Place>()

    /** Not [alike] is what another run draws otherwise, such as a code: it is checked, but held against no picture. */
    fun look(screen: String, alike: Boolean = true) {
        places += phone.place()
        Look.ALL.forEach { look ->
            phone.wear(look)
            val name = "$screen-$look"
            val picture = phone.picture(name)
            if (alike) hold(picture, name)
            check(picture, name)
        }
        phone.wear(Look.PLAIN)
        survivesAKill(screen)
    }

    /** Android may end the app behind any screen; coming back to it shows the same. */
    private fun survivesAKill(screen: String) {
        val before = phone.words()
        phone.killAndReturn()
        if (phone.words() != before) faults += "$screen: a kill made of\n$before\nthis:\n${phone.words()}"
    }

    fun end() = assertEquals("", faults.joinToString("\n"))

    private fun hold(picture: Bitmap, name: String) {
        val now = Bitmap.createScaledBitmap(picture, picture.width / SMALLER, picture.height / SMALLER, true)
        val file = File("src/test/pictures/$name.png")
        if (System.getenv("KETUK_WRITE_PICTURES") != null) {
            file.parentFile.mkdirs()
            file.outputStream().use { now.compress(Bitmap.CompressFormat.PNG, 100, it) }
            return
        }
        val kept = BitmapFactory.decodeFile(file.path) ?: return faults.plusAssign("$name: no picture is kept")
        val off = difference(now, kept)
        if (off > TOLERANCE) faults += "$name: %.1f %% of it looks otherwise than $file".format(off * 100)
    }

    /** The part of the pixels that differ visibly; names and times differ from run to run. */
    private fun difference(one: Bitmap, other: Bitmap): Double {
        if (one.width != other.width || one.height != other.height) return 1.0
        val (a, b) = pixels(one) to pixels(other)
        val off = a.indices.count { i ->
            val channels = listOf(Color.red(a[i]) - Color.red(b[i]), Color.green(a[i]) - Color.green(b[i]), Color.blue(a[i]) - Color.blue(b[i]))
            channels.maxOf(::abs) > VISIBLE
        }
        return off.toDouble() / a.size
    }

    private fun pixels(picture: Bitmap, within: Rect = Rect(0, 0, picture.width, picture.height)): IntArray {
        val all = IntArray(within.width() * within.height())
        picture.getPixels(all, 0, within.width(), within.left, within.top, within.width(), within.height())
        return all
    }

    private fun check(picture: Bitmap, name: String) {
        phone.views().filter { it.isClickable && it.isShown && it.width > 0 }.forEach { view ->
            if (view.height < phone.dp(48) || view.width < phone.dp(48)) {
                faults += "$name: too small to hit: ${says(view)} ${view.width}×${view.height}"
            }
            // A list is named by its rows.
            if (view !is AdapterView<*> && says(view).isBlank()) faults += "$name: TalkBack has no name for $view"
        }
        phone.views().filterIsInstance<TextView>().filter { it.isEnabled && it.text.isNotBlank() }.forEach { view ->
            contrast(view, picture)?.let { faults += "$name: “${view.text}” is hard to read: $it : 1" }
            if (view !is EditText && cutOff(view)) faults += "$name: “${view.text}” is cut off"
        }
    }

    /** What TalkBack would say of it. */
    private fun says(view: View): String {
        val own = view.contentDescription ?: (view as? TextView)?.let { if (it.text.isEmpty()) it.hint else it.text }
        if (!own.isNullOrBlank()) return own.toString()
        return (view as? ViewGroup)?.let { phone.words(it) }.orEmpty()
    }

    /** A word that doesn't fit into its view and isn't meant to be shortened. */
    private fun cutOff(view: TextView): Boolean {
        val layout = view.layout ?: return false
        if (view.ellipsize != null || view.height == 0) return false
        return layout.height > view.height - view.compoundPaddingTop - view.compoundPaddingBottom + 1
    }

    /** The contrast of the words with what is behind them, if it is less than AA of WCAG 2.2 asks. */
    private fun contrast(view: TextView, picture: Bitmap): String? {
        val seen = Rect()
        if (!view.getGlobalVisibleRect(seen) || seen.width() < 4 || seen.height() < view.height) return null
        if (!seen.intersect(0, 0, picture.width, picture.height)) return null
        val behind = pixels(picture, seen).toList().groupingBy { it }.eachCount().maxBy { it.value }.key
        val sp = view.textSize / view.resources.displayMetrics.scaledDensity
        val bold = view.typeface?.isBold == true
        val wanted = if (sp >= 24 || (bold && sp >= 18.7f)) 3.0 else 4.5
        val spanned = view.text as? Spanned
        val inks = spanned?.getSpans(0, spanned.length, ForegroundColorSpan::class.java).orEmpty().map { it.foregroundColor }
        val worst = inks.ifEmpty { listOf(view.currentTextColor) }.minOf { ratio(it, behind) }
        return if (worst < wanted) "%.2f".format(worst) else null
    }

    private fun ratio(one: Int, other: Int): Double {
        val (a, b) = luminance(one) to luminance(other)
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    private fun luminance(color: Int): Double {
        fun linear(channel: Int) = (channel / 255.0).let { if (it <= 0.04045) it / 12.92 else ((it + 0.055) / 1.055).pow(2.4) }
        return 0.2126 * linear(Color.red(color)) + 0.7152 * linear(Color.green(color)) + 0.0722 * linear(Color.blue(color))
    }

    private companion object {
        /** What is kept is to show a layout, not letters: so small, all of it is a few megabytes. */
        const val SMALLER = 3
        const val TOLERANCE = 0.02
        const val VISIBLE = 40
    }
}

/** The phone is set otherwise while the app is open. */
fun Phone.wear(look: Look) {
    Language.choose(activity, look.language)
    become(look.qualifiers, look.letters)
    activity.recreate()
    settle()
}
