package id.ketuk.app.core

import android.security.keystore.KeyPermanentlyInvalidatedException
import java.io.File
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.SecureRandom
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.Mac
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

/** The Keystore no longer opens what it closed; the database stays as it is. */
class KeyLost(cause: Throwable?) : Exception("the Keystore does not open the database's key", cause)

/** The key is there and closed: she must show first that it is she. */
class Locked : Exception("the app is locked")

/**
 * The key of the phone's database: 32 random bytes, kept beside it in files that only keys inside the
 * Android Keystore open. So a copy of the app's files is of no use elsewhere.
 *
 * Without a PIN the Keystore alone opens it ([open]). With one there is in its place a file that takes the
 * PIN and the Keystore together ([pinned]), and if she likes one that takes her finger ([fingered]); and the
 * first is there again only while something waits to be sent, for the job that sends it without her.
 *
 * On the core's thread.
 */
class DatabaseKey(private val folder: File) {
    private val open = File(folder, "key.open")
    private val pinned = File(folder, "key.pin")
    private val fingered = File(folder, "key.finger")
    private var held: ByteArray? = null

    /** Whether the Keystore alone opens it. */
    val isOpen: Boolean get() = open.exists()
    val hasPin: Boolean get() = pinned.exists()
    val hasFinger: Boolean get() = fingered.exists()

    /**
     * The key; made at the first call. Throws [KeyLost] rather than ever making a second one, and [Locked]
     * where only she can open it.
     */
    fun bytes(): ByteArray = held ?: lostIfBroken {
        when {
            open.exists() -> unbox(open)
            hasPin -> throw Locked()
            File(folder, DATABASE).exists() -> throw KeyLost(null)
            else -> ByteArray(LENGTH).also(SecureRandom()::nextBytes).also { box(it, open) }
        }
    }.also { held = it }

    /** The server gave the key back: from now on the Keystore alone opens it, until she chooses a PIN. */
    fun adopt(key: ByteArray) {
        box(key, open)
        pinned.delete()
        fingered.delete()
        File(folder, TRIES).delete()
        held = key
    }

    /** Lets the key go from memory. */
    fun forget() {
        held?.fill(0)
        held = null
    }

    /** From now on it takes this PIN. [errand]: something waits that must go without her. */
    fun setPin(pin: String, errand: Boolean) {
        val key = bytes()
        val salt = ByteArray(SALT).also(SecureRandom()::nextBytes)
        val (alias, before) = newAlias("pin") to aliasOf(pinned)
        lostIfBroken { keep(pinned, alias, salt + close(key, mixed(pin, salt, Keystore.mixing(alias)))) }
        before?.let { runCatching { Keystore.drop(it) } }
        errand(errand)
    }

    /** From now on it takes none. */
    fun dropPin() {
        box(bytes(), open)
        pinned.delete()
        fingered.delete()
    }

    /** Whether this is the PIN; then the key is held. Throws [KeyLost] if no PIN could be it any more. */
    fun unlock(pin: String): Boolean = lostIfBroken {
        val (alias, kept) = kept(pinned)
        val mixing = Keystore.find(alias) ?: throw KeyLost(null)
        val salt = kept.copyOf(SALT)
        try {
            held = unclose(kept.copyOfRange(SALT, kept.size), mixed(pin, salt, mixing))
            true
        } catch (_: AEADBadTagException) {
            false
        }
    }

    /** Opens the key for the app by itself as long as [there] is something to send without her. */
    fun errand(there: Boolean) {
        if (!hasPin) return
        if (there && !open.exists()) box(bytes(), open)
        if (!there && open.exists()) {
            // The Keystore's key goes first: what a deleted file leaves on the disk is then of no use.
            aliasOf(open)?.let { runCatching { Keystore.drop(it) } }
            open.delete()
        }
    }

    /** Closes with her finger: to be shown to her, then given to [setFinger]. Null where she has none here. */
    fun fingerToSet(): Cipher? = try {
        newAlias("finger").let { alias -> Keystore.guarded { boxing(Keystore.fingered(alias)) }.also { setting = alias } }
    } catch (_: GeneralSecurityException) {
        null
    }

    private var setting: String? = null

    /** Keeps the key closed by [cipher], which her finger has opened. */
    fun setFinger(cipher: Cipher) {
        val alias = checkNotNull(setting) { "no finger was asked for" }
        keep(fingered, alias, cipher.iv + cipher.doFinal(bytes()))
    }

