//! `ketuk-apk`, which `cargo xtask apk` starts: the app as an APK, without Google's tools.
//!
//! A step a module, in the order in which they run: [`kotlin`], [`shrink`], [`dex`], [`resources`], [`native`],
//! [`package`], [`sign`], [`check`]. Each takes the files of those before it and leaves its own in a folder of its
//! name. Nothing here has run on a device: docs/apk.md says what has been tried instead.
#![allow(clippy::print_stdout, reason = "a command line talks on stdout")]

mod abi;
mod check;
mod dex;
mod java;
mod kotlin;
mod native;
mod package;
mod resources;
mod shrink;
mod sign;
mod tool;
mod tools;
mod zips;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use abi::Abi;
use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser, Subcommand};
use tools::Tools;

#[derive(Parser)]
#[command(name = "ketuk-apk", about = "The app as an APK")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build, sign and check the APK
    Build(Build),
    /// Check an APK that was built
    Check {
        /// The APK
        apk: PathBuf,
        /// That it's a release: it may not be debuggable
        #[arg(long)]
        release: bool,
        #[command(flatten)]
        place: Place,
    },
}

/// Where the project stands and where the work goes.
#[derive(Args)]
struct Place {
    /// The project's root
    #[arg(long)]
    root: PathBuf,
    /// Where cargo puts what it builds; the steps' folders are in its folder `apk`
    #[arg(long)]
    target: PathBuf,
}

#[derive(Args)]
struct Build {
    #[command(flatten)]
    place: Place,
    /// The kinds of processor that it is for
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Abi::Arm64, Abi::Armv7])]
    abi: Vec<Abi>,
    /// Not debuggable
    #[arg(long)]
    release: bool,
    /// The generated Kotlin half of the bindings
    #[arg(long)]
    bindings: PathBuf,
    /// Where the APK goes
    #[arg(long)]
    out: PathBuf,
    /// Build all that is ours a second time, and see that the bytes are the same
    #[arg(long)]
    twice: bool,
    #[command(flatten)]
    key: sign::Key,
}

/// The folders of one build.
pub(crate) struct Work {
    root: PathBuf,
    target: PathBuf,
}

impl Work {
    fn at(place: &Place) -> Result<Work> {
        std::fs::create_dir_all(&place.target)?;
        Ok(Work {
            root: place.root.canonicalize().context("the project's root")?,
            target: place.target.canonicalize().context("cargo's folder")?,
        })
    }

    /// A file or folder of the project.
    pub(crate) fn source(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A step's folder, with what an earlier build left in it.
    pub(crate) fn kept(&self, step: &str) -> Result<PathBuf> {
        let folder = self.target.join("apk").join(step);
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(folder)
    }

    /// A step's folder, empty.
    pub(crate) fn emptied(&self, step: &str) -> Result<PathBuf> {
        let folder = self.target.join("apk").join(step);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        self.kept(step)
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The project's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Build(wanted) => build(&wanted),
        Command::Check {
            apk,
            release,
            place,
        } => Work::at(&place).and_then(|work| check::all(&work, &apk, release)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("\nThe APK: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn build(wanted: &Build) -> Result<()> {
    let work = Work::at(&wanted.place)?;
    let tools = tools::fetch(&work)?;
    let mut abis = wanted.abi.clone();
    abis.sort();
    abis.dedup();

    make(&work, &tools, wanted, &abis)?;
    check::all(&work, &wanted.out, wanted.release)?;
    if wanted.twice {
        let first = std::fs::read(&wanted.out)?;
        native::forget(&work, &abis)?;
        make(&work, &tools, wanted, &abis)?;
        if std::fs::read(&wanted.out)? != first {
            bail!("built a second time, it came out with other bytes");
        }
        tool::say(&format!(
            "Built twice, {} bytes, the same ones",
            first.len()
        ));
    }
    if wanted.release && wanted.key.is_ours() {
        tool::say(
            "Signed with this machine's own debug key: whoever hands it out signs it with theirs (docs/apk.md)",
        );
    }
    println!("{}", wanted.out.display());
    Ok(())
}

/// All steps, from the sources to the signed file.
fn make(work: &Work, tools: &Tools, wanted: &Build, abis: &[Abi]) -> Result<()> {
    let resources = resources::link(work, tools, !wanted.release)?;
    let classes = kotlin::compile(work, tools, &wanted.bindings, &resources.java)?;
    let shrunk = shrink::shrink(work, tools, &classes)?;
    check::api::check(work, tools, &shrunk)?;
    let dex = dex::translate(work, tools, &shrunk)?;
    let libraries = native::build(work, tools, abis)?;
    let unsigned = package::write(work, &resources.apk, &dex, &libraries)?;
    sign::sign(work, &wanted.key, &unsigned, &wanted.out)
}
