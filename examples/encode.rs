//! Encodes one canonical message: the entity as `.http` on stdout, its account on stderr.

#[allow(dead_code, reason = "each command uses its part of the shared module")]
mod common;

use std::process::ExitCode;

use common::{Arguments, Failure};
use tongsa::{Config, DialectId, Message, QuirkSet};

const USAGE: &str = "usage: encode --to DIALECT [--quirks a,b] FILE.json|-";

fn main() -> ExitCode {
    common::run(USAGE, |arguments| {
        let arguments = Arguments::parse(arguments, &["--to", "--quirks"], &[])?;
        let Some(to) = arguments.option::<DialectId>("--to")? else {
            return Err(Failure::usage("--to is missing"));
        };
        let quirks = match arguments.option::<String>("--quirks")? {
            Some(codes) => QuirkSet::from_codes(&codes).map_err(|error| Failure::usage(error.to_string()))?,
            None => QuirkSet::EMPTY,
        };
        let message: Message = common::read_json(arguments.file()?)?;
        let codec = to.codec(Config { quirks, ..Config::default() });
        let encoded = codec.encode(&message).map_err(|error| Failure::input(error.to_string()))?;
        common::print(&encoded.entity.to_http())?;
        common::print_account(&encoded.losses, &encoded.violations);
        Ok(())
    })
}
