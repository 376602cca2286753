package id.ketuk.app.look

import android.content.Context
import android.os.Build
import android.text.Editable
import android.text.InputType.TYPE_CLASS_NUMBER
import android.text.InputType.TYPE_CLASS_TEXT
import android.text.InputType.TYPE_NUMBER_FLAG_DECIMAL
import android.text.InputType.TYPE_NUMBER_FLAG_SIGNED
import android.text.InputType.TYPE_NUMBER_VARIATION_PASSWORD
import android.text.InputType.TYPE_TEXT_FLAG_CAP_CHARACTERS
import android.text.InputType.TYPE_TEXT_FLAG_CAP_SENTENCES
import android.text.InputType.TYPE_TEXT_FLAG_CAP_WORDS
import android.text.InputType.TYPE_TEXT_FLAG_MULTI_LINE
import android.text.InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
import android.text.InputType.TYPE_TEXT_VARIATION_PASSWORD
import android.text.InputType.TYPE_TEXT_VARIATION_URI
import android.text.TextWatcher
import android.view.Gravity
import android.view.inputmethod.EditorInfo
import android.widget.EditText
import id.ketuk.app.R

/** How a field is typed: which keyboard comes up and how large it is. */
enum class Typing(val input: Int) {
    TEXT(TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_CAP_WORDS or TYPE_TEXT_FLAG_NO_SUGGESTIONS),
    LINES(TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_MULTI_LINE or TYPE_TEXT_FLAG_CAP_SENTENCES),
    INTEGER(TYPE_CLASS_NUMBER or TYPE_NUMBER_FLAG_SIGNED),
    DECIMAL(TYPE_CLASS_NUMBER or TYPE_NUMBER_FLAG_SIGNED or TYPE_NUMBER_FLAG_DECIMAL),
    /** Not to be read by who stands beside her. */
    MASKED(TYPE_CLASS_TEXT or TYPE_TEXT_VARIATION_PASSWORD),

    /** Digits that nobody sees, by the keyboard of large keys. */
    PIN(TYPE_CLASS_NUMBER or TYPE_NUMBER_VARIATION_PASSWORD),

    /** A number that is read digit by digit, such as a NIK: no sign, no grouping. */
    DIGITS(TYPE_CLASS_NUMBER),
    CODE(TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_CAP_CHARACTERS or TYPE_TEXT_FLAG_NO_SUGGESTIONS),
    LINK(TYPE_CLASS_TEXT or TYPE_TEXT_VARIATION_URI),
}

/**
 * A field that tells each change typed by her, and can be shown a value from the core without
 * telling it back. What she is typing is never overwritten.
 */
class Field(context: Context, typing: Typing, private val typed: (String) -> Unit) :
    EditText(context, null, android.R.attr.editTextStyle, R.style.Isi) {
    private var showing = false
    private var trouble = false

    /** Called when she goes on to something else. */
    var onLeft: () -> Unit = {}

    init {
        inputType = typing.input
        imeOptions = EditorInfo.IME_ACTION_NEXT or EditorInfo.IME_FLAG_NO_EXTRACT_UI
        if (typing == Typing.LINES) minLines = 2 else isSingleLine = true
        gravity = if (typing == Typing.LINES) Gravity.TOP else Gravity.CENTER_VERTICAL
        minimumHeight = dp(56)
        pad(16, 12)
        setHintTextColor(context.getColor(R.color.abu))
        // The text is an answer: the keyboard must not learn it, nor Android offer to fill it.
        if (Build.VERSION.SDK_INT >= 26) {
            imeOptions = imeOptions or EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING
            importantForAutofill = IMPORTANT_FOR_AUTOFILL_NO
        }
        isSaveEnabled = false
        addTextChangedListener(Watcher())
        setOnFocusChangeListener { _, here ->
            outline()
            // Later: going from one part of a date to the next is not leaving it.
            if (!here) post { onLeft() }
        }
        outline()
    }

    /** Any app may read the clipboard, and some phones send it elsewhere: answers can be pasted, not copied. */
    override fun onTextContextMenuItem(id: Int): Boolean =
        id !in setOf(android.R.id.copy, android.R.id.cut, android.R.id.shareText) && super.onTextContextMenuItem(id)

    /** Shows what the core holds, unless she is typing here. */
    fun show(value: String) {
        if (hasFocus() || text.toString() == value) return
        showing = true
        setText(value)
        showing = false
    }

    /** Outlines the field as one that needs her. */
    fun trouble(there: Boolean) {
        trouble = there
        outline()
    }

    private fun outline() {
        val line = when {
            trouble -> R.color.bata
            hasFocus() -> R.color.nila
            else -> R.color.abu
        }
        background = shape(context, R.color.putih, line)
    }

    private inner class Watcher : TextWatcher {
        override fun beforeTextChanged(s: CharSequence, start: Int, count: Int, after: Int) = Unit
        override fun onTextChanged(s: CharSequence, start: Int, before: Int, count: Int) = Unit
        override fun afterTextChanged(s: Editable) {
            if (!showing) typed(s.toString())
        }
    }
}
