package id.ketuk.app

import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class LookTest {
    @Test
    fun a() { RuntimeEnvironment.setQualifiers("id-w360dp-h1400dp-night-xhdpi"); RuntimeEnvironment.setFontScale(1f); all("a") }
    @Test
    fun b() { RuntimeEnvironment.setQualifiers("en-w360dp-h900dp-xhdpi"); RuntimeEnvironment.setFontScale(2f); all("b") }

    fun all(k: String) {
        val phone = Phone().start()
        fun t(id: Int) = phone.tap(phone.activity.getString(id))
        if ("Enrol" in phone.words() || "Daftar" in phone.words()) {
        phone.picture("$k-enrol")
        t(R.string.enrol_action) }
        phone.picture("$k-home")
        phone.tap("RT 001")
        phone.picture("$k-list")
        phone.tap("Ahmad Yani")
        phone.picture("$k-household")
        t(R.string.household_go_on)
        phone.type(phone.field("NIK"), "1234")
        phone.picture("$k-visit0")
        t(R.string.visit_next); t(R.string.visit_next)
        t2(phone)
        phone.picture("$k-visit1")
        t(R.string.visit_next)
        phone.tap("TV/radio")
        phone.picture("$k-visit2")
        t(R.string.visit_contents); phone.picture("$k-contents")
        phone.back(); t(R.string.visit_next); phone.picture("$k-finish")
        phone.activity.go(id.ketuk.app.nav.Place.Waiting); phone.settle()
        phone.picture("$k-waiting")
        phone.activity.go(id.ketuk.app.nav.Place.Sync); phone.settle()
        t(R.string.sync_action)
        phone.settle(); phone.picture("$k-sync1")
        phone.activity.go(id.ketuk.app.nav.Place.Settings); phone.settle()
        phone.picture("$k-settings")
        phone.activity.go(id.ketuk.app.nav.Place.About); phone.settle()
        phone.picture("$k-about")
    }
}
fun t2(p: Phone) = p.tap(p.activity.getString(R.string.visit_remove, "Ahmad Yani"))
