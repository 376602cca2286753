package id.ketuk.tryout

import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.util.zip.CRC32
import java.util.zip.Deflater

/** PNG written for speed: the framework's own takes five times as long, and every tap waits for it. */
object Png {
    private val SIGNATURE = byteArrayOf(0x89.toByte(), 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A)
    private const val RGB = 2

    /** [pixels] in rows of [width], opaque, as Android has them: alpha, red, green, blue. */
    fun of(pixels: IntArray, width: Int): ByteArray {
        val png = ByteArrayOutputStream()
        val out = DataOutputStream(png)
        out.write(SIGNATURE)
        out.chunk("IHDR", header(width, pixels.size / width))
        out.chunk("IDAT", deflated(rows(pixels, width)))
        out.chunk("IEND", ByteArray(0))
        return png.toByteArray()
    }

    private fun header(width: Int, height: Int): ByteArray {
        val bytes = ByteArrayOutputStream()
        DataOutputStream(bytes).run {
            writeInt(width)
            writeInt(height)
            write(byteArrayOf(8, RGB.toByte(), 0, 0, 0))
        }
        return bytes.toByteArray()
    }

    /** Each row as it is, after a zero that says so: a screen is flat enough without prediction. */
    private fun rows(pixels: IntArray, width: Int): ByteArray {
        val bytes = ByteArray(pixels.size * 3 + pixels.size / width)
        var to = 0
        for (at in pixels.indices) {
            if (at % width == 0) to++
            val pixel = pixels[at]
            bytes[to++] = (pixel shr 16).toByte()
            bytes[to++] = (pixel shr 8).toByte()
            bytes[to++] = pixel.toByte()
        }
        return bytes
    }

    private fun deflated(bytes: ByteArray): ByteArray {
        val deflater = Deflater(Deflater.BEST_SPEED)
        try {
            deflater.setInput(bytes)
            deflater.finish()
            val packed = ByteArrayOutputStream(bytes.size / 16)
            val buffer = ByteArray(65_536)
            while (!deflater.finished()) packed.write(buffer, 0, deflater.deflate(buffer))
            return packed.toByteArray()
        } finally {
            deflater.end()
        }
    }

    private fun DataOutputStream.chunk(name: String, data: ByteArray) {
        val said = name.toByteArray(Charsets.US_ASCII)
        val sum = CRC32().apply {
            update(said)
            update(data)
        }
        writeInt(data.size)
        write(said)
        write(data)
        writeInt(sum.value.toInt())
    }
}
