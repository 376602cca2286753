package id.ketuk.app

import android.os.StrictMode
import id.ketuk.app.core.DatabaseKey
import id.ketuk.app.core.KeyLost
import id.ketuk.app.core.Locked
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.io.File

@RunWith(RobolectricTestRunner::class)
class DatabaseKeyTest {
    private val folder get() = File(RuntimeEnvironment.getApplication().noBackupFilesDir, "data")
    private val file get() = File(folder, "key.open")

    private fun key() = DatabaseKey(folder)

    @Before
    fun aNewPhone() {
        TestKeystore.lose()
        // The app asks for the key on the core's thread; here there is no other than the main one.
        StrictMode.allowThreadDiskWrites()
    }

    @After
    fun mended() {
        TestKeystore.broken = false
        TestKeystore.strongBox = false
    }

    @Test
    fun `the same key opens the database at every start`() {
        val first = key().bytes()
        assertEquals(32, first.size)
        assertArrayEquals(first, key().bytes())
    }

    @Test
    fun `no kept file holds the key`() {
        val key = key()
        val bytes = key.bytes().toList()
        key.setPin(PIN, errand = true)
        key.setFinger(checkNotNull(key.fingerToSet()))
        assertEquals(3, folder.list { _, name -> name.startsWith("key.") }?.size)
        folder.listFiles().orEmpty().forEach { kept ->
            assertFalse(kept.name, kept.readBytes().toList().windowed(8).any { it == bytes.take(8) })
        }
    }

    @Test
    fun `a key is made in a chip of its own where there is one, and elsewhere without a word`() {
        key().bytes()
        assertTrue(TestKeystore.inStrongBox.isEmpty())
        folder.deleteRecursively()
        TestKeystore.strongBox = true
        val first = key().bytes()
        assertEquals(1, TestKeystore.inStrongBox.size)
        assertArrayEquals(first, key().bytes())
    }

    @Test
    fun `a Keystore that lost its key leads to no new key, and the files stay`() {
        key().bytes()
        val kept = file.readBytes()
        TestKeystore.lose()
        assertThrows(KeyLost::class.java) { key().bytes() }
        assertArrayEquals(kept, file.readBytes())
    }

    @Test
    fun `a Keystore that is out of order today opens the same key tomorrow`() {
        val bytes = key().bytes()
        TestKeystore.broken = true
        assertThrows(KeyLost::class.java) { key().bytes() }
        TestKeystore.broken = false
        assertArrayEquals(bytes, key().bytes())
    }

    @Test
    fun `a database without its key's file gets no new key`() {
        folder.mkdirs()
        File(folder, "ketuk.db").writeText("sealed")
        assertThrows(KeyLost::class.java) { key().bytes() }
    }

    @Test
    fun `a file that was cut short or changed is said to be lost, not guessed at`() {
        key().bytes()
        val kept = file.readBytes()
        for (broken in listOf(ByteArray(0), kept.copyOf(10), kept.copyOf(kept.size - 1), kept.also { it[kept.size - 3]++ })) {
            file.writeBytes(broken)
            assertThrows(KeyLost::class.java) { key().bytes() }
        }
    }

    @Test
    fun `with a PIN the key opens by that PIN alone`() {
        val bytes = key().run {
            setPin(PIN, errand = false)
            bytes().copyOf()
        }
        assertFalse("nothing is left that opens without it", file.exists())
        assertThrows(Locked::class.java) { key().bytes() }
        val again = key()
        assertFalse(again.unlock("314159"))
        assertThrows(Locked::class.java) { again.bytes() }
        assertTrue(again.unlock(PIN))
        assertArrayEquals(bytes, again.bytes())
    }

    @Test
    fun `the right PIN on another phone opens nothing`() {
        key().setPin(PIN, errand = false)
        TestKeystore.lose()
        assertThrows(KeyLost::class.java) { key().unlock(PIN) }
    }

    @Test
    fun `as long as something waits the job opens the key without her, and no longer`() {
        key().setPin(PIN, errand = true)
        val keys = TestKeystore.held.size
        key().bytes()
        val kept = file.readBytes()
        val key = key().apply { unlock(PIN) }
        key.errand(false)
        assertThrows(Locked::class.java) { key().bytes() }
        assertEquals("what opened it is gone from the Keystore", keys - 1, TestKeystore.held.size)
        file.writeBytes(kept)
        assertThrows("and so a file that comes back from the disk is of no use", KeyLost::class.java) { key().bytes() }
    }

    @Test
    fun `another PIN takes the place of the first`() {
        val key = key().apply { setPin(PIN, errand = false) }
        key.setPin("161803", errand = false)
        assertFalse(key().unlock(PIN))
        assertTrue(key().unlock("161803"))
    }

    @Test
    fun `her finger opens the same key, until other fingers come`() {
        val key = key().apply { setPin(PIN, errand = false) }
        val bytes = key.bytes().copyOf()
        key.setFinger(checkNotNull(key.fingerToSet()))
        val again = key()
        assertTrue(again.unlock(checkNotNull(again.fingerToOpen())))
        assertArrayEquals(bytes, again.bytes())
        TestKeystore.held.keys.removeIf { "finger" in it }
        assertEquals(null, key().fingerToOpen())
        assertTrue("the PIN still does", key().unlock(PIN))
    }

    private companion object {
        const val PIN = "271828"
    }
}
