package id.ketuk.app.look

import android.content.Context
import android.content.SharedPreferences
import android.content.res.Configuration
import android.os.LocaleList
import android.os.StrictMode
import java.util.Locale

/** The languages of the app. Indonesian is the default wherever the phone speaks neither. */
enum class Language(val tag: String, val named: String) {
    INDONESIAN("id", "Bahasa Indonesia"), ENGLISH("en", "English");

    companion object {
        private const val FILE = "look"
        private const val KEY = "language"

        /**
         * What she chose, else the first language of her phone that the app speaks. The phone's list
         * is asked for as she ordered it: a context's own has what the app speaks put in front.
         */
        fun of(context: Context): Language {
            val chosen = kept(context) { getString(KEY, null) }
            val locales = LocaleList.getDefault()
            val tags = listOfNotNull(chosen) + (0 until locales.size()).map { locales[it].toLanguageTag() }
            return tags.firstNotNullOfOrNull { tag -> entries.find { tag.startsWith(it.tag) } } ?: INDONESIAN
        }

        fun choose(context: Context, language: Language) =
            kept(context) { edit().putString(KEY, language.tag).apply() }

        /** One line on disk, wanted before anything is drawn: the one thing that the main thread reads. */
        private fun <T> kept(context: Context, use: SharedPreferences.() -> T): T {
            val policy = StrictMode.allowThreadDiskWrites()
            try {
                return context.getSharedPreferences(FILE, Context.MODE_PRIVATE).use()
            } finally {
                StrictMode.setThreadPolicy(policy)
            }
        }

        /**
         * [base] speaking one language only. Left to itself Android would take English strings on a
         * phone set to Indonesian with English second, since the default strings name no language.
         */
        fun wrap(base: Context): Context {
            val configuration = Configuration(base.resources.configuration)
            configuration.setLocale(Locale.forLanguageTag(of(base).tag))
            return base.createConfigurationContext(configuration)
        }
    }
}
