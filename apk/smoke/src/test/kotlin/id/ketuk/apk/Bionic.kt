package id.ketuk.apk

import com.github.unidbg.Emulator
import com.github.unidbg.Module
import com.github.unidbg.arm.backend.Backend
import com.github.unidbg.arm.backend.DynarmicFactory
import com.github.unidbg.file.linux.AndroidFileIO
import com.github.unidbg.linux.ARM64SyscallHandler
import com.github.unidbg.linux.android.AndroidARM64Emulator
import com.github.unidbg.linux.android.AndroidResolver
import com.github.unidbg.pointer.UnidbgPointer
import com.github.unidbg.unix.UnixSyscallHandler
import com.github.unidbg.memory.SvcMemory
import id.ketuk.core.FfiConverterByteArray
import id.ketuk.core.FfiConverterRustBuffer
import id.ketuk.core.FfiConverterTypeKetukError
import unicorn.Arm64Const
import java.io.File
import java.io.RandomAccessFile
import java.nio.ByteBuffer
import java.util.zip.ZipFile

/**
 * An arm64 phone of Android 6's own libc, emulated, with the APK's libraries loaded into it: what the linker on a
 * phone does, as far as it goes without one. No network and no two threads at once.
 */
class Bionic(apk: File, root: File) : AutoCloseable {
    private val emulator = Arm64(root)
    private val ketuk: Module

    init {
        emulator.memory.setLibraryResolver(AndroidResolver(23))
        val libraries = File(root, "libraries").apply { mkdirs() }
        ZipFile(apk).use { zip ->
            for (name in listOf("libsqlcipher.so", "libketuk.so")) {
                zip.getInputStream(zip.getEntry("lib/arm64-v8a/$name")).use { content ->
                    File(libraries, name).outputStream().use(content::copyTo)
                }
            }
        }
        emulator.memory.load(File(libraries, "libsqlcipher.so"), true)
        ketuk = emulator.memory.load(File(libraries, "libketuk.so"), true)
    }

    /** Whether the phone's own library exports a name. */
    fun exports(library: String, name: String): Boolean =
        emulator.memory.dlopen(library, true)?.findSymbolByName(name, false) != null

    /** A call that gives a handle. */
    fun handle(name: String, vararg arguments: Any): Long = called(name, null, *arguments)

    /** A method of an object that gives a handle; the object is lent, as the bindings lend it. */
    fun handleOf(type: String, of: Long, method: String, vararg arguments: Any): Long =
        called("uniffi_ketuk_fn_method_${type}_$method", null, lent(type, of), *arguments)

    /** A method of an object that gives a value. */
    fun <T> value(type: String, of: Long, method: String, read: FfiConverterRustBuffer<T>, vararg arguments: Any): T {
        val out = emulator.memory.malloc(BUFFER, false).pointer
        called("uniffi_ketuk_fn_method_${type}_$method", out, lent(type, of), *arguments)
        return read.read(ByteBuffer.wrap(taken(out)))
    }

    /** The object is closed. */
    fun free(type: String, handle: Long) {
        called("uniffi_ketuk_fn_free_$type", null, handle)
    }

    private fun lent(type: String, handle: Long) = called("uniffi_ketuk_fn_clone_$type", null, handle)

    /** Calls by the platform's rules: what is larger than two words goes by its address, and comes back to one in x8. */
    private fun called(name: String, out: UnidbgPointer?, vararg arguments: Any): Long {
        val status = emulator.memory.malloc(STATUS, false).pointer
        status.write(0, ByteArray(STATUS), 0, STATUS)
        val words = arguments.map { if (it is Bytes) given(it.content) else it }
        if (out != null) emulator.backend.reg_write(Arm64Const.UC_ARM64_REG_X8, out.peer)
        val result = ketuk.callFunction(emulator, name, *words.toTypedArray(), status)
        val code = status.getByte(0).toInt()
        if (code != 0) {
            val error = taken(status.share(8) as UnidbgPointer)
            throw if (code == 1) FfiConverterTypeKetukError.read(ByteBuffer.wrap(error)) else Panicked(String(error))
        }
        return result.toLong()
    }

    /** A buffer of Rust's with this in it. */
    private fun given(content: ByteArray): UnidbgPointer {
        val buffer = emulator.memory.malloc(BUFFER, false).pointer
        called("ffi_ketuk_rustbuffer_alloc", buffer, content.size.toLong())
        buffer.getPointer(16).write(0, content, 0, content.size)
        buffer.setLong(8, content.size.toLong())
        return buffer
    }

