package id.ketuk.app.files

import java.io.ByteArrayOutputStream
import java.io.InputStream

/** The first [most] bytes, or all if there are no more: what others give may be of any size. */
fun InputStream.readAtMost(most: Int): ByteArray {
    val all = ByteArrayOutputStream()
    val part = ByteArray(64 shl 10)
    while (all.size() < most) {
        val length = read(part, 0, minOf(part.size, most - all.size()))
        if (length < 0) break
        all.write(part, 0, length)
    }
    return all.toByteArray()
}
