package id.ketuk.app.files

import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import java.io.File
import java.io.FileNotFoundException

/**
 * Lets another app read the one sealed file that she shares with it. It is not exported: only who was given
 * that file's address by her may ask, and only read.
 */
class PacketProvider : ContentProvider() {
    override fun onCreate(): Boolean = true

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        if (mode != "r") throw FileNotFoundException()
        return ParcelFileDescriptor.open(found(uri) ?: throw FileNotFoundException(), ParcelFileDescriptor.MODE_READ_ONLY)
    }

    override fun query(uri: Uri, columns: Array<String>?, a: String?, b: Array<String>?, c: String?): Cursor {
        val asked = columns ?: arrayOf(OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE)
        val cursor = MatrixCursor(asked)
        val file = found(uri) ?: return cursor
        cursor.addRow(
            asked.map {
                when (it) {
                    OpenableColumns.DISPLAY_NAME -> file.name
                    OpenableColumns.SIZE -> file.length()
                    else -> null
                }
            },
        )
        return cursor
    }

    private fun found(uri: Uri): File? =
        uri.pathSegments.singleOrNull()?.let { Packets.find(checkNotNull(context), it) }

    override fun getType(uri: Uri): String = "application/octet-stream"

    override fun insert(uri: Uri, values: ContentValues?): Uri? = null

    override fun update(uri: Uri, values: ContentValues?, a: String?, b: Array<String>?): Int = 0

    override fun delete(uri: Uri, a: String?, b: Array<String>?): Int = 0

    companion object {
        private const val AUTHORITY = "id.ketuk.app.packets"

        fun uriOf(file: File): Uri = Uri.Builder().scheme("content").authority(AUTHORITY).appendPath(file.name).build()
    }
}
