package id.ketuk.app

import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

@RunWith(RobolectricTestRunner::class)
class StoryTest {
    @Test
    fun explore() {
        val phone = Phone().start()
        phone.picture("1-enrol")
        phone.type(phone.field("Kode"), Server.code())
        phone.type(phone.field("Alamat"), Server.address)
        phone.tap("Daftarkan")
        phone.await("sync") { phone.app.core.sender.running == null && phone.app.core.sender.last != null }
        phone.settle()
        println(phone.app.core.sender.last)
        println(phone.words())
        phone.picture("2-home")
        phone.tap("Lanjut mendata")
        println(phone.words())
        phone.picture("3-list")
        phone.tap("Belum didata")
        phone.settle()
        println(phone.words())
        phone.tapRow(0)
        phone.picture("4-household")
        println(phone.words())
        phone.tap("Mulai mendata")
        phone.picture("5-visit")
        println(phone.words())
    }
}
