package id.ketuk.app.look

import android.content.Context
import android.content.res.ColorStateList
import android.graphics.drawable.Drawable
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import id.ketuk.app.R

/** The four sizes of text: 14, 16, 20 and 28 sp. */
enum class Size(val style: Int) {
    NOTE(R.style.Catatan), BODY(R.style.Isi), QUESTION(R.style.Soal), FIGURE(R.style.Angka)
}

const val CORNER = 12
const val TOUCH = 48
const val WIDE = ViewGroup.LayoutParams.MATCH_PARENT
const val SNUG = ViewGroup.LayoutParams.WRAP_CONTENT

/** Density-independent pixels as whole pixels of this screen. */
fun Context.dp(value: Int): Int = Math.round(value * resources.displayMetrics.density)

fun View.dp(value: Int): Int = context.dp(value)

/** Pixels of something that stands beside text and grows with it, if not quite as much. */
fun Context.beside(value: Int): Int = Math.round(dp(value) * resources.configuration.fontScale.coerceIn(1f, 1.6f))

/** Whether she reads so large that what stood side by side must stand one below the other. */
val Context.readsLarge: Boolean get() = resources.configuration.fontScale > 1.3f

fun Context.tint(color: Int): Int = getColor(color)

fun column(context: Context, build: LinearLayout.() -> Unit): LinearLayout =
    LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        build()
    }

fun row(context: Context, build: LinearLayout.() -> Unit): LinearLayout =
    LinearLayout(context).apply {
        orientation = LinearLayout.HORIZONTAL
        gravity = Gravity.CENTER_VERTICAL
        // Text of several sizes in a row is centred, not hung from one baseline.
        isBaselineAligned = false
        build()
    }

/** A page's content that scrolls when it is longer than the screen. */
fun scroll(context: Context, content: View): ScrollView = ScrollView(context).apply {
    isFillViewport = true
    addView(content)
}

/**
 * Adds [view] to a column or row; [weight] takes its share of what is left, [above] and [before] are the
 * space over it and to its left in dp, [at] its place among the others.
 */
fun <V : View> LinearLayout.put(
    view: V,
    width: Int = if (orientation == LinearLayout.VERTICAL) WIDE else SNUG,
    height: Int = SNUG,
    weight: Float = 0f,
    above: Int = 0,
    before: Int = 0,
    at: Int = -1,
): V {
    val vertical = orientation == LinearLayout.VERTICAL
    val params = LinearLayout.LayoutParams(
        if (weight > 0 && !vertical) 0 else width,
        if (weight > 0 && vertical) 0 else height,
        weight,
    )
    params.topMargin = dp(above)
    params.leftMargin = dp(before)
    addView(view, at, params)
    return view
}

fun text(
    context: Context,
    words: CharSequence,
    size: Size = Size.BODY,
    color: Int? = null,
    bold: Boolean = false,
): TextView = TextView(context, null, 0, size.style).apply {
    text = words
    if (color != null) setTextColor(context.tint(color))
    if (bold) typeface = android.graphics.Typeface.DEFAULT_BOLD
    setLineSpacing(0f, 1.15f)
}

fun View.pad(horizontal: Int, vertical: Int = horizontal) =
    setPadding(dp(horizontal), dp(vertical), dp(horizontal), dp(vertical))

/** A sign that says the same as the word or colour beside it, so TalkBack skips it. */
fun sign(context: Context, drawable: Int, color: Int): ImageView =
    ImageView(context).apply {
        setImageResource(drawable)
        imageTintList = ColorStateList.valueOf(context.tint(color))
        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
        scaleType = ImageView.ScaleType.FIT_CENTER
    }

/** Puts a [sign] of [size] dp into a row; it grows with the text beside it. */
fun LinearLayout.putSign(drawable: Int, color: Int, size: Int = 20, before: Int = 0): ImageView {
    val side = context.beside(size)
    return put(sign(context, drawable, color), side, side, before = before)
}

/** A filled, outlined shape with the look's corners. */
fun shape(context: Context, fill: Int? = null, line: Int? = null, corner: Int = CORNER): Drawable =
    GradientDrawable().apply {
        cornerRadius = context.dp(corner).toFloat()
        if (fill != null) setColor(context.tint(fill))
        if (line != null) setStroke(context.dp(1), context.tint(line))
    }

/** [shape] that answers a touch. */
fun touchable(
    context: Context,
    fill: Int? = null,
    line: Int? = null,
    corner: Int = CORNER,
): Drawable = RippleDrawable(
    ColorStateList.valueOf(context.tint(R.color.garis)),
    shape(context, fill, line, corner),
    shape(context, R.color.tinta, null, corner),
)

/** Makes a view one thing to tap, for the thumb and for TalkBack. */
fun <V : View> V.onTap(action: (V) -> Unit): V = apply {
    isClickable = true
    isFocusable = true
    minimumHeight = dp(TOUCH)
    setOnClickListener { action(this) }
}
