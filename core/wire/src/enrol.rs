//! How a phone comes to belong to a cadre.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AreaCode, PublicKey};

/// The code on a cadre's enrolment sheet: eight letters and digits, shown as `K7QM-2XTA`. It is used
/// once, and ends by itself after some days.
///
/// The alphabet is Crockford's: nothing in it is taken for something else when it is read aloud or
/// typed from paper, and what people type instead (o, i, l, lower case, spaces) is understood.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnrolCode(String);

/// The text is not such a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an enrolment code has eight letters and digits, like K7QM-2XTA")]
pub struct EnrolCodeFault;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;

impl EnrolCode {
    /// The code of forty random bits; the rest of `random` is ignored.
    pub fn from_random(random: u64) -> EnrolCode {
        let sign = |at: usize| char::from(ALPHABET[(random >> (5 * at)) as usize & 31]);
        EnrolCode((0..LENGTH).map(sign).collect())
    }

    /// Without its dash; what is hashed to look it up.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EnrolCode {
    type Err = EnrolCodeFault;

    fn from_str(text: &str) -> Result<EnrolCode, EnrolCodeFault> {
        let mut code = String::with_capacity(LENGTH);
        for sign in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let sign = match sign.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let known = u8::try_from(sign).is_ok_and(|b| ALPHABET.contains(&b));
            if !known || code.len() == LENGTH {
                return Err(EnrolCodeFault);
            }
            code.push(sign);
        }
        if code.len() == LENGTH {
            Ok(EnrolCode(code))
        } else {
            Err(EnrolCodeFault)
        }
    }
}

impl fmt::Display for EnrolCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (front, back) = self.0.split_at(LENGTH / 2);
        write!(f, "{front}-{back}")
    }
}

impl fmt::Debug for EnrolCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolCode(secret)")
    }
}

impl TryFrom<String> for EnrolCode {
    type Error = EnrolCodeFault;

    fn try_from(text: String) -> Result<EnrolCode, EnrolCodeFault> {
        text.parse()
    }
}

impl From<EnrolCode> for String {
    fn from(code: EnrolCode) -> String {
        code.0
    }
}

/// `POST /v1/enrol`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// From the sheet.
    pub code: EnrolCode,
    /// Made by the phone, with its database. The same phone asking again with the same code gets
    /// the same answer with a fresh token: its first answer may have been lost on the way.
    pub device: Uuid,
    /// Whose the phone is already, so that another cadre's code is refused before it is spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadre: Option<Uuid>,
    /// The phone's make, as its maker calls it; for the office's list of phones.
    pub model: String,
    /// The app's version.
    pub app: String,
}

/// The answer to [`EnrolRequest`]. Doesn't show its token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// Sent as `Authorization: Bearer …` from now on. The server keeps only its hash.
    pub token: String,
    /// Who the phone belongs to.
    pub cadre: Cadre,
    /// What is being done.
    pub campaign: Campaign,
    /// Verifies this server's receipts.
    pub server_key: PublicKey,
    /// What is handed over in a file is sealed to this: an X25519 recipient of age, `age1…`.
    pub recipient: String,
}

impl fmt::Debug for EnrolResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolResponse")
            .field("cadre", &self.cadre.id)
            .field("campaign", &self.campaign.id)
            .finish_non_exhaustive()
    }
}

/// A cadre, as her own phone knows her.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadre {
    /// Known by this in the campaign.
    pub id: Uuid,
    /// Her name.
    pub name: String,
    /// Her RTs.
    pub areas: Vec<AreaCode>,
}

/// A campaign, as a phone knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// Known by this.
    pub id: Uuid,
    /// As shown on the phone.
    pub title: String,
    /// First day of visits.
    pub first_day: Date,
    /// Last day of visits, included.
    pub last_day: Date,
    /// Whether every family in it is made up.
    pub synthetic: bool,
    /// How its phones are locked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lock: PhoneLock,
}

/// How the phones of a campaign are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneLock {
    /// Whether a cadre must choose a PIN before she sees a family.
    pub pin: bool,
    /// After so many minutes without a touch the app asks for the PIN again, if there is one.
    pub after_minutes: u16,
}

/// No PIN is asked for; who chooses one has five minutes to listen to an answer.
impl Default for PhoneLock {
    fn default() -> PhoneLock {
        PhoneLock {
            pin: false,
            after_minutes: 5,
        }
    }
}

