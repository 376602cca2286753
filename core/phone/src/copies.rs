//! Copies of everything that is on the phone, and the way back into them.
//!
//! Beside the database lies its key, sealed to the server as a parcel is. So a copy of both can be
//! kept anywhere and read by nobody, and a phone that lost its key, or whose cadre forgot her PIN, gets
//! it back from the server with a new code. What is put back from an older copy the protocol knows how to
//! take: nothing of it is lost, and nothing is there twice.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ketuk_wire::{
    EnrolCode, PROTOCOL, PROTOCOL_HEADER, PhoneKey, RecoverRequest, RecoverResponse, SealedKey,
};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::phone::{Core, Phone, Setup, ask};
use crate::store::{DATABASE, Link, StorageFault, Trouble, WAL};
use crate::sync::{Request, address};

/// Beside the database: the server, and the key sealed to it.
const SEAL: &str = "ketuk.seal";

/// A copy begins with this.
const MARK: &[u8] = b"KETUK COPY 1\n";

/// A heading has a few hundred bytes.
const LONGEST_HEADING: u32 = 64 << 10;

#[derive(Serialize, Deserialize)]
struct Seal {
    server: String,
    /// A [`SealedKey`], in base64.
    sealed: String,
    recipient: String,
}

/// What a copy says in clear, before its files.
#[derive(Serialize, Deserialize)]
struct Heading {
    seal: Seal,
    files: Vec<Member>,
}

#[derive(Serialize, Deserialize)]
struct Member {
    name: String,
    bytes: u64,
}

/// Writes the seal anew where it is missing or another server's.
pub(crate) fn seal(core: &Core, link: &Link) -> Result<()> {
    let Some(recipient) = &link.recipient else {
        return Ok(());
    };
    if let Ok(known) = read_seal(&core.folder)
        && known.server == link.server
        && known.recipient == *recipient
    {
        return Ok(());
    }
    let to: age::x25519::Recipient = recipient.parse().map_err(|_| Error::NoRecipient)?;
    let key = ketuk_wire::encode(&SealedKey {
        device: core.store.device()?.id,
        cadre: link.cadre.id,
        key: PhoneKey(*core.key.bytes()),
    })?;
    let sealed = age::encrypt(&to, &key).map_err(|_| Error::NoRecipient)?;
    let seal = Seal {
        server: link.server.clone(),
        sealed: BASE64.encode(sealed),
        recipient: recipient.clone(),
    };
    let text = serde_json::to_vec(&seal).map_err(io::Error::from)?;
    let aside = core.folder.join(format!("{SEAL}.new"));
    let mut file = File::create(&aside)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(aside, core.folder.join(SEAL))?;
    Ok(())
}

fn read_seal(folder: &Path) -> Result<Seal> {
    let text = fs::read(folder.join(SEAL)).map_err(|_| Error::NoRecipient)?;
    serde_json::from_slice(&text).map_err(|_| Error::NoRecipient)
}

/// The server that can open what is in a folder whose key is lost; `None` if nobody can.
pub fn recoverable(folder: &Path) -> Option<String> {
    read_seal(folder).ok().map(|seal| seal.server)
}

/// Writes all of a folder into a file, without its key: what is in it only the server's key and then the
/// phone's own can open.
///
/// # Errors
/// [`Error::NoRecipient`] if the phone was never enrolled, [`Error::Storage`].
pub fn copy_unopened(folder: &Path, to: &Path) -> Result<u64> {
    let seal = read_seal(folder)?;
    write_copy(seal, folder, &[DATABASE, WAL], to)
}

