//! Zip archives: what is taken out of others, and how ours is written.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use zip::ZipArchive;

/// One entry of an archive, unpacked.
pub(crate) fn entry(archive: &Path, name: &str) -> Result<Vec<u8>> {
    let named = || format!("{name} in {}", archive.display());
    let mut opened = open(archive)?;
    let mut entry = opened.by_name(name).with_context(named)?;
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).with_context(named)?;
    Ok(bytes)
}

/// An archive, to read from.
pub(crate) fn open(archive: &Path) -> Result<ZipArchive<File>> {
    let named = || archive.display().to_string();
    ZipArchive::new(File::open(archive).with_context(named)?).with_context(named)
}

/// The names of an archive's files, in their order as text.
pub(crate) fn names(archive: &Path) -> Result<Vec<String>> {
    let opened = open(archive)?;
    let mut names = Vec::with_capacity(opened.len());
    for name in opened.file_names() {
        let name = name.with_context(|| archive.display().to_string())?;
        if !name.ends_with('/') {
            names.push(name.into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The extra field that says where an entry begins: Android's signer keeps what it says.
const ALIGNMENT: u16 = 0xd935;

/// New Year 1980: every entry is of that day, so that two builds give the same bytes.
const DAY: u16 = 0x0021;

/// An archive being written: entries in the order they are given, at the places that Android wants.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

impl Writer {
    /// An entry as it is, its content beginning at a multiple of `alignment`.
    pub(crate) fn stored(&mut self, name: &str, content: &[u8], alignment: u16) -> Result<()> {
        self.add(name, content, content, 0, Some(alignment))
    }

    /// An entry made smaller.
    pub(crate) fn deflated(&mut self, name: &str, content: &[u8]) -> Result<()> {
        use std::io::Write as _;
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content)?;
        let packed = encoder.finish()?;
        self.add(name, content, &packed, 8, None)
    }

    fn add(
        &mut self,
        name: &str,
        content: &[u8],
        packed: &[u8],
        method: u16,
        alignment: Option<u16>,
    ) -> Result<()> {
        let at = u32::try_from(self.bytes.len())?;
        let mut sum = flate2::Crc::new();
        sum.update(content);

        // What the entry in place and the one in the directory share.
        let mut head = Vec::with_capacity(26);
        for word in [20, 0x0800, method, 0, DAY] {
            head.extend_from_slice(&u16::to_le_bytes(word));
        }
        head.extend_from_slice(&sum.sum().to_le_bytes());
        head.extend_from_slice(&u32::try_from(packed.len())?.to_le_bytes());
        head.extend_from_slice(&u32::try_from(content.len())?.to_le_bytes());
        head.extend_from_slice(&u16::try_from(name.len())?.to_le_bytes());

        self.bytes.extend_from_slice(b"PK\x03\x04");
        self.bytes.extend_from_slice(&head);
        let begins = self.bytes.len() + 2 + name.len();
        let extra = alignment.map_or(Vec::new(), |alignment| padding(begins, alignment));
        self.bytes
            .extend_from_slice(&u16::try_from(extra.len())?.to_le_bytes());
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(&extra);
        self.bytes.extend_from_slice(packed);

        self.directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        self.directory.extend_from_slice(&head);
        // No extra field, no comment, disk 0, no attributes.
        self.directory.extend_from_slice(&[0; 12]);
        self.directory.extend_from_slice(&at.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        match self.entries.checked_add(1) {
            Some(entries) => self.entries = entries,
            None => bail!("more entries than a zip archive can hold"),
        }
        Ok(())
    }

    /// The whole archive.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>> {
        let at = u32::try_from(self.bytes.len())?;
        self.bytes.extend_from_slice(&self.directory);
        self.bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend_from_slice(&self.entries.to_le_bytes());
        self.bytes.extend_from_slice(&self.entries.to_le_bytes());
        self.bytes
            .extend_from_slice(&u32::try_from(self.directory.len())?.to_le_bytes());
        self.bytes.extend_from_slice(&at.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 2]);
        Ok(self.bytes)
    }
}

/// An extra field that says the alignment and is as long as it takes for content after it to have it.
fn padding(begins: usize, alignment: u16) -> Vec<u8> {
    let wanted = usize::from(alignment.max(1));
    let least = begins + 6;
    let fill = (wanted - least % wanted) % wanted;
    let mut extra = Vec::with_capacity(6 + fill);
    extra.extend_from_slice(&ALIGNMENT.to_le_bytes());
    // At most one alignment, which is 16 bits wide.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "less than an alignment of 16 bits"
    )]
    extra.extend_from_slice(&((2 + fill) as u16).to_le_bytes());
    extra.extend_from_slice(&alignment.to_le_bytes());
    extra.resize(6 + fill, 0);
    extra
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn what_is_written_can_be_read_and_begins_where_it_should() {
        let text = b"ketuk ketuk ketuk ketuk".repeat(50);
        let mut writer = Writer::default();
        writer.deflated("classes.dex", &text).unwrap();
        writer.stored("lib/x.so", &text, 16_384).unwrap();
        writer.stored("resources.arsc", &text, 4).unwrap();
        let file = written(&writer.finish().unwrap());

        for (name, alignment) in [("lib/x.so", 16_384), ("resources.arsc", 4)] {
            assert_eq!(entry(file.path(), name).unwrap(), text);
            let mut archive = open(file.path()).unwrap();
            let at = archive.by_name(name).unwrap().data_start().unwrap();
            assert_eq!(at % alignment, 0, "{name}");
        }
        assert_eq!(entry(file.path(), "classes.dex").unwrap(), text);
        assert!(
            open(file.path())
                .unwrap()
                .by_name("classes.dex")
                .unwrap()
                .compressed_size()
                < 200
        );
    }

    #[test]
    fn the_same_entries_give_the_same_bytes() {
        let write = || {
            let mut writer = Writer::default();
            writer.deflated("a", b"one").unwrap();
            writer.stored("b", b"two", 4).unwrap();
            writer.finish().unwrap()
        };
        assert_eq!(write(), write());
    }
}
