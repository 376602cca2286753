package id.ketuk.app.visit

import android.content.Intent
import android.content.pm.PackageManager
import android.view.View
import android.widget.FrameLayout
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.Answer
import id.ketuk.app.core.Choices
import id.ketuk.app.core.Page
import id.ketuk.app.core.Saved
import id.ketuk.app.core.TextAnswer
import id.ketuk.app.core.Unfinished
import id.ketuk.app.core.Visit
import id.ketuk.app.look.Language
import id.ketuk.app.look.iconButton
import id.ketuk.app.look.put
import id.ketuk.app.nav.Place
import id.ketuk.app.nav.Place.Asked
import id.ketuk.app.nav.Place.Panel
import id.ketuk.app.nav.Screen
import id.ketuk.app.nav.Shell
import id.ketuk.app.sync.SyncJob
import java.util.concurrent.ConcurrentHashMap

/** A visit, drawn from the core's screen model: one topic a page, all of it on disk at each answer. */
class VisitScreen(shell: Shell, private var place: Place.Visit) : Screen(shell), Answering {
    override val title = activity.getString(R.string.visit_title)

    private val panels = FrameLayout(activity)
    private val page = PagePanel(activity, this, onPrevious = ::goBack, onNext = ::goOn)

    /** Typed but not yet taken by the core, the newest of each question: nothing is told twice. */
    private val typed = ConcurrentHashMap<String, Answer>()
    private val notes = ConcurrentHashMap<String, String>()

    /** Who waits for what she says about a permission. */
    private var permitted: ((Boolean) -> Unit)? = null

    override fun actions(bar: LinearLayout) {
        bar.put(iconButton(activity, R.drawable.ic_language, string(R.string.visit_language), ::changeLanguage))
        bar.put(iconButton(activity, R.drawable.ic_list, string(R.string.visit_contents)) { open(Panel.CONTENTS) })
    }

    override fun view(): View = panels

    override fun shown() {
        visit({ it.setLanguage(Language.of(activity).tag) }) {}
        open(place.panel)
    }

    override fun hidden() = core.ask({ it.leave(place.household) }, failed = {}) {}

    override fun back(): Boolean {
        if (place.panel == Panel.PAGE) return false
        open(Panel.PAGE)
        return true
    }

    private fun <T> visit(question: (Visit) -> T, done: (T) -> Unit) =
        ask({ question(it.visit(place.household)) }, done = done)

    private fun onPage(question: (Visit) -> Page?): Unit = visit(question) { if (it != null) page.show(it) }

    private fun open(panel: Panel) {
        remember(place.copy(panel = panel))
        when (panel) {
            Panel.PAGE -> visit({ it.screen() }) {
                page.show(it)
                put(page.view)
            }
            Panel.CONTENTS -> visit({ it.contents() }) {
                put(contentsPanel(activity, it, onPage = ::goTo, onFinish = { open(Panel.FINISH) }))
            }
            Panel.FINISH -> visit({ it.problems() to it.contents() }) { (problems, contents) ->
                put(finishPanel(activity, problems, contents, onPage = ::goTo, onFinish = ::finish))
            }
        }
    }

    private fun remember(now: Place.Visit) {
        place = now
        shell.remember(now)
    }

    private fun put(view: View) {
        if (view.parent === panels) return
        panels.removeAllViews()
        panels.addView(view)
    }

    private fun goTo(target: String) = visit({ it.goTo(target) }) { open(Panel.PAGE) }

    private fun goBack() = onPage { it.back() }

    /** On to the next page; but what is wrong on this one is said first, once. */
    private fun goOn() {
        if (page.reveal()) return
        if (page.isLast) open(Panel.FINISH) else onPage { it.next() }
    }

    override fun answer(path: String, answer: Answer) {
        typed[path] = answer
        onPage { visit -> typed.remove(path)?.let { visit.answer(path, it) } }
    }

    override fun answer(path: String, mediaType: String, bytes: () -> ByteArray) =
        onPage { it.answerWithFile(path, mediaType, bytes()) }

    override fun file(name: String, found: (ByteArray?) -> Unit) = visit({ it.file(name) }, found)

    override fun fetch(asked: Asked) {
        remember(place.copy(asked = asked))
        core.ask({ CameraFile.clear(activity) }, failed = {}) {}
        fetch(requestTo(activity, asked.source))
    }

    override fun returned(request: Int, done: Boolean, data: Intent?) {
        val asked = place.asked ?: return
        remember(place.copy(asked = null))
        if (!done) return
        // What the camera left is deleted when it is kept: a full disk must not cost the picture.
        onPage { visit ->
            when (val got = taken(activity, asked, data)) {
                is Taken.Text -> visit.answer(asked.path, TextAnswer(got.words))
                is Taken.File -> visit.answerWithFile(asked.path, got.mediaType, got.bytes)
            }.also { CameraFile.clear(activity) }
        }
    }

    override fun permit(permission: String, then: (Boolean) -> Unit) {
        if (activity.checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED) return then(true)
        permitted = then
        shell.permit(permission)
    }

    override fun permitted(granted: Boolean) {
        permitted?.invoke(granted)
        permitted = null
    }

    override fun find(path: String, words: String, found: (Choices) -> Unit) =
        visit({ it.choices(path, words, from = 0u, most = MOST_FOUND) }, found)

    override fun note(path: String, words: String) {
        notes[path] = words
        onPage { visit -> notes.remove(path)?.let { visit.note(path, it) } }
    }

    override fun addMember(roster: String) = onPage { it.add(roster) }

    override fun openMember(page: String) = goTo(page)

    override fun removeMember(card: String, name: String) =
        visit({ it.remove(card) }) {
            page.show(it)
            page.offerUndo(string(R.string.visit_removed, name)) { onPage { visit -> visit.undoRemove() } }
        }

    private fun changeLanguage() {
        val now = Language.of(activity)
        val other = Language.entries.first { it != now }
        Language.choose(activity, other)
        shell.recreate()
    }

    private fun finish() = visit({ it.finish() }) { how ->
        when (how) {
            is Unfinished -> open(Panel.FINISH)
            is Saved -> {
                SyncJob.schedule(activity)
                core.recount()
                shell.back()
                shell.say(string(R.string.finish_done), trouble = false)
            }
        }
    }
}

/** More than she would look through: another word finds it sooner. */
private const val MOST_FOUND = 50u