fn write_copy(seal: Seal, folder: &Path, names: &[&str], to: &Path) -> Result<u64> {
    let mut files = Vec::new();
    let mut open = Vec::new();
    for name in names {
        let file = match File::open(folder.join(name)) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
            file => file?,
        };
        let bytes = file.metadata()?.len();
        files.push(Member {
            name: (*name).to_owned(),
            bytes,
        });
        open.push(file.take(bytes));
    }
    let heading = serde_json::to_vec(&Heading { seal, files }).map_err(io::Error::from)?;
    let length = u32::try_from(heading.len()).map_err(|_| Error::NoRecipient)?;
    let mut copy = File::create(to)?;
    copy.write_all(MARK)?;
    copy.write_all(&length.to_be_bytes())?;
    copy.write_all(&heading)?;
    for mut file in open {
        io::copy(&mut file, &mut copy)?;
    }
    copy.sync_all()?;
    Ok(copy.metadata()?.len())
}

/// A copy that was found again.
pub struct PhoneCopy {
    file: File,
    heading: Heading,
}

impl PhoneCopy {
    /// Reads what it says of itself.
    ///
    /// # Errors
    /// [`Error::Input`] if the file is no copy, [`Error::Storage`].
    pub fn open(path: &Path) -> Result<PhoneCopy> {
        const FAULT: Error = Error::Input("the file is no copy of a phone's data");
        let mut file = File::open(path)?;
        let mut mark = [0; MARK.len()];
        let mut length = [0; 4];
        file.read_exact(&mut mark).map_err(|_| FAULT)?;
        file.read_exact(&mut length).map_err(|_| FAULT)?;
        let length = u32::from_be_bytes(length);
        if mark != MARK || length > LONGEST_HEADING {
            return Err(FAULT);
        }
        let mut heading = vec![0; length as usize];
        file.read_exact(&mut heading).map_err(|_| FAULT)?;
        let heading: Heading = serde_json::from_slice(&heading).map_err(|_| FAULT)?;
        let ours = |member: &Member| [DATABASE, WAL].contains(&member.name.as_str());
        let whole = heading.files.iter().map(|member| member.bytes);
        let whole = whole.fold(0, u64::saturating_add);
        let before = (MARK.len() + 4) as u64 + u64::from(length);
        if !heading.files.iter().all(ours) || file.metadata()?.len() != before.saturating_add(whole)
        {
            return Err(FAULT);
        }
        Ok(PhoneCopy { file, heading })
    }

    /// The server that can open it.
    pub fn server(&self) -> &str {
        &self.heading.seal.server
    }

    /// Its key, as it was sealed to that server.
    ///
    /// # Errors
    /// [`Error::Input`] if it isn't there.
    pub fn sealed_key(&self) -> Result<Vec<u8>> {
        let sealed = BASE64.decode(&self.heading.seal.sealed);
        sealed.map_err(|_| Error::Input("the file is no copy of a phone's data"))
    }

    /// Lays its files into a folder, which must hold no database.
    ///
    /// # Errors
    /// [`Error::Enrolled`] if it does, [`Error::Storage`].
    pub fn unpack(mut self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        if folder.join(DATABASE).exists() {
            return Err(Error::Enrolled);
        }
        for member in &self.heading.files {
            let mut file = File::create(folder.join(&member.name))?;
            let copied = io::copy(&mut (&mut self.file).take(member.bytes), &mut file)?;
            if copied != member.bytes {
                return Err(Error::Input("the file is no copy of a phone's data"));
            }
            file.sync_all()?;
        }
        let seal = serde_json::to_vec(&self.heading.seal).map_err(io::Error::from)?;
        fs::write(folder.join(SEAL), seal)?;
        Ok(())
    }
}

