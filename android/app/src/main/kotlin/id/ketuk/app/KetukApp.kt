package id.ketuk.app

import android.app.Application

class KetukApp : Application()
