package id.ketuk.app.look

import android.content.Context
import android.content.res.ColorStateList
import android.text.TextUtils
import android.view.Gravity
import android.view.View
import android.widget.Button
import android.widget.ImageButton
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import id.ketuk.app.R

/** The one main action of a screen, within the thumb's reach. */
fun mainButton(context: Context, words: CharSequence, action: () -> Unit): Button =
    button(context, words, R.color.kertas, R.color.nila, null, action).apply { id = R.id.main_action }

/** Any other action. */
fun quietButton(context: Context, words: CharSequence, action: () -> Unit): Button =
    button(context, words, R.color.nila, null, R.color.nila, action)

private fun button(
    context: Context,
    words: CharSequence,
    ink: Int,
    fill: Int?,
    line: Int?,
    action: () -> Unit,
): Button = Button(context, null, 0, R.style.Isi).apply {
    text = words
    gravity = Gravity.CENTER
    typeface = android.graphics.Typeface.DEFAULT_BOLD
    setTextColor(
        ColorStateList(
            arrayOf(intArrayOf(-android.R.attr.state_enabled), intArrayOf()),
            intArrayOf(context.tint(R.color.abu), context.tint(ink)),
        ),
    )
    background = touchable(context, fill, line)
    pad(16, 12)
    onTap { action() }
}

/** A drawn sign to tap; [says] is its name for TalkBack. */
fun iconButton(context: Context, drawable: Int, says: CharSequence, action: () -> Unit): ImageButton =
    ImageButton(context, null, 0).apply {
        setImageResource(drawable)
        imageTintList = ColorStateList.valueOf(context.tint(R.color.nila))
        background = touchable(context, corner = TOUCH / 2)
        contentDescription = says
        scaleType = ImageView.ScaleType.CENTER
        minimumWidth = dp(TOUCH)
        onTap { action() }
    }

/** A white card on the page. With [action] the whole card is one thing to tap. */
fun card(context: Context, action: (() -> Unit)? = null, build: LinearLayout.() -> Unit): LinearLayout =
    column(context) {
        background = if (action == null) {
            shape(context, R.color.putih, R.color.garis)
        } else {
            touchable(context, R.color.putih, R.color.garis)
        }
        pad(16)
        build()
        if (action != null) onTap { action() }
    }

/** A filter above a list: filled while it is on. */
fun chip(context: Context, words: CharSequence, on: Boolean, action: () -> Unit): TextView =
    text(context, words, Size.NOTE, if (on) R.color.kertas else R.color.nila).apply {
        gravity = Gravity.CENTER
        maxLines = 1
        background = if (on) {
            touchable(context, R.color.nila, corner = TOUCH / 2)
        } else {
            touchable(context, R.color.putih, R.color.garis, TOUCH / 2)
        }
        pad(16, 8)
        onTap { action() }
        isSelected = on
    }

/** One choice as a row of the full width, 56 dp high or more; the chosen one is filled. */
fun choiceRow(
    context: Context,
    words: CharSequence,
    chosen: Boolean,
    many: Boolean,
    action: () -> Unit,
): LinearLayout = row(context) {
    val ink = if (chosen) R.color.kertas else R.color.tinta
    background = if (chosen) {
        touchable(context, R.color.nila)
    } else {
        touchable(context, R.color.putih, R.color.garis)
    }
    pad(16, 12)
    put(text(context, words, Size.BODY, ink), weight = 1f)
    val mark = when {
        chosen -> R.drawable.state_received
        many -> R.drawable.ic_add
        else -> null
    }
    if (mark != null) {
        val tone = if (chosen) R.color.kertas else R.color.abu
        putSign(mark, tone, before = 8)
    }
    onTap { action() }
    minimumHeight = dp(56)
    isSelected = chosen
    accessibilityDelegate = ChoiceDelegate(chosen, many)
}

/** A sign and a word in the colour of what they mean. */
fun signAndWord(context: Context, drawable: Int, words: CharSequence, color: Int): LinearLayout =
    row(context) {
        putSign(drawable, color, 18)
        put(text(context, words, Size.NOTE, color), before = 6)
    }

/** A heading above a group of cards or questions. */
fun heading(context: Context, words: CharSequence): TextView =
    text(context, words, Size.NOTE, R.color.abu, bold = true).apply {
        if (android.os.Build.VERSION.SDK_INT >= 28) isAccessibilityHeading = true
    }

/** Text that shortens itself to one line in a row, or to two for who reads large. */
fun TextView.short(): TextView = apply {
    maxLines = if (context.readsLarge) 2 else 1
    ellipsize = TextUtils.TruncateAt.END
}


/** The app's mark, in its own colours. */
fun mark(context: Context): ImageView = ImageView(context).apply {
    setImageResource(R.drawable.mark)
    importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
}
