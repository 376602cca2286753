//! The manifest as it is in the APK: what it lets anybody do, and that each permission has a reason in docs/apk.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{Work, tool};

/// The page that says why each permission is asked for.
const PAGE: &str = "docs/apk.md";

/// An element: its name and its attributes, without their namespace.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Element {
    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

pub(super) fn check(work: &Work, apk: &Path, release: bool) -> Result<String> {
    let mut aapt = Command::new("aapt2");
    aapt.args(["dump", "xmltree", "--file", "AndroidManifest.xml"]);
    let elements = read(&tool::run("Reading the manifest", aapt.arg(apk))?);
    let page = std::fs::read_to_string(work.source(PAGE)).context(PAGE)?;
    let mut faults = faults(&elements, release, env!("CARGO_PKG_VERSION"));
    let permissions = permissions(&elements);
    faults.extend(unexplained(&permissions, &page));
    if !faults.is_empty() {
        bail!("{}", faults.join("; "));
    }
    Ok(format!(
        "{} permissions, each with its reason in {PAGE}",
        permissions.len()
    ))
}

/// What aapt2 wrote, as elements in their order.
fn read(tree: &str) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    for line in tree.lines() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("E: ") {
            elements.push(Element {
                name: rest.split(' ').next().unwrap_or_default().to_owned(),
                attributes: BTreeMap::new(),
            });
        } else if let (Some(rest), Some(element)) = (line.strip_prefix("A: "), elements.last_mut())
            && let Some((name, value)) = attribute(rest)
        {
            element.attributes.insert(name, value);
        }
    }
    elements
}

/// `http://…/android:name(0x01010003)="x" (Raw: "x")` is `name` and `x`.
fn attribute(text: &str) -> Option<(String, String)> {
    let local = text.strip_prefix("http://schemas.android.com/apk/res/android:");
    let (name, value) = local.unwrap_or(text).split_once('=')?;
    let name = name.split('(').next()?.to_owned();
    let value = value.split(" (Raw: ").next()?.trim_matches('"').to_owned();
    Some((name, value))
}

fn faults(elements: &[Element], release: bool, version: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut must = |element: &str, attribute: &str, wanted: &str, why: &str| {
        let found = elements
            .iter()
            .find(|it| it.name == element)
            .and_then(|it| it.get(attribute));
        if found != Some(wanted) {
            faults.push(format!(
                "{element}'s {attribute} is {} and must be {wanted}: {why}",
                found.unwrap_or("not said")
            ));
        }
    };
    must(
        "manifest",
        "package",
        "id.ketuk.app",
        "it's the name that updates go by",
    );
    must(
        "manifest",
        "versionName",
        version,
        "as in the workspace's Cargo.toml",
    );
    must(
        "uses-sdk",
        "minSdkVersion",
        "24",
        "what is built is for Android 7.0",
    );
    must(
        "uses-sdk",
        "targetSdkVersion",
        "35",
        "what was tried is Android 15's rules",
    );
    let app = "application";
    must(
        app,
        "allowBackup",
        "false",
        "answers leave the phone by sync or a sealed file only",
    );
    must(
        app,
        "fullBackupContent",
        "false",
        "and not by the platform's backup",
    );
    must(
        app,
        "usesCleartextTraffic",
        "false",
        "nothing goes over a link unsealed",
    );
    must(
        app,
        "extractNativeLibs",
        "false",
        "a second copy of the libraries takes her phone's room",
    );
    let debuggable = elements
        .iter()
        .any(|it| it.get("debuggable").is_some_and(|value| value != "false"));
    if release && debuggable {
        faults.push("a release may not be debuggable".to_owned());
    }
    faults.extend(elements.iter().filter_map(opening));
    faults
}

/// What one element lets others do that it shouldn't.
fn opening(element: &Element) -> Option<String> {
    let said = |what: &str| {
        Some(format!(
            "{}: {what}",
            element.get("name").unwrap_or(&element.name)
        ))
    };
    match element.name.as_str() {
        "application" if element.get("networkSecurityConfig").is_some() => {
            said("a networkSecurityConfig would say over again what traffic may be in the clear")
        }
        "application" if element.get("testOnly").is_some() => said("it is for tests only"),
        "application"
            if !element
                .get("dataExtractionRules")
                .is_some_and(|it| it.starts_with('@')) =>
        {
            said("dataExtractionRules must say that nothing is taken to another phone")
        }
        "activity" | "activity-alias" | "service" | "receiver" | "provider" => {
            let ours = element.get("name") == Some(".MainActivity");
            match element.get("exported") {
                Some("false") => None,
                Some("true") if ours || element.get("permission").is_some() => None,
                Some("true") => said("it's open to every app and asks no permission of them"),
                _ => said("it doesn't say whether other apps may start it (android:exported)"),
            }
        }
        _ => None,
    }
}

