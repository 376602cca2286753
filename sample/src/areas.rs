//! The area table, cut from the national one: see `data/README.md`.

use ketuk_wire::Area;

const TABLES: [&str; 4] = [
    include_str!("../data/provinces.csv"),
    include_str!("../data/regencies.csv"),
    include_str!("../data/districts.csv"),
    include_str!("../data/villages.csv"),
];

/// Kota Gorontalo.
pub(crate) const CITY: &str = "75.71";

/// The province, its regencies, and the city's districts and villages, by level and code.
pub(crate) fn table() -> Vec<Area> {
    TABLES.into_iter().flat_map(rows).collect()
}

/// Code is the first column of every table, the name the last. The tables are part of the program: a test
/// counts their rows, so none is skipped in silence.
fn rows(table: &str) -> Vec<Area> {
    csv::Reader::from_reader(table.as_bytes())
        .records()
        .filter_map(|row| {
            let row = row.ok()?;
            Some(Area {
                code: row.get(0)?.parse().ok()?,
                name: row.get(row.len().checked_sub(1)?)?.to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ketuk_wire::Level;

    use super::*;

    #[test]
    fn the_table_has_the_province_its_regencies_and_the_citys_districts_and_villages() {
        let count = |level| table().iter().filter(|a| a.code.level() == level).count();
        assert_eq!(
            [
                Level::Province,
                Level::Regency,
                Level::District,
                Level::Village
            ]
            .map(count),
            [1, 6, 9, 50]
        );
        let city = table().into_iter().find(|a| a.code.as_str() == CITY);
        assert_eq!(city.map(|a| a.name), Some("KOTA GORONTALO".to_owned()));
    }
}
