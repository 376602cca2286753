package id.ketuk.app.visit

import android.Manifest
import android.content.Context
import android.media.MediaDataSource
import android.media.MediaPlayer
import android.media.MediaRecorder
import android.os.Build
import android.os.SystemClock
import android.view.View
import android.widget.Chronometer
import android.widget.LinearLayout
import id.ketuk.app.R
import id.ketuk.app.core.NoAnswer
import id.ketuk.app.core.Question
import id.ketuk.app.look.Size
import id.ketuk.app.look.column
import id.ketuk.app.look.fileSize
import id.ketuk.app.look.put
import id.ketuk.app.look.quietButton
import id.ketuk.app.look.text
import java.io.File
import java.io.IOException

/** As the rate of speech: so many bits a second, by the author's word for the quality. */
private val RATES = mapOf("voice-only" to 12_000, "low" to 24_000, "normal" to 48_000)
private const val RATE = 24_000
private const val SAMPLES = 16_000

/** What a recording may have, in bytes: the recorder ends by itself rather than make what the server refuses. */
private const val MOST = 5L shl 20

/** A recording made here, with the time it takes; it goes on until she ends it or leaves the page. */
internal class SoundControl(context: Context, private val to: Answering) : ControlView {
    private val state = text(context, "", Size.BODY)
    private val time = Chronometer(context, null, 0, R.style.Angka).apply { visibility = View.GONE }
    private val record = quietButton(context, "", ::recordOrEnd)
    private val play = quietButton(context, "", ::playOrEnd)
    private val remove = quietButton(context, context.getString(R.string.visit_file_remove)) { to.answer(path, NoAnswer) }
    override val view: LinearLayout = column(context) {
        put(state)
        put(time, above = 4)
        put(record, above = 8)
        put(play, above = 8)
        put(remove, above = 8)
        addOnAttachStateChangeListener(Leaving { end(); quiet() })
    }
    private var path = ""
    private var rate = RATE
    private var shown: String? = null
    private var sound: ByteArray? = null
    private var recording: MediaRecorder? = null
    private var playing: MediaPlayer? = null

    // The recorder writes to a file only. It is deleted as soon as the recording is in the encrypted database.
    private val file = File(context.noBackupFilesDir, "recording")

    override val typing get() = false

    override fun show(question: Question) {
        path = question.path
        rate = RATES[question.parameters.find { it.name == "quality" }?.value] ?: RATE
        val now = question.typed
        if (now != shown) {
            shown = now
            sound = null
            if (now.isNotEmpty()) to.file(now) {
                if (shown == now) sound = it
                draw()
            }
        }
        draw()
    }

    private fun draw() {
        val there = !shown.isNullOrEmpty()
        val here = sound
        state.text = when {
            recording != null -> view.context.getString(R.string.visit_sound_running)
            !there -> ""
            here == null -> view.context.getString(R.string.visit_file_elsewhere)
            else -> view.context.getString(R.string.visit_file_here, view.context.fileSize(here.size))
        }
        state.visibility = if (state.text.isEmpty()) View.GONE else View.VISIBLE
        time.visibility = if (recording == null) View.GONE else View.VISIBLE
        record.setText(
            when {
                recording != null -> R.string.visit_sound_end
                there -> R.string.visit_sound_again
                else -> R.string.visit_sound
            },
        )
        play.setText(if (playing == null) R.string.visit_sound_play else R.string.visit_sound_quiet)
        play.visibility = if (here != null && recording == null) View.VISIBLE else View.GONE
        remove.visibility = if (there && recording == null) View.VISIBLE else View.GONE
    }

    private fun recordOrEnd() {
        if (recording != null) return end()
        quiet()
        to.permit(Manifest.permission.RECORD_AUDIO) { may ->
            if (may) begin() else say(R.string.visit_sound_denied)
        }
    }

    private fun begin() {
        @Suppress("DEPRECATION") // with a context only from API 31
        val recorder = if (Build.VERSION.SDK_INT >= 31) MediaRecorder(view.context) else MediaRecorder()
        try {
            recorder.setAudioSource(MediaRecorder.AudioSource.VOICE_RECOGNITION)
            // A stream of frames: what was recorded before a kill or an empty battery can still be heard.
            recorder.setOutputFormat(MediaRecorder.OutputFormat.AAC_ADTS)
            recorder.setAudioEncoder(MediaRecorder.AudioEncoder.AAC)
            recorder.setAudioSamplingRate(SAMPLES)
            recorder.setAudioEncodingBitRate(rate)
            recorder.setMaxFileSize(MOST)
            recorder.setOnInfoListener { _, what, _ ->
                if (what == MediaRecorder.MEDIA_RECORDER_INFO_MAX_FILESIZE_REACHED) end()
            }
            recorder.setOutputFile(file.path)
            recorder.prepare()
            recorder.start()
        } catch (fault: IOException) {
            return failed(recorder)
        } catch (fault: IllegalStateException) {
            return failed(recorder)
        }
        recording = recorder
        time.base = SystemClock.elapsedRealtime()
        time.start()
        draw()
    }

    /** Another app holds the microphone, or there is none. */
    private fun failed(recorder: MediaRecorder) {
        recorder.release()
        say(R.string.visit_sound_failed)
    }

    private fun say(words: Int) {
        state.setText(words)
        state.visibility = View.VISIBLE
    }

    private fun end() {
        val recorder = recording ?: return
        recording = null
        time.stop()
        // It complains of a recording of no length; there is then nothing to keep.
        val made = runCatching { recorder.stop() }.isSuccess
        recorder.release()
        if (made) to.answer(path, "audio/aac") { file.readBytes().also { file.delete() } }
        draw()
    }

    private fun playOrEnd() {
        if (playing != null) return quiet()
        val bytes = sound ?: return
        val player = MediaPlayer()
        val ready = runCatching {
            player.setDataSource(Bytes(bytes))
            player.prepare()
            player.start()
        }
        if (ready.isFailure) {
            player.release()
            return say(R.string.visit_sound_unplayable)
        }
        player.setOnCompletionListener { quiet() }
        playing = player
        draw()
    }

    private fun quiet() {
        playing?.release()
        playing = null
        draw()
    }
}

/** Tells when the view leaves the screen. */
internal class Leaving(private val left: () -> Unit) : View.OnAttachStateChangeListener {
    override fun onViewAttachedToWindow(view: View) = Unit
    override fun onViewDetachedFromWindow(view: View) = left()
}

/** Sound from memory: it never lies on the disk in the clear. */
private class Bytes(private val bytes: ByteArray) : MediaDataSource() {
    override fun readAt(position: Long, into: ByteArray, offset: Int, size: Int): Int {
        if (position >= bytes.size) return -1
        val length = minOf(size.toLong(), bytes.size - position).toInt()
        bytes.copyInto(into, offset, position.toInt(), position.toInt() + length)
        return length
    }

    override fun getSize() = bytes.size.toLong()
    override fun close() = Unit
}
