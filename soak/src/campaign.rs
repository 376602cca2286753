//! A campaign with any number of cadres.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use ketuk_sample::SEED;
use ketuk_server::{Clock, Local, Store};
use ketuk_tests::ledger::Place;
use ketuk_wire::{AreaCode, Cadre, EnrolCode, Level, Target};
use uuid::Uuid;

/// A cadre who has her code.
pub struct Invited {
    /// Her RT.
    pub rt: AreaCode,
    /// Enrols her phone.
    pub code: EnrolCode,
}

/// Makes the campaign: the sample's areas and questionnaire, an RT for each cadre.
///
/// # Errors
/// If the database can't be opened or holds another campaign.
pub fn set_up(place: &Place, cadres: u32) -> Result<Vec<Invited>> {
    let sample = ketuk_sample::Campaign::gorontalo(SEED);
    let villages: Vec<&AreaCode> = sample
        .areas()
        .iter()
        .map(|area| &area.code)
        .filter(|code| code.level() == Level::Village)
        .collect();
    let store = match place {
        Place::Sqlite(folder) => Store::Sqlite(folder.clone()),
        Place::Postgres(url) => Store::Postgres(url.clone()),
    };
    let expires = Timestamp::now() + SignedDuration::from_hours(24);
    let server = Local::open(&store, Clock::system())?;
    let invited = server.setup(|setup| {
        setup.campaign(sample.about())?;
        setup.form(ketuk_sample::questionnaire().to_string().into_bytes())?;
        setup.areas(sample.areas())?;
        (0..cadres)
            .zip(villages.iter().cycle())
            .map(|(n, village)| {
                let nth = n as usize / villages.len() + 1;
                let rt: AreaCode = format!("{village}.090.{nth:03}")
                    .parse()
                    .map_err(|_| ketuk_server::Error::Setup("no RT's code".into()))?;
                let cadre = Cadre {
                    id: Uuid::from_u128(0x000F_1EE7_0000 + u128::from(n)),
                    name: format!("Kader {n}"),
                    areas: vec![rt.clone()],
                };
                let target = Target {
                    area: rt.clone(),
                    families: 20,
                };
                setup.cadre(village, &cadre, &[target])?;
                let code = setup.invite(village, cadre.id, expires)?;
                Ok(Invited { rt, code })
            })
            .collect()
    })?;
    Ok(invited)
}