    fun dropFinger() {
        if (!hasFinger) return
        aliasOf(fingered)?.let { runCatching { Keystore.drop(it) } }
        fingered.delete()
    }

    /** Opens with her finger: to be shown to her, then given to [unlock]. Null if other fingers came since. */
    fun fingerToOpen(): Cipher? = try {
        val (alias, kept) = kept(fingered)
        Keystore.guarded { unboxing(Keystore.find(alias) ?: throw KeyLost(null), kept) }
    } catch (_: KeyPermanentlyInvalidatedException) {
        dropFinger()
        null
    } catch (_: Exception) {
        null
    }

    /** Whether [cipher], which her finger has opened, opens the key; then it is held. */
    fun unlock(cipher: Cipher): Boolean = try {
        val (_, kept) = kept(fingered)
        held = Keystore.guarded { cipher.doFinal(kept, IV, kept.size - IV) }
        true
    } catch (_: GeneralSecurityException) {
        false
    }

    private fun box(key: ByteArray, file: File) {
        val alias = newAlias("database")
        val cipher = lostIfBroken { boxing(Keystore.closing(alias)) }
        keep(file, alias, cipher.iv + cipher.doFinal(key))
    }

    private fun unbox(file: File): ByteArray {
        val (alias, kept) = kept(file)
        val cipher = unboxing(Keystore.find(alias) ?: throw KeyLost(null), kept)
        return cipher.doFinal(kept, IV, kept.size - IV)
    }

    private fun boxing(key: SecretKey) = Cipher.getInstance(TRANSFORMATION).apply { init(Cipher.ENCRYPT_MODE, key) }

    private fun unboxing(key: SecretKey, kept: ByteArray): Cipher {
        if (kept.size <= IV) throw GeneralSecurityException("the kept key is cut short")
        return Cipher.getInstance(TRANSFORMATION).apply {
            init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, kept, 0, IV))
        }
    }

    /** What the PIN and the phone give together: neither does without the other. */
    private fun mixed(pin: String, salt: ByteArray, key: SecretKey): SecretKey {
        val slow = id.ketuk.core.pinStretch(pin, salt)
        val mixed = Keystore.guarded { Mac.getInstance("HmacSHA256").apply { init(key) }.doFinal(slow) }
        return SecretKeySpec(mixed, "AES")
    }

    private fun close(key: ByteArray, with: SecretKey): ByteArray = boxing(with).let { it.iv + it.doFinal(key) }

    private fun unclose(kept: ByteArray, with: SecretKey): ByteArray =
        unboxing(with, kept).doFinal(kept, IV, kept.size - IV)

    private fun newAlias(what: String): String {
        val chance = ByteArray(8).also(SecureRandom()::nextBytes)
        return "ketuk.$what." + chance.joinToString("") { "%02x".format(it) }
    }

    /** A file begins with the name of the Keystore's key that it takes. */
    private fun keep(file: File, alias: String, bytes: ByteArray) {
        folder.mkdirs()
        // Written aside first: a kill in between leaves no half key behind.
        val aside = File(file.path + ".new")
        aside.outputStream().use {
            it.write(alias.length)
            it.write(alias.toByteArray())
            it.write(bytes)
            it.fd.sync()
        }
        if (!aside.renameTo(file)) throw IOException("the database's key could not be kept")
    }

    private fun kept(file: File): Pair<String, ByteArray> {
        val bytes = file.readBytes()
        val length = bytes.firstOrNull()?.toInt() ?: 0
        if (length !in 1 until bytes.size) throw GeneralSecurityException("the kept key is cut short")
        return String(bytes, 1, length) to bytes.copyOfRange(1 + length, bytes.size)
    }

    private fun aliasOf(file: File): String? = if (file.exists()) runCatching { kept(file).first }.getOrNull() else null

    private fun <T> lostIfBroken(work: () -> T): T = try {
        Keystore.guarded(work)
    } catch (fault: GeneralSecurityException) {
        throw KeyLost(fault)
    }

    companion object {
        const val TRIES = "tries"
        private const val DATABASE = "ketuk.db"
        private const val TRANSFORMATION = "AES/GCM/NoPadding"
        private const val LENGTH = 32
        private const val SALT = 16
        private const val IV = 12
        private const val TAG_BITS = 128
    }
}
