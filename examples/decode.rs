//! Decodes one payload: the canonical message and every deviation, as one JSON object. Carrier and dialect are found out where
//! they are not named; `--why` prints the evidence on stderr, one JSON object a carrier, the most likely first.

#[allow(dead_code, reason = "each command uses its part of the shared module")]
mod common;

use std::process::ExitCode;

use common::{Arguments, Failure};
use serde_json::json;
use tongsa::{Candidate, Config, Evidence, HttpFile, Tolerance};

const USAGE: &str =
    "usage: decode [--carrier s|k|l] [--dialect D] [--tolerance strict|observed|lenient] [--why] FILE|-";

fn main() -> ExitCode {
    common::run(USAGE, |arguments| {
        let arguments = Arguments::parse(arguments, &["--carrier", "--dialect", "--tolerance"], &["--why"])?;
        let tolerance = arguments.option::<Tolerance>("--tolerance")?.unwrap_or_default();
        let (carrier, dialect) = (arguments.option("--carrier")?, arguments.option("--dialect")?);
        let file = common::read_entity(arguments.file()?)?;
        let config = Config { tolerance, ..Config::default() };
        if arguments.flag("--why") {
            let detection = tongsa::detect(&file.entity, &config.limits);
            let detection = detection.map_err(|error| common::decode_failure(&error, &file))?;
            detection.ranked.iter().for_each(|candidate| print_candidate(candidate, &file));
        }
        let codec = common::codec_for(carrier, dialect, config, &file)?;
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

fn print_candidate(candidate: &Candidate, file: &HttpFile) {
    let evidence = |Evidence { fact, at, .. }: &Evidence| {
        json!({
            "fact": fact.code(),
            "summary": fact.summary(),
            "offset": common::offset(at, file),
            "path": at.path.as_str(),
        })
    };
    common::print_line(&json!({ "candidate": {
        "carrier": candidate.carrier.code(),
        "dialects": candidate.dialects.iter().map(|dialect| dialect.code()).collect::<Vec<_>>(),
        "surprises": candidate.surprises,
        "evidence": candidate.evidence.iter().map(evidence).collect::<Vec<_>>(),
    } }));
}
