package id.ketuk.app.core

import android.app.Activity
import android.content.Context
import android.content.pm.PackageManager
import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.os.CancellationSignal
import javax.crypto.Cipher

/** What came of asking for a finger. */
sealed class Touched {
    data class Right(val cipher: Cipher) : Touched()

    /** She chose the PIN, or turned away. */
    data object Cancelled : Touched()

    /** The phone says why not, in its own words. */
    data class Refused(val why: CharSequence) : Touched()
}

/** Her finger or face, asked for by the phone itself: the app sees neither. From Android 9 on. */
open class Finger {
    /** Whether this phone can. Whether she has shown it a finger yet is known once a key is made for it. */
    open fun there(context: Context): Boolean {
        if (Build.VERSION.SDK_INT < 28) return false
        val ways = listOf(
            PackageManager.FEATURE_FINGERPRINT,
            "android.hardware.biometrics.face",
            "android.hardware.biometrics.iris",
        )
        return ways.any(context.packageManager::hasSystemFeature)
    }

    /** Asks; [done] follows once, on the main thread, unless [stop] says that nobody waits for it any more. */
    open fun ask(
        activity: Activity,
        cipher: Cipher,
        title: CharSequence,
        instead: CharSequence,
        stop: CancellationSignal,
        done: (Touched) -> Unit,
    ) {
        if (Build.VERSION.SDK_INT >= 28) Prompt.ask(activity, cipher, title, instead, stop, done)
    }

    /** Apart, so that an older phone needn't know these classes. */
    private object Prompt {
        fun ask(
            activity: Activity,
            cipher: Cipher,
            title: CharSequence,
            instead: CharSequence,
            stop: CancellationSignal,
            done: (Touched) -> Unit,
        ) {
            val main = activity.mainExecutor
            val callback = object : BiometricPrompt.AuthenticationCallback() {
                override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult) {
                    done(result.cryptoObject?.cipher?.let { Touched.Right(it) } ?: Touched.Cancelled)
                }

                override fun onAuthenticationError(code: Int, words: CharSequence) {
                    val turnedAway = code == BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED ||
                        code == BiometricPrompt.BIOMETRIC_ERROR_CANCELED
                    done(if (turnedAway) Touched.Cancelled else Touched.Refused(words))
                }
            }
            BiometricPrompt.Builder(activity)
                .setTitle(title)
                .setNegativeButton(instead, main) { _, _ -> done(Touched.Cancelled) }
                .build()
                .authenticate(BiometricPrompt.CryptoObject(cipher), stop, main, callback)
        }
    }
}
