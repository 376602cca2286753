package id.ketuk.app.lock

import android.content.Context
import android.view.ActionMode
import android.view.Menu
import android.view.MenuItem
import android.view.inputmethod.EditorInfo
import android.view.inputmethod.InputMethodManager
import android.widget.LinearLayout
import id.ketuk.app.look.Field
import id.ketuk.app.look.Typing
import id.ketuk.app.look.put

/** Six digits that nobody sees, that can't be marked, copied or pasted, and are kept nowhere. */
internal class PinField(context: Context, named: CharSequence, done: (String) -> Unit) : LinearLayout(context) {
    private val typed: Field = Field(context, Typing.PIN) { if (it.length == DIGITS) post { done(it) } }

    val digits: String get() = typed.text.toString()

    init {
        orientation = VERTICAL
        typed.contentDescription = named
        typed.imeOptions = typed.imeOptions or EditorInfo.IME_ACTION_DONE
        typed.filters = arrayOf(android.text.InputFilter.LengthFilter(DIGITS))
        typed.isLongClickable = false
        typed.customSelectionActionModeCallback = Nothing
        typed.customInsertionActionModeCallback = Nothing
        put(typed)
    }

    fun clear() = typed.text.clear()

    /** There is nothing else to do here: the keyboard comes by itself. */
    fun focus() {
        typed.requestFocus()
        context.getSystemService(InputMethodManager::class.java).showSoftInput(typed, 0)
    }

    fun named(name: CharSequence) {
        typed.contentDescription = name
    }

    private object Nothing : ActionMode.Callback {
        override fun onCreateActionMode(mode: ActionMode, menu: Menu) = false
        override fun onPrepareActionMode(mode: ActionMode, menu: Menu) = false
        override fun onActionItemClicked(mode: ActionMode, item: MenuItem) = false
        override fun onDestroyActionMode(mode: ActionMode) = Unit
    }

    private companion object {
        const val DIGITS = 6
    }
}
