package id.ketuk.app.visit

import android.content.Context
import android.content.Intent
import android.net.Uri
import android.provider.MediaStore
import id.ketuk.app.core.Unreadable
import id.ketuk.app.files.Packets
import id.ketuk.app.files.readAtMost
import id.ketuk.app.nav.Place.Asked
import id.ketuk.app.nav.Place.Source
import id.ketuk.app.nav.Scanner

/** More than this no server takes: a larger file is not read to its end. */
private const val MOST = 32 shl 20

/** What a film may have, said to the camera; the core knows what the server takes. */
private const val FILM_MOST = 5L shl 20

/** What another app gave. */
internal sealed class Taken {
    class Text(val words: String) : Taken()
    class File(val mediaType: String, val bytes: ByteArray) : Taken()
}

/** The question to another app. */
internal fun requestTo(context: Context, source: Source): Intent = when (source) {
    Source.CAMERA -> Intent(MediaStore.ACTION_IMAGE_CAPTURE).into(CameraFile.address(context, film = false))
    Source.FILM -> Intent(MediaStore.ACTION_VIDEO_CAPTURE).into(CameraFile.address(context, film = true))
        .putExtra(MediaStore.EXTRA_VIDEO_QUALITY, 0)
        .putExtra(MediaStore.EXTRA_SIZE_LIMIT, FILM_MOST)
    Source.GALLERY -> Packets.choose("image/*")
    Source.DOCUMENT -> Packets.choose()
    Source.SCANNER -> Scanner.ask()
}

private fun Intent.into(address: Uri) = putExtra(MediaStore.EXTRA_OUTPUT, address)
    .addFlags(Intent.FLAG_GRANT_WRITE_URI_PERMISSION or Intent.FLAG_GRANT_READ_URI_PERMISSION)

/** Reads what came, photos made fit for the link; on the core's thread. */
internal fun taken(context: Context, asked: Asked, data: Intent?): Taken = when (asked.source) {
    Source.SCANNER -> Taken.Text(data?.let(Scanner::read).orEmpty())
    Source.CAMERA -> photo(CameraFile.read(context), asked)
    Source.GALLERY -> photo(read(context, data), asked)
    Source.FILM -> Taken.File("video/mp4", CameraFile.read(context))
    Source.DOCUMENT -> Taken.File(typeOf(context, data), read(context, data))
}

private fun photo(bytes: ByteArray, asked: Asked) =
    Taken.File("image/jpeg", shrunk(bytes, asked.most) ?: throw Unreadable())

private fun typeOf(context: Context, data: Intent?): String =
    data?.data?.let(context.contentResolver::getType) ?: "application/octet-stream"

private fun read(context: Context, data: Intent?): ByteArray {
    val address = data?.data ?: throw Unreadable()
    return context.contentResolver.openInputStream(address)?.use { it.readAtMost(MOST) } ?: throw Unreadable()
}
