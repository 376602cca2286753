//! What is done with a phone's folder while its database can't be opened.

use std::path::Path;

use ketuk_phone::{PhoneCopy, Setup};

use crate::KetukError;

/// The server that can open what is in the folder; `None` if nobody can.
#[uniffi::export]
pub fn recoverable(folder: String) -> Option<String> {
    ketuk_phone::recoverable(Path::new(&folder))
}

/// Writes all of the folder into a file without opening it. Gives its size.
#[uniffi::export]
pub fn copy_unopened(folder: String, to: String) -> Result<u64, KetukError> {
    Ok(ketuk_phone::copy_unopened(
        Path::new(&folder),
        Path::new(&to),
    )?)
}

/// Puts the folder aside under another name, which it gives, so that the app can begin anew.
#[uniffi::export]
pub fn move_aside(folder: String) -> Result<String, KetukError> {
    let aside = ketuk_phone::move_aside(Path::new(&folder), &Setup::new("", 0))?;
    Ok(aside.display().to_string())
}

/// Lays a copy's files into a folder that holds no database; gives the server that can open them.
#[uniffi::export]
pub fn unpack_copy(copy: String, folder: String) -> Result<String, KetukError> {
    let copy = PhoneCopy::open(Path::new(&copy))?;
    let server = copy.server().to_owned();
    copy.unpack(Path::new(&folder))?;
    Ok(server)
}

/// Gets the key of the folder's database from its server, with a new code. 32 bytes.
#[uniffi::export]
pub fn recover(
    folder: String,
    server: String,
    code: String,
    model: String,
    app: String,
) -> Result<Vec<u8>, KetukError> {
    let setup = Setup::new(&app, 0);
    let key = ketuk_phone::recover(Path::new(&folder), &server, &code, &model, &setup)?;
    Ok(key.to_vec())
}
