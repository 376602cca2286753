package id.ketuk.app

import android.content.Context
import android.os.LocaleList
import id.ketuk.app.look.Language
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class LanguageTest {
    private fun back(vararg phoneSpeaks: String): String {
        val app: Context = RuntimeEnvironment.getApplication()
        val before = LocaleList.getDefault()
        LocaleList.setDefault(LocaleList.forLanguageTags(phoneSpeaks.joinToString(",")))
        try {
            return Language.wrap(app).getString(R.string.nav_back)
        } finally {
            LocaleList.setDefault(before)
        }
    }

    @Test
    fun `an Indonesian phone with English second speaks Indonesian`() = assertEquals("Kembali", back("id-ID", "en-US"))

    @Test
    fun `an English phone speaks English`() = assertEquals("Back", back("en-GB"))

    @Test
    fun `a phone that speaks neither speaks Indonesian`() = assertEquals("Kembali", back("jv-ID"))

    @Test
    fun `what she chose wins over her phone`() {
        Language.choose(RuntimeEnvironment.getApplication(), Language.ENGLISH)
        assertEquals("Back", back("id-ID"))
    }
}
