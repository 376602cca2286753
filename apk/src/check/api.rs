//! That nothing is called which Android 7.0 hasn't, by Animal Sniffer.
//!
//! What is newer may be called behind `Build.VERSION.SDK_INT`, and stands in apk/newer.txt: `Class uses …` and
//! from which version it asks. A line whose call is gone must go, too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::tools::Tools;
use crate::{Work, java, tool};

const LIST: &str = "apk/newer.txt";

/// Checks the jar that is going to be the dex.
pub(crate) fn check(work: &Work, tools: &Tools, jar: &Path) -> Result<()> {
    let mut sniffer = java::program(&tools.sniffer);
    sniffer.arg(work.source("apk/jvm/ApiCheck.java"));
    sniffer.arg(&tools.android_24).arg(jar);
    let printed = tool::run("Looking for what Android 7.0 hasn't", &mut sniffer)?;
    let list = std::fs::read_to_string(work.source(LIST)).context(LIST)?;
    let faults = compare(&printed, &list);
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

/// The uses that aren't listed, and the lines whose use is gone.
fn compare(printed: &str, list: &str) -> Vec<String> {
    let used: BTreeSet<&str> = printed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let listed: BTreeMap<&str, &str> = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" # "))
        .map(|(use_, why)| (use_.trim(), why.trim()))
        .collect();
    let mut faults: Vec<String> = used
        .iter()
        .filter(|use_| !listed.contains_key(**use_))
        .map(|use_| {
            format!(
                "Android 7.0 hasn't what this calls: ask for Build.VERSION.SDK_INT before it, and add \
                 to {LIST}:\n  {use_} # from which version, and where that is asked"
            )
        })
        .collect();
    faults.extend(
        listed
            .keys()
            .filter(|use_| !used.contains(**use_))
            .map(|use_| format!("{LIST} lists what isn't called any more, take it out:\n  {use_}")),
    );
    faults
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn a_newer_call_must_be_listed_and_a_listed_one_must_be_there() {
        let list = "# why\nid.ketuk.A uses x.Y.z() # 26, asked in A.b\n";
        assert_eq!(
            compare("id.ketuk.A uses x.Y.z()\n", list),
            Vec::<String>::new()
        );
        let told = compare("id.ketuk.B uses x.Y.q()\n", list);
        assert!(told[0].contains("id.ketuk.B uses x.Y.q()"), "{told:?}");
        assert!(told[1].contains("isn't called any more"), "{told:?}");
    }
}
