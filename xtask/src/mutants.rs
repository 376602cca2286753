//! `cargo xtask mutants`: breaks the product on purpose, one fault after the other, in a copy of the
//! project, and sees whether the harness notices. A harness that catches nothing proves nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::{build, needs, step};

/// Characters that are told of what the harness said.
const LONGEST_WHY: usize = 160;

/// The faults, from the root.
const LIST: &str = "soak/mutants.toml";

#[derive(Deserialize)]
struct List {
    mutant: Vec<Mutant>,
}

/// A fault, and what must notice it.
#[derive(Deserialize)]
struct Mutant {
    name: String,
    /// The promises that it breaks, and how.
    breaks: String,
    file: PathBuf,
    /// Stands in the file once.
    old: String,
    new: String,
    /// How the harness is called.
    run: Vec<String>,
    /// What it may say instead of naming a promise: the fault can keep the harness itself from going on.
    or_says: Option<String>,
}

/// Tries them all, or those that are named.
pub(crate) fn run(names: &[String]) -> Result<ExitCode> {
    needs::rust_build()?;
    let list = list()?;
    for name in names {
        let known = list.mutant.iter().any(|mutant| &mutant.name == name);
        ensure!(known, "there is no mutant {name} in {LIST}");
    }
    let copy = Copy::of_the_project()?;
    step::say("Without a fault (the first build takes some minutes)");
    copy.build()?;
    for run in [["--seeds", "300"], ["--crashes", "300"]] {
        if let Some(why) = copy.fails(&run, None)? {
            bail!("the harness fails on the sound program: {why}");
        }
    }
    let mut survived = Vec::new();
    for mutant in &list.mutant {
        if !names.is_empty() && !names.contains(&mutant.name) {
            continue;
        }
        let begun = Instant::now();
        let caught = copy.with(mutant, |copy| {
            copy.build()?;
            copy.fails(&mutant.run, mutant.or_says.as_deref())
        })?;
        println!(
            "{} {:<28} {} ({:.0?})",
            if caught.is_some() {
                "caught  "
            } else {
                "SURVIVED"
            },
            mutant.name,
            mutant.breaks,
            begun.elapsed()
        );
        match caught {
            Some(why) => println!("         {why}"),
            None => survived.push(mutant.name.as_str()),
        }
    }
    if survived.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("not caught: {}", survived.join(", "));
    Ok(ExitCode::FAILURE)
}

/// A copy of the project as it stands, with a build of its own.
struct Copy {
    tree: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn of_the_project() -> Result<Copy> {
        let place = build::target().join("mutants");
        let copy = Copy {
            tree: place.join("tree"),
            target: place.join("target"),
        };
        let tracked = ["ls-files", "--cached", "--others", "--exclude-standard"];
        let mut git = Command::new("git");
        let files = step::output(git.current_dir(build::root()).args(tracked))?;
        for file in files.lines() {
            let (from, to) = (build::root().join(file), copy.tree.join(file));
            // Deleted, and not yet committed so.
            if !from.is_file() {
                continue;
            }
            fs::create_dir_all(to.parent().unwrap_or(&copy.tree))?;
            // What didn't change keeps its time, and needn't be built again.
            if fs::read(&from).ok() != fs::read(&to).ok() {
                fs::copy(&from, &to)?;
            }
        }
        Ok(copy)
    }

    /// Runs `work` with the fault in, and takes it out again.
    fn with<T>(&self, mutant: &Mutant, work: impl FnOnce(&Copy) -> Result<T>) -> Result<T> {
        let file = self.tree.join(&mutant.file);
        let sound = fs::read_to_string(&file)
            .with_context(|| format!("{}: {}", mutant.name, mutant.file.display()))?;
        let times = sound.matches(&mutant.old).count();
        if times != 1 {
            bail!(
                "{}: what it changes stands {times} times in {}: bring {LIST} up to date",
                mutant.name,
                mutant.file.display()
            );
        }
        fs::write(&file, sound.replace(&mutant.old, &mutant.new))?;
        let done = work(self);
        fs::write(&file, sound)?;
        done
    }

    fn build(&self) -> Result<()> {
        let status = build::cargo_command(&["build", "--quiet", "--package", "ketuk-soak"])
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .stderr(Stdio::null())
            .status()?;
        ensure!(status.success(), "the fault doesn't even compile");
        Ok(())
    }

    /// Which promise the harness found broken; `None` if it passes.
    fn fails<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: &[S],
        or_says: Option<&str>,
    ) -> Result<Option<String>> {
        let harness: &Path = &self.target.join("debug").join("ketuk-soak");
        let run = Command::new(harness).args(arguments).output()?;
        if run.status.success() {
            return Ok(None);
        }
        let said = String::from_utf8_lossy(&run.stderr);
        let signs = || std::iter::once("promise ").chain(or_says);
        let broken = said
            .lines()
            .find_map(|line| Some(&line[signs().find_map(|sign| line.find(sign))?..]));
        let why = broken.with_context(|| format!("it failed by no promise: {said}"))?;
        Ok(Some(why.chars().take(LONGEST_WHY).collect()))
    }
}

fn list() -> Result<List> {
    Ok(toml::from_str(&fs::read_to_string(
        build::root().join(LIST),
    )?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_still_has_its_place_in_the_code() {
        for mutant in list().unwrap().mutant {
            let code = fs::read_to_string(build::root().join(&mutant.file)).unwrap();
            let times = code.matches(&mutant.old).count();
            assert_eq!(times, 1, "{} in {}", mutant.name, mutant.file.display());
            assert_ne!(mutant.old, mutant.new, "{}", mutant.name);
        }
    }
}
