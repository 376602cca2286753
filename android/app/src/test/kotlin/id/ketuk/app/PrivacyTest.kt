package id.ketuk.app

import android.content.pm.ApplicationInfo
import android.view.View
import android.view.WindowManager
import android.view.inputmethod.EditorInfo
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

@RunWith(RobolectricTestRunner::class)
class PrivacyTest {
    private val phone = Phone().start()

    @Test
    fun `no screen can be photographed, cast or seen among the recents`() {
        assertNotEquals(0, phone.activity.window.attributes.flags and WindowManager.LayoutParams.FLAG_SECURE)
    }

    @Test
    fun `the platform's backup takes nothing`() {
        assertEquals(0, phone.app.applicationInfo.flags and ApplicationInfo.FLAG_ALLOW_BACKUP)
    }

    @Test
    fun `what she types is neither learnt by the keyboard nor offered to be filled in`() {
        val field = phone.field("Kode pendaftaran")
        assertEquals(View.IMPORTANT_FOR_AUTOFILL_NO, field.importantForAutofill)
        assertNotEquals(0, field.imeOptions and EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING)
    }
}
