//! Expressions: source text → tokens → tree → compiled code with its dependencies → values.

pub(crate) mod ast;
mod axes;
pub(crate) mod code;
pub(crate) mod dates;
pub(crate) mod eval;
pub(crate) mod functions;
pub(crate) mod geo;
pub(crate) mod lexer;
pub(crate) mod library;
mod lookup;
mod parser;
pub(crate) mod resolve;
pub(crate) mod shuffle;
pub(crate) mod value;

pub(crate) use lexer::{is_name, is_name_char, is_name_start};
pub(crate) use parser::parse;
