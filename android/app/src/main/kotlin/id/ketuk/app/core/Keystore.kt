package id.ketuk.app.core

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey

/**
 * Keys that never leave the phone's secure hardware: in a chip of its own (StrongBox) where there is one,
 * else where the phone keeps all of them. Each is made once, under a name that is never used again: a key
 * that is lost for now may be back tomorrow.
 */
internal object Keystore {
    private const val STORE = "AndroidKeyStore"

    /** The key of this name, or null if the Keystore doesn't have it, or not any more. */
    fun find(alias: String): SecretKey? = guarded {
        KeyStore.getInstance(STORE).apply { load(null) }.getKey(alias, null) as? SecretKey
    }

    /** Forgets a key that nothing is closed with any more. */
    fun drop(alias: String) = guarded { KeyStore.getInstance(STORE).apply { load(null) }.deleteEntry(alias) }

    /** Makes a key that closes and opens. */
    fun closing(alias: String): SecretKey =
        make(KeyProperties.KEY_ALGORITHM_AES) { boxes(alias) }

    /** The same, for which she must show finger or face each time. Made anew by others' fingers, it is lost. */
    fun fingered(alias: String): SecretKey = make(KeyProperties.KEY_ALGORITHM_AES) {
        boxes(alias).setUserAuthenticationRequired(true).setInvalidatedByBiometricEnrollment(true)
    }

    /** Makes a key that mixes a secret of this phone into what it is given. */
    fun mixing(alias: String): SecretKey = make(KeyProperties.KEY_ALGORITHM_HMAC_SHA256) {
        KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
    }

    private fun boxes(alias: String) =
        KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setKeySize(256)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)

    private fun make(algorithm: String, spec: () -> KeyGenParameterSpec.Builder): SecretKey {
        val generator = KeyGenerator.getInstance(algorithm, STORE)
        if (Build.VERSION.SDK_INT >= 28) {
            try {
                return generator.apply { init(spec().setIsStrongBoxBacked(true).build()) }.generateKey()
            } catch (_: ProviderException) {
                // There is no such chip, or it is full, or doesn't know this kind of key.
            }
        }
        return guarded { generator.apply { init(spec().build()) }.generateKey() }
    }

    /** What a broken Keystore throws is of many kinds; here it is of one. */
    fun <T> guarded(work: () -> T): T = try {
        work()
    } catch (fault: ProviderException) {
        throw GeneralSecurityException(fault)
    }
}
