package id.ketuk.app.look

/**
 * A long list as pages by keyset: knows where each page begins, and holds the rows of the few that
 * were looked at last. [fetch] is asked for the page after a key and answers through [arrived].
 */
class Pages<Row>(private val fetch: (page: Int, after: String?) -> Unit, private val changed: () -> Unit) {
    private val begins = arrayListOf<String?>(null)
    private val asked = HashSet<Int>()
    private val rows = object : LinkedHashMap<Int, List<Row>>(KEPT, 0.75f, true) {
        override fun removeEldestEntry(eldest: MutableMap.MutableEntry<Int, List<Row>>) =
            (size > KEPT).also { if (it) asked -= eldest.key }
    }
    private var lastPageRows: Int? = null

    /** Rows known of so far, and one more while there may be more of them. */
    val count: Int
        get() = (begins.size - 1) * SIZE + (lastPageRows ?: 1)

    /** Whether the list is known to have no row at all. */
    val empty: Boolean get() = count == 0

    /** The row at [index], or null while it is being fetched. */
    fun row(index: Int): Row? {
        val page = index / SIZE
        if (page !in rows && asked.add(page)) fetch(page, begins[page])
        return rows[page]?.getOrNull(index % SIZE)
    }

    /** The rows of [page], and the key of its last one if there are more. */
    fun arrived(page: Int, found: List<Row>, next: String?) {
        rows[page] = found
        if (page == begins.lastIndex) {
            if (next == null) lastPageRows = found.size else begins += next
        }
        changed()
    }

    companion object {
        /** Rows a page. */
        const val SIZE = 50
        private const val KEPT = 4
    }
}
