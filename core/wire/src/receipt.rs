//! What the server gives for an entry, and how anybody can check it.
//!
//! The entries of one answer are the leaves of a Merkle tree (RFC 6962, section 2.1), and the server
//! signs its root: one signature a batch on a slow link instead of one an entry. The phone builds the
//! same tree from what it sent, and keeps for each entry its own way up to the signed root. So a
//! receipt stands alone, and can be checked without a network.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{InclusionProof, RootHash};
use ed25519_dalek::{Signer as _, Verifier as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Sha256;

/// What the server says that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The family.
    pub household: Uuid,
    /// The revision that the entry became or went into; 0 while it is kept beside the revisions.
    pub revision: u64,
    /// Of the document's bytes as the phone sent them.
    pub sha256: Sha256,
    /// The server's clock when it took the entry.
    pub received_at: Timestamp,
}

/// The server's word that it holds an entry: signed, so that it can be shown to somebody who trusts
/// neither the phone nor the cadre.
///
/// As a text, which a QR code's alphanumeric mode takes, it says all that is needed to check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What is said.
    pub holding: Holding,
    /// That the server says it.
    pub proof: Proof,
}

/// The way from one entry to the signed root of its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    root: [u8; 32],
    /// Entries of the batch.
    leaves: u32,
    /// Which of them it is, from 0.
    index: u32,
    /// The hashes beside the way, from the leaf up: 32 bytes each.
    path: Vec<u8>,
    signature: Signature,
}

/// A receipt that doesn't hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// Something in it was changed, or another server signed it.
    #[error("the receipt was not signed by this server, or was changed after")]
    Signature,
    /// A key, a signature or a receipt that isn't one.
    #[error("not a key, a signature or a receipt of Ketuk")]
    Encoding,
}

type Tree = MemoryBackedTree<sha2::Sha256, Vec<u8>>;

/// Signs for the entries of a batch; `None` for an empty one.
pub fn sign(key: &SigningKey, batch: &[Holding]) -> Option<Signature> {
    if batch.is_empty() {
        return None;
    }
    let root = tree(batch).root();
    let statement = statement(root.as_bytes(), root.num_leaves());
    Some(Signature(key.0.sign(statement.as_bytes()).to_bytes()))
}

/// The receipts of a batch, in its order.
///
/// # Errors
/// [`ReceiptFault::Signature`] if the server with this key did not sign for just these.
pub fn receipts(
    batch: &[Holding],
    signature: Signature,
    key: &PublicKey,
) -> Result<Vec<Receipt>, ReceiptFault> {
    let tree = tree(batch);
    let root: [u8; 32] = (*tree.root().as_bytes()).into();
    let leaves = u32::try_from(batch.len()).map_err(|_| ReceiptFault::Signature)?;
    key.verify(&statement(&root, leaves.into()), signature)?;
    let receipt = |(index, holding): (u32, &Holding)| Receipt {
        holding: *holding,
        proof: Proof {
            root,
            leaves,
            index,
            path: tree.prove_inclusion(index as usize).as_bytes().to_vec(),
            signature,
        },
    };
    Ok((0..).zip(batch).map(receipt).collect())
}

fn tree(batch: &[Holding]) -> Tree {
    let mut tree = Tree::new();
    for holding in batch {
        tree.push(holding.leaf());
    }
    tree
}

/// What is signed: the first line names the kind, so that no other signed text of the server can pass
/// for it.
fn statement(root: &[u8], leaves: u64) -> String {
    let root = data_encoding::HEXLOWER.encode(root);
    format!("ketuk receipts 1\n{root}\n{leaves}\n")
}

impl Holding {
    /// One line a fact. Milliseconds, since that is what a database keeps of a time.
    fn leaf(&self) -> Vec<u8> {
        let Holding {
            household,
            revision,
            sha256,
            received_at,
        } = self;
        let time = received_at.as_millisecond();
        format!("{household}\n{revision}\n{sha256}\n{time}\n").into_bytes()
    }
}

impl Receipt {
    /// Whether the server with this key gave it.
    ///
    /// # Errors
    /// [`ReceiptFault::Signature`] if not.
    pub fn verify(&self, key: &PublicKey) -> Result<(), ReceiptFault> {
        let proof = &self.proof;
        key.verify(
            &statement(&proof.root, proof.leaves.into()),
            proof.signature,
        )?;
        let root = RootHash::<sha2::Sha256>::new(proof.root.into(), proof.leaves.into());
        let path = InclusionProof::try_from_bytes(proof.path.clone());
        path.and_then(|path| root.verify_inclusion(&self.holding.leaf(), proof.index.into(), &path))
            .map_err(|_| ReceiptFault::Signature)
    }
}

