package id.ketuk.tryout

import android.content.Intent
import android.net.Uri
import id.ketuk.testing.Link
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** What whoever starts this says by the environment. */
class Given {
    /** The server's address, which is the office's, too. */
    val server = required("KETUK_TRYOUT_SERVER")

    /** Enrols the phone. */
    val code = required("KETUK_TRYOUT_CODE")

    /** Where the phone's families live, by the area's code. */
    val village = optional("KETUK_TRYOUT_VILLAGE")

    /** Signs in at the office. */
    val name = optional("KETUK_TRYOUT_NAME")
    val password = optional("KETUK_TRYOUT_PASSWORD")

    private fun required(name: String) = checkNotNull(System.getenv(name)) { "$name says nothing" }
    private fun optional(name: String) = System.getenv(name).orEmpty()
}

/** The phone's life: no test, but started as one. */
@RunWith(RobolectricTestRunner::class)
class TryOut {
    @Test
    fun `until whoever started it ends`() {
        val given = Given()
        val link = Link(given.server)
        val invitation = Uri.Builder().scheme("ketuk").authority("enrol")
            .appendQueryParameter("server", link.address).appendQueryParameter("code", given.code).build()
        val page = Page(given)
        val phone = LivePhone(Intent(Intent.ACTION_VIEW, invitation), link, page)
        page.serve(phone)
        println(page.address)
        phone.live()
    }
}
