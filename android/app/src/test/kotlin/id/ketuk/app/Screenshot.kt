package id.ketuk.app

import android.app.Activity
import android.graphics.Bitmap
import android.os.Handler
import android.os.Looper
import android.view.PixelCopy
import org.robolectric.Shadows.shadowOf
import java.io.File

/** The pixels of [activity]'s window as it is now, kept as target/screens/[name].png. */
fun shoot(activity: Activity, name: String): Bitmap {
    val decor = activity.window.decorView
    val picture = Bitmap.createBitmap(decor.width, decor.height, Bitmap.Config.ARGB_8888)
    var result = -1
    PixelCopy.request(activity.window, picture, { result = it }, Handler(Looper.getMainLooper()))
    shadowOf(Looper.getMainLooper()).idle()
    check(result == PixelCopy.SUCCESS) { "the picture $name was not taken: PixelCopy said $result" }
    val file = File(System.getProperty("ketuk.screens.dir"), "$name.png")
    file.parentFile.mkdirs()
    file.outputStream().use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
    return picture
}
