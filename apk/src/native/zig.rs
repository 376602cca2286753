//! Built without the NDK: rustup's own linker, Zig's C compiler with its headers of musl, and the phone's
//! libraries as files that only export names.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{LINK, Toolchain, names};
use crate::abi::Abi;
use crate::{Work, tool, tools};

/// The sources of libunwind, by which Rust's panics find their way; the NDK would bring it.
const UNWIND: [&str; 6] = [
    "libunwind.cpp",
    "Unwind-EHABI.cpp",
    "UnwindLevel1.c",
    "UnwindLevel1-gcc-ext.c",
    "UnwindRegistersRestore.S",
    "UnwindRegistersSave.S",
];

/// Compilers as programs of their own, since cargo starts them by one name.
struct Compilers {
    folder: PathBuf,
    cache: PathBuf,
    zig: PathBuf,
    c: PathBuf,
    archiver: PathBuf,
    linker: PathBuf,
}

pub(super) fn toolchain(work: &Work, abi: Abi) -> Result<Toolchain> {
    let compilers = Compilers::made(work, abi)?;
    compilers.start(work)?;
    compilers.unwind()?;
    for library in names::libraries() {
        compilers.stub(library, abi)?;
    }
    let folder = compilers.folder.display();
    let mut flags = vec![
        "-Clinker-flavor=ld.lld".to_owned(),
        format!("-Clink-arg=-L{folder}"),
        format!("-Clink-arg={folder}/start.o"),
        "-Clink-arg=--exclude-libs=libunwind.a".to_owned(),
    ];
    flags.extend(LINK.iter().map(|argument| format!("-Clink-arg={argument}")));
    Ok(Toolchain {
        environment: compilers.caches(),
        c: compilers.c,
        archiver: compilers.archiver,
        linker: compilers.linker,
        flags,
    })
}

impl Compilers {
    fn made(work: &Work, abi: Abi) -> Result<Compilers> {
        let ziglang = tools::zig(work)?;
        let folder = work.emptied(&format!("zig/{}", abi.name()))?;
        let compilers = Compilers {
            cache: work.kept("zig/cache")?,
            zig: ziglang.join("zig"),
            c: folder.join("cc"),
            archiver: folder.join("ar"),
            linker: rust_lld()?,
            folder,
        };
        let headers: String = [
            format!("{}-linux-musl", abi.headers()),
            "generic-musl".to_owned(),
            format!("{}-linux-any", abi.headers()),
            "any-linux-any".to_owned(),
        ]
        .iter()
        .map(|name| {
            format!(
                " -isystem '{}'",
                ziglang.join("lib/libc/include").join(name).display()
            )
        })
        .collect();
        // The crates' build scripts name the target in clang's way, which Zig doesn't know.
        script(
            &compilers.c,
            &format!(
                "for argument do\n  shift\n  case $argument in\n    --target=*) ;;\n    \
                 *) set -- \"$@\" \"$argument\" ;;\n  esac\ndone\n\
                 exec '{zig}' cc -target {target} -nostdlibinc{headers} -include '{bionic}' \
                 -fno-sanitize=all -fno-stack-protector -g0 -fPIC \
                 '-ffile-prefix-map={cargo}=/cargo' \"$@\"\n",
                zig = compilers.zig.display(),
                target = abi.zig(),
                bionic = work.source("apk/native/bionic.h").display(),
                cargo = super::cargo_home()?.display(),
            ),
        )?;
        let zig = compilers.zig.display();
        script(&compilers.archiver, &format!("exec '{zig}' ar \"$@\"\n"))?;
        Ok(compilers)
    }

    /// Where Zig keeps what it compiled: not in the user's home.
    fn caches(&self) -> Vec<(String, PathBuf)> {
        ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"]
            .map(|name| (name.to_owned(), self.cache.clone()))
            .into()
    }

    fn run(&self, step: &str, program: &mut Command) -> Result<()> {
        tool::run(step, program.envs(self.caches())).map(drop)
    }

    /// The object with which a library begins.
    fn start(&self, work: &Work) -> Result<()> {
        let mut cc = Command::new(&self.c);
        cc.args(["-O2", "-c"])
            .arg(work.source("apk/native/start.c"));
        cc.arg("-o").arg(self.folder.join("start.o"));
        self.run("Compiling apk/native/start.c", &mut cc)
    }

    /// `libunwind.a`, its names hidden: the phone has a libunwind of its own in other libraries.
    fn unwind(&self) -> Result<()> {
        let home = self.zig.with_file_name("lib").join("libunwind");
        let mut archive = Command::new(&self.archiver);
        archive.arg("rcsD").arg(self.folder.join("libunwind.a"));
        for source in UNWIND {
            let object = self.folder.join(source).with_extension("o");
            let mut cc = Command::new(&self.c);
            cc.args(["-Os", "-funwind-tables", "-fvisibility=hidden", "-DNDEBUG"]);
            cc.args([
                "-D_LIBUNWIND_IS_NATIVE_ONLY",
                "-D_LIBUNWIND_HIDE_SYMBOLS",
                "-D_LIBUNWIND_USE_DLADDR=0",
            ]);
            if source.ends_with(".cpp") {
                cc.args(["-std=c++17", "-nostdinc++", "-fno-exceptions", "-fno-rtti"]);
            }
            cc.arg("-I").arg(home.join("include")).arg("-c");
            cc.arg(home.join("src").join(source)).arg("-o").arg(&object);
            self.run(&format!("Compiling libunwind's {source}"), &mut cc)?;
            archive.arg(object);
        }
        self.run("Archiving libunwind", &mut archive)
    }

    /// A library that exports names and does nothing: what it lacks can't be linked.
    fn stub(&self, library: &str, abi: Abi) -> Result<()> {
        let mut source = String::new();
        for name in names::exported(library, abi).into_iter().flatten() {
            if names::THINGS.contains(&name) {
                writeln!(source, "void *{name};")?;
            } else {
                writeln!(source, "void {name}(void) {{}}")?;
            }
        }
        let file = self.folder.join(library).with_extension("c");
        fs::write(&file, source)?;
        let object = file.with_extension("o");
        let mut cc = Command::new(&self.zig);
        // Not by our own script: these names are declared otherwise in its headers.
        cc.args([
            "cc",
            "-target",
            abi.zig(),
            "-nostdinc",
            "-w",
            "-fno-builtin",
        ]);
        cc.args(["-g0", "-fPIC", "-c"])
            .arg(&file)
            .arg("-o")
            .arg(&object);
        self.run(&format!("Compiling the names of {library}"), &mut cc)?;
        let mut link = Command::new(&self.linker);
        link.args(["-flavor", "gnu", "-shared", "-soname", library, "-o"]);
        link.arg(self.folder.join(library)).arg(object);
        self.run(&format!("Linking the names of {library}"), &mut link)
    }
}

/// The linker that rustup brings.
fn rust_lld() -> Result<PathBuf> {
    let asked = Command::new("rustc")
        .args(["--print", "target-libdir"])
        .output()
        .context("rustc")?;
    let libraries = PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim());
    let linker = libraries.with_file_name("bin").join("rust-lld");
    if !linker.is_file() {
        bail!(
            "this Rust has no rust-lld, which one from rustup has: {}",
            linker.display()
        );
    }
    Ok(linker)
}

fn script(file: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(file, format!("#!/bin/sh\n{text}"))?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
