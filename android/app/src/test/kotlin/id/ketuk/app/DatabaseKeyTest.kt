package id.ketuk.app

import android.content.Context
import android.os.StrictMode
import id.ketuk.app.core.DatabaseKey
import id.ketuk.app.core.KeyLost
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.io.File

@RunWith(RobolectricTestRunner::class)
class DatabaseKeyTest {
    private val context: Context get() = RuntimeEnvironment.getApplication()
    private val file get() = File(context.noBackupFilesDir, "database.key")

    @Before
    fun aNewPhone() {
        TestKeystore.lose()
        // The app asks for the key on the core's thread; here there is no other than the main one.
        StrictMode.allowThreadDiskWrites()
    }

    @Test
    fun `the same key opens the database at every start`() {
        val first = DatabaseKey(context).bytes()
        assertEquals(32, first.size)
        assertArrayEquals(first, DatabaseKey(context).bytes())
    }

    @Test
    fun `the kept file does not hold the key`() {
        val key = DatabaseKey(context).bytes()
        val kept = file.readBytes().toList()
        assertFalse(kept.windowed(8).any { it == key.toList().take(8) })
    }

    @Test
    fun `a Keystore that lost its key leads to no new key, and the file stays`() {
        DatabaseKey(context).bytes()
        val kept = file.readBytes()
        TestKeystore.lose()
        assertThrows(KeyLost::class.java) { DatabaseKey(context).bytes() }
        assertArrayEquals(kept, file.readBytes())
    }

    @Test
    fun `a file that was cut short or changed is said to be lost, not guessed at`() {
        DatabaseKey(context).bytes()
        val kept = file.readBytes()
        file.writeBytes(kept.copyOf(10))
        assertThrows(KeyLost::class.java) { DatabaseKey(context).bytes() }
        file.writeBytes(kept.also { it[20] = (it[20] + 1).toByte() })
        assertThrows(KeyLost::class.java) { DatabaseKey(context).bytes() }
    }
}
