package id.ketuk.app.look

import android.view.View
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.CheckBox
import android.widget.RadioButton

/** Tells TalkBack that a row is a choice, and whether it is chosen. */
class ChoiceDelegate(private val chosen: Boolean, private val many: Boolean) :
    View.AccessibilityDelegate() {
    override fun onInitializeAccessibilityNodeInfo(host: View, info: AccessibilityNodeInfo) {
        super.onInitializeAccessibilityNodeInfo(host, info)
        info.className = (if (many) CheckBox::class else RadioButton::class).java.name
        info.isCheckable = true
        @Suppress("DEPRECATION") // its successor came with API 36
        info.isChecked = chosen
    }
}
