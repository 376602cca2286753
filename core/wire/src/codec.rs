//! Messages to bytes and back: JSON under zstd, both ways.

use std::io::Read;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message is refused once it unpacks beyond this: 8 MiB, twice the documents that a phone
/// puts into a request at most.
pub const MAX_DECOMPRESSED: usize = 8 << 20;

/// Where the curve bends: a batch of fifty takes some milliseconds. Level 19 would save another tenth
/// of the bytes at thirty times the work, which a cheap phone pays in seconds.
const LEVEL: i32 = 6;

/// How far back a frame may refer, as a power of two: 8 MiB, which a decoder sets aside before it has
/// unpacked anything. Up to level 19, nothing is packed with more.
const MOST_WINDOW: u32 = 23;

/// Why bytes are no message. No variant carries any of the content, which is personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeFault {
    /// Not zstd, cut short, or packed so that it takes too much memory to unpack.
    #[error("the bytes are not a whole zstd stream")]
    Compression,
    /// It unpacks beyond [`MAX_DECOMPRESSED`].
    #[error("the message is larger than {MAX_DECOMPRESSED} bytes")]
    TooLarge,
    /// Not the JSON that was expected.
    #[error("the message is not of the expected shape (line {line}, column {column})")]
    Shape {
        /// Line of the JSON, from 1.
        line: usize,
        /// Column of the JSON, from 1.
        column: usize,
    },
}

/// A message as it goes on the wire.
///
/// # Errors
/// Only if a message can't be JSON at all; none of this crate's can't.
pub fn encode<T: Serialize>(message: &T) -> std::io::Result<Vec<u8>> {
    // Whole, so that zstd knows its length: else it clears megabytes of tables for a message of any size.
    zstd::bulk::compress(&serde_json::to_vec(message)?, LEVEL)
}

/// A message from the wire. What it says stays within [`MAX_DECOMPRESSED`], and what it takes to unpack
/// it within as much again, whatever the bytes claim.
///
/// # Errors
/// See [`DecodeFault`].
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeFault> {
    let mut decoder = zstd::Decoder::new(bytes).map_err(|_| DecodeFault::Compression)?;
    decoder
        .window_log_max(MOST_WINDOW)
        .map_err(|_| DecodeFault::Compression)?;
    let mut json = Vec::new();
    decoder
        .take(MAX_DECOMPRESSED as u64 + 1)
        .read_to_end(&mut json)
        .map_err(|_| DecodeFault::Compression)?;
    if json.len() > MAX_DECOMPRESSED {
        return Err(DecodeFault::TooLarge);
    }
    serde_json::from_slice(&json).map_err(|fault| DecodeFault::Shape {
        line: fault.line(),
        column: fault.column(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_message_comes_back_as_it_went() {
        let message = json!({"households": ["Lekobalo", "Pohe"], "revision": 3});
        assert_eq!(decode::<Value>(&encode(&message).unwrap()), Ok(message));
    }

    #[test]
    fn a_bomb_is_refused_while_it_unpacks() {
        let bomb = zstd::encode_all(std::io::repeat(b' ').take(1 << 30), 3).unwrap();
        assert!(bomb.len() < 200_000);
        assert_eq!(decode::<Value>(&bomb), Err(DecodeFault::TooLarge));
    }

    #[test]
    fn a_frame_that_asks_for_more_memory_than_any_of_ours_is_refused() {
        // A frame with a window of that size, and the whole message as it is in its only block.
        let frame = |window_log: u8| {
            let magic = [0x28, 0xb5, 0x2f, 0xfd];
            let (header, window) = (0, (window_log - 10) << 3);
            let block = [17, 0, 0];
            [&magic[..], &[header, window], &block, b"{}"].concat()
        };
        assert_eq!(decode::<Value>(&frame(23)), Ok(json!({})));
        for window_log in [24, 27, 31] {
            let fault = decode::<Value>(&frame(window_log));
            assert_eq!(fault, Err(DecodeFault::Compression), "{window_log}");
        }
        let ours = encode(&"a message ".repeat(MAX_DECOMPRESSED / 10 - 1)).unwrap();
        assert!(decode::<String>(&ours).is_ok());
    }

    #[test]
    fn a_message_cut_anywhere_is_refused() {
        let whole = encode(&json!({"ops": [1, 2, 3], "device": "a phone"})).unwrap();
        for cut in 0..whole.len() {
            assert!(
                decode::<Value>(&whole[..cut]).is_err(),
                "taken when cut after byte {cut}"
            );
        }
    }

    #[test]
    fn a_fault_names_the_place_and_nothing_of_the_content() {
        let bytes = zstd::encode_all(&b"{\"nik\": 7571015501900001x"[..], 3).unwrap();
        let fault = decode::<Value>(&bytes).unwrap_err();
        assert_eq!(
            fault,
            DecodeFault::Shape {
                line: 1,
                column: 25
            }
        );
        assert!(!fault.to_string().contains("7571"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<Value>(&bytes);
        }
    }
}
