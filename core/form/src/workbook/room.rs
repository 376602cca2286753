//! How much a workbook may hold, with the files beside it.
//!
//! A few KB can say that they are more than any memory holds: one text that a million cells share, a row of a million
//! columns above a million short ones. So each cell is taken off a common room before it is made.

/// How many cells there are at most, blank ones between filled ones included. The largest forms in public use have some
/// ten thousand, and lists beside them a few hundred thousand.
const MOST_CELLS: usize = 4_000_000;

/// And how many bytes their texts have.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What is left.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    cells: usize,
    bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Room {
            cells: MOST_CELLS,
            bytes: MOST_BYTES,
        }
    }
}

impl Room {
    /// Takes cells, whatever is in them.
    pub(crate) fn take(&mut self, cells: usize) -> Result<(), String> {
        let left = self.cells.checked_sub(cells);
        self.cells = left.ok_or_else(|| format!("it has more than {MOST_CELLS} cells"))?;
        Ok(())
    }

    /// Takes the bytes of a text.
    pub(crate) fn take_text(&mut self, bytes: usize) -> Result<(), String> {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.ok_or_else(|| format!("its texts have more than {MOST_BYTES} bytes"))?;
        Ok(())
    }
}
