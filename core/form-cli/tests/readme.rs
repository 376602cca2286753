//! What the README shows of the command line is what it prints.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test says what fails by failing"
)]

use std::path::Path;
use std::process::Command;

/// The commands in blocks of the language `console`, each with what stands below it.
fn commands(readme: &str) -> Vec<(&str, String)> {
    let mut commands: Vec<(&str, String)> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            commands.push((command, String::new()));
        } else if let Some((_, printed)) = commands.last_mut().filter(|_| inside) {
            printed.push_str(line);
            printed.push('\n');
        }
    }
    commands
}

#[test]
fn the_readme_shows_what_commands_print() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../form");
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let commands = commands(&readme);
    assert!(
        commands.len() >= 5,
        "the README shows {} commands",
        commands.len()
    );
    for (command, shown) in commands {
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("ketuk-form"), "{command}");
        let done = Command::new(env!("CARGO_BIN_EXE_ketuk-form"))
            .args(words)
            .current_dir(&folder)
            .output()
            .unwrap();
        let printed = [done.stdout, done.stderr].concat();
        assert_eq!(String::from_utf8(printed).unwrap(), shown, "{command}");
    }
}
