package id.ketuk.apk

import com.googlecode.d2j.dex.Dex2jar
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.BeforeClass
import org.junit.Test
import org.junit.runner.JUnitCore
import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.ClassWriter
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes
import java.io.File
import java.nio.file.Files
import java.util.zip.ZipFile

/**
 * The dex of the APK, turned back into classes and run on this JVM. That is no Android, and the dex has not run on
 * one here: what this shows is that nothing was shrunk away or mistranslated that the bindings need.
 */
class DexTest {
    @Test
    fun `the bindings' tests pass on what is left in the dex`() {
        val loader = DexLoader(classes)
        val result = JUnitCore.runClasses(loader.loadClass("id.ketuk.core.BindingsTest"))
        assertEquals("", result.failures.joinToString("\n") { it.trace })
        assertTrue("only ${result.runCount} ran", result.runCount >= 5)
        assertEquals("id.ketuk.core.Phone", loader.fromDex.find { it == "id.ketuk.core.Phone" })
    }

    @Test
    fun `what the manifest names is in the dex, and what nothing calls is not`() {
        for (name in listOf("KetukApp", "MainActivity", "sync.SyncJob")) assertTrue(name, "id.ketuk.app.$name" in classes)
        // Kotlin's library has more than 1,700.
        val kotlin = classes.keys.count { it.startsWith("kotlin.") }
        assertTrue("$kotlin classes of Kotlin's", kotlin in 1..500)
    }

    companion object {
        /** The classes by name. */
        private lateinit var classes: Map<String, ByteArray>

        @BeforeClass
        @JvmStatic
        fun `turn the dex back`() {
            classes = classesOf(File(System.getProperty("ketuk.apk")))
        }

        private fun classesOf(apk: File): Map<String, ByteArray> {
            val jar = Files.createTempFile("ketuk-dex", ".jar")
            val dex = ZipFile(apk).use { it.getInputStream(it.getEntry("classes.dex")).readBytes() }
            Dex2jar.from(dex).topoLogicalSort().skipDebug(true).computeFrames(true).dontSanitizeNames(true).to(jar)
            val read = ZipFile(jar.toFile()).use { zip ->
                zip.entries().asSequence().filter { it.name.endsWith(".class") }.associate {
                    it.name.removeSuffix(".class").replace('/', '.') to zip.getInputStream(it).readBytes()
                }
            }
            Files.delete(jar)
            val interfaces = read.filterValues { ClassReader(it).access and Opcodes.ACC_INTERFACE != 0 }.keys
            return read.mapValues { (_, content) -> onInterfaces(content, interfaces) }
        }

        /** A dex doesn't say of a static method's owner whether it's an interface; a class file must. */
        private fun onInterfaces(content: ByteArray, interfaces: Set<String>): ByteArray {
            val writer = ClassWriter(0)
            val fixing = object : ClassVisitor(Opcodes.ASM9, writer) {
                override fun visitMethod(access: Int, name: String, type: String, signature: String?, thrown: Array<String>?) =
                    object : MethodVisitor(Opcodes.ASM9, super.visitMethod(access, name, type, signature, thrown)) {
                        override fun visitMethodInsn(op: Int, owner: String, name: String, type: String, isInterface: Boolean) =
                            super.visitMethodInsn(op, owner, name, type, isInterface || owner.replace('/', '.') in interfaces)
                    }
            }
            ClassReader(content).accept(fixing, 0)
            return writer.toByteArray()
        }
    }

    /** Ours from the dex, and the tests anew over them; JNA and Kotlin are this JVM's own. */
    private class DexLoader(private val dex: Map<String, ByteArray>) : ClassLoader(DexTest::class.java.classLoader) {
        val fromDex = HashSet<String>()

        override fun loadClass(name: String, resolve: Boolean): Class<*> = synchronized(getClassLoadingLock(name)) {
            findLoadedClass(name) ?: if (name.startsWith("id.ketuk.")) ours(name) else super.loadClass(name, resolve)
        }

        private fun ours(name: String): Class<*> {
            val content = dex[name]?.also { fromDex += name } ?: test(name)
            return defineClass(name, content, 0, content.size)
        }

        private fun test(name: String): ByteArray {
            val at = getResource(name.replace('.', '/') + ".class") ?: throw ClassNotFoundException(name)
            // As the compiler made it, and not in the dex: shrunk away.
            if (System.getProperty("ketuk.main.classes") in at.path) throw ClassNotFoundException("$name is not in the dex")
            return at.readBytes()
        }
    }
}