fn permissions(elements: &[Element]) -> BTreeSet<String> {
    elements
        .iter()
        .filter(|it| it.name.starts_with("uses-permission"))
        .filter_map(|it| it.get("name"))
        .map(str::to_owned)
        .collect()
}

/// The permissions without a row in the page's table, and the rows without a permission.
fn unexplained(asked: &BTreeSet<String>, page: &str) -> Vec<String> {
    let explained: BTreeMap<&str, &str> = page.lines().filter_map(row).collect();
    let mut faults: Vec<String> = asked
        .iter()
        .filter(|name| explained.get(name.as_str()).is_none_or(|reason| reason.is_empty()))
        .map(|name| {
            format!("{PAGE} doesn't say why {name} is asked for: add \"| `{name}` | why |\" to its table")
        })
        .collect();
    faults.extend(
        explained
            .keys()
            .filter(|name| !asked.contains(**name))
            .map(|name| {
                format!(
                    "{PAGE} explains {name}, which the manifest doesn't ask for: take its row out"
                )
            }),
    );
    faults
}

/// A row of the table: the permission, and why.
fn row(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.strip_prefix("| `")?.splitn(3, '|');
    let name = cells.next()?.trim().trim_end_matches('`');
    name.contains(".permission.").then_some(())?;
    Some((name, cells.next()?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str) -> String {
        std::fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    /// The manifest's permissions as it is written, without building anything.
    fn asked() -> BTreeSet<String> {
        let manifest = source("android/app/src/main/AndroidManifest.xml");
        manifest
            .split('<')
            .filter(|tag| tag.starts_with("uses-permission"))
            .filter_map(|tag| tag.split_once("android:name=\"")?.1.split('"').next())
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_permission_of_the_app_has_its_reason_in_the_docs_and_no_other_is_told_of() {
        let asked = asked();
        assert!(!asked.is_empty());
        assert_eq!(unexplained(&asked, &source(PAGE)), Vec::<String>::new());
    }

    #[test]
    fn a_permission_without_a_reason_is_told_with_what_to_write() {
        let asked = BTreeSet::from(["android.permission.CAMERA".to_owned()]);
        let told = unexplained(&asked, "| `android.permission.INTERNET` | to send |");
        assert!(
            told[0].contains("add \"| `android.permission.CAMERA` | why |\""),
            "{told:?}"
        );
        assert!(told[1].contains("android.permission.INTERNET"), "{told:?}");
        assert_eq!(
            unexplained(&asked, "| `android.permission.CAMERA` | |").len(),
            1
        );
    }

    #[test]
    fn the_version_is_the_workspaces() {
        let manifest = source("android/app/src/main/AndroidManifest.xml");
        let wanted = format!("android:versionName=\"{}\"", env!("CARGO_PKG_VERSION"));
        assert!(manifest.contains(&wanted), "{wanted}");
    }

    #[test]
    fn what_opens_the_app_to_others_is_told() {
        let tree = r#"
  E: manifest (line=2)
    A: package="id.ketuk.app" (Raw: "id.ketuk.app")
    A: http://schemas.android.com/apk/res/android:versionName(0x0101021c)="0.1.0" (Raw: "0.1.0")
      E: uses-sdk (line=7)
        A: http://schemas.android.com/apk/res/android:minSdkVersion(0x0101020c)=24
        A: http://schemas.android.com/apk/res/android:targetSdkVersion(0x01010270)=35
      E: application (line=17)
        A: http://schemas.android.com/apk/res/android:debuggable(0x0101000f)=true
        A: http://schemas.android.com/apk/res/android:allowBackup(0x01010280)=false
        A: http://schemas.android.com/apk/res/android:fullBackupContent(0x010104eb)=false
        A: http://schemas.android.com/apk/res/android:usesCleartextTraffic(0x010104ec)=true
        A: http://schemas.android.com/apk/res/android:extractNativeLibs(0x010104ea)=false
        A: http://schemas.android.com/apk/res/android:dataExtractionRules(0x0101063e)=@0x7f080000
          E: service (line=46)
            A: http://schemas.android.com/apk/res/android:name(0x01010003)=".Open" (Raw: ".Open")
            A: http://schemas.android.com/apk/res/android:exported(0x01010010)=true
"#;
        let elements = read(tree);
        let told = faults(&elements, true, "0.1.0");
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("usesCleartextTraffic"));
        assert!(told[1].contains("debuggable"));
        assert!(told[2].contains(".Open"));
        assert_eq!(faults(&elements, false, "0.1.0").len(), 2);
    }
}
