//! What the steps work with, fetched once: from Maven's registry by Maven, from Python's by pip, by whatever mirrors
//! this machine has them set to.
//!
//! Each is pinned by version and by the SHA-256 of its file. Where a version is raised, `sha256sum` tells the new
//! one; what depends on what is in [`KOTLIN`], [`PROGUARD`] and so on, each a whole class path.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::{Work, tool};

/// A file of Maven's registry.
#[derive(Clone, Copy)]
struct Artifact {
    group: &'static str,
    name: &'static str,
    version: &'static str,
    kind: &'static str,
    sha256: &'static str,
}

/// The framework that the app is compiled and linked against: Android 14, as its tests have it.
const FRAMEWORK: Artifact = Artifact {
    group: "org.robolectric",
    name: "android-all",
    version: "14-robolectric-10818077",
    kind: "jar",
    sha256: "6be2218c6a53fe3c57bc22ebdc723edcb7270a8a6f187545708aa5c0ed813977",
};

/// What reads and writes classes, for more than one of the steps.
const ASM: Artifact = Artifact {
    group: "org.ow2.asm",
    name: "asm",
    version: "9.7.1",
    kind: "jar",
    sha256: "8cadd43ac5eb6d09de05faecca38b917a040bb9139c7edeb4cc81c740b713281",
};

/// The same of JSON.
const GSON: Artifact = Artifact {
    group: "com.google.code.gson",
    name: "gson",
    version: "2.11.0",
    kind: "jar",
    sha256: "57928d6e5a6edeb2abd3770a8f95ba44dce45f3b23b7a9dc2b309c581552a78b",
};

/// What goes into the APK beside our own: Kotlin's library.
const KOTLIN_LIBRARY: Artifact = Artifact {
    group: "org.jetbrains.kotlin",
    name: "kotlin-stdlib",
    version: "2.4.21",
    kind: "jar",
    sha256: "bd8250210584cb659847dce9cda660f8e9906e5def7fbebcea93dc6dcb6a88a3",
};

/// What goes into the APK beside our own: JNA, its classes and its library.
const JNA: Artifact = Artifact {
    group: "net.java.dev.jna",
    name: "jna",
    version: "5.19.1",
    kind: "aar",
    sha256: "b57125cb7d16253f0d65a80f7d3a4c3664effa711b8bdbb7f87fb572ce1624ed",
};

/// What goes into the APK beside our own: SQLCipher, of which only the library is used.
const SQLCIPHER: Artifact = Artifact {
    group: "net.zetetic",
    name: "sqlcipher-android",
    version: "4.16.0",
    kind: "aar",
    sha256: "670088f2c14a16308e43108f261b9f012381f88fff27d4a296d3c01cc9cdabeb",
};

/// The Kotlin compiler.
const KOTLIN: &[Artifact] = &[
    Artifact {
        group: "org.jetbrains.kotlin",
        name: "kotlin-compiler-embeddable",
        version: "2.4.21",
        kind: "jar",
        sha256: "ef19419c765e7ac8404465fa026ca8fc4dbb8a822de0fc79aa53c8dce29f1d02",
    },
    Artifact {
        group: "org.jetbrains.kotlin",
        name: "kotlin-build-tools-api",
        version: "2.4.21",
        kind: "jar",
        sha256: "c5cd6a49bd072b529ae10809111c16a7aa0f92147e95d288354017fd65799461",
    },
    Artifact {
        group: "org.jetbrains.kotlin",
        name: "kotlin-script-runtime",
        version: "2.4.21",
        kind: "jar",
        sha256: "a658cf5902a1525a06c264a5e42b437e97a6679ddeef8ca641246f270cf6a013",
    },
    Artifact {
        group: "org.jetbrains.kotlin",
        name: "kotlin-reflect",
        version: "1.6.10",
        kind: "jar",
        sha256: "3277ac102ae17aad10a55abec75ff5696c8d109790396434b496e75087854203",
    },
    Artifact {
        group: "org.jetbrains.kotlin",
        name: "kotlin-daemon-embeddable",
        version: "2.4.21",
        kind: "jar",
        sha256: "7b3ef24674e5bcffcadfc4e43202ea314194939ecbcdd90a4770b2f1b04e0d07",
    },
    Artifact {
        group: "org.jetbrains.kotlinx",
        name: "kotlinx-coroutines-core-jvm",
        version: "1.8.0",
        kind: "jar",
        sha256: "9860906a1937490bf5f3b06d2f0e10ef451e65b95b269f22daf68a3d1f5065c5",
    },
    Artifact {
        group: "org.jetbrains",
        name: "annotations",
        version: "13.0",
        kind: "jar",
        sha256: "ace2a10dc8e2d5fd34925ecac03e4988b2c0f851650c94b8cef49ba1bd111478",
    },
    KOTLIN_LIBRARY,
];

