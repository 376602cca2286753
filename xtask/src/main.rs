//! The project's own commands. `cargo xtask --help` lists them.
//!
//! This program only prepares and starts others: it knows no rule of the field and links none of the
//! product, so that it builds in seconds and can show progress while the rest is being built.
#![allow(clippy::print_stdout, reason = "a command line talks on stdout")]

mod android;
mod apk;
mod build;
mod licences;
mod mutants;
mod needs;
mod oracles;
mod postgres;
mod step;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The programs of the fuzz folder.
const FUZZ_TARGETS: [&str; 6] = [
    "request",
    "answer",
    "parcel",
    "receipt",
    "workbook",
    "expression",
];

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Ketuk's own commands",
    disable_version_flag = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server with the sample campaign, and cadres on a link that comes and goes
    Demo {
        /// Run to the end of the live cadres' work instead of until Ctrl-C
        #[arg(long)]
        headless: bool,
        /// With --headless: end with one line of JSON
        #[arg(long, requires = "headless")]
        json: bool,
        /// How many cadres are out
        #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=40))]
        cadres: u16,
        /// A cadre's phone to try, on a page beside the office's
        #[arg(long, conflicts_with = "headless")]
        phone: bool,
    },
    /// Everything that CI runs
    Test {
        /// Only these parts, in this order
        #[arg(value_enum)]
        parts: Vec<test::Part>,
    },
    /// The app as target/ketuk.apk: built, signed and checked, without Google's tools
    Apk {
        /// For which kinds of processor; those of phones if none is said
        #[arg(long, value_name = "arm64-v8a,armeabi-v7a,x86_64")]
        abi: Option<String>,
        /// Not debuggable. KETUK_KEYSTORE and KETUK_KEYSTORE_PASSWORD say the operator's key (docs/apk.md)
        #[arg(long)]
        release: bool,
        /// Build all that is ours a second time, and see that the bytes are the same
        #[arg(long)]
        twice: bool,
    },
    /// The figures of the README, beside their peers'
    Bench {
        /// Only this area
        #[arg(value_parser = ["forms", "phone", "link", "server", "app", "office"])]
        area: Option<String>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Prove that nothing is lost: simulated campaigns, and processes killed at every write. With
    /// --oracle N: that N grown forms are filled as the form engine's peers fill them
    #[command(disable_help_flag = true)]
    Soak {
        /// What to run; --help lists it
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Break the product on purpose, and see that the harness notices
    Mutants {
        /// Only these of soak/mutants.toml
        names: Vec<String>,
    },
    /// Fuzz what reads from outside, with cargo-fuzz; needs a nightly toolchain
    Fuzz {
        /// Only this target
        #[arg(value_parser = FUZZ_TARGETS)]
        target: Option<String>,
        /// For how long each
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Write the pictures of docs/pictures anew from what the tests photograph
    Pictures,
    /// Write the app's list of libraries and their licences anew
    Licences,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo {
            headless,
            json,
            cadres,
            phone,
        } => demo(headless, json, cadres, phone),
        Command::Test { parts } => test::run(&parts),
        Command::Apk {
            abi,
            release,
            twice,
        } => apk::build(abi.as_deref(), release, twice),
        Command::Bench { area, json } => bench(area.as_deref(), json),
        Command::Soak { arguments } => soak(&arguments),
        Command::Mutants { names } => mutants::run(&names),
        Command::Fuzz { target, seconds } => fuzz(target.as_deref(), seconds),
        Command::Pictures => android::pictures(),
        Command::Licences => licences::write(),
    };
    match outcome {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("\n{fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn demo(headless: bool, json: bool, cadres: u16, phone: bool) -> anyhow::Result<ExitCode> {
    needs::rust_build()?;
    if phone {
        needs::android()?;
    }
    step::say("Building the server and the cadres (the first time this takes some minutes)");
    let mut build = vec![
        "build",
        "--package",
        "ketuk-server",
        "--package",
        "ketuk-tests",
        "--bins",
    ];
    if phone {
        // In the same build: cargo chooses features by what is built together.
        build.extend(android::PACKAGES);
    }
    build::cargo(&build)?;
    let mut demo = build::binary("ketuk-demo");
    demo.arg("--cadres").arg(cadres.to_string());
    if headless {
        demo.arg("--headless");
    }
    if json {
        demo.arg("--json");
    }
    if phone {
        demo.arg("--phone")
            .env(android::TRYOUT, android::build_tryout()?);
    }
    step::hand_over(&mut demo)
}

fn bench(area: Option<&str>, json: bool) -> anyhow::Result<ExitCode> {
    needs::rust_build()?;
    step::say("Building for measurement (optimised; the first time this takes some minutes)");
    build::cargo(&[
        "build",
        "--release",
        "--package",
        "ketuk-server",
        "--package",
        "ketuk-bench",
    ])?;
    let mut bench = build::release_binary("ketuk-bench");
    bench.args(area);
    if area.is_none_or(|area| area == "app") {
        bench.env("KETUK_APP_BENCH", android::bench()?);
    }
    if area.is_none_or(|area| area == "forms") {
        bench.env("KETUK_ORACLES", oracles::install_with_javarosa()?);
    }
    if json {
        bench.arg("--json");
    }
    step::hand_over(&mut bench)
}

fn soak(arguments: &[String]) -> anyhow::Result<ExitCode> {
    if arguments
        .iter()
        .any(|argument| argument.starts_with("--oracle"))
    {
        return oracle(arguments);
    }
    needs::rust_build()?;
    step::say("Building the simulation (optimised; the first time this takes some minutes)");
    // The server, too, which only a fleet needs: built by itself it would be built with other features
    // of what both are made of, and all of that twice.
    build::cargo(&[
        "build",
        "--release",
        "--package",
        "ketuk-soak",
        "--package",
        "ketuk-server",
    ])?;
    let mut soak = build::release_binary("ketuk-soak");
    soak.args(arguments);
    if !arguments
        .iter()
        .any(|argument| argument.starts_with("--fleet"))
    {
        return step::hand_over(&mut soak);
    }
    let postgres = postgres::Cluster::start()?;
    step::hand_over(soak.env("KETUK_TEST_POSTGRES", postgres.url()))
}

/// Grows forms, and fills them beside the form engine's peers.
fn oracle(arguments: &[String]) -> anyhow::Result<ExitCode> {
    needs::rust_build()?;
    let peers = oracles::install()?;
    step::say("Building the comparison (optimised; the first time this takes some minutes)");
    build::cargo(&["build", "--release", "--package", "ketuk-oracle"])?;
    let mut oracle = build::release_binary("ketuk-oracle");
    step::hand_over(oracle.arg("--peers").arg(peers).args(arguments))
}

fn fuzz(target: Option<&str>, seconds: u32) -> anyhow::Result<ExitCode> {
    needs::rust_build()?;
    let cargo_fuzz = needs::fuzzing()?;
    let targets = target
        .as_ref()
        .map_or(&FUZZ_TARGETS[..], std::slice::from_ref);
    for target in targets {
        // What is found goes into the first folder; what is worth keeping somebody copies into the second.
        let found = build::root().join("target/fuzz").join(target);
        std::fs::create_dir_all(&found)?;
        let mut run = std::process::Command::new(&cargo_fuzz);
        run.current_dir(build::root())
            .env("RUSTUP_TOOLCHAIN", "nightly")
            // The product is looked at, not the C of its libraries.
            .args([
                "run",
                "--sanitizer",
                "none",
                "--features",
                "libfuzzer",
                target,
            ])
            .args([&found, &build::root().join("fuzz/corpus").join(target)])
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .args(["-timeout=20", "-rss_limit_mb=4096"]);
        step::run(&format!("Fuzzing {target}"), &mut run)?;
    }
    Ok(ExitCode::SUCCESS)
}
