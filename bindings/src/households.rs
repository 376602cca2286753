//! The cadre's list.

use std::sync::Arc;

use uuid::Uuid;

use crate::{AreaCode, Filter, HouseholdDetail, HouseholdPage, KetukError, Sha256, Visit};

/// The list of households, a page at a time.
#[derive(uniffi::Object)]
pub struct Households(pub(crate) ketuk_phone::Households);

#[uniffi::export]
impl Households {
    /// At most `limit` rows after the page that gave `after`.
    pub fn page(
        &self,
        filter: Filter,
        after: Option<String>,
        limit: u32,
    ) -> Result<HouseholdPage, KetukError> {
        Ok(self.0.page(&filter, after.as_deref(), limit)?)
    }

    /// All that is known of one, in words of a language of the form.
    pub fn detail(&self, id: Uuid, language: String) -> Result<HouseholdDetail, KetukError> {
        Ok(self.0.detail(id, &language)?)
    }

    /// A photo's bytes.
    pub fn photo(&self, photo: Sha256) -> Result<Vec<u8>, KetukError> {
        Ok(self.0.photo(photo)?)
    }

    /// Opens a visit where she left it.
    pub fn visit(&self, id: Uuid) -> Result<Arc<Visit>, KetukError> {
        Ok(Visit::new(self.0.visit(id)?))
    }

    /// Opens a visit to a family that is on no list.
    pub fn new_family(&self, area: AreaCode) -> Result<Arc<Visit>, KetukError> {
        Ok(Visit::new(self.0.new_family(&area)?))
    }
}