/// ProGuard, which leaves out what is never called.
const PROGUARD: &[Artifact] = &[
    Artifact {
        group: "com.guardsquare",
        name: "proguard-base",
        version: "7.7.0",
        kind: "jar",
        sha256: "42dff9da534825a5e694752358e02b7b8d5da939be9b9d07f9987448492e6e79",
    },
    Artifact {
        group: "com.guardsquare",
        name: "proguard-core",
        version: "9.1.10",
        kind: "jar",
        sha256: "e6ff572124e0af2b23d2433c5b72557f1f905e680cb61979342cb915ee938198",
    },
    Artifact {
        group: "org.jetbrains.kotlin",
        name: "kotlin-metadata-jvm",
        version: "2.1.0",
        kind: "jar",
        sha256: "b8d3a92574ba1dfc49bdf205256d1ede0664148cb150ab62faa872b5e1bb4632",
    },
    KOTLIN_LIBRARY,
    GSON,
    Artifact {
        group: "org.apache.logging.log4j",
        name: "log4j-api",
        version: "2.24.2",
        kind: "jar",
        sha256: "0ca3ecbd4c315bdd5f2ef6af127712df718c78334cce5bf6fb7b4aa17fdab126",
    },
    Artifact {
        group: "org.apache.logging.log4j",
        name: "log4j-core",
        version: "2.24.2",
        kind: "jar",
        sha256: "7a7b90db866c86a1093b3fde758ca28398ebb2a533da0d79a30cc0a78506b9df",
    },
    Artifact {
        group: "org.json",
        name: "json",
        version: "20231013",
        kind: "jar",
        sha256: "0f18192df289114e17aa1a0d0a7f8372cc9f5c7e4f7e39adcf8906fe714fa7d3",
    },
];

/// D8, which Google gives out only by its own Maven, inside a library that carries it; the R8 beside it is
/// not used, it fails.
const D8: &[Artifact] = &[
    Artifact {
        group: "software.coley",
        name: "dex-translator",
        version: "1.1.1",
        kind: "jar",
        sha256: "86bb8aefe388ddf129e5bb2c2cefcc5bfa8875b0fe0efb7f3bac3e0f90129b95",
    },
    ASM,
    Artifact {
        group: "org.ow2.asm",
        name: "asm-tree",
        version: "9.7.1",
        kind: "jar",
        sha256: "9929881f59eb6b840e86d54570c77b59ce721d104e6dfd7a40978991c2d3b41f",
    },
    Artifact {
        group: "org.ow2.asm",
        name: "asm-util",
        version: "9.7.1",
        kind: "jar",
        sha256: "f885be71b5c90556f5f1ad1c4f9276b29b96057c497d46666fe4ddbec3cb43c6",
    },
    Artifact {
        group: "org.ow2.asm",
        name: "asm-commons",
        version: "9.7.1",
        kind: "jar",
        sha256: "9a579b54d292ad9be171d4313fd4739c635592c2b5ac3a459bbd1049cddec6a0",
    },
    Artifact {
        group: "org.ow2.asm",
        name: "asm-analysis",
        version: "9.7.1",
        kind: "jar",
        sha256: "85b29371884ba31bb76edf22323c2c24e172c3267a67152eba3d1ccc2e041ef2",
    },
    GSON,
    Artifact {
        group: "com.google.guava",
        name: "guava",
        version: "31.1-jre",
        kind: "jar",
        sha256: "a42edc9cab792e39fe39bb94f3fca655ed157ff87a8af78e1d6ba5b07c4a00ab",
    },
    Artifact {
        group: "it.unimi.dsi",
        name: "fastutil",
        version: "8.5.11",
        kind: "jar",
        sha256: "a4093c53d1b0ce2dfe9b3d9edd4f55c9b41dc32a827932a76e2558246ad98410",
    },
    Artifact {
        group: "org.jetbrains.kotlinx",
        name: "kotlinx-metadata-jvm",
        version: "0.7.0",
        kind: "jar",
        sha256: "835a146fbb0f229c1b8968e88dca66e7ca567a98ad88d71219848e522ca894a7",
    },
    KOTLIN_LIBRARY,
];

