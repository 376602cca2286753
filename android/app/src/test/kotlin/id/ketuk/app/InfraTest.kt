package id.ketuk.app

import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import android.graphics.Bitmap
import android.os.Handler
import android.os.Looper
import android.view.PixelCopy
import org.robolectric.Shadows.shadowOf
import java.io.File

@RunWith(RobolectricTestRunner::class)
class InfraTest {
    @Test
    fun picture() {
        val activity = Robolectric.buildActivity(MainActivity::class.java).setup().get()
        val d = activity.window.decorView
        val b = Bitmap.createBitmap(d.width, d.height, Bitmap.Config.ARGB_8888)
        PixelCopy.request(activity.window, b, {}, Handler(Looper.getMainLooper()))
        shadowOf(Looper.getMainLooper()).idle()
        val f = File(System.getProperty("ketuk.screens.dir"), "x.png"); f.parentFile.mkdirs()
        f.outputStream().use { b.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }
}
