//! Files that lie beside a workbook: lists of choices too long for a sheet.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::Error;
use crate::expr::value::number_text;
use crate::form::list::Rows;
use crate::workbook::room::Room;
use crate::workbook::text;

/// Reads a CSV file (separated by `,`, `;` or tabs, its first row the names of its columns) or a GeoJSON
/// feature collection, by the ending of its name.
pub(crate) fn read(name: &str, bytes: &[u8], room: &mut Room) -> Result<Rows, Error> {
    let fault = |what: &str| Error::Workbook(format!("{name}: {what}"));
    let text = &*text::decode(bytes).map_err(fault)?;
    match name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_lowercase())
        .as_deref()
    {
        Some("csv") => csv_rows(text, room).map_err(|what| fault(&what)),
        Some("geojson") => geojson_rows(text, room).map_err(|what| fault(&what)),
        _ => Err(fault("only .csv and .geojson files are read")),
    }
}

fn csv_rows(text: &str, room: &mut Room) -> Result<Rows, String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(text::delimiter(text))
        .flexible(true)
        .from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|fault| fault.to_string())?;
    let columns = headers.iter().map(|name| name.trim().into()).collect();
    let mut rows = Rows::new(columns);
    let width = rows.columns.len();
    for record in reader.records() {
        let record = record.map_err(|fault| fault.to_string())?;
        room.take(width)?;
        room.take_text(record.as_slice().len())?;
        rows.push((0..width).map(|column| record.get(column).unwrap_or_default().trim()));
    }
    Ok(rows)
}

/// The columns are `id`, `geometry` and the properties of all features, as ODK's clients see them.
fn geojson_rows(text: &str, room: &mut Room) -> Result<Rows, String> {
    let json: Value = serde_json::from_str(text).map_err(|_| "it is no JSON")?;
    let features = json.get("features").and_then(Value::as_array);
    let (Some("FeatureCollection"), Some(features)) =
        (json.get("type").and_then(Value::as_str), features)
    else {
        return Err("it is no feature collection".to_owned());
    };
    let mut columns: Vec<Box<str>> = vec!["id".into(), "geometry".into()];
    let mut known: HashSet<&str> = HashSet::from(["id", "geometry"]);
    for name in features.iter().filter_map(properties).flat_map(Map::keys) {
        if known.insert(name) {
            columns.push(name.as_str().into());
        }
    }
    let mut rows = Rows::new(columns.clone());
    for feature in features {
        room.take(columns.len())?;
        let own = |name: &str| properties(feature)?.get(name);
        let cell = |column: &str| match column {
            "geometry" => feature.get("geometry").map(places).unwrap_or_default(),
            // An id among the properties is one as well.
            "id" => plain(feature.get("id").filter(|id| !id.is_null()).or(own("id"))),
            _ => plain(own(column)),
        };
        let cells: Vec<String> = columns.iter().map(|column| cell(column)).collect();
        room.take_text(cells.iter().map(String::len).sum())?;
        rows.push(cells.iter().map(String::as_str));
    }
    Ok(rows)
}

fn properties(feature: &Value) -> Option<&Map<String, Value>> {
    feature.get("properties").and_then(Value::as_object)
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        // All digits of a code, which may be more than a computed number has.
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => number.to_string(),
        Some(Value::Number(number)) => number.as_f64().map(number_text).unwrap_or_default(),
        Some(other) => other.to_string(),
    }
}

/// A geometry as an answer says it: `latitude longitude altitude accuracy`, several joined by `; `.
fn places(geometry: &Value) -> String {
    let coordinates = geometry.get("coordinates");
    let positions = match geometry.get("type").and_then(Value::as_str) {
        Some("Point") => coordinates.map(|place| vec![place]),
        Some("LineString") => coordinates
            .and_then(Value::as_array)
            .map(|all| all.iter().collect()),
        // Of a polygon its outer ring.
        Some("Polygon") => coordinates
            .and_then(|rings| rings.get(0))
            .and_then(Value::as_array)
            .map(|all| all.iter().collect()),
        _ => None,
    };
    let place = |position: &&Value| {
        let part = |at| position.get(at).and_then(Value::as_f64);
        let (longitude, latitude) = (part(0)?, part(1)?);
        Some(format!(
            "{} {} 0 0",
            number_text(latitude),
            number_text(longitude)
        ))
    };
    let places: Vec<String> = positions.iter().flatten().filter_map(place).collect();
    places.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csv_file_is_read_with_either_separator() {
        for text in [
            "name,label\npohe,Pohe\ntenda",
            "\u{feff}name;label\r\npohe;Pohe\r\ntenda;",
        ] {
            let rows = read("towns.csv", text.as_bytes(), &mut Room::default()).unwrap();
            assert_eq!(rows.len(), 2, "{text}");
            assert_eq!(
                (rows.cell(0, 1), rows.cell(1, 0), rows.cell(1, 1)),
                ("Pohe", "tenda", "")
            );
        }
    }

    #[test]
    fn features_are_choices_with_their_place_and_properties() {
        let text = r#"{"type": "FeatureCollection", "features": [
            {"type": "Feature", "id": "p", "geometry": {"type": "Point", "coordinates": [123.05, 0.5]},
             "properties": {"title": "Posyandu Pohe", "beds": 3}},
            {"type": "Feature", "id": null, "properties": {"id": 9171011203980001, "title": "Puskesmas"}, "geometry": null}]}"#;
        let rows = read("places.geojson", text.as_bytes(), &mut Room::default()).unwrap();
        let names: Vec<&str> = rows.columns.iter().map(AsRef::as_ref).collect();
        assert_eq!(names, ["id", "geometry", "title", "beds"]);
        assert_eq!(
            (rows.cell(0, 0), rows.cell(0, 1), rows.cell(0, 3)),
            ("p", "0.5 123.05 0 0", "3")
        );
        assert_eq!((rows.cell(1, 0), rows.cell(1, 1)), ("9171011203980001", ""));
    }

    #[test]
    fn what_can_t_be_read_is_said_with_its_name() {
        for (name, text) in [
            ("a.csv", &b"\xff"[..]),
            ("a.geojson", b"[]"),
            ("a.xml", b"<root/>"),
        ] {
            let fault = read(name, text, &mut Room::default())
                .unwrap_err()
                .to_string();
            assert!(fault.contains(name), "{fault}");
        }
    }
}