/// Animal Sniffer, which tells what an Android hasn't.
const SNIFFER: &[Artifact] = &[
    Artifact {
        group: "org.codehaus.mojo",
        name: "animal-sniffer",
        version: "1.24",
        kind: "jar",
        sha256: "65d028de87134f0955e3a964fe438fc3e99e77b237a77e5e165869a8ff59db5f",
    },
    ASM,
];

/// What Android 7.0 has, and what D8 writes out for it.
const ANDROID_24: Artifact = Artifact {
    group: "com.toasttab.android",
    name: "gummy-bears-api-24",
    version: "0.15.0",
    kind: "signature",
    sha256: "3e3f87e6f2386c4a169b8bdb9dd42257c04a864c9543baf1311f4c0f08e6f09a",
};

/// Which plugin of Maven copies a file from the registry.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/// Zig, which brings a C compiler for every target, its headers, and the sources of libunwind.
const ZIG: &str = "\
ziglang==0.17.1 \\
    --hash=sha256:ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54 \\
    --hash=sha256:b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e
";

/// Everything that was fetched.
pub(crate) struct Tools {
    /// The framework's classes and resources.
    pub(crate) framework: PathBuf,
    /// Kotlin's library, which goes along.
    pub(crate) kotlin_library: PathBuf,
    /// JNA for Android.
    pub(crate) jna: PathBuf,
    /// SQLCipher for Android.
    pub(crate) sqlcipher: PathBuf,
    /// The Kotlin compiler's class path.
    pub(crate) kotlin: Vec<PathBuf>,
    /// ProGuard's class path.
    pub(crate) proguard: Vec<PathBuf>,
    /// D8's class path.
    pub(crate) d8: Vec<PathBuf>,
    /// Animal Sniffer's class path.
    pub(crate) sniffer: Vec<PathBuf>,
    /// The signature of Android 7.0.
    pub(crate) android_24: PathBuf,
}

/// Fetches what isn't here yet. Every file is held against its digest each time: it may have been touched since.
pub(crate) fn fetch(work: &Work) -> Result<Tools> {
    let folder = work.kept("tools")?;
    let all = |artifacts: &[Artifact]| -> Result<Vec<PathBuf>> {
        artifacts
            .iter()
            .map(|artifact| artifact.fetch(&folder))
            .collect()
    };
    Ok(Tools {
        framework: FRAMEWORK.fetch(&folder)?,
        kotlin_library: KOTLIN_LIBRARY.fetch(&folder)?,
        jna: JNA.fetch(&folder)?,
        sqlcipher: SQLCIPHER.fetch(&folder)?,
        kotlin: all(KOTLIN)?,
        proguard: all(PROGUARD)?,
        d8: all(D8)?,
        sniffer: all(SNIFFER)?,
        android_24: ANDROID_24.fetch(&folder)?,
    })
}

impl Artifact {
    fn coordinates(&self) -> String {
        format!(
            "{}:{}:{}:{}",
            self.group, self.name, self.version, self.kind
        )
    }