impl Receipt {
    /// A short number, to tell this receipt from another by eye or by telephone: `K7QM-2XTA`. It proves
    /// nothing; the text does.
    pub fn number(&self) -> String {
        let digest = Sha256::of(self.to_string().as_bytes());
        let mut number = data_encoding::BASE32_NOPAD.encode(&digest.as_bytes()[..5]);
        number.insert(4, '-');
        number
    }
}

/// Before a receipt's text: what it is, and the version of its layout.
const MARK: &str = "KETUK1.";

/// `KETUK1.` and in base 32: household (16 bytes), revision (8), time in milliseconds since 1970 (8),
/// SHA-256 of the document (32), then the [`Proof`]. Numbers have their highest byte first.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Holding {
            household,
            revision,
            sha256,
            received_at,
        } = &self.holding;
        let mut bytes = household.as_bytes().to_vec();
        bytes.extend(revision.to_be_bytes());
        bytes.extend(received_at.as_millisecond().to_be_bytes());
        bytes.extend(sha256.as_bytes());
        bytes.extend(self.proof.to_bytes());
        f.write_str(MARK)?;
        f.write_str(&data_encoding::BASE32_NOPAD.encode(&bytes))
    }
}

/// Also as somebody may have copied it: in lower case, with spaces and line breaks in it.
impl FromStr for Receipt {
    type Err = ReceiptFault;

    fn from_str(text: &str) -> Result<Receipt, ReceiptFault> {
        let text: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .take(LONGEST_TEXT)
            .collect();
        let body = text.strip_prefix(MARK).ok_or(ReceiptFault::Encoding)?;
        let bytes = data_encoding::BASE32_NOPAD
            .decode(body.as_bytes())
            .map_err(|_| ReceiptFault::Encoding)?;
        let mut rest = bytes.as_slice();
        let holding = Holding {
            household: Uuid::from_bytes(take(&mut rest)?),
            revision: u64::from_be_bytes(take(&mut rest)?),
            received_at: Timestamp::from_millisecond(i64::from_be_bytes(take(&mut rest)?))
                .map_err(|_| ReceiptFault::Encoding)?,
            sha256: Sha256::from(take::<32>(&mut rest)?),
        };
        Ok(Receipt {
            holding,
            proof: Proof::from_bytes(rest)?,
        })
    }
}

/// Of a receipt out of the largest batch that could be signed, with room to spare.
const LONGEST_TEXT: usize = 4096;

