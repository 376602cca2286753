//! Areas, from the nation down to the RT.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How far down a code reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The whole country.
    Nation,
    /// Provinsi, `75`.
    Province,
    /// Kabupaten or kota, `75.71`.
    Regency,
    /// Kecamatan, `75.71.01`.
    District,
    /// Desa or kelurahan, `75.71.01.1001`.
    Village,
    /// Rukun warga, `75.71.01.1001.002`.
    Rw,
    /// Rukun tetangga, `75.71.01.1001.002.005`: where a cadre works.
    Rt,
}

impl Level {
    const ALL: [Level; 7] = [
        Level::Nation,
        Level::Province,
        Level::Regency,
        Level::District,
        Level::Village,
        Level::Rw,
        Level::Rt,
    ];

    /// Digits of each part of a code that reaches this level.
    const WIDTHS: [usize; 6] = [2, 2, 2, 4, 3, 3];

    /// The level under this one.
    pub fn below(self) -> Option<Level> {
        Level::ALL.get(self as usize + 1).copied()
    }
}

/// A dotted area code of the Ministry of Home Affairs, continued with RW and RT of three digits
/// each: `75.71.01.1001.002.005`. The nation, which the ministry gives no code, is `00`.
///
/// Codes order as text: everything inside an area stands together, which is what lets a database
/// find a province's villages by a range of its key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AreaCode(String);

/// Why a text is no area code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AreaFault {
    /// It has parts of the wrong width, too many parts, or something else than digits.
    #[error("an area code reads 75.71.01.1001, then three digits each of RW and RT; got {0:?}")]
    Shape(String),
}

const NATION: &str = "00";

impl AreaCode {
    /// The country.
    pub fn nation() -> AreaCode {
        AreaCode(NATION.to_owned())
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How far down it reaches.
    pub fn level(&self) -> Level {
        if self.0 == NATION {
            return Level::Nation;
        }
        match self.0.split('.').count() {
            1 => Level::Province,
            2 => Level::Regency,
            3 => Level::District,
            4 => Level::Village,
            5 => Level::Rw,
            _ => Level::Rt,
        }
    }

    /// The area that this one lies in; none above the nation.
    pub fn parent(&self) -> Option<AreaCode> {
        if self.0 == NATION {
            return None;
        }
        Some(match self.0.rsplit_once('.') {
            Some((above, _)) => AreaCode(above.to_owned()),
            None => AreaCode::nation(),
        })
    }

    /// The area of `level` that this one lies in, itself if it is of that level.
    pub fn at(&self, level: Level) -> Option<AreaCode> {
        std::iter::successors(Some(self.clone()), AreaCode::parent).find(|a| a.level() == level)
    }

    /// Whether `other` is this area or lies inside it.
    pub fn contains(&self, other: &AreaCode) -> bool {
        self.0 == NATION
            || other.0 == self.0
            || other
                .0
                .strip_prefix(&self.0)
                .is_some_and(|rest| rest.starts_with('.'))
    }

    /// The code one level down, with `part` written as wide as that level asks.
    ///
    /// # Errors
    /// If this is an RT, or `part` doesn't fit.
    pub fn child(&self, part: u32) -> Result<AreaCode, AreaFault> {
        let level = self.level();
        let width = Level::WIDTHS
            .get(level as usize)
            .copied()
            .unwrap_or_default();
        let part = format!("{part:0width$}");
        match level {
            Level::Nation => part.parse(),
            _ => format!("{}.{part}", self.0).parse(),
        }
    }

    /// The last part without leading zeros, as people say it: `RT 5`.
    pub fn ordinal(&self) -> u32 {
        self.0
            .rsplit('.')
            .next()
            .and_then(|part| part.parse().ok())
            .unwrap_or_default()
    }
}

impl FromStr for AreaCode {
    type Err = AreaFault;

    fn from_str(text: &str) -> Result<AreaCode, AreaFault> {
        let parts: Vec<&str> = text.split('.').collect();
        let fits = parts.len() <= Level::WIDTHS.len()
            && parts.iter().zip(Level::WIDTHS).all(|(part, width)| {
                part.len() == width && part.bytes().all(|b| b.is_ascii_digit())
            })
            && (text == NATION || parts.first() != Some(&NATION));
        if fits {
            Ok(AreaCode(text.to_owned()))
        } else {
            Err(AreaFault::Shape(text.chars().take(40).collect()))
        }
    }
}

impl TryFrom<String> for AreaCode {
    type Error = AreaFault;

    fn try_from(text: String) -> Result<AreaCode, AreaFault> {
        text.parse()
    }
}

impl From<AreaCode> for String {
    fn from(code: AreaCode) -> String {
        code.0
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A line of the area table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Its code.
    pub code: AreaCode,
    /// Its name as the table has it.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> AreaCode {
        text.parse().unwrap()
    }

    #[test]
    fn a_code_names_its_level_and_the_areas_it_lies_in() {
        let rt = code("75.71.01.1001.002.005");
        let way_up: Vec<(Level, String)> = std::iter::successors(Some(rt), AreaCode::parent)
            .map(|a| (a.level(), a.to_string()))
            .collect();
        assert_eq!(
            way_up,
            [
                (Level::Rt, "75.71.01.1001.002.005".into()),
                (Level::Rw, "75.71.01.1001.002".into()),
                (Level::Village, "75.71.01.1001".into()),
                (Level::District, "75.71.01".into()),
                (Level::Regency, "75.71".into()),
                (Level::Province, "75".into()),
                (Level::Nation, "00".into()),
            ]
        );
    }

    #[test]
    fn an_area_contains_itself_and_what_lies_inside_but_not_its_namesakes() {
        assert!(code("75.71").contains(&code("75.71.01.1001")));
        assert!(code("75.71").contains(&code("75.71")));
        assert!(AreaCode::nation().contains(&code("11")));
        assert!(!code("75.71").contains(&code("75.72.01")));
        assert!(!code("75.71.01").contains(&code("75.71")));
    }

    #[test]
    fn a_child_is_written_as_wide_as_its_level_asks() {
        assert_eq!(AreaCode::nation().child(75).unwrap(), code("75"));
        assert_eq!(code("75.71.01").child(1001).unwrap(), code("75.71.01.1001"));
        assert_eq!(
            code("75.71.01.1001")
                .child(2)
                .unwrap()
                .child(5)
                .unwrap()
                .ordinal(),
            5
        );
        assert!(code("75.71.01.1001.002.005").child(1).is_err());
        assert!(code("75").child(100).is_err());
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for bad in [
            "",
            "7",
            "75.",
            "75.7",
            "75.71.1",
            "75.71.01.100",
            "7a",
            "75-71",
            "00.01",
        ] {
            assert!(bad.parse::<AreaCode>().is_err(), "{bad:?} was taken");
        }
        assert!(serde_json::from_str::<AreaCode>("\"75.7\"").is_err());
    }
}
