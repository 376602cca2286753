package id.ketuk.app.core

import android.content.Context
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.io.File
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.SecureRandom
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/** The Keystore no longer opens what it closed; the database stays as it is. */
class KeyLost(cause: Throwable) : Exception("the Keystore does not open the database's key", cause)

/**
 * The key of the phone's database: 32 random bytes, kept in a file that only a key inside the
 * Android Keystore opens. That key never leaves the Keystore, so a copy of the app's files is of no
 * use elsewhere.
 */
class DatabaseKey(context: Context) {
    private val file = File(context.noBackupFilesDir, "database.key")

    /** The key; made at the first call. Throws [KeyLost] rather than ever making a second one. */
    fun bytes(): ByteArray = try {
        if (file.exists()) open(file.readBytes()) else make()
    } catch (fault: GeneralSecurityException) {
        throw KeyLost(fault)
    }

    private fun make(): ByteArray {
        val key = ByteArray(LENGTH).also(SecureRandom()::nextBytes)
        val cipher = Cipher.getInstance(TRANSFORMATION).apply { init(Cipher.ENCRYPT_MODE, wrappingKey()) }
        // Written aside first: a kill in between leaves no half key behind.
        val aside = File(file.path + ".new")
        aside.outputStream().use {
            it.write(cipher.iv + cipher.doFinal(key))
            it.fd.sync()
        }
        if (!aside.renameTo(file)) throw java.io.IOException("the database's key could not be kept")
        return key
    }

    private fun open(wrapped: ByteArray): ByteArray {
        if (wrapped.size <= IV) throw GeneralSecurityException("the kept key is cut short")
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.DECRYPT_MODE, wrappingKey(), GCMParameterSpec(TAG_BITS, wrapped, 0, IV))
        return cipher.doFinal(wrapped, IV, wrapped.size - IV)
    }

    private fun wrappingKey(): SecretKey {
        val store = KeyStore.getInstance(STORE).apply { load(null) }
        (store.getKey(ALIAS, null) as? SecretKey)?.let { return it }
        if (file.exists()) throw GeneralSecurityException("the Keystore has lost its key")
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(ALIAS, purposes)
            .setKeySize(256)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .build()
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE).apply { init(spec) }.generateKey()
    }

    private companion object {
        const val STORE = "AndroidKeyStore"
        const val ALIAS = "ketuk.database"
        const val TRANSFORMATION = "AES/GCM/NoPadding"
        const val LENGTH = 32
        const val IV = 12
        const val TAG_BITS = 128
    }
}
