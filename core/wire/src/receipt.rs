//! What the server gives for an entry, and how anybody can check it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::{Signer as _, Verifier as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Sha256;

/// The server's word that it holds an entry: signed, so that it can be shown to somebody who trusts
/// neither the phone nor the cadre, and checked without a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The family.
    pub household: Uuid,
    /// The revision that the entry became.
    pub revision: u64,
    /// Of the document's bytes as the phone sent them.
    pub sha256: Sha256,
    /// The server's clock when it took the entry.
    pub received_at: Timestamp,
    /// Over all of the above.
    pub signature: Signature,
}

/// A receipt that doesn't hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// Something in it was changed, or another server signed it.
    #[error("the receipt was not signed by this server, or was changed after")]
    Signature,
    /// A key or signature that isn't one.
    #[error("not a key or signature of Ed25519 in base64")]
    Encoding,
}

impl Receipt {
    /// Signs for an entry.
    pub fn sign(
        key: &SigningKey,
        household: Uuid,
        revision: u64,
        sha256: Sha256,
        received_at: Timestamp,
    ) -> Receipt {
        let statement = statement(household, revision, sha256, received_at);
        let signature = Signature(key.0.sign(statement.as_bytes()).to_bytes());
        Receipt {
            household,
            revision,
            sha256,
            received_at,
            signature,
        }
    }

    /// Whether the server with this key gave it.
    ///
    /// # Errors
    /// [`ReceiptFault::Signature`] if not.
    pub fn verify(&self, key: &PublicKey) -> Result<(), ReceiptFault> {
        let statement = statement(self.household, self.revision, self.sha256, self.received_at);
        let signature = ed25519_dalek::Signature::from_bytes(&self.signature.0);
        key.0
            .verify(statement.as_bytes(), &signature)
            .map_err(|_| ReceiptFault::Signature)
    }
}

/// What is signed: one line a fact, the first naming the kind so that no other signed text of the
/// server can pass for a receipt. Milliseconds, since that is what a database keeps of a time.
fn statement(household: Uuid, revision: u64, sha256: Sha256, received_at: Timestamp) -> String {
    let time = received_at.as_millisecond();
    format!("ketuk receipt 1\n{household}\n{revision}\n{sha256}\n{time}\n")
}

/// The server's secret half. Prints nothing of itself.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key with this seed, which is the secret.
    pub fn from_seed(seed: &[u8; 32]) -> SigningKey {
        SigningKey(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The half that phones get at enrolment.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(secret)")
    }
}

/// The server's public half, in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(ed25519_dalek::VerifyingKey);

impl FromStr for PublicKey {
    type Err = ReceiptFault;

    fn from_str(text: &str) -> Result<PublicKey, ReceiptFault> {
        let bytes = from_base64::<32>(text)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes);
        key.map(PublicKey).map_err(|_| ReceiptFault::Encoding)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0.as_bytes()))
    }
}

impl TryFrom<String> for PublicKey {
    type Error = ReceiptFault;

    fn try_from(text: String) -> Result<PublicKey, ReceiptFault> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> String {
        key.to_string()
    }
}

/// An Ed25519 signature, in base64.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Signature([u8; 64]);

impl FromStr for Signature {
    type Err = ReceiptFault;

    fn from_str(text: &str) -> Result<Signature, ReceiptFault> {
        from_base64(text).map(Signature)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

impl TryFrom<String> for Signature {
    type Error = ReceiptFault;

    fn try_from(text: String) -> Result<Signature, ReceiptFault> {
        text.parse()
    }
}

impl From<Signature> for String {
    fn from(signature: Signature) -> String {
        signature.to_string()
    }
}

fn from_base64<const N: usize>(text: &str) -> Result<[u8; N], ReceiptFault> {
    let bytes = BASE64.decode(text).map_err(|_| ReceiptFault::Encoding)?;
    bytes.try_into().map_err(|_| ReceiptFault::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(key: &SigningKey) -> Receipt {
        let household = Uuid::from_u128(0x75_71_01);
        let time = Timestamp::from_millisecond(1_689_850_800_123).unwrap();
        Receipt::sign(key, household, 3, Sha256::of(b"{}"), time)
    }

    #[test]
    fn a_receipt_holds_under_the_servers_key_and_no_other() {
        let key = SigningKey::from_seed(&[7; 32]);
        let receipt = receipt(&key);
        assert_eq!(receipt.verify(&key.public()), Ok(()));
        let other = SigningKey::from_seed(&[8; 32]).public();
        assert_eq!(receipt.verify(&other), Err(ReceiptFault::Signature));
    }

    #[test]
    fn a_receipt_with_anything_changed_does_not_hold() {
        let key = SigningKey::from_seed(&[7; 32]);
        let good = receipt(&key);
        let later = Timestamp::from_millisecond(1_689_850_800_124).unwrap();
        for changed in [
            Receipt {
                household: Uuid::from_u128(1),
                ..good.clone()
            },
            Receipt {
                revision: 4,
                ..good.clone()
            },
            Receipt {
                sha256: Sha256::of(b"[]"),
                ..good.clone()
            },
            Receipt {
                received_at: later,
                ..good.clone()
            },
        ] {
            assert_eq!(
                changed.verify(&key.public()),
                Err(ReceiptFault::Signature),
                "{changed:?}"
            );
        }
    }

    #[test]
    fn a_receipt_reads_back_from_its_json() {
        let key = SigningKey::from_seed(&[7; 32]);
        let json = serde_json::to_string_pretty(&receipt(&key)).unwrap();
        insta::assert_snapshot!(json);
        assert_eq!(
            serde_json::from_str::<Receipt>(&json).unwrap(),
            receipt(&key)
        );
    }

    #[test]
    fn a_secret_key_prints_nothing_of_itself() {
        assert_eq!(
            format!("{:?}", SigningKey::from_seed(&[7; 32])),
            "SigningKey(secret)"
        );
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in ["", "abc", "????", &"A".repeat(44)] {
            assert_eq!(
                bad.parse::<PublicKey>(),
                Err(ReceiptFault::Encoding),
                "{bad:?}"
            );
        }
    }
}
