package id.ketuk.app.files

import android.content.ClipData
import android.content.Context
import android.content.Intent
import android.net.Uri
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream

/** A file could not be written where she wanted it, or not be read. */
class NoPlace(cause: Throwable) : Exception("the file can't be used", cause)

/**
 * Sealed files on their way out of the app and into it, by the system's own picker and share sheet. What
 * touches the disk is called off the main thread.
 */
object Packets {
    /** Nobody's but ours, though no app knows it by that. */
    private const val KIND = "application/octet-stream"

    /** More than any file that is read whole. */
    private const val MOST = 16 shl 20

    /** A file of this name to be handed out; those of before are gone. */
    fun fresh(context: Context, name: String): File = folder(context).run {
        deleteRecursively()
        mkdirs()
        File(this, name)
    }

    /** The file of this name, if it is one that is being handed out. */
    fun find(context: Context, name: String): File? =
        folder(context).listFiles().orEmpty().firstOrNull { it.name == name }

    private fun folder(context: Context) = File(context.cacheDir, "packets")

    /** Copies [file] to where she chose. */
    fun save(context: Context, file: File, to: Uri) = placed {
        val stream: OutputStream? = context.contentResolver.openOutputStream(to, "wt")
        (stream ?: throw FileNotFoundException()).use { out -> file.inputStream().use { it.copyTo(out) } }
    }

    /** The bytes of what she chose. */
    fun read(context: Context, from: Uri): ByteArray = placed {
        opened(context, from).use { stream ->
            val bytes = stream.readAtMost(MOST + 1)
            if (bytes.size > MOST) throw IOException("the file is too large")
            bytes
        }
    }

    /** What she chose, as a file of ours. */
    fun fetch(context: Context, from: Uri): File = placed {
        fresh(context, "fetched").also { file ->
            opened(context, from).use { stream -> file.outputStream().use { stream.copyTo(it) } }
        }
    }

    private fun opened(context: Context, from: Uri): InputStream =
        context.contentResolver.openInputStream(from) ?: throw FileNotFoundException()

    /** Other apps' storage fails in many ways. */
    private fun <T> placed(work: () -> T): T = try {
        work()
    } catch (fault: IOException) {
        throw NoPlace(fault)
    } catch (fault: SecurityException) {
        throw NoPlace(fault)
    } catch (fault: IllegalArgumentException) {
        throw NoPlace(fault)
    }

    /** Asks where to keep a file of this name. */
    fun keepAs(name: String): Intent =
        Intent(Intent.ACTION_CREATE_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType(KIND)
            .putExtra(Intent.EXTRA_TITLE, name)

    /** Asks for a file of this [kind]. */
    fun choose(kind: String = "*/*"): Intent =
        Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType(kind)

    /** Offers [file] to other apps: the one that she takes may read it and nothing else. */
    fun share(file: File, title: CharSequence): Intent {
        val uri = PacketProvider.uriOf(file)
        val send = Intent(Intent.ACTION_SEND).setType(KIND).putExtra(Intent.EXTRA_STREAM, uri)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        send.clipData = ClipData.newRawUri(null, uri)
        return Intent.createChooser(send, title).addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
    }
}
