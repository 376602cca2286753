//! Checks finished documents against a form: `check_documents FORM DOCUMENT…`.
#![allow(clippy::print_stdout, reason = "it is there to print")]

use std::path::Path;
use std::process::ExitCode;

use ketuk_form::{Context, Form, Workbook};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("which form?")?;
    let form = Form::compile(&Workbook::open(Path::new(&file))?)?;
    // A rule may ask for today: give the day on which the documents were finished.
    let context = Context::on(jiff::ZonedDateTime::now().date());
    let mut all_right = true;
    for document in arguments {
        let value = serde_json::from_slice(&std::fs::read(&document)?)?;
        for problem in form.check(&value, &context) {
            all_right = false;
            println!("{document}: {}: {}", problem.path, problem.message);
        }
    }
    Ok(ExitCode::from(u8::from(!all_right)))
}
