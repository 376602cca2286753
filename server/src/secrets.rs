//! What the server makes up once and keeps: its incarnation, the key of its receipts, that of its
//! hashes and that of parcels; and what it makes up anew each time.

use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ketuk_wire::{EnrolCode, Sha256, SigningKey};
use uuid::Uuid;

use crate::Error;
use crate::db::Db;
use crate::epoch::Floors;

/// Kept in the database, so that a copy of it is a whole server: phones go on trusting it.
pub(crate) struct Secrets {
    /// Changes when a backup is restored.
    pub(crate) epoch: Uuid,
    /// Revisions that it gives out are above these.
    pub(crate) floors: Floors,
    /// Signs receipts.
    pub(crate) signing: SigningKey,
    /// An enrolment code has forty bits: a plain hash of it could be searched through.
    code_key: [u8; 32],
    /// Opens what phones hand over in files.
    pub(crate) parcels: Identity,
}

impl Secrets {
    pub(crate) fn load_or_make(db: &Db) -> Result<Secrets, Error> {
        let fresh = [
            ("epoch", Uuid::new_v4().as_bytes().to_vec()),
            ("signing_seed", random()?.to_vec()),
            ("code_key", random()?.to_vec()),
            (
                "parcel_key",
                Identity::generate().to_string().expose_secret().into(),
            ),
        ];
        db.write(|tx| {
            // A second server that starts at the same moment keeps what the first one made.
            for (name, value) in fresh {
                tx.execute(
                    "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    &[name.into(), value.into()],
                )?;
            }
            let floors = Floors::read(tx)?;
            let mut value = |name: &str| {
                tx.query_first("SELECT value FROM meta WHERE name = $1", &[name.into()])?
                    .ok_or_else(|| Error::Internal(format!("{name} is missing")))
            };
            let parcels = value("parcel_key")?;
            let parcels = std::str::from_utf8(parcels.blob(0)?).map_err(Error::internal)?;
            Ok(Secrets {
                parcels: parcels.parse().map_err(Error::internal)?,
                epoch: value("epoch")?.uuid(0)?,
                floors,
                signing: SigningKey::from_seed(&value("signing_seed")?.bytes32(0)?),
                code_key: value("code_key")?.bytes32(0)?,
            })
        })
    }

    /// What an enrolment code is found by.
    pub(crate) fn code_hash(&self, code: &EnrolCode) -> Result<Vec<u8>, Error> {
        let mut mac =
            Hmac::<sha2::Sha256>::new_from_slice(&self.code_key).map_err(Error::internal)?;
        mac.update(code.as_str().as_bytes());
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

/// 32 bytes of the system's randomness.
pub(crate) fn random() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

/// A new enrolment code.
pub(crate) fn new_code() -> Result<EnrolCode, Error> {
    let bits = random()?.into_iter().take(8);
    Ok(EnrolCode::from_random(
        bits.fold(0, |n, byte| n << 8 | u64::from(byte)),
    ))
}

/// A secret that its holder shows, and the hash by which the server knows it: a bearer token, a
/// session.
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) hash: Sha256,
}

impl Token {
    pub(crate) fn make() -> Result<Token, Error> {
        let text = URL_SAFE_NO_PAD.encode(random()?);
        let hash = Token::hash(&text);
        Ok(Token { text, hash })
    }

    /// 256 random bits need no slow hash.
    pub(crate) fn hash(text: &str) -> Sha256 {
        Sha256::of(text.as_bytes())
    }
}
