package id.ketuk.app

import id.ketuk.app.look.Pages
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class PagesTest {
    private val all = (0 until 100_000).map { "family $it" }
    private val fetched = mutableListOf<Int>()
    private val asked = ArrayDeque<Pair<Int, String?>>()
    private val pages: Pages<String> = Pages({ page, after -> fetched += page; asked += page to after }, {})

    /** Answers what was asked, as the core would: the key of a page is its last row's number. */
    private fun answer() {
        while (true) {
            val (page, after) = asked.removeFirstOrNull() ?: return
            val from = after?.toInt() ?: 0
            val rows = all.drop(from).take(Pages.SIZE)
            pages.arrived(page, rows, (from + rows.size).takeIf { it < all.size }?.toString())
        }
    }

    private fun row(index: Int): String? = pages.row(index) ?: answer().let { pages.row(index) }

    @Test
    fun `scrolling to the end and back shows every row, fetched a page at a time`() {
        var index = 0
        while (index < pages.count) assertEquals("family $index", row(index)).also { index++ }
        assertEquals(all.size, index)
        for (i in all.indices.reversed()) assertEquals("family $i", row(i))
        assertTrue("pages were fetched ${fetched.size} times", fetched.size <= 2 * all.size / Pages.SIZE)
    }

    @Test
    fun `a row that is on its way is asked for once`() {
        assertNull(pages.row(0))
        assertNull(pages.row(1))
        assertEquals(listOf(0), fetched)
    }

    @Test
    fun `an empty list is known to be empty only when the core has said so`() {
        pages.row(0)
        assertEquals(false, pages.empty)
        pages.arrived(0, emptyList(), null)
        assertTrue(pages.empty)
    }
}
