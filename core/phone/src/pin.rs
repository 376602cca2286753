//! The rules of the app's PIN. What it guards, and how, is the shell's: only there is a Keystore.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

/// A PIN has so many digits.
pub const PIN_DIGITS: usize = 6;

/// Wrong tries that cost nothing: she mistypes with wet hands.
const FREE_TRIES: u32 = 5;
const FIRST_WAIT: u64 = 30;
const LONGEST_WAIT: u64 = 3600;

/// What a guess costs, in KiB and rounds: half a second on a phone of 1 GB, whose memory it fits.
const MEMORY: u32 = 19 * 1024;
const ROUNDS: u32 = 2;

/// Why a PIN can't be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinFault {
    /// Not six digits.
    Length,
    /// All alike, or one after the other: the first that a thief tries.
    Simple,
}

/// What is wrong with a PIN that she chooses.
pub fn pin_fault(pin: &str) -> Option<PinFault> {
    let digits = pin.as_bytes();
    if digits.len() != PIN_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return Some(PinFault::Length);
    }
    let steps = |by: i16| {
        let step = |pair: &[u8]| i16::from(pair[1]) - i16::from(pair[0]) == by;
        digits.windows(2).all(step)
    };
    (steps(0) || steps(1) || steps(-1)).then_some(PinFault::Simple)
}

/// How many seconds to wait after so many wrong tries in a row. It grows to an hour and stays there:
/// nothing is ever wiped.
pub fn pin_wait(wrong: u32) -> u64 {
    match wrong.checked_sub(FREE_TRIES) {
        None => 0,
        Some(more) => FIRST_WAIT
            .checked_shl(more)
            .filter(|seconds| seconds >> more == FIRST_WAIT)
            .unwrap_or(LONGEST_WAIT)
            .min(LONGEST_WAIT),
    }
}

/// A PIN made slow to guess. By itself it guards nothing, since there are only a million of them: the
/// shell mixes in a secret of the Keystore, so that each guess must be made on this phone.
pub fn pin_stretch(pin: &str, salt: [u8; 16]) -> [u8; 32] {
    let pin = Zeroizing::new(pin.as_bytes().to_vec());
    let mut key = [0; 32];
    // Both can fail only for other sizes than these; all zero opens nothing.
    if let Ok(params) = Params::new(MEMORY, ROUNDS, 1, Some(key.len())) {
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let _ = argon.hash_password_into(&pin, &salt, &mut key);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_six_digits_that_nobody_guesses_first() {
        assert_eq!(pin_fault("271828"), None);
        assert_eq!(pin_fault("000001"), None);
        for short in ["", "12345", "1234567", "27182a", "２71828"] {
            assert_eq!(pin_fault(short), Some(PinFault::Length), "{short}");
        }
        for simple in ["000000", "777777", "123456", "456789", "987654"] {
            assert_eq!(pin_fault(simple), Some(PinFault::Simple), "{simple}");
        }
    }

    #[test]
    fn wrong_tries_are_slowed_down_to_an_hour_and_no_further() {
        let waits: Vec<u64> = (0..14).map(pin_wait).collect();
        let minutes = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600];
        assert_eq!(waits[..5], [0; 5]);
        assert_eq!(waits[5..], minutes);
        assert_eq!(pin_wait(u32::MAX), 3600);
    }

    #[test]
    fn the_same_pin_with_another_salt_is_another_key() {
        let key = pin_stretch("271828", [1; 16]);
        assert_eq!(key, pin_stretch("271828", [1; 16]));
        assert_ne!(key, pin_stretch("271829", [1; 16]));
        assert_ne!(key, pin_stretch("271828", [2; 16]));
        assert_ne!(key, [0; 32]);
    }
}
