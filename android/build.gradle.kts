// The versions that Android Studio builds with; those of the Maven build stand in pom.xml.
plugins {
    id("com.android.application") version "8.13.2" apply false
    id("org.jetbrains.kotlin.android") version "2.4.21" apply false
}
