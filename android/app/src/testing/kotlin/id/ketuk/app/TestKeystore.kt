package id.ketuk.app

import android.security.keystore.KeyGenParameterSpec
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
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

/** Offers "AndroidKeyStore" on the JVM: AES keys by alias, in memory. Robolectric has none. */
object TestKeystore : Provider("AndroidKeyStore", "1", "AES keys in memory, for tests") {
    internal val held = ConcurrentHashMap<String, SecretKey>()

    init {
        put("KeyStore.AndroidKeyStore", Store::class.java.name)
        put("KeyGenerator.AES", Generator::class.java.name)
    }

    fun install() {
        if (Security.getProvider(name) == null) Security.addProvider(this)
    }

    /** As after a factory reset of the secure hardware. */
    fun lose() = held.clear()

    class Generator : KeyGeneratorSpi() {
        private var alias = ""

        override fun engineInit(params: AlgorithmParameterSpec, random: SecureRandom?) {
            alias = (params as KeyGenParameterSpec).keystoreAlias
        }

        override fun engineInit(random: SecureRandom?) = error("a Keystore key has a specification")
        override fun engineInit(size: Int, random: SecureRandom?) = error("a Keystore key has a specification")

        override fun engineGenerateKey(): SecretKey =
            KeyGenerator.getInstance("AES", "SunJCE").apply { init(256) }.generateKey().also { held[alias] = it }
    }

    class Store : KeyStoreSpi() {
        override fun engineGetKey(alias: String, password: CharArray?): Key? = held[alias]
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
