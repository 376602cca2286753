//! An outline of a form.

use std::io::{self, Write};

use ketuk_form::{CodebookEntry, Form, Texts};

/// Of a longer list of choices only these many are shown.
const MOST_CHOICES: usize = 20;

pub(crate) fn show(form: &Form, language: &str, out: &mut impl Write) -> io::Result<()> {
    let book = form.codebook();
    let version = match book.version.as_str() {
        "" => String::new(),
        version => format!(", version {version}"),
    };
    writeln!(out, "{} ({}{version})", book.title, book.form)?;
    let languages: Vec<&str> = book
        .languages
        .iter()
        .map(|language| &*language.name)
        .collect();
    writeln!(out, "in {}", languages.join(", "))?;
    let mut page = None;
    for entry in &book.entries {
        if let Some(number) = entry.page.filter(|_| entry.page != page) {
            writeln!(out, "\npage {number}")?;
            page = entry.page;
        }
        self::entry(entry, language, out)?;
    }
    Ok(())
}

fn entry(entry: &CodebookEntry, language: &str, out: &mut impl Write) -> io::Result<()> {
    let indent = "  ".repeat(entry.path.matches('/').count() + 1);
    let number = entry.number.iter().map(|number| format!("{number} "));
    let number: String = number.collect();
    write!(out, "{indent}{number}{} ({})", entry.name, entry.kind)?;
    match said(&entry.label, language) {
        Some(label) => writeln!(out, " {label}")?,
        None => writeln!(out)?,
    }
    if let Some(when) = said(&entry.relevant, language) {
        writeln!(out, "{indent}  if {when}")?;
    }
    if let Some(what) = said(&entry.calculation, language) {
        writeln!(out, "{indent}  is {what}")?;
    }
    if entry.required {
        match said(&entry.required_when, language) {
            Some(when) => writeln!(out, "{indent}  required if {when}")?,
            None => writeln!(out, "{indent}  required")?,
        }
    }
    for choice in entry.choices.iter().take(MOST_CHOICES) {
        let label = said(&choice.label, language).unwrap_or_default();
        writeln!(out, "{indent}  - {}: {label}", choice.code)?;
    }
    match entry.choices.len().checked_sub(MOST_CHOICES) {
        Some(more @ 1..) => writeln!(out, "{indent}  - and {more} more"),
        _ => Ok(()),
    }
}

/// In the language, or else in any; on one line.
fn said(texts: &Texts, language: &str) -> Option<String> {
    let text = texts.get(language).or_else(|| texts.values().next())?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
