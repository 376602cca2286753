package id.ketuk.app.households

import android.app.Activity
import android.app.AlertDialog
import id.ketuk.app.R
import id.ketuk.app.look.showSafely

/** Of so many RTs each has a place of its own on a screen; of more she chooses from a list. */
const val FEW_AREAS = 12

/** Has her choose one of [names], of which only those in sight are drawn. */
fun chooseArea(activity: Activity, names: List<String>, question: Int = R.string.households_which_rt, chosen: (Int) -> Unit) {
    AlertDialog.Builder(activity)
        .setTitle(question)
        .setItems(names.toTypedArray()) { _, which -> chosen(which) }
        .showSafely()
}
