//! This process's memory, as Linux tells it.

use anyhow::{Context, Result};

/// Bytes that it takes now.
pub(crate) fn now() -> Result<u64> {
    status("VmRSS:")
}

/// Bytes that it took at most.
pub(crate) fn peak() -> Result<u64> {
    status("VmHWM:")
}

/// The peak is measured anew from here on.
pub(crate) fn forget_peak() -> Result<()> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}

fn status(line: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    let kib = found.and_then(|text| text.split_whitespace().next());
    Ok(kib.with_context(|| format!("no {line}"))?.parse::<u64>()? * 1_024)
}
