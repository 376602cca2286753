//! Writes the Kotlin half of the bindings from the built library. A crate of its own, so that the
//! library on a phone carries none of it.

fn main() {
    uniffi::uniffi_bindgen_main();
}
