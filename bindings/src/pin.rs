//! The rules of the app's PIN.

use crate::{KetukError, PinFault};

/// What is wrong with a PIN that she chooses.
#[uniffi::export]
pub fn pin_fault(pin: String) -> Option<PinFault> {
    ketuk_phone::pin_fault(&pin)
}

/// How many seconds to wait after so many wrong tries in a row.
#[uniffi::export]
pub fn pin_wait(wrong: u32) -> u64 {
    ketuk_phone::pin_wait(wrong)
}

/// A PIN made slow to guess, for a salt of 16 bytes: 32 bytes.
#[uniffi::export]
pub fn pin_stretch(pin: String, salt: Vec<u8>) -> Result<Vec<u8>, KetukError> {
    let salt = salt.try_into().map_err(|_| KetukError::Input {
        detail: "a salt has 16 bytes".to_owned(),
    })?;
    Ok(ketuk_phone::pin_stretch(&pin, salt).to_vec())
}
