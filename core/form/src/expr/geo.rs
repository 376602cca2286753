//! Places as ODK writes them, and what can be measured on them.
//!
//! A geopoint is `latitude longitude [altitude [accuracy]]` in degrees and metres; a geotrace or a
//! geoshape is geopoints with `;` between them, of which a geoshape's last is its first. The earth is a
//! ball of the equator's radius, and what is measured is rounded to centimetres, as JavaRosa and ODK Web
//! Forms do it, so that a form says the same wherever it is filled.

/// In metres.
const EARTH_RADIUS: f64 = 6_378_100.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// In degrees.
    latitude: f64,
    longitude: f64,
}

/// A geopoint.
pub(crate) fn point(text: &str) -> Option<Point> {
    let mut parts = text.split_whitespace();
    let mut degrees = |most: f64| {
        let number: f64 = parts.next()?.parse().ok()?;
        (number.abs() <= most).then_some(number)
    };
    let point = Point {
        latitude: degrees(90.0)?,
        longitude: degrees(180.0)?,
    };
    (parts.count() <= 2).then_some(point)
}

/// A geotrace, a geoshape, or a single geopoint. None if any part of it is no geopoint.
pub(crate) fn points(text: &str) -> Option<Vec<Point>> {
    let text = text.trim().trim_end_matches([';', ' ']);
    text.split(';').map(point).collect()
}

/// In square metres, of the shape whose outline these points are.
pub(crate) fn area(points: &[Point]) -> f64 {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return 0.0;
    };
    let closing = (first != last).then_some((last, first));
    let sides = points.windows(2).map(|side| (&side[0], &side[1]));
    // Chamberlain and Duquette, "Some Algorithms for Polygons on a Sphere", 2007.
    let total: f64 = sides
        .chain(closing)
        .map(|(from, to)| {
            let sines = to.latitude.to_radians().sin() + from.latitude.to_radians().sin();
            (to.longitude - from.longitude).to_radians() * (2.0 + sines)
        })
        .sum();
    centi((total * EARTH_RADIUS * EARTH_RADIUS / 2.0).abs())
}

/// In metres, along the line through these points.
pub(crate) fn distance(points: &[Point]) -> f64 {
    let legs = points.windows(2).map(|leg| {
        let (from, to) = (leg[0].latitude.to_radians(), leg[1].latitude.to_radians());
        let turned = (leg[0].longitude - leg[1].longitude).to_radians();
        let cosine = from.sin() * to.sin() + from.cos() * to.cos() * turned.cos();
        // Of a point and itself the cosine can come out a hair above 1.
        cosine.min(1.0).acos() * EARTH_RADIUS
    });
    centi(legs.sum())
}

/// Whether a point lies within a closed shape. By the even-odd rule, on the degrees as they are: good for
/// shapes of a village's size.
pub(crate) fn is_within(point: Point, shape: &[Point]) -> bool {
    let is_closed = shape.len() > 1 && shape.first() == shape.last();
    let crossed = shape.windows(2).filter(|side| {
        let (from, to) = (side[0], side[1]);
        let spans = (to.latitude > point.latitude) != (from.latitude > point.latitude);
        let along = (point.latitude - to.latitude) / (from.latitude - to.latitude);
        spans && point.longitude < (from.longitude - to.longitude) * along + to.longitude
    });
    is_closed && crossed.count() % 2 == 1
}

fn centi(measure: f64) -> f64 {
    (measure * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_has_two_to_four_numbers_within_the_globe() {
        for text in ["-0.5 123.06", " -0.5  123.06 12 4.5 "] {
            let there = Point {
                latitude: -0.5,
                longitude: 123.06,
            };
            assert_eq!(point(text), Some(there), "{text}");
        }
        for text in ["", "1", "91 0", "0 181", "a b", "1 2 3 4 5", "NaN 1"] {
            assert_eq!(point(text), None, "{text}");
        }
    }

    #[test]
    fn a_shape_is_measured_whether_it_is_closed_or_not() {
        let open = points("0 0; 0 0.001; 0.001 0.001; 0.001 0").unwrap();
        let closed = points("0 0;0 0.001;0.001 0.001;0.001 0;0 0;").unwrap();
        assert_eq!(area(&open), area(&closed));
        // A square of 111.32 m.
        assert!((area(&open) - 12_391.0).abs() < 2.0, "{}", area(&open));
        assert_eq!(area(&open[..1]), 0.0);
    }

    #[test]
    fn a_line_is_as_long_as_its_legs() {
        let line = points("0 0;0 0.001;0 0.003").unwrap();
        assert_eq!(distance(&line), 333.96);
        assert_eq!(distance(&line[..1]), 0.0);
        let still = points("-0.54321 123.06789;-0.54321 123.06789").unwrap();
        // As the peers have it: the arc's cosine is a hair below 1.
        assert!(distance(&still) <= 0.1);
    }

    #[test]
    fn only_what_a_closed_shape_encloses_is_within_it() {
        let shape = points("0 0;0 2;2 2;2 0;0 0").unwrap();
        let within = |text| is_within(point(text).unwrap(), &shape);
        assert!(within("1 1"));
        assert!(!within("1 3"));
        assert!(!within("3 1"));
        assert!(!is_within(point("1 1").unwrap(), &shape[..4]));
    }
}
