package id.ketuk.app

import android.app.Activity
import android.os.Bundle
import id.ketuk.app.look.*

class MainActivity : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        setContentView(column(this) {
            pad(16)
            put(sign(context, R.drawable.mark, R.color.nila), dp(48), dp(48))
            put(text(context, "97 dari 155 keluarga", Size.FIGURE))
            put(Bar(context).apply { show(97.0, 155.0, 110.0) }, above = 8)
            put(card(context, {}) {
                put(text(context, "RT 001 / RW 002", bold = true))
                put(text(context, "Jalan Mawar 12", Size.NOTE))
                put(signAndWord(context, R.drawable.state_waiting, "Menunggu kirim", R.color.kunyit), above = 8)
                put(signAndWord(context, R.drawable.state_received, "Diterima server", R.color.daun), above = 8)
                put(signAndWord(context, R.drawable.state_attention, "Perlu perbaikan", R.color.bata), above = 8)
                put(signAndWord(context, R.drawable.state_draft, "Draf", R.color.abu), above = 8)
                put(signAndWord(context, R.drawable.state_todo, "Belum", R.color.abu), above = 8)
            }, above = 16)
            put(choiceRow(context, "Suntik", true, false) {}, above = 8)
            put(choiceRow(context, "Pil", false, false) {}, above = 8)
            put(choiceRow(context, "Televisi", false, true) {}, above = 8)
            put(mainButton(context, "Kirim sekarang") {}, above = 8)
            put(quietButton(context, "Selanjutnya") {}, above = 8)
        })
    }
}