impl Proof {
    /// As a phone keeps it: the batch's size and the entry's place in it (4 bytes each), the root
    /// (32), the signature (64), and the path.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.leaves.to_be_bytes().to_vec();
        bytes.extend(self.index.to_be_bytes());
        bytes.extend(self.root);
        bytes.extend(self.signature.0);
        bytes.extend(&self.path);
        bytes
    }

    /// What [`Proof::to_bytes`] made.
    ///
    /// # Errors
    /// [`ReceiptFault::Encoding`] if these bytes are none of its.
    pub fn from_bytes(mut bytes: &[u8]) -> Result<Proof, ReceiptFault> {
        let rest = &mut bytes;
        let proof = Proof {
            leaves: u32::from_be_bytes(take(rest)?),
            index: u32::from_be_bytes(take(rest)?),
            root: take(rest)?,
            signature: Signature(take(rest)?),
            path: rest.to_vec(),
        };
        let whole = proof.path.len().is_multiple_of(32);
        whole.then_some(proof).ok_or(ReceiptFault::Encoding)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ReceiptFault> {
    let (taken, left) = rest.split_first_chunk().ok_or(ReceiptFault::Encoding)?;
    *rest = left;
    Ok(*taken)
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

impl PublicKey {
    fn verify(&self, statement: &str, signature: Signature) -> Result<(), ReceiptFault> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0
            .verify(statement.as_bytes(), &signature)
            .map_err(|_| ReceiptFault::Signature)
    }
}

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
    use proptest::prelude::*;

    use super::*;

    fn holding(n: u64) -> Holding {
        Holding {
            household: Uuid::from_u128(0x75_71_01 + u128::from(n)),
            revision: n,
            sha256: Sha256::of(&n.to_be_bytes()),
            received_at: Timestamp::from_millisecond(1_689_850_800_123).unwrap(),
        }
    }

    fn batch(entries: u64) -> Vec<Holding> {
        (1..=entries).map(holding).collect()
    }

    fn key() -> SigningKey {
        SigningKey::from_seed(&[7; 32])
    }

    fn given(entries: u64) -> Vec<Receipt> {
        let batch = batch(entries);
        let signature = sign(&key(), &batch).unwrap();
        receipts(&batch, signature, &key().public()).unwrap()
    }

    #[test]
    fn every_receipt_of_a_batch_holds_by_itself_under_the_servers_key_and_no_other() {
        let other = SigningKey::from_seed(&[8; 32]).public();
        for entries in [1, 2, 3, 50, 127] {
            for receipt in given(entries) {
                assert_eq!(receipt.verify(&key().public()), Ok(()));
                assert_eq!(receipt.verify(&other), Err(ReceiptFault::Signature));
            }
        }
    }

    #[test]
    fn receipts_of_one_batch_have_different_short_numbers_and_the_same_one_has_the_same() {
        let numbers: Vec<String> = given(50).iter().map(Receipt::number).collect();
        let different: std::collections::BTreeSet<&String> = numbers.iter().collect();
        assert_eq!(different.len(), 50);
        let copied: Receipt = given(50)[0].to_string().parse().unwrap();
        assert_eq!(copied.number(), numbers[0]);
        assert_eq!(numbers[0].len(), "K7QM-2XTA".len());
    }

    #[test]
    fn a_batch_that_the_server_did_not_sign_for_gives_no_receipts() {
        let signature = sign(&key(), &batch(3)).unwrap();
        let mut other = batch(3);
        other.swap(0, 1);
        for batch in [other, batch(2), batch(4)] {
            let refused = receipts(&batch, signature, &key().public());
            assert_eq!(refused, Err(ReceiptFault::Signature));
        }
        assert_eq!(sign(&key(), &[]), None);
    }

    #[test]
    fn a_receipt_with_anything_changed_does_not_hold() {
        let good = given(5).swap_remove(2);
        let later = Timestamp::from_millisecond(1_689_850_800_124).unwrap();
        let change = |change: &dyn Fn(&mut Receipt)| {
            let mut changed = good.clone();
            change(&mut changed);
            changed
        };
        for changed in [
            change(&|r| r.holding.household = Uuid::from_u128(1)),
            change(&|r| r.holding.revision = 4),
            change(&|r| r.holding.sha256 = Sha256::of(b"[]")),
            change(&|r| r.holding.received_at = later),
            change(&|r| r.proof.index = 1),
            change(&|r| r.proof.leaves = 6),
            change(&|r| r.proof.root = [0; 32]),
            change(&|r| r.proof.path.truncate(32)),
            change(&|r| r.proof.leaves = u32::MAX),
        ] {
            assert_eq!(
                changed.verify(&key().public()),
                Err(ReceiptFault::Signature),
                "{changed:?}"
            );
        }
    }

    /// At the medium level of correction, versions 10, 16 and 18 of a QR code hold so many.
    #[test]
    fn a_receipt_is_a_short_text_of_the_characters_of_a_qr_codes_alphanumeric_mode() {
        for (entries, longest) in [(1, 276), (50, 600), (500, 738)] {
            let receipt = given(entries).swap_remove(0);
            let text = receipt.to_string();
            assert!(text.len() <= longest, "{}", text.len());
            let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.';
            assert!(text.chars().all(fits), "{text}");
            assert_eq!(text.parse(), Ok(receipt));
        }
        insta::assert_snapshot!(given(2)[1].to_string());
    }

    #[test]
    fn a_text_is_understood_however_it_was_copied() {
        let receipt = given(3).swap_remove(0);
        let text = receipt.to_string().to_lowercase();
        let (front, back) = text.split_at(60);
        assert_eq!(format!(" {front}\n  {back}\n").parse(), Ok(receipt));
    }

    #[test]
    fn a_secret_key_prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", key()), "SigningKey(secret)");
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

    proptest! {
        #[test]
        fn no_text_and_no_bytes_make_it_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            text in ".{0,80}",
        ) {
            let _ = Proof::from_bytes(&bytes);
            let _ = text.parse::<Receipt>();
            let body = data_encoding::BASE32_NOPAD.encode(&bytes);
            if let Ok(receipt) = format!("{MARK}{body}").parse::<Receipt>() {
                prop_assert!(receipt.verify(&key().public()).is_err());
            }
        }
    }
}
