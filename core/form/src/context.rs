//! What a form may know of the world around it: given by the caller, so that the engine itself
//! needs no clock, no chance and no device.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use serde_json::Value;

use crate::expr::dates::{date_text, date_time_text};
use crate::form::Form;
use crate::form::schema::Meta;
use crate::messages::Tongue;

/// The facts a form is filled with.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// The day of the visit: `today()`.
    pub today: Date,
    /// Local date and time: `now()`, and the `start` and `end` of a visit.
    pub now: DateTime,
    /// How far local time is from UTC.
    pub offset: Offset,
    /// Name or code of the language to begin in; the form's default one if `None` or unknown.
    pub language: Option<String>,
    /// The answer of a `deviceid` question.
    pub device_id: String,
    /// The answer of a `username` question.
    pub username: String,
    /// From where ids of new repeat instances, `uuid()` and `random()` are derived. Give every
    /// visit another one, from a good source of chance.
    pub seed: u64,
    /// The document of this form that was finished last on this device: `${last-saved#name}`.
    pub last_saved: Option<Value>,
    /// Facts by name: each is the answer of the `hidden` question of that name.
    pub values: BTreeMap<String, String>,
}

impl Context {
    /// A context on a day, at noon UTC, and with nothing else known.
    pub fn on(today: Date) -> Context {
        Context {
            today,
            now: today.at(12, 0, 0, 0),
            offset: Offset::UTC,
            language: None,
            device_id: String::new(),
            username: String::new(),
            seed: 0,
            last_saved: None,
            values: BTreeMap::new(),
        }
    }
}

/// The context as expressions use it.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) today: String,
    pub(crate) now: String,
    pub(crate) offset: Offset,
    pub(crate) language: usize,
    pub(crate) default_language: usize,
    pub(crate) tongue: Tongue,
    pub(crate) device_id: String,
    pub(crate) username: String,
    pub(crate) seed: u64,
    pub(crate) last_saved: Option<Value>,
}

impl Facts {
    pub(crate) fn new(form: &Form, context: &Context) -> Facts {
        let language = context
            .language
            .as_deref()
            .and_then(|wanted| form.language_index(wanted));
        let language = language.unwrap_or(form.default_language);
        Facts {
            today: date_text(context.today),
            now: date_time_text(context.now, context.offset),
            offset: context.offset,
            language,
            default_language: form.default_language,
            tongue: form.tongue(language),
            device_id: context.device_id.clone(),
            username: context.username.clone(),
            seed: context.seed,
            last_saved: context.last_saved.clone(),
        }
    }

    /// What a form notes down by itself.
    pub(crate) fn noted(&self, meta: Meta) -> &str {
        match meta {
            Meta::Start | Meta::End => &self.now,
            Meta::Today => &self.today,
            Meta::DeviceId => &self.device_id,
            Meta::Username => &self.username,
            Meta::Untold(_) => "",
        }
    }
}

/// A number mixed with all of a text.
pub(crate) fn mix_text(seed: u64, text: &str) -> u64 {
    text.bytes()
        .fold(seed, |sum, byte| mix(sum, u64::from(byte)))
}

/// One well-mixed number for each pair (splitmix64, Steele and others 2014): the same again for
/// the same pair.
pub(crate) fn mix(seed: u64, salt: u64) -> u64 {
    let mut z = seed ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
