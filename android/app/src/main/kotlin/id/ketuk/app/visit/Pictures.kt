package id.ketuk.app.visit

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Matrix
import android.media.ExifInterface
import java.io.ByteArrayOutputStream

/** The longer side of a photo whose question says nothing of it, in pixels: enough to read a house number. */
private const val LONGER_SIDE = 1280
private const val QUALITY = 80

/**
 * A photo fit for a thin link: upright, its longer side at most [most] pixels, and with nothing of
 * what the camera noted beside it, such as where it was taken. Null if [bytes] are no picture.
 */
internal fun shrunk(bytes: ByteArray, most: Int?): ByteArray? {
    val picture = decoded(bytes, most ?: LONGER_SIDE) ?: return null
    val scale = (most ?: LONGER_SIDE) / maxOf(picture.width, picture.height).toFloat()
    val change = upright(bytes).apply { if (scale < 1) postScale(scale, scale) }
    val whole = Bitmap.createBitmap(picture, 0, 0, picture.width, picture.height, change, true)
    return ByteArrayOutputStream().apply { whole.compress(Bitmap.CompressFormat.JPEG, QUALITY, this) }.toByteArray()
}

/** The picture in no more pixels than are needed: a photo of 50 megapixels doesn't fit into a phone of 1 GB. */
internal fun decoded(bytes: ByteArray, longerSide: Int): Bitmap? {
    val size = BitmapFactory.Options().apply { inJustDecodeBounds = true }
    BitmapFactory.decodeByteArray(bytes, 0, bytes.size, size)
    if (size.outWidth <= 0 || size.outHeight <= 0) return null
    val options = BitmapFactory.Options()
    options.inSampleSize = 1
    while (maxOf(size.outWidth, size.outHeight) / (options.inSampleSize * 2) >= longerSide) options.inSampleSize *= 2
    return BitmapFactory.decodeByteArray(bytes, 0, bytes.size, options)
}

/** How the camera was held, which it only notes beside the picture. */
private fun upright(bytes: ByteArray): Matrix {
    val turned = runCatching {
        ExifInterface(bytes.inputStream()).getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL)
    }
    val degrees = when (turned.getOrNull()) {
        ExifInterface.ORIENTATION_ROTATE_90 -> 90f
        ExifInterface.ORIENTATION_ROTATE_180 -> 180f
        ExifInterface.ORIENTATION_ROTATE_270 -> 270f
        else -> 0f
    }
    return Matrix().apply { postRotate(degrees) }
}