/// Gets the key of a folder's database back from its server, with a new code of the supervisor, and
/// signs the phone in anew. Nothing in the folder is lost if it fails; after a lost answer the same code
/// works again.
///
/// # Errors
/// [`Error::NoRecipient`] if the phone was never enrolled, [`Error::Input`], [`Error::Link`],
/// [`Error::Refused`], [`Error::Enrolled`] for another cadre's code, [`Error::Storage`].
pub fn recover(
    folder: &Path,
    server: &str,
    code: &str,
    model: &str,
    setup: &Setup,
) -> Result<[u8; 32]> {
    let seal = read_seal(folder)?;
    let server = address(server, setup.allow_plain_http)?;
    let code: EnrolCode = code
        .parse()
        .map_err(|_| Error::Input("a code has eight letters and digits, like K7QM-2XTA"))?;
    let body = ketuk_wire::encode(&RecoverRequest {
        code,
        sealed: seal.sealed,
        model: model.to_owned(),
        app: setup.app.clone(),
    })?;
    let request = Request {
        method: "POST",
        path: "/v1/recover".to_owned(),
        headers: vec![
            ("content-encoding", "zstd".to_owned()),
            (PROTOCOL_HEADER, PROTOCOL.to_owned()),
        ],
        body,
    };
    let answer: RecoverResponse = ask(setup, &server, request)?;
    let phone = Phone::open(folder, answer.key.0, setup.clone())?;
    if phone.moved_aside().is_some() {
        // What was begun in its place is another phone, and not the one that was signed in.
        return Err(StorageFault::of(Trouble::Damaged).into());
    }
    phone.enrolled(&server, &answer.welcome)?;
    Ok(answer.key.0)
}

/// What is on this phone and nowhere else, and when it was last copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlyHere {
    /// Finished visits that no server has.
    pub entries: u64,
    /// Visits begun and not finished.
    pub drafts: u64,
    /// Photos of both.
    pub photos: u64,
    /// When she last kept a copy, by the phone's clock.
    pub backed_up: Option<jiff::Timestamp>,
    /// Whether it is time for another: something has been only here for a week, and no copy is younger.
    pub due: bool,
}

/// After so long without a copy she is reminded.
const WEEK: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 7);

impl Phone {
    /// Writes everything that is on the phone into a file, for her to keep: each draft, entry and photo.
    /// Gives its size.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`], [`Error::NoRecipient`], [`Error::Storage`].
    pub fn back_up(&self, to: &Path) -> Result<u64> {
        let link = self.core.link()?;
        link.recipient.as_ref().ok_or(Error::NoRecipient)?;
        seal(&self.core, &link)?;
        let seal = read_seal(&self.core.folder)?;
        self.core.store.stand_still(|folder| {
            // The log was moved into the database: it alone is all.
            write_copy(seal, folder, &[DATABASE], to)
        })
    }

    /// Notes that the copy came to where she keeps it.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn backed_up(&self) -> Result<()> {
        let now = self.core.setup.clock.now().wall;
        Ok(self.core.store.backed_up(now)?)
    }

    /// What would be lost with this phone.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn only_here(&self) -> Result<OnlyHere> {
        let here = self.core.store.only_here()?;
        let now = self.core.setup.clock.now().wall;
        let old = |time: Option<jiff::Timestamp>| {
            time.is_some_and(|time| now.duration_since(time) >= WEEK)
        };
        Ok(OnlyHere {
            due: old(here.since) && (here.backed_up.is_none() || old(here.backed_up)),
            entries: here.entries,
            drafts: here.drafts,
            photos: here.photos,
            backed_up: here.backed_up,
        })
    }
}

/// Where a folder is put whose key is lost, so that the app can begin anew beside it. Nothing in it is
/// touched.
///
/// # Errors
/// [`Error::Storage`].
pub fn move_aside(folder: &Path, setup: &Setup) -> Result<PathBuf> {
    let now = setup.clock.now().wall;
    let mut aside = folder.as_os_str().to_owned();
    aside.push(now.strftime(".aside-%Y%m%dT%H%M%SZ").to_string());
    let mut again = PathBuf::from(&aside);
    let mut number = 1;
    while again.exists() {
        number += 1;
        again = PathBuf::from(&aside);
        again.as_mut_os_string().push(format!("-{number}"));
    }
    fs::rename(folder, &again)?;
    Ok(again)
}
