//! Shows a person what stands in a payload: each part, header field and element at its byte, with what it means, and every
//! deviation underlined where it stands; or, with `--against`, how the payload differs from a format that was promised.
//! `docs/explain.md` tells more.
//!
//! What is underlined, and what is read, is the library's word ([`marks`], [`slots`]). Lines and tags are found here, by what
//! they look like, so that what cannot be decoded has a picture too.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each command uses its part of the shared module")]
mod common;
#[path = "../common/layers.rs"]
mod layers;
#[allow(dead_code, reason = "each command uses its part of the shared module")]
#[path = "../common/wire.rs"]
mod wire;

mod against;
mod marks;
mod outline;
pub mod page;
pub mod picture;
mod promise;
mod report;
mod rows;
mod slots;
mod summary;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use common::{Arguments, Failure};
use picture::Line;
use report::Options;
use tongsa::Tolerance;

const USAGE: &str = "usage: explain [--carrier s|k|l] [--dialect D] [--tolerance strict|observed|lenient] [--against D] \
    [--html FILE] [--svg FILE] [--width COLUMNS] FILE|-";

/// Columns of a line, unless others are asked for.
const WIDTH: usize = 110;

#[allow(dead_code, reason = "tests bring their own")]
fn main() -> ExitCode {
    common::run(USAGE, |arguments| {
        let explained = command(arguments)?;
        if explained.is_shown {
            let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
            let is_dumb = named("TERM").is_some_and(|term| term == "dumb");
            let is_styled = std::io::stdout().is_terminal() && named("NO_COLOR").is_none() && !is_dumb;
            common::print(picture::text(&explained.lines, is_styled).as_bytes())?;
        }
        explained.failure.map_or(Ok(()), Err)
    })
}

/// What there is to show, and why the command fails all the same.
#[derive(Debug)]
pub struct Explained {
    /// The picture.
    pub lines: Vec<Line>,
    /// It goes to standard output, not into a file.
    pub is_shown: bool,
    /// Why the payload could not be decoded.
    pub failure: Option<Failure>,
}

/// What the command shows.
pub fn command(arguments: Vec<String>) -> Result<Explained, Failure> {
    let known = ["--carrier", "--dialect", "--tolerance", "--against", "--html", "--svg", "--width"];
    let arguments = Arguments::parse(arguments, &known, &[])?;
    let width = arguments.option::<usize>("--width").map_err(|_| Failure::usage("--width wants a number"))?;
    let options = Options {
        carrier: arguments.option("--carrier")?,
        dialect: arguments.option("--dialect")?,
        tolerance: arguments.option("--tolerance")?.unwrap_or(Tolerance::Lenient),
        against: arguments.option("--against")?,
        width: width.unwrap_or(WIDTH).clamp(60, 1000),
    };
    let (html, svg) = (arguments.option::<PathBuf>("--html")?, arguments.option::<PathBuf>("--svg")?);
    let name = arguments.file()?;
    let file = common::read(name)?;
    let (lines, failure) = report::explain(name, &file, &options)?;
    for (path, page) in [(&html, page::html as fn(&str, &[Line]) -> String), (&svg, page::svg)] {
        path.iter().try_for_each(|path| write(path, &page(name, &lines)))?;
    }
    Ok(Explained { lines, is_shown: html.is_none() && svg.is_none(), failure })
}

/// Writes a file whole or not at all: beside its place, then into it.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::input(format!("{}: {error}", path.display()));
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        // What is left of it helps nobody; that it cannot be removed says no more than the error does.
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}
