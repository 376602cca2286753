package id.ketuk.app.core

import android.content.Context
import android.net.ConnectivityManager
import android.net.Network
import android.os.Handler
import android.os.Looper

/** Tells, while it is listened to, whether there is any network at all; on the main thread. */
class Signal(context: Context, private val changed: (there: Boolean) -> Unit) {
    private val manager = context.getSystemService(ConnectivityManager::class.java)
    private val main = Handler(Looper.getMainLooper())
    private val networks = HashSet<Network>()

    private val callback = object : ConnectivityManager.NetworkCallback() {
        override fun onAvailable(network: Network) = update { add(network) }
        override fun onLost(network: Network) = update { remove(network) }
    }

    private fun update(change: HashSet<Network>.() -> Unit) {
        main.post {
            networks.change()
            changed(networks.isNotEmpty())
        }
    }

    fun listen() {
        networks.clear()
        changed(manager.activeNetwork != null)
        manager.registerDefaultNetworkCallback(callback)
    }

    fun stop() = manager.unregisterNetworkCallback(callback)
}
