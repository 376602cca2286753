//! Writes what the corpus began with: one sound message of each kind, as a phone or the server makes it.
#![allow(clippy::expect_used, reason = "run by hand")]

use std::path::Path;

fn main() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, name, bytes) in ketuk_fuzz::seeds() {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(name), bytes).expect("a file");
    }
}
