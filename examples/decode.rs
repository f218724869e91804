//! Decodes one payload: the canonical message and every deviation, as one JSON object.

#[allow(dead_code, reason = "each command uses its part of the shared module")]
mod common;

use std::process::ExitCode;

use common::{Arguments, Failure};
use serde_json::json;
use tongsa::{Config, Tolerance};

const USAGE: &str = "usage: decode [--carrier s|k|l] [--dialect D] [--tolerance strict|observed|lenient] FILE|-";

fn main() -> ExitCode {
    common::run(USAGE, |arguments| {
        let arguments = Arguments::parse(arguments, &["--carrier", "--dialect", "--tolerance"])?;
        let dialect = common::dialect(arguments.option("--carrier")?, arguments.option("--dialect")?)?;
        let tolerance = arguments.option::<Tolerance>("--tolerance")?.unwrap_or_default();
        let file = common::read_entity(arguments.file()?)?;
        let codec = common::codec(dialect, Config { tolerance, ..Config::default() });
        let decoded = codec.decode(&file.entity).map_err(|error| common::decode_failure(&error, &file))?;
        let deviations: Vec<_> = decoded.deviations.iter().map(|found| common::deviation(found, &file)).collect();
        let output = json!({
            "carrier": codec.carrier().code(),
            "dialect": decoded.dialect.code(),
            "message": decoded.message,
            "deviations": deviations,
        });
        let text = serde_json::to_string_pretty(&output).map_err(|error| Failure::input(error.to_string()))?;
        common::print(format!("{text}\n").as_bytes())
    })
}
