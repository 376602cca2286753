//! The native libraries: made for their processor and for pages of 16 KB, and no name asked for that nobody has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use goblin::elf::Elf;
use goblin::elf::dynamic::DT_TEXTREL;
use goblin::elf::program_header::{PF_W, PF_X, PT_LOAD};
use goblin::elf::section_header::SHN_UNDEF;
use goblin::elf::sym::STB_WEAK;

use crate::abi::Abi;
use crate::native::names;
use crate::package::PAGE;
use crate::zips;

/// The libraries that there must be for each kind of processor.
const WANTED: [&str; 3] = ["libjnidispatch.so", "libketuk.so", "libsqlcipher.so"];

pub(super) fn check(apk: &Path) -> Result<String> {
    let mut by_abi: BTreeMap<Abi, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for name in zips::names(apk)? {
        let Some((abi, library)) = name
            .strip_prefix("lib/")
            .and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let abi = Abi::named(abi).with_context(|| format!("{name}: an unknown processor"))?;
        let content = zips::entry(apk, &name)?;
        by_abi
            .entry(abi)
            .or_default()
            .insert(library.to_owned(), content);
    }
    if by_abi.is_empty() {
        bail!("there are none");
    }
    let mut names = 0;
    for (abi, libraries) in &by_abi {
        for wanted in WANTED {
            if !libraries.contains_key(wanted) {
                bail!("{} has no {wanted}", abi.name());
            }
        }
        names += check_together(*abi, libraries)?;
    }
    Ok(format!(
        "{names} names of others, all known to those they need"
    ))
}

/// The libraries for one kind of processor; gives how many names they ask others for.
fn check_together(abi: Abi, libraries: &BTreeMap<String, Vec<u8>>) -> Result<usize> {
    let mut read = BTreeMap::new();
    for (name, content) in libraries {
        let named = || format!("{}/{name}", abi.name());
        let elf = Elf::parse(content).with_context(named)?;
        check_one(abi, &elf).with_context(named)?;
        read.insert(name.as_str(), elf);
    }
    let mut asked = 0;
    for (name, elf) in &read {
        let missing = unknown(abi, elf, &read).with_context(|| (*name).to_owned())?;
        if !missing.is_empty() {
            bail!(
                "{}/{name} asks for what none of those that it needs ({}) has in Android 7.0: {}; \
                 apk/src/native/names.rs says where the names come from",
                abi.name(),
                elf.libraries.join(", "),
                missing.into_iter().collect::<Vec<_>>().join(", ")
            );
        }
        asked += undefined(elf).count();
    }
    Ok(asked)
}

fn check_one(abi: Abi, elf: &Elf<'_>) -> Result<()> {
    if elf.header.e_machine != abi.machine() {
        bail!("made for another processor");
    }
    for segment in elf.program_headers.iter().filter(|it| it.p_type == PT_LOAD) {
        if segment.p_align < u64::from(PAGE) {
            bail!(
                "a segment is aligned to {} bytes, not to 16 KB",
                segment.p_align
            );
        }
        if segment.p_flags & PF_W != 0 && segment.p_flags & PF_X != 0 {
            bail!("a segment can be written and run");
        }
    }
    let dynamic = elf.dynamic.as_ref().context("it isn't for loading")?;
    if dynamic.dyns.iter().any(|entry| entry.d_tag == DT_TEXTREL) {
        bail!("its code would be changed in loading");
    }
    Ok(())
}

/// The names that a library asks others for; one that it can do without is none.
fn undefined<'a>(elf: &'a Elf<'_>) -> impl Iterator<Item = &'a str> {
    elf.dynsyms
        .iter()
        .filter(|symbol| symbol.st_shndx == SHN_UNDEF as usize && symbol.st_bind() != STB_WEAK)
        .filter_map(|symbol| elf.dynstrtab.get_at(symbol.st_name))
        .filter(|name| !name.is_empty())
}

/// Those of them that none of the libraries it needs has.
fn unknown(abi: Abi, elf: &Elf<'_>, ours: &BTreeMap<&str, Elf<'_>>) -> Result<BTreeSet<String>> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for needed in &elf.libraries {
        if let Some(other) = ours.get(needed) {
            known.extend(defined(other).map(str::to_owned));
        } else if let Some(exported) = names::exported(needed, abi) {
            known.extend(exported.into_iter().map(str::to_owned));
        } else {
            bail!(
                "it needs {needed}, which is neither in the APK nor one of the phone's that we know"
            );
        }
    }
    Ok(undefined(elf)
        .filter(|name| !known.contains(*name))
        .map(str::to_owned)
        .collect())
}

fn defined<'a>(elf: &'a Elf<'_>) -> impl Iterator<Item = &'a str> {
    elf.dynsyms
        .iter()
        .filter(|symbol| symbol.st_shndx != SHN_UNDEF as usize)
        .filter_map(|symbol| elf.dynstrtab.get_at(symbol.st_name))
}
