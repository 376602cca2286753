//! NIK, the number of a person.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

/// A sex, as far as a NIK tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Laki-laki.
    Male,
    /// Perempuan: 40 is added to the day of birth.
    Female,
}

/// A *nomor induk kependudukan* of sound shape: six digits of the area of first registration, six of
/// the date of birth (day + 40 for women), four of a sequence.
///
/// It never prints itself whole: a NIK is personal, and both formatters mask it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Nik([u8; 16]);

/// Why a text is no NIK. Each is a hard fault: the answer doesn't pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NikFault {
    /// Not sixteen digits.
    #[error("a NIK has 16 digits")]
    NotSixteenDigits,
    /// One digit sixteen times, but for `9`, which says that the person has none.
    #[error("a NIK is not one digit sixteen times")]
    AllTheSame,
    /// The day part is neither 01–31 nor 41–71.
    #[error("digits 7 and 8 are the day of birth, 01–31, or 41–71 for women")]
    Day,
    /// The month part is not 01–12.
    #[error("digits 9 and 10 are the month of birth, 01–12")]
    Month,
    /// The sequence is 0000.
    #[error("the last four digits are never 0000")]
    Sequence,
}

/// What speaks against a NIK without proving it wrong: people live with numbers that were made out
/// wrongly. Each is a soft fault: it passes with a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NikDoubt {
    /// The date in it is not the date of birth given.
    BirthDate,
    /// The sex in it is not the sex given.
    Sex,
}

impl Nik {
    /// What is written for a person who has no NIK.
    pub const NONE: &'static str = "9999999999999999";

    /// Whether this is [`Nik::NONE`].
    pub fn is_none(&self) -> bool {
        self.0 == *Nik::NONE.as_bytes()
    }

    /// The digits; for a keyed hash, never for a log.
    pub fn digits(&self) -> &[u8; 16] {
        &self.0
    }

    /// Holds a date of birth and a sex that were answered against those in the number.
    pub fn doubts(&self, born: Option<Date>, sex: Option<Sex>) -> Vec<NikDoubt> {
        if self.is_none() {
            return Vec::new();
        }
        let part = |at: usize| (self.0[at] - b'0') * 10 + (self.0[at + 1] - b'0');
        let (day, month, year) = (part(6), part(8), part(10));
        let mut doubts = Vec::new();
        if born.is_some_and(|b| {
            (b.day(), b.month(), b.year().rem_euclid(100))
                != ((day % 40) as i8, month as i8, i16::from(year))
        }) {
            doubts.push(NikDoubt::BirthDate);
        }
        let told = if day > 40 { Sex::Female } else { Sex::Male };
        if sex.is_some_and(|s| s != told) {
            doubts.push(NikDoubt::Sex);
        }
        doubts
    }
}

impl FromStr for Nik {
    type Err = NikFault;

    fn from_str(text: &str) -> Result<Nik, NikFault> {
        let digits: [u8; 16] = text
            .as_bytes()
            .try_into()
            .map_err(|_| NikFault::NotSixteenDigits)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(NikFault::NotSixteenDigits);
        }
        if text == Nik::NONE {
            return Ok(Nik(digits));
        }
        if digits.iter().all(|d| *d == digits[0]) {
            return Err(NikFault::AllTheSame);
        }
        let part = |at: usize| (digits[at] - b'0') * 10 + (digits[at + 1] - b'0');
        if !matches!(part(6), 1..=31 | 41..=71) {
            return Err(NikFault::Day);
        }
        if !matches!(part(8), 1..=12) {
            return Err(NikFault::Month);
        }
        if digits.ends_with(b"0000") {
            return Err(NikFault::Sequence);
        }
        Ok(Nik(digits))
    }
}

impl fmt::Display for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |from: usize, to: usize| std::str::from_utf8(&self.0[from..to]).unwrap_or("");
        write!(f, "{}••••••••{}", shown(0, 4), shown(12, 16))
    }
}

impl fmt::Debug for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nik({self})")
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_fault_has_its_name() {
        for (text, fault) in [
            ("", NikFault::NotSixteenDigits),
            ("757101550190000", NikFault::NotSixteenDigits),
            ("75710155019000011", NikFault::NotSixteenDigits),
            ("7571O15501900001", NikFault::NotSixteenDigits),
            ("0000000000000000", NikFault::AllTheSame),
            ("8888888888888888", NikFault::AllTheSame),
            ("7571013201900001", NikFault::Day),
            ("7571014001900001", NikFault::Day),
            ("7571017201900001", NikFault::Day),
            ("7571010101000000", NikFault::Sequence),
            ("7571010113900001", NikFault::Month),
            ("7571010100900001", NikFault::Month),
        ] {
            assert_eq!(text.parse::<Nik>(), Err(fault), "{text}");
        }
    }

    #[test]
    fn sixteen_nines_say_that_a_person_has_none() {
        let none: Nik = Nik::NONE.parse().unwrap();
        assert!(none.is_none());
        assert_eq!(none.doubts(Some(date(1990, 1, 15)), Some(Sex::Male)), []);
    }

    #[test]
    fn a_womans_day_of_birth_has_forty_added() {
        let nik: Nik = "7571015501900001".parse().unwrap();
        assert_eq!(nik.doubts(Some(date(1990, 1, 15)), Some(Sex::Female)), []);
        assert_eq!(
            nik.doubts(Some(date(1990, 1, 16)), Some(Sex::Male)),
            [NikDoubt::BirthDate, NikDoubt::Sex]
        );
    }

    #[test]
    fn a_nik_never_prints_itself_whole() {
        let nik: Nik = "7571015501900001".parse().unwrap();
        assert_eq!(nik.to_string(), "7571••••••••0001");
        assert!(!format!("{nik:?}").contains("550190"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,20}") {
            let _ = text.parse::<Nik>().map(|nik| nik.doubts(Some(date(2000, 2, 29)), None));
        }

        #[test]
        fn a_number_made_from_a_birthday_raises_no_doubt(
            year in 1930i16..2023, month in 1i8..=12, day in 1i8..=28, woman: bool, n in 1u16..9999,
        ) {
            let shown = if woman { day + 40 } else { day };
            let text = format!("757101{shown:02}{month:02}{:02}{n:04}", year % 100);
            let sex = if woman { Sex::Female } else { Sex::Male };
            let nik: Nik = text.parse().unwrap();
            prop_assert_eq!(nik.doubts(Some(date(year, month, day)), Some(sex)), []);
        }
    }
}
