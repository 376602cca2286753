package id.ketuk.app

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

/** What holds for the sources themselves. */
class SourceTest {
    private val main = File("src/main")

    @Test
    fun `only the core package sees the generated types`() {
        val seen = File(main, "kotlin").walk().filter { it.extension == "kt" && it.parentFile.name != "core" }
            .filter { file -> file.readLines().any { "id.ketuk.core" in it || "com.sun.jna" in it } }
        assertEquals(emptyList<File>(), seen.toList())
    }

    /** Each window must be told for itself that nobody may photograph it. */
    @Test
    fun `dialogs are shown safely`() {
        val bare = File(main, "kotlin").walk().filter { it.extension == "kt" && it.name != "Dialogs.kt" }
            .filter { file -> file.readLines().any { ".show()" in it } }
        assertEquals(emptyList<File>(), bare.toList())
    }

    @Test
    fun `every sentence is there in both languages`() {
        val files = File(main, "res/values").list { _, name -> name.startsWith("strings") }.orEmpty().sorted()
        assertTrue("there are sentences", files.isNotEmpty())
        files.forEach { assertEquals(it, names("values", it), names("values-en", it)) }
    }

    @Test
    fun `every colour is there for light and for dark`() {
        assertEquals(names("values", "colors.xml"), names("values-night", "colors.xml"))
    }

    private fun names(folder: String, file: String): Set<String> {
        val document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(File(main, "res/$folder/$file"))
        val children = document.documentElement.childNodes
        return (0 until children.length).map(children::item)
            .filter { it.hasAttributes() && it.attributes.getNamedItem("translatable") == null }
            .map { it.attributes.getNamedItem("name").nodeValue }.toSortedSet()
    }
}
