//! The kinds of processor that an APK carries a library for.

use clap::ValueEnum;

/// A kind of processor, by Android's name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Abi {
    /// Phones of the last ten years.
    #[value(name = "arm64-v8a")]
    Arm64,
    /// Older ones, and cheap ones to this day.
    #[value(name = "armeabi-v7a")]
    Armv7,
    /// Chromebooks and emulators.
    #[value(name = "x86_64")]
    X86,
}

impl Abi {
    /// Its folder under `lib/`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Abi::Arm64 => "arm64-v8a",
            Abi::Armv7 => "armeabi-v7a",
            Abi::X86 => "x86_64",
        }
    }

    /// The one with this folder.
    pub(crate) fn named(name: &str) -> Option<Abi> {
        Abi::value_variants()
            .iter()
            .copied()
            .find(|abi| abi.name() == name)
    }

    /// Rust's name for it.
    pub(crate) fn rust(self) -> &'static str {
        match self {
            Abi::Arm64 => "aarch64-linux-android",
            Abi::Armv7 => "armv7-linux-androideabi",
            Abi::X86 => "x86_64-linux-android",
        }
    }

    /// The NDK's name for its compiler, before `-clang`.
    pub(crate) fn ndk(self) -> &'static str {
        match self {
            Abi::Arm64 => "aarch64-linux-android24",
            Abi::Armv7 => "armv7a-linux-androideabi24",
            Abi::X86 => "x86_64-linux-android24",
        }
    }

    /// Zig's name for it.
    pub(crate) fn zig(self) -> &'static str {
        match self {
            Abi::Arm64 => "aarch64-linux-android.24",
            Abi::Armv7 => "arm-linux-androideabi.24",
            Abi::X86 => "x86_64-linux-android.24",
        }
    }

    /// The name of its headers.
    pub(crate) fn headers(self) -> &'static str {
        match self {
            Abi::Arm64 => "aarch64",
            Abi::Armv7 => "arm",
            Abi::X86 => "x86_64",
        }
    }

    /// The machine in an ELF file's head.
    pub(crate) fn machine(self) -> u16 {
        use goblin::elf::header::{EM_AARCH64, EM_ARM, EM_X86_64};
        match self {
            Abi::Arm64 => EM_AARCH64,
            Abi::Armv7 => EM_ARM,
            Abi::X86 => EM_X86_64,
        }
    }
}