    /** What is in a buffer of Rust's, which is given back. */
    private fun taken(buffer: UnidbgPointer): ByteArray {
        val content = buffer.getPointer(16)?.getByteArray(0, buffer.getLong(8).toInt()) ?: ByteArray(0)
        called("ffi_ketuk_rustbuffer_free", null, buffer)
        return content
    }

    override fun close() = emulator.close()

    /** Bytes that go over as a buffer. */
    class Bytes(val content: ByteArray)

    /** Rust says that it panicked. */
    class Panicked(message: String) : Exception(message)

    companion object {
        private const val BUFFER = 24
        private const val STATUS = 32

        /** A value as the bindings write it. */
        fun <T> written(converter: FfiConverterRustBuffer<T>, value: T): Bytes {
            val buffer = ByteBuffer.allocate(converter.allocationSize(value).toInt())
            converter.write(value, buffer)
            return Bytes(buffer.array().copyOf(buffer.position()))
        }

        /** A text, which goes over bare. */
        fun text(value: String) = Bytes(value.toByteArray())

        /** Bytes with their number before them. */
        fun bytes(value: ByteArray) = written(FfiConverterByteArray, value)
    }

    private class Arm64(root: File) : AndroidARM64Emulator("id.ketuk.app", root, listOf(DynarmicFactory(false))) {
        override fun createSyscallHandler(memory: SvcMemory): UnixSyscallHandler<AndroidFileIO> = Calls(memory)
    }

    /** What SQLite asks of a kernel, and the emulator hasn't. */
    private class Calls(memory: SvcMemory) : ARM64SyscallHandler(memory) {
        override fun hook(backend: Backend, interrupt: Int, swi: Int, user: Any) {
            val emulator = user as Emulator<*>
            val known = if (swi == 0) answered(backend, emulator) else null
            if (known != null) {
                backend.reg_write(Arm64Const.UC_ARM64_REG_X0, known)
                return
            }
            super.hook(backend, interrupt, swi, user)
            // The kernel says why in its answer; the emulator says −1 and keeps why for itself.
            val answer = backend.reg_read(Arm64Const.UC_ARM64_REG_X0).toLong()
            val why = emulator.memory.lastErrno
            if (swi == 0 && (answer == -1L || answer == 0xffff_ffffL) && why > 0) {
                backend.reg_write(Arm64Const.UC_ARM64_REG_X0, -why.toLong())
            }
        }

        private fun answered(backend: Backend, emulator: Emulator<*>): Long? {
            fun word(register: Int) = backend.reg_read(register).toLong()
            val first = word(Arm64Const.UC_ARM64_REG_X0).toInt()
            val third = word(Arm64Const.UC_ARM64_REG_X2).toInt()
            val fourth = word(Arm64Const.UC_ARM64_REG_X3)
            fun buffer() = UnidbgPointer.register(emulator, Arm64Const.UC_ARM64_REG_X1)
            return when (word(Arm64Const.UC_ARM64_REG_X8).toInt()) {
                PREAD -> file(emulator, first)?.use { file ->
                    val read = ByteArray(third)
                    file.seek(fourth)
                    val count = maxOf(file.read(read), 0)
                    buffer().write(0, read, 0, count)
                    count.toLong()
                }
                PWRITE -> file(emulator, first)?.use { file ->
                    file.seek(fourth)
                    file.write(buffer().getByteArray(0, third))
                    third.toLong()
                }
                // Nobody else has the file open: no lock is held.
                FCNTL -> if (word(Arm64Const.UC_ARM64_REG_X1).toInt() == F_GETLK) {
                    UnidbgPointer.register(emulator, Arm64Const.UC_ARM64_REG_X2).setShort(0, F_UNLCK)
                    0
                } else {
                    null
                }
                FSYNC, FDATASYNC, FCHMOD, FCHOWN, UTIMENSAT -> 0
                else -> null
            }
        }

        private fun file(emulator: Emulator<*>, descriptor: Int): RandomAccessFile? {
            val path = fdMap[descriptor]?.path ?: return null
            val file = File(emulator.fileSystem.rootDir, path)
            return if (file.isFile) RandomAccessFile(file, "rw") else null
        }

        private companion object {
            const val FCNTL = 25
            const val FCHMOD = 52
            const val FCHOWN = 55
            const val PREAD = 67
            const val PWRITE = 68
            const val FSYNC = 82
            const val FDATASYNC = 83
            const val UTIMENSAT = 88
            const val F_GETLK = 5
            const val F_UNLCK: Short = 2
        }
    }
}
