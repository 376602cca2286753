package androidx.test.internal.runner.intent

import android.content.Intent
import androidx.test.runner.intent.IntentMonitor

class IntentMonitorImpl : IntentMonitor {
    @Suppress("UNUSED_PARAMETER") // Robolectric calls it; nobody here listens.
    fun signalIntent(intent: Intent) = Unit
}
