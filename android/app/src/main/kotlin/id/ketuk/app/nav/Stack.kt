package id.ketuk.app.nav

import android.os.Bundle

/** The places she came by, the last on top. Never empty. */
class Stack private constructor(private val places: ArrayList<Place>) {
    constructor(first: Place) : this(arrayListOf(first))

    val top: Place get() = places.last()
    val deep: Boolean get() = places.size > 1

    fun push(place: Place) {
        places += place
    }

    /** The same place seen otherwise: another search, another filter. */
    fun replace(place: Place) {
        places[places.lastIndex] = place
    }

    /** Back to the place before; false if there is none. */
    fun pop(): Boolean = deep && places.removeAt(places.lastIndex).let { true }

    fun restart(place: Place) {
        places.clear()
        places += place
    }

    fun save(into: Bundle) = into.putSerializable(KEY, places)

    companion object {
        private const val KEY = "places"

        /** What [save] wrote, or null where nothing was saved. */
        fun restore(from: Bundle?): Stack? {
            @Suppress("DEPRECATION", "UNCHECKED_CAST") // the typed getter came with API 33
            val places = from?.getSerializable(KEY) as? ArrayList<Place>
            return places?.takeIf { it.isNotEmpty() }?.let(::Stack)
        }
    }
}
