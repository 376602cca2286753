//! Troubles as a cadre reads them, and as the database keeps them.

use ketuk_wire::{TroubleCode, Verdict};

/// What happened to the entry and what comes next, as the cadre reads it.
pub(super) fn sentence(verdict: Verdict, code: TroubleCode) -> &'static str {
    match code {
        TroubleCode::InvalidDocument => {
            "Isian ini disimpan di server, tetapi belum lolos pemeriksaan. Buka lagi, perbaiki, lalu \
             kirim."
        }
        TroubleCode::UnknownForm => {
            "Isian ini disimpan di server, tetapi kuesionernya belum dikenal di sana. Supervisor akan \
             memeriksanya."
        }
        TroubleCode::DigestMismatch => {
            "Isian ini rusak di jalan dan tidak disimpan di server. Isian aman di HP ini; kirim lagi."
        }
        TroubleCode::OpReused => {
            "Nomor kiriman ini sudah dipakai untuk isian lain. Isian ini disimpan di server untuk \
             diperiksa supervisor."
        }
        TroubleCode::UnknownArea => {
            "Wilayah isian ini tidak ada dalam pendataan. Isian disimpan di server untuk diperiksa \
             supervisor."
        }
        TroubleCode::NewerRevision if verdict == Verdict::Merged => {
            "Keluarga ini juga diubah dari HP lain. Isian Anda diterima dan digabung dengan isian itu."
        }
        TroubleCode::NewerRevision => {
            "Keluarga ini sudah diubah dari HP lain. Kedua isian disimpan; supervisor akan memilih."
        }
        // The first three are for the supervisor alone.
        TroubleCode::AreaNotAllotted
        | TroubleCode::HouseholdMoved
        | TroubleCode::DoubtfulSender
        | TroubleCode::Unknown => "Isian ini perlu dilihat supervisor.",
    }
}

/// A code as the database keeps it.
pub(crate) fn code_text(code: TroubleCode) -> &'static str {
    match code {
        TroubleCode::InvalidDocument => "invalid_document",
        TroubleCode::UnknownForm => "unknown_form",
        TroubleCode::DigestMismatch => "digest_mismatch",
        TroubleCode::OpReused => "op_reused",
        TroubleCode::AreaNotAllotted => "area_not_allotted",
        TroubleCode::UnknownArea => "unknown_area",
        TroubleCode::NewerRevision => "newer_revision",
        TroubleCode::HouseholdMoved => "household_moved",
        TroubleCode::DoubtfulSender => "doubtful_sender",
        TroubleCode::Unknown => "unknown",
    }
}

/// The code that the database kept as this text.
pub(crate) fn code_of(text: &str) -> TroubleCode {
    [
        TroubleCode::InvalidDocument,
        TroubleCode::UnknownForm,
        TroubleCode::DigestMismatch,
        TroubleCode::OpReused,
        TroubleCode::AreaNotAllotted,
        TroubleCode::UnknownArea,
        TroubleCode::NewerRevision,
        TroubleCode::HouseholdMoved,
        TroubleCode::DoubtfulSender,
    ]
    .into_iter()
    .find(|code| code_text(*code) == text)
    .unwrap_or(TroubleCode::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_as_it_is_spelt_on_the_wire() {
        for text in ["invalid_document", "newer_revision", "household_moved"] {
            let wire = serde_json::to_value(code_of(text)).unwrap();
            assert_eq!(wire, text);
        }
        assert_eq!(code_of("weather"), TroubleCode::Unknown);
    }
}
