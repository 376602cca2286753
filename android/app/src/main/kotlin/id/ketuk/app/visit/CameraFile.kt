package id.ketuk.app.visit

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Context
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import java.io.File

/**
 * The one file that the camera may write: a camera app gives its picture only into a file that can be
 * read and written from any place. It lies in the app's own folder, in the clear, from the shutter
 * until the picture is in the encrypted database, and is deleted then.
 */
class CameraFile : ContentProvider() {
    override fun onCreate() = true

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor =
        ParcelFileDescriptor.open(file(checkNotNull(context)), ParcelFileDescriptor.parseMode(mode))

    override fun getType(uri: Uri): String = if (uri.lastPathSegment == FILM) "video/mp4" else "image/jpeg"

    /** Some camera apps ask for the name before they write. */
    override fun query(uri: Uri, wanted: Array<String>?, s: String?, a: Array<String>?, o: String?): Cursor {
        val columns = wanted ?: arrayOf(NAME)
        return MatrixCursor(columns, 1).apply { addRow(columns.map { if (it == NAME) uri.lastPathSegment else null }) }
    }

    override fun insert(uri: Uri, values: ContentValues?): Uri? = null
    override fun delete(uri: Uri, selection: String?, args: Array<String>?) = 0
    override fun update(uri: Uri, values: ContentValues?, selection: String?, args: Array<String>?) = 0

    companion object {
        private const val NAME = "_display_name"
        private const val PHOTO = "photo.jpg"
        private const val FILM = "film.mp4"

        /** Where a camera app is to put a photo, or a [film]. */
        fun address(context: Context, film: Boolean): Uri =
            Uri.parse("content://${context.packageName}.camera/${if (film) FILM else PHOTO}")

        private fun file(context: Context) = File(context.noBackupFilesDir, "camera")

        /** What the camera wrote; not on the main thread. */
        fun read(context: Context): ByteArray = file(context).run { if (exists()) readBytes() else ByteArray(0) }

        /** Once the picture is kept, or nobody waits for it any more; not on the main thread. */
        fun clear(context: Context) {
            file(context).delete()
        }
    }
}
