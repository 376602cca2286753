//! A text as a QR code, for a screen to draw.

use qrcodegen::{QrCode, QrCodeEcc};

/// A QR code: a square of dark and light modules, without the light margin of four that it needs.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Qr {
    /// Modules a side.
    pub side: u32,
    /// One byte a module, row by row: 1 is dark.
    pub dark: Vec<u8>,
}

/// The code of a text; `None` for one that is too long for any. Of the least redundancy, so that a long
/// receipt's modules are large enough for a cheap camera: a clean screen needs no more.
#[uniffi::export]
pub fn qr(text: &str) -> Option<Qr> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let side = code.size();
    let modules = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    Some(Qr {
        side: side.unsigned_abs(),
        dark: modules
            .map(|(x, y)| u8::from(code.get_module(x, y)))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As two other programs, one that writes codes and one that reads them, have it.
    #[test]
    fn a_code_has_its_modules_row_by_row() {
        let rows = [
            "#######.#..#..#######",
            "#.....#...#.#.#.....#",
            "#.###.#..##.#.#.###.#",
            "#.###.#.#...#.#.###.#",
            "#.###.#...##..#.###.#",
            "#.....#...###.#.....#",
            "#######.#.#.#.#######",
            ".........####........",
            "..#.###.##..##...#..#",
            "##...#.#..#.####.##.#",
            ".####.###..#..#.###..",
            ".##..#.#.......#...#.",
            "#..#.####.#.....###..",
            "........#..###.#.#..#",
            "#######..#...######..",
            "#.....#.###.......##.",
            "#.###.#.##....#.#.###",
            "#.###.#..#...##...##.",
            "#.###.#.#..#.#.####.#",
            "#.....#...#####.#.###",
            "#######...###.##....#",
        ];
        let qr = qr("K7QM-2XTA").unwrap();
        let side = qr.side as usize;
        let drawn: Vec<String> = qr
            .dark
            .chunks(side)
            .map(|row| {
                row.iter()
                    .map(|dark| if *dark == 1 { '#' } else { '.' })
                    .collect()
            })
            .collect();
        assert_eq!(drawn, rows);
    }

    #[test]
    fn what_no_code_can_hold_gives_none() {
        assert_eq!(qr(&"K".repeat(5_000)), None);
    }
}
