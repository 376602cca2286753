//! A failing seed is worth something only if it fails again.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test says what fails by failing"
)]

use std::process::Command;

fn soak(arguments: &[&str]) -> Vec<String> {
    let mut soak = Command::new(env!("CARGO_BIN_EXE_ketuk-soak"));
    let out = soak.args(arguments).output().unwrap();
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(
        out.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&out.stderr)
    );
    said.lines().map(str::to_owned).collect()
}

#[test]
fn a_seed_tells_the_same_story_alone_and_after_others() {
    let together = soak(&["--worker", "--from", "1", "--seeds", "12"]);
    assert_eq!(together.len(), 12);
    for (seed, line) in (1..).zip(&together).step_by(3) {
        let alone = soak(&["--worker", "--from", &seed.to_string(), "--seeds", "1"]);
        assert_eq!(alone, [line.as_str()]);
    }
}

#[test]
fn seeds_differ() {
    let mut stories = soak(&["--worker", "--from", "1", "--seeds", "5"]);
    for story in &mut stories {
        let (_, digest) = story.split_once(' ').unwrap();
        *story = digest.to_owned();
    }
    stories.sort();
    stories.dedup();
    assert_eq!(stories.len(), 5);
}