fn is_default(lock: &PhoneLock) -> bool {
    *lock == PhoneLock::default()
}

/// The key of a phone's database. Prints nothing of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneKey(pub [u8; 32]);

/// The text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key has 32 bytes, in base64")]
pub struct PhoneKeyFault;

impl fmt::Debug for PhoneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneKey(secret)")
    }
}

impl TryFrom<String> for PhoneKey {
    type Error = PhoneKeyFault;

    fn try_from(text: String) -> Result<PhoneKey, PhoneKeyFault> {
        let bytes = BASE64.decode(text).map_err(|_| PhoneKeyFault)?;
        bytes.try_into().map(PhoneKey).map_err(|_| PhoneKeyFault)
    }
}

impl From<PhoneKey> for String {
    fn from(key: PhoneKey) -> String {
        BASE64.encode(key.0)
    }
}

/// What lies beside a phone's database, sealed to its server as a parcel is: the way back to what is in
/// it, when the phone itself has lost the key or the cadre her PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedKey {
    /// The phone.
    pub device: Uuid,
    /// Whose it is.
    pub cadre: Uuid,
    /// What opens its database.
    pub key: PhoneKey,
}

/// `POST /v1/recover`: asks the server to open what it was sealed, with a new code for the same cadre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverRequest {
    /// From the supervisor, for just this: one that a phone was enrolled with opens nothing.
    pub code: EnrolCode,
    /// A [`SealedKey`], in base64.
    pub sealed: String,
    /// The phone's make, as its maker calls it.
    pub model: String,
    /// The app's version.
    pub app: String,
}

/// The answer to [`RecoverRequest`]: the key, and the phone's sign-in anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverResponse {
    /// Opens the database.
    pub key: PhoneKey,
    /// As after an enrolment.
    pub welcome: EnrolResponse,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_understood_however_it_was_typed() {
        let code: EnrolCode = "K701-2XTA".parse().unwrap();
        for typed in ["k7oi2xta", " K7 0L - 2xt a ", "K7O1-2XTA"] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed:?}");
        }
        assert_eq!(code.to_string(), "K701-2XTA");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for bad in ["", "K7QM-2XT", "K7QM-2XTAA", "K7QM-2XTU", "K7QM-2XT€"] {
            assert_eq!(bad.parse::<EnrolCode>(), Err(EnrolCodeFault), "{bad:?}");
        }
    }

    #[test]
    fn a_code_is_not_printed_by_chance() {
        let code: EnrolCode = "K7QM-2XTA".parse().unwrap();
        assert_eq!(format!("{code:?}"), "EnrolCode(secret)");
    }

    #[test]
    fn a_token_is_not_printed_by_chance() {
        let answer = EnrolResponse {
            token: "a-bearers-token".to_owned(),
            cadre: Cadre {
                id: Uuid::from_u128(1),
                name: "Contoh".to_owned(),
                areas: Vec::new(),
            },
            campaign: Campaign {
                id: Uuid::from_u128(2),
                title: "Contoh".to_owned(),
                first_day: jiff::civil::date(2023, 7, 1),
                last_day: jiff::civil::date(2023, 7, 31),
                synthetic: true,
                lock: PhoneLock::default(),
            },
            server_key: crate::SigningKey::from_seed(&[7; 32]).public(),
            recipient: "age1".to_owned(),
        };
        assert!(!format!("{answer:?}").contains("token"));
    }

    #[test]
    fn a_phones_key_is_not_printed_by_chance() {
        let key = PhoneKey([7; 32]);
        assert_eq!(format!("{key:?}"), "PhoneKey(secret)");
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<PhoneKey>(&text).unwrap(), key);
        assert!(serde_json::from_str::<PhoneKey>("\"AAAA\"").is_err());
    }

    #[test]
    fn a_campaign_that_says_nothing_of_locks_asks_for_no_pin() {
        let said = r#"{"id":"00000000-0000-0000-0000-000000000002","title":"Uji","first_day":"2023-07-01",
            "last_day":"2023-07-31","synthetic":true}"#;
        let campaign: Campaign = serde_json::from_str(said).unwrap();
        assert_eq!(campaign.lock, PhoneLock::default());
        assert!(!serde_json::to_string(&campaign).unwrap().contains("lock"));
    }

    proptest! {
        #[test]
        fn every_code_made_can_be_typed(random: u64) {
            let code = EnrolCode::from_random(random);
            prop_assert_eq!(code.to_string().parse(), Ok(code));
        }
    }
}