    fn fetch(&self, folder: &Path) -> Result<PathBuf> {
        let file = folder.join(format!("{}-{}.{}", self.name, self.version, self.kind));
        if !file.is_file() {
            let mut maven = Command::new("mvn");
            maven.args(["--batch-mode", "--no-transfer-progress", "--quiet", COPY]);
            maven.arg(format!("-Dartifact={}", self.coordinates()));
            maven.arg(format!("-DoutputDirectory={}", folder.display()));
            tool::run(
                &format!("Fetching {} {}", self.name, self.version),
                &mut maven,
            )?;
        }
        let found = sha256(&file)?;
        if found != self.sha256 {
            bail!(
                "{} has the SHA-256 {found}, and should have {}: {} is not what was pinned; delete it and try again",
                self.coordinates(),
                self.sha256,
                file.display()
            );
        }
        Ok(file)
    }
}

/// Zig in an environment of its own; gives the folder with the program and its `lib`.
pub(crate) fn zig(work: &Work) -> Result<PathBuf> {
    let home = work.kept("tools")?.join("zig");
    let pins = home.join("requirements.txt");
    let python = home.join("bin/python");
    if fs::read_to_string(&pins).is_ok_and(|made_from| made_from == ZIG) {
        return ziglang(&python);
    }
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv"]).arg(&home);
    tool::run("Making an environment for Zig", &mut environment)?;
    let wanted = home.join("wanted.txt");
    fs::write(&wanted, ZIG)?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    pip.args([
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--requirement",
    ]);
    tool::run("Fetching Zig", pip.arg(&wanted))?;
    // Last: an environment that was not finished is made anew.
    fs::rename(wanted, &pins)?;
    ziglang(&python)
}

fn ziglang(python: &Path) -> Result<PathBuf> {
    let mut ask = Command::new(python);
    ask.args([
        "-c",
        "import ziglang, os; print(os.path.dirname(ziglang.__file__))",
    ]);
    let out = ask.output().context("Python, to find Zig")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&out.stdout).trim());
    if !folder.join("zig").is_file() {
        bail!("pip says that it installed Zig, and it isn't there");
    }
    Ok(folder)
}

fn sha256(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    Ok(Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str) -> String {
        fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
        let (_, rest) = xml.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0)
    }

    #[test]
    fn what_the_tests_run_on_is_what_goes_into_the_apk() {
        let pom = source("android/pom.xml");
        for (property, artifact) in [
            ("kotlin.version", &KOTLIN_LIBRARY),
            ("kotlin.version", &KOTLIN[0]),
            ("jna.version", &JNA),
            ("android.version", &FRAMEWORK),
        ] {
            assert_eq!(
                element(&pom, property),
                Some(artifact.version),
                "{}",
                artifact.name
            );
        }
    }

    #[test]
    fn a_library_of_the_app_that_would_not_get_into_the_apk_is_noticed() {
        let pom = source("android/app/pom.xml");
        let known = ["kotlin-stdlib", "jna", "ketuk-bindings-jvm"];
        let dependencies = element(&pom, "dependencies").unwrap();
        for dependency in dependencies.split("</dependency>") {
            let scope = element(dependency, "scope").unwrap_or("compile");
            let Some(name) = element(dependency, "artifactId") else {
                continue;
            };
            assert!(
                ["test", "provided"].contains(&scope) || known.contains(&name),
                "{name} is in android/app/pom.xml and not in the APK: pin it in apk/src/tools.rs, and give it to \
                 apk/src/kotlin.rs"
            );
        }
    }

    #[test]
    fn a_file_that_is_not_what_was_pinned_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let artifact = Artifact {
            group: "g",
            name: "n",
            version: "1",
            kind: "jar",
            sha256: "00",
        };
        fs::write(folder.path().join("n-1.jar"), b"somebody else's").unwrap();
        let told = artifact.fetch(folder.path()).unwrap_err().to_string();
        assert!(told.contains("is not what was pinned"), "{told}");
    }
}
