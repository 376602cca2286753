//! Chance, so that a failing seed fails again.
//!
//! Phone and server draw their ids, tokens and keys from the system. In this program the system's
//! `getrandom` is ours, and gives what follows from the seed of the thread's world; so does SQLite's
//! own chance. Without a seed it is the system's.
#![allow(unsafe_code, reason = "a function of the C library is replaced")]

use std::ffi::{c_uint, c_void};
use std::fs::File;
use std::io::Read as _;
use std::sync::{Mutex, PoisonError};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

static WORLD: Mutex<Option<ChaCha8Rng>> = Mutex::new(None);

/// From now on all chance of this process follows from `seed`: one world at a time.
pub(crate) fn seed(seed: u64) {
    // A stream of its own, apart from the one that draws the steps.
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    chance.set_stream(1);
    *WORLD.lock().unwrap_or_else(PoisonError::into_inner) = Some(chance);
    crate::disk::forget_chance();
}

/// Fills `out` with the world's chance.
pub(crate) fn fill(out: &mut [u8]) {
    let mut world = WORLD.lock().unwrap_or_else(PoisonError::into_inner);
    match &mut *world {
        Some(chance) => chance.fill_bytes(out),
        None => {
            let read = File::open("/dev/urandom").and_then(|mut source| source.read_exact(out));
            assert!(read.is_ok(), "the machine gives no random numbers");
        }
    }
}

/// Asked for by the standard library for the keys of hash maps, which threads draw in an order that
/// is the system's: they get the same, whenever they ask.
const INSECURE: c_uint = 4;

/// Stands in for the C library's: a program's own definition goes before it.
///
/// # Safety
/// There is room for `length` bytes at `out`, as for the C library's.
#[cfg(target_os = "linux")]
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(out: *mut c_void, length: usize, flags: c_uint) -> isize {
    if length > 0 {
        // SAFETY: as above.
        let out = unsafe { std::slice::from_raw_parts_mut(out.cast::<u8>(), length) };
        if flags & INSECURE != 0 {
            out.fill(7);
        } else {
            fill(out);
        }
    }
    length as isize
}
