//! The disks as SQLite calls them. The one place where memory is handled by hand: SQLite is C, and
//! speaks by pointers.
#![allow(unsafe_code, reason = "SQLite's VFS is a table of C functions")]

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::Once;
use std::time::{Duration, SystemTime};

use rusqlite::ffi;

use super::file::Access;
use super::locks::{Hold, Level};
use super::{Fault, Handle, delete, exists};
use crate::chance;

/// Longest path, the final zero included.
const PATH: c_int = 512;

/// What SQLite takes for an open file: its part first, then ours.
#[repr(C)]
struct Open {
    base: ffi::sqlite3_file,
    handle: *mut Handle,
}

/// Makes the disks what SQLite uses in this process where nobody says otherwise.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let vfs = Box::leak(Box::new(table()));
        // SAFETY: the table lives as long as the process, as SQLite asks.
        let code = unsafe { ffi::sqlite3_vfs_register(vfs, 1) };
        assert_eq!(code, ffi::SQLITE_OK, "SQLite takes no VFS");
    });
}

/// Lets SQLite draw its own chance anew.
pub(crate) fn forget_chance() {
    // SAFETY: with no room to fill it does nothing but reset its state.
    unsafe { ffi::sqlite3_randomness(0, null_mut()) }
}

fn table() -> ffi::sqlite3_vfs {
    ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<Open>() as c_int,
        mxPathname: PATH,
        pNext: null_mut(),
        zName: c"ketuk-disk".as_ptr(),
        pAppData: null_mut(),
        xOpen: Some(open),
        xDelete: Some(delete_file),
        xAccess: Some(access),
        xFullPathname: Some(full_path),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: None,
        xGetLastError: None,
        xCurrentTimeInt64: Some(current_time),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// What SQLite is told, where a dead process's answer is `dead`.
fn code(done: Result<(), Fault>, dead: c_int) -> c_int {
    match done {
        Ok(()) => ffi::SQLITE_OK,
        Err(Fault::Full) => ffi::SQLITE_FULL,
        Err(Fault::Busy) => ffi::SQLITE_BUSY,
        Err(Fault::Missing) => ffi::SQLITE_CANTOPEN,
        Err(Fault::Dead | Fault::Broken) => dead,
    }
}

/// # Safety
/// `file` is one that [`open`] opened and [`close`] has not closed.
unsafe fn handle<'a>(file: *mut ffi::sqlite3_file) -> &'a Handle {
    // SAFETY: as above; `open` put a handle there.
    unsafe { &*(*file.cast::<Open>()).handle }
}

/// # Safety
/// `name` is null or ends with a zero, and lives as long as the path is used.
unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    if name.is_null() {
        return None;
    }
    // SAFETY: as above.
    let name = unsafe { CStr::from_ptr(name) };
    Some(Path::new(OsStr::from_bytes(name.to_bytes())))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let access = Access {
        create: flags & ffi::SQLITE_OPEN_CREATE != 0,
        delete_on_close: flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0,
    };
    // SAFETY: SQLite gives a name that lives as long as the file is open, or none.
    let opened = Handle::open(unsafe { path(name) }, access);
    // Where opening fails, no methods means that there is nothing to close.
    let (methods, handle, done): (*const ffi::sqlite3_io_methods, _, _) = match opened {
        Ok(handle) => (&raw const METHODS, Box::into_raw(Box::new(handle)), Ok(())),
        Err(fault) => (null(), null_mut(), Err(fault)),
    };
    // SAFETY: SQLite gives room for szOsFile bytes, aligned, and takes the flags where it wants them.
    unsafe {
        file.cast::<Open>().write(Open {
            base: ffi::sqlite3_file { pMethods: methods },
            handle,
        });
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    code(done, ffi::SQLITE_IOERR)
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the file is open; from here on nobody uses it, so the handle is ours again.
    unsafe {
        let open = file.cast::<Open>();
        Box::from_raw((*open).handle).close();
        (*open).handle = null_mut();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    out: *mut c_void,
    amount: c_int,
    at: i64,
) -> c_int {
    // SAFETY: SQLite gives an open file and room for so many bytes.
    let (handle, out) = unsafe {
        let out = std::slice::from_raw_parts_mut(out.cast::<u8>(), amount as usize);
        (handle(file), out)
    };
    match handle.with(|image, _| Ok(image.read(at as usize, out))) {
        Ok(true) => ffi::SQLITE_OK,
        Ok(false) => ffi::SQLITE_IOERR_SHORT_READ,
        Err(fault) => code(Err(fault), ffi::SQLITE_IOERR_READ),
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    amount: c_int,
    at: i64,
) -> c_int {
    // SAFETY: SQLite gives an open file and so many bytes.
    let (handle, bytes) = unsafe {
        let bytes = std::slice::from_raw_parts(bytes.cast::<u8>(), amount as usize);
        (handle(file), bytes)
    };
    code(handle.write(at as usize, bytes), ffi::SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite gives an open file.
    let handle = unsafe { handle(file) };
    code(handle.truncate(size as usize), ffi::SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite gives an open file.
    let handle = unsafe { handle(file) };
    code(handle.sync(), ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn size(file: *mut ffi::sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: SQLite gives an open file and room for the answer.
    let (handle, out) = unsafe { (handle(file), &mut *out) };
    let found = handle.with(|image, _| {
        *out = image.bytes().len() as i64;
        Ok(())
    });
    code(found, ffi::SQLITE_IOERR_FSTAT)
}

fn level(level: c_int) -> Level {
    match level {
        ffi::SQLITE_LOCK_NONE => Level::None,
        ffi::SQLITE_LOCK_SHARED => Level::Shared,
        ffi::SQLITE_LOCK_RESERVED => Level::Reserved,
        ffi::SQLITE_LOCK_PENDING => Level::Pending,
        _ => Level::Exclusive,
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, to: c_int) -> c_int {
    // SAFETY: SQLite gives an open file.
    let handle = unsafe { handle(file) };
    let done = handle.with(|image, id| image.locks.raise(id, level(to)));
    code(done, ffi::SQLITE_IOERR_LOCK)
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, to: c_int) -> c_int {
    // SAFETY: SQLite gives an open file.
    let handle = unsafe { handle(file) };
    let done = handle.with(|image, id| {
        image.locks.lower(id, level(to));
        Ok(())
    });
    code(done, ffi::SQLITE_IOERR_UNLOCK)
}

unsafe extern "C" fn check_reserved(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite gives an open file and room for the answer.
    let (handle, out) = unsafe { (handle(file), &mut *out) };
    let done = handle.with(|image, id| {
        *out = c_int::from(image.locks.is_reserved(id));
        Ok(())
    });
    code(done, ffi::SQLITE_IOERR_CHECKRESERVEDLOCK)
}

unsafe extern "C" fn control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

/// As the system's own VFS: what stands beside a torn write is not touched by it.
unsafe extern "C" fn characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    part: c_int,
    size: c_int,
    make: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite gives an open file and room for the answer.
    let (handle, out) = unsafe { (handle(file), &mut *out) };
    let done = handle.with(|image, id| {
        let part = image.locks.map(id, part as usize, size as usize, make != 0);
        *out = part.map_or(null_mut(), |part| part.cast());
        Ok(())
    });
    code(done, ffi::SQLITE_IOERR_SHMMAP)
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    first: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: SQLite gives an open file.
    let handle = unsafe { handle(file) };
    let slots = first as u32..(first + count) as u32;
    let done = handle.with(|image, id| {
        if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            image.locks.release(id, slots);
            return Ok(());
        }
        let how = match flags & ffi::SQLITE_SHM_SHARED {
            0 => Hold::Exclusive,
            _ => Hold::Shared,
        };
        image.locks.hold(id, slots, how)
    });
    code(done, ffi::SQLITE_IOERR_SHMLOCK)
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite gives an open file.
    let handle = unsafe { handle(file) };
    // Of a dead process nothing is left to give back.
    let _ = handle.with(|image, id| {
        image.locks.unmap(id);
        Ok(())
    });
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete_file(_: *mut ffi::sqlite3_vfs, name: *const c_char, _: c_int) -> c_int {
    // SAFETY: SQLite gives a name.
    match unsafe { path(name) }.map(delete) {
        Some(Err(Fault::Missing)) => ffi::SQLITE_IOERR_DELETE_NOENT,
        Some(done) => code(done, ffi::SQLITE_IOERR_DELETE),
        None => ffi::SQLITE_IOERR_DELETE,
    }
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    _: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a name and room for the answer.
    let (path, out) = unsafe { (path(name), &mut *out) };
    let found = path.map_or(Ok(false), exists);
    let done = found.map(|found| *out = c_int::from(found));
    code(done, ffi::SQLITE_IOERR_ACCESS)
}

/// Every path here is whole already.
unsafe extern "C" fn full_path(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite gives a name and room for so many bytes, which the name fits or is refused.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes_with_nul();
        if name.len() > room as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(name.as_ptr().cast(), out, name.len());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(
    _: *mut ffi::sqlite3_vfs,
    amount: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite gives room for so many bytes.
    let out = unsafe { std::slice::from_raw_parts_mut(out.cast::<u8>(), amount as usize) };
    chance::fill(out);
    amount
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, micros: c_int) -> c_int {
    std::thread::sleep(Duration::from_micros(micros as u64));
    micros
}

/// Milliseconds since noon of 24 November 4714 BC.
unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut i64) -> c_int {
    const UNIX_EPOCH: i64 = 210_866_760_000_000;
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = since.map_or(0, |since| since.as_millis() as i64);
    // SAFETY: SQLite gives room for the answer.
    unsafe { *out = UNIX_EPOCH + now };
    ffi::SQLITE_OK
}
