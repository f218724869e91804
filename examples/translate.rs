//! Translates one payload: the target's entity as `.http` on stdout, its account on stderr, one JSON object a line.

#[allow(dead_code, reason = "each command uses its part of the shared module")]
mod common;

use std::process::ExitCode;

use common::{Arguments, Failure};
use tongsa::{Account, Carrier, Config, DialectId, TranslateError, TranslateOptions, translate};

const USAGE: &str = "usage: translate [--from C] --to DIALECT [--account FILE.json] FILE|-";

fn main() -> ExitCode {
    common::run(USAGE, |arguments| {
        let arguments = Arguments::parse(arguments, &["--from", "--to", "--account"], &[])?;
        let Some(to) = arguments.option::<DialectId>("--to")? else {
            return Err(Failure::usage("--to is missing"));
        };
        let mut options = TranslateOptions::default();
        if let Some(file) = arguments.option::<String>("--account")? {
            options.account = Some(common::read_json::<Account>(&file)?);
        }
        let file = common::read_entity(arguments.file()?)?;
        let from = common::codec_for(arguments.option::<Carrier>("--from")?, None, Config::default(), &file)?;
        let to = to.codec(Config::default());
        let translated = translate(&*from, &*to, &file.entity, &options).map_err(|error| match error {
            TranslateError::Decode(error) => common::decode_failure(&error, &file),
            error => Failure::input(error.to_string()),
        })?;
        common::print(&translated.entity.to_http())?;
        for found in &translated.deviations {
            common::print_line(&serde_json::json!({ "deviation": common::deviation(found, &file) }));
        }
        common::print_account(&translated.losses, &translated.violations);
        Ok(())
    })
}
