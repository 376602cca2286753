package id.ketuk.app

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.StrongBoxUnavailableException
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.ProviderException
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import java.util.concurrent.ConcurrentHashMap
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey

/** Offers "AndroidKeyStore" on the JVM: keys by alias, in memory. Robolectric has none. */
object TestKeystore : Provider("AndroidKeyStore", "1", "keys in memory, for tests") {
    internal val held = ConcurrentHashMap<String, SecretKey>()

    init {
        put("KeyStore.AndroidKeyStore", Store::class.java.name)
        put("KeyGenerator.AES", Boxes::class.java.name)
        put("KeyGenerator.HmacSHA256", Mixes::class.java.name)
    }

    fun install() {
        if (Security.getProvider(name) == null) Security.addProvider(this)
    }

    /** As after a factory reset of the secure hardware. */
    fun lose() = held.clear()

    /** Whether this phone has a chip of its own for keys, and those that were made in it. */
    var strongBox = false
    val inStrongBox = HashSet<String>()

    /** Whether the Keystore fails with what no interface says that it throws. */
    var broken = false

    class Boxes : Generator("AES", "SunJCE")

    class Mixes : Generator("HmacSHA256", "SunJCE")

    abstract class Generator(private val algorithm: String, private val provider: String) : KeyGeneratorSpi() {
        private var alias = ""

        override fun engineInit(params: AlgorithmParameterSpec, random: SecureRandom?) {
            val spec = params as KeyGenParameterSpec
            alias = spec.keystoreAlias
            if (spec.isStrongBoxBacked) {
                if (!strongBox) throw StrongBoxUnavailableException("no such chip")
                inStrongBox += alias
            }
        }

        override fun engineInit(random: SecureRandom?) = error("a Keystore key has a specification")
        override fun engineInit(size: Int, random: SecureRandom?) = error("a Keystore key has a specification")

        override fun engineGenerateKey(): SecretKey =
            KeyGenerator.getInstance(algorithm, provider).apply { init(256) }.generateKey().also { held[alias] = it }
    }

    class Store : KeyStoreSpi() {
        override fun engineGetKey(alias: String, password: CharArray?): Key? =
            if (broken) throw ProviderException("the Keystore is out of order") else held[alias]

        override fun engineContainsAlias(alias: String) = held.containsKey(alias)
        override fun engineIsKeyEntry(alias: String) = held.containsKey(alias)
        override fun engineIsCertificateEntry(alias: String) = false
        override fun engineAliases(): Enumeration<String> = Collections.enumeration(held.keys)
        override fun engineSize() = held.size
        override fun engineDeleteEntry(alias: String) { held.remove(alias) }
        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null
        override fun engineGetCertificate(alias: String): Certificate? = null
        override fun engineGetCertificateAlias(certificate: Certificate?): String? = null
        override fun engineGetCreationDate(alias: String) = Date(0)
        override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
        override fun engineStore(stream: OutputStream?, password: CharArray?) = Unit
        override fun engineSetKeyEntry(a: String, k: Key, p: CharArray?, c: Array<Certificate>?) = Unit
        override fun engineSetKeyEntry(a: String, k: ByteArray, c: Array<Certificate>?) = Unit
        override fun engineSetCertificateEntry(a: String, c: Certificate?) = Unit
    }
}
