//! Where words go.

use std::io::{self, BufWriter, ErrorKind, Write};

/// What is printed. Nobody listening any more, as after `| head`, is no error: the command ends as it would have.
pub(crate) fn stdout() -> impl Write {
    BufWriter::new(Patient(io::stdout().lock()))
}

/// Says what is wrong.
pub(crate) fn complain(sentence: &str) {
    // There is nowhere else to say that this fails.
    let _ = writeln!(io::stderr(), "{sentence}");
}

struct Patient<W>(W);

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            done => done,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done,
        }
    }
}
