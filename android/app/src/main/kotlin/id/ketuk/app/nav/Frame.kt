package id.ketuk.app.nav

import android.content.Context
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.widget.FrameLayout
import android.widget.TextView
import id.ketuk.app.R
import id.ketuk.app.look.Size
import id.ketuk.app.look.WIDE
import id.ketuk.app.look.column
import id.ketuk.app.look.dp
import id.ketuk.app.look.iconButton
import id.ketuk.app.look.onTap
import id.ketuk.app.look.pad
import id.ketuk.app.look.put
import id.ketuk.app.look.row
import id.ketuk.app.look.text
import id.ketuk.app.look.tint

/** What stands around every screen: the strip, the bar with its title, and a place for a sentence. */
class Frame(context: Context, onStrip: () -> Unit, private val onBack: () -> Unit) {
    val strip = Strip(context, onStrip)
    private val bar = row(context) { minimumHeight = dp(56) }
    private val banner = text(context, "", Size.BODY).apply {
        id = R.id.banner
        pad(16, 12)
        visibility = View.GONE
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        onTap { hush() }
    }
    private val content = FrameLayout(context).apply { id = R.id.content }

    val view: View = column(context) {
        id = R.id.root
        fitsSystemWindows = true
        // Focus that nobody asked for lands here, not in the first field with its keyboard.
        isFocusableInTouchMode = true
        descendantFocusability = ViewGroup.FOCUS_BEFORE_DESCENDANTS
        setBackgroundColor(context.tint(R.color.kertas))
        put(strip.view)
        put(bar)
        put(banner)
        put(content, weight = 1f)
    }

    /** Shows [screen]; [deep] if there is a place to go back to. */
    fun show(screen: Screen, deep: Boolean) {
        hush()
        strip.view.visibility = if (screen.strip) View.VISIBLE else View.GONE
        bar.removeAllViews()
        val title = screen.title
        bar.visibility = if (title == null) View.GONE else View.VISIBLE
        if (title != null) fillBar(screen, title, deep)
        content.removeAllViews()
        content.addView(screen.view(), FrameLayout.LayoutParams(WIDE, WIDE))
    }

    /** Shows nothing, until it is known what she may see. */
    fun blank() {
        hush()
        strip.view.visibility = View.GONE
        bar.visibility = View.GONE
        content.removeAllViews()
    }

    private fun fillBar(screen: Screen, title: CharSequence, deep: Boolean) {
        val context = bar.context
        if (deep) {
            val back = iconButton(context, R.drawable.ic_back, context.getString(R.string.nav_back), onBack)
            bar.put(back.apply { id = R.id.back }, before = 4)
        }
        bar.put(titled(context, title), weight = 1f, before = if (deep) 4 else 16)
        screen.actions(bar)
        bar.setPadding(0, 0, bar.dp(4), 0)
    }

    private fun titled(context: Context, title: CharSequence): TextView =
        text(context, title, Size.QUESTION, bold = true).apply {
            id = R.id.title
            gravity = Gravity.CENTER_VERTICAL
            maxLines = 2
            ellipsize = android.text.TextUtils.TruncateAt.END
        }

    fun say(sentence: CharSequence, trouble: Boolean) {
        banner.text = sentence
        banner.setTextColor(banner.context.tint(R.color.kertas))
        banner.setBackgroundColor(banner.context.tint(if (trouble) R.color.bata else R.color.daun))
        banner.visibility = View.VISIBLE
    }

    fun hush() {
        banner.visibility = View.GONE
    }
}
