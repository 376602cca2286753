package id.ketuk.app

import dalvik.system.BlockGuard
import org.junit.Assert.assertThrows
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** What runs under every test here: the main thread, which is hers, never waits. */
@RunWith(RobolectricTestRunner::class)
class MainThreadTest {
    private val phone = Phone().start()

    @Test
    fun `disk and network on the main thread end a debug build`() {
        val guard = BlockGuard.getThreadPolicy()
        assertThrows(RuntimeException::class.java) { guard.onReadFromDisk() }
        assertThrows(RuntimeException::class.java) { guard.onWriteToDisk() }
        assertThrows(RuntimeException::class.java) { guard.onNetwork() }
    }

    @Test
    fun `the core can't be asked on the main thread`() {
        assertThrows(IllegalStateException::class.java) { phone.app.core.phone() }
    }
}
