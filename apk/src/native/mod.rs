//! The native half: our library for each kind of processor, and the two that it stands on.
//!
//! With the NDK where there is one ([`ndk`]), else with rustup's own linker, Zig's C compiler and libraries that
//! only have names ([`zig`]).

pub(crate) mod names;
mod ndk;
mod zig;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::abi::Abi;
use crate::tools::Tools;
use crate::{Work, tool, zips};

/// A library as it goes into the APK.
pub(crate) struct Library {
    /// For which kind of processor.
    pub(crate) abi: Abi,
    /// Its name, `lib….so`.
    pub(crate) name: String,
    /// The file.
    pub(crate) file: PathBuf,
}

/// What a build of Rust for Android is given: the compilers of C for the crates that have some, and how to
/// link.
struct Toolchain {
    c: PathBuf,
    archiver: PathBuf,
    linker: PathBuf,
    /// For rustc, each an argument.
    flags: Vec<String>,
    /// For what these programs themselves run.
    environment: Vec<(String, PathBuf)>,
}

/// Builds for each kind of processor.
pub(crate) fn build(work: &Work, tools: &Tools, abis: &[Abi]) -> Result<Vec<Library>> {
    let mut libraries = Vec::new();
    for abi in abis.iter().copied() {
        let folder = work.kept("native")?.join(abi.name());
        fs::create_dir_all(&folder)?;
        let mut carried = |archive: &Path, name: &str| -> Result<()> {
            let file = folder.join(name);
            let entry = format!("jni/{}/{name}", abi.name());
            fs::write(&file, zips::entry(archive, &entry)?)?;
            let name = name.to_owned();
            libraries.push(Library { abi, name, file });
            Ok(())
        };
        carried(&tools.jna, "libjnidispatch.so")?;
        carried(&tools.sqlcipher, "libsqlcipher.so")?;

        target(abi)?;
        let toolchain = match std::env::var_os("ANDROID_NDK_HOME") {
            Some(home) if !home.is_empty() => ndk::toolchain(Path::new(&home), abi)?,
            _ => zig::toolchain(work, abi)?,
        };
        let name = "libketuk.so".to_owned();
        let file = ours(work, abi, &toolchain, &folder)?;
        libraries.push(Library { abi, name, file });
    }
    libraries.sort_by(|one, other| (one.abi, &one.name).cmp(&(other.abi, &other.name)));
    Ok(libraries)
}

/// Rust's library for the target, by rustup where it isn't here.
fn target(abi: Abi) -> Result<()> {
    let asked = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", abi.rust()])
        .output()
        .context("rustc")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim());
    if asked.status.success() && folder.is_dir() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", abi.rust()]);
    tool::run(
        &format!("Fetching Rust's library for {}", abi.rust()),
        &mut rustup,
    )
    .map(drop)
}

/// Builds our library by cargo, in the profile `phone`.
fn ours(work: &Work, abi: Abi, toolchain: &Toolchain, sqlcipher: &Path) -> Result<PathBuf> {
    let upper = abi.rust().replace('-', "_").to_uppercase();
    let lower = abi.rust().replace('-', "_");
    let mut flags = toolchain.flags.clone();
    // No path of this machine stays in what is built: two machines give the same bytes.
    flags.push(format!(
        "--remap-path-prefix={}=/ketuk",
        work.root().display()
    ));
    flags.push(format!(
        "--remap-path-prefix={}=/cargo",
        cargo_home()?.display()
    ));

    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(work.root());
    // As a cdylib alone: beside an rlib cargo leaves out the optimising across crates.
    cargo.args(["rustc", "--quiet", "--locked", "--profile", "phone"]);
    cargo.args([
        "--package",
        "ketuk-bindings",
        "--lib",
        "--crate-type",
        "cdylib",
    ]);
    cargo
        .args(["--target", abi.rust(), "--target-dir"])
        .arg(work.target());
    cargo.env(format!("CARGO_TARGET_{upper}_LINKER"), &toolchain.linker);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    cargo.env(format!("CC_{lower}"), &toolchain.c);
    cargo.env(format!("AR_{lower}"), &toolchain.archiver);
    cargo.env("SQLCIPHER_LIB_DIR", sqlcipher);
    cargo.envs(
        toolchain
            .environment
            .iter()
            .map(|(name, path)| (name, path)),
    );
    tool::run_openly(&format!("Building the core for {}", abi.name()), &mut cargo)?;

    let built = work.target().join(abi.rust()).join("phone/libketuk.so");
    if !built.is_file() {
        bail!("cargo left no {}", built.display());
    }
    Ok(built)
}

/// Throws away what was built of ours, and keeps what others' crates became.
pub(crate) fn forget(work: &Work, abis: &[Abi]) -> Result<()> {
    for abi in abis {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(work.root());
        cargo.args(["clean", "--profile", "phone", "--target", abi.rust()]);
        for package in ["bindings", "form", "phone", "wire"] {
            cargo.args(["--package", &format!("ketuk-{package}")]);
        }
        cargo.arg("--target-dir").arg(work.target());
        tool::run("Forgetting our library", &mut cargo)?;
    }
    Ok(())
}

fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        return Ok(home.into());
    }
    let home = std::env::var_os("HOME").context("neither CARGO_HOME nor HOME is set")?;
    Ok(Path::new(&home).join(".cargo"))
}

/// What the linker is told, whoever it is: pages of 16 KB, every name known, nothing to be written after loading,
/// and small.
const LINK: [&str; 9] = [
    "-zmax-page-size=16384",
    "--no-undefined",
    "-znow",
    "-zrelro",
    "-soname=libketuk.so",
    // Texts that end alike are kept once.
    "-O2",
    // Functions that came out the same are kept once.
    "--icf=all",
    // Addresses to be set after loading, packed as Android has read them since 6.0.
    "--pack-dyn-relocs=android",
    "--hash-style=both",
];
