// The same sources as pom.xml's and `cargo xtask apk`'s, for Android Studio with the NDK.

plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

/** The kinds of processor, by Android's name and by Rust's. */
val targets = mapOf(
    "arm64-v8a" to "aarch64-linux-android",
    "armeabi-v7a" to "armv7-linux-androideabi",
)

val workspace: File = rootDir.parentFile
val made = layout.buildDirectory.dir("ketuk")
val bindings = made.map { it.dir("kotlin") }
val libraries = made.map { it.dir("jniLibs") }
val sqlcipher = made.map { it.dir("sqlcipher") }

// SQLCipher's library without its Java, which nothing here calls.
val sqlcipherArchive: Configuration by configurations.creating

android {
    namespace = "id.ketuk.app"
    compileSdk = 35

    defaultConfig {
        minSdk = 24
        targetSdk = 35
        ndk { abiFilters += targets.keys }
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            // Names stay and nothing is optimised, as in the build without Google's tools.
            proguardFiles("../../apk/shrink.pro")
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    sourceSets["main"].apply {
        kotlin.srcDirs("src/main/kotlin", bindings)
        jniLibs.srcDirs(libraries, sqlcipher)
    }
}

dependencies {
    implementation("net.java.dev.jna:jna:5.19.1@aar")
    sqlcipherArchive("net.zetetic:sqlcipher-android:4.16.0@aar")
}

/** What writes the bindings, and the library of this machine from which it reads them. */
val buildBindings by tasks.registering(Exec::class) {
    workingDir = workspace
    commandLine("cargo", "build", "--package", "ketuk-bindings", "--package", "ketuk-bindgen")
}

/** The generated Kotlin. */
val writeBindings by tasks.registering(Exec::class) {
    dependsOn(buildBindings)
    workingDir = workspace
    commandLine(
        "target/debug/ketuk-bindgen", "generate", "--language", "kotlin", "--no-format",
        "--library", "target/debug/libketuk.so", "--out-dir", bindings.get().asFile.path,
    )
}

val unpackSqlcipher by tasks.registering(Sync::class) {
    from({ sqlcipherArchive.map { zipTree(it) } }) {
        include("jni/*/libsqlcipher.so")
        eachFile { path = path.removePrefix("jni/") }
        includeEmptyDirs = false
    }
    into(sqlcipher)
}

/** The core for each kind of processor, by the NDK that Android Studio has. */
val cores = targets.map { (abi, target) ->
    val build = tasks.register<Exec>("buildCore-$abi") {
        dependsOn(unpackSqlcipher)
        val programs = File(android.ndkDirectory, "toolchains/llvm/prebuilt").listFiles()!!.first().resolve("bin")
        val name = if (target.startsWith("armv7")) "armv7a-linux-androideabi24" else "${target}24"
        val clang = programs.resolve("$name-clang").path
        val lower = target.replace('-', '_')
        workingDir = workspace
        environment("CARGO_TARGET_${lower.uppercase()}_LINKER", clang)
        environment("CC_$lower", clang)
        environment("AR_$lower", programs.resolve("llvm-ar").path)
        environment("SQLCIPHER_LIB_DIR", sqlcipher.get().dir(abi).asFile.path)
        environment("RUSTFLAGS", "-Clink-arg=-Wl,-zmax-page-size=16384 -Clink-arg=-Wl,-soname=libketuk.so")
        commandLine(
            "cargo", "rustc", "--locked", "--profile", "phone", "--package", "ketuk-bindings", "--lib",
            "--crate-type", "cdylib", "--target", target,
        )
    }
    tasks.register<Copy>("copyCore-$abi") {
        dependsOn(build)
        from(workspace.resolve("target/$target/phone/libketuk.so"))
        into(libraries.get().dir(abi))
    }
}

tasks.named("preBuild") { dependsOn(writeBindings, cores) }
