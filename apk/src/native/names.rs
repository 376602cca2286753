//! The names that the phone's own libraries export, as far as we need them: `apk/native/lib….txt`.
//!
//! Each is in Android 7.0, the oldest that the app runs on. Where a link fails for a name that is not in a list, look
//! it up in bionic's `libc.map.txt` and its like: a name of a later version may not be used, whatever needs it. The
//! smoke tests hold the lists against a real Android's libraries.

use std::collections::BTreeSet;

use crate::abi::Abi;

/// The libraries, and what they export.
const LISTS: [(&str, &str); 4] = [
    ("libc.so", include_str!("../../native/libc.txt")),
    ("libdl.so", include_str!("../../native/libdl.txt")),
    ("liblog.so", include_str!("../../native/liblog.txt")),
    ("libm.so", include_str!("../../native/libm.txt")),
];

/// Those that are things, not functions.
pub(crate) const THINGS: [&str; 4] = ["__sF", "__stack_chk_guard", "stderr", "stdout"];

/// The phone's own libraries.
pub(crate) fn libraries() -> impl Iterator<Item = &'static str> {
    LISTS.iter().map(|(library, _)| *library)
}

/// What one exports on a kind of processor; none if it isn't the phone's.
pub(crate) fn exported(library: &str, abi: Abi) -> Option<BTreeSet<&'static str>> {
    let (_, list) = LISTS.iter().find(|(name, _)| *name == library)?;
    Some(list.lines().filter_map(|line| named(line, abi)).collect())
}

/// A line is a name, and after it the kinds of processor if it isn't there on all.
fn named(line: &'static str, abi: Abi) -> Option<&'static str> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let mut only = words.peekable();
    let everywhere = only.peek().is_none();
    (everywhere || only.any(|word| word == abi.name())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_one_processor_is_unknown_on_another() {
        let libc = |abi| exported("libc.so", abi).unwrap();
        assert!(libc(Abi::Armv7).contains("__aeabi_memcpy"));
        assert!(!libc(Abi::Arm64).contains("__aeabi_memcpy"));
        assert!(libc(Abi::Arm64).contains("memcpy"));
        assert!(exported("libsqlcipher.so", Abi::Arm64).is_none());
    }
}
