//! What the commands share: arguments, reading files, the JSON lines of design section 6.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use bytes::Bytes;
use serde_json::{Value, json};
use tongsa::{Carrier, Codec, Config, Deviation, DialectId, Entity, HttpFile, Limits, Location, Loss, Violation};

/// Why a command stops: what it prints, and its exit code.
#[derive(Debug)]
pub struct Failure {
    /// One line, without `error: `.
    pub message: String,
    /// 1 for wrong input, 2 for wrong arguments.
    pub code: u8,
}

impl Failure {
    /// Wrong arguments: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// Wrong input: exit code 1.
    pub fn input(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }
}

/// Runs a command; an error is one line on stderr.
pub fn run(usage: &str, command: impl FnOnce(Vec<String>) -> Result<(), Failure>) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{usage}");
        return ExitCode::SUCCESS;
    }
    match command(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            eprintln!("error: {}", message.replace(['\r', '\n'], " "));
            if code == 2 {
                eprintln!("{usage}");
            }
            ExitCode::from(code)
        }
    }
}

/// Options with a value, and the operands.
pub struct Arguments {
    options: Vec<(String, String)>,
    operands: Vec<String>,
}

impl Arguments {
    /// Every option in `known` takes a value, every one in `flags` none; `-` alone is an operand.
    pub fn parse(arguments: Vec<String>, known: &[&str], flags: &[&str]) -> Result<Self, Failure> {
        let mut parsed = Self { options: Vec::new(), operands: Vec::new() };
        let mut rest = arguments.into_iter();
        while let Some(argument) = rest.next() {
            if !argument.starts_with("--") {
                parsed.operands.push(argument);
                continue;
            }
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (argument, None),
            };
            if flags.contains(&name.as_str()) && value.is_none() {
                parsed.options.push((name, String::new()));
                continue;
            }
            if !known.contains(&name.as_str()) {
                return Err(Failure::usage(format!("unknown option {name}")));
            }
            let value = value.or_else(|| rest.next());
            let value = value.ok_or_else(|| Failure::usage(format!("{name} wants a value")))?;
            parsed.options.push((name, value));
        }
        Ok(parsed)
    }

    /// Whether an option without value was given.
    pub fn flag(&self, name: &str) -> bool {
        self.options.iter().any(|(known, _)| known == name)
    }

    /// The last value of an option, read by its type.
    pub fn option<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure>
    where
        T::Err: std::fmt::Display,
    {
        let value = self.options.iter().rev().find(|(known, _)| known == name);
        value.map(|(_, value)| value.parse().map_err(|error: T::Err| Failure::usage(error.to_string()))).transpose()
    }

    /// The one operand.
    pub fn file(&self) -> Result<&str, Failure> {
        match self.operands.as_slice() {
            [file] => Ok(file),
            [] => Err(Failure::usage("no file given")),
            [_, second, ..] => Err(Failure::usage(format!("one file at a time: {second}"))),
        }
    }
}

/// The bytes of a file, or of standard input for `-`.
pub fn read(file: &str) -> Result<Bytes, Failure> {
    let mut bytes = Vec::new();
    let result = if file == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(file).map(|read| bytes = read)
    };
    result.map_err(|error| Failure::input(format!("{file}: {error}")))?;
    Ok(bytes.into())
}

/// An entity and where it stood in its file.
pub fn read_entity(file: &str) -> Result<HttpFile, Failure> {
    Entity::parse_http(read(file)?, &Limits::default()).map_err(|error| Failure::input(error.to_string()))
}

/// A canonical message or an account, from a file.
pub fn read_json<T: serde::de::DeserializeOwned>(file: &str) -> Result<T, Failure> {
    serde_json::from_slice(&read(file)?).map_err(|error| Failure::input(format!("{file}: {error}")))
}

/// The codec that was asked for: of the dialect, of the carrier, or of the carrier that the entity is from.
pub fn codec_for(
    carrier: Option<Carrier>,
    dialect: Option<DialectId>,
    config: Config,
    file: &HttpFile,
) -> Result<Box<dyn Codec>, Failure> {
    match (carrier, dialect) {
        (Some(carrier), Some(dialect)) if dialect.carrier() != carrier => {
            Err(Failure::usage(format!("{dialect} is no dialect of carrier {carrier}")))
        }
        (_, Some(dialect)) => Ok(dialect.codec(config)),
        (Some(carrier), None) => Ok(carrier.codec(config)),
        (None, None) => {
            let detection = tongsa::detect(&file.entity, &config.limits);
            let detection = detection.map_err(|error| decode_failure(&error, file))?;
            Ok(detection.best().carrier.codec(config))
        }
    }
}

/// Losses and violations on stderr, one JSON object a line.
pub fn print_account(losses: &[Loss], violations: &[Violation]) {
    losses.iter().for_each(|loss| print_line(&json!({ "loss": loss })));
    violations.iter().for_each(|violation| print_line(&json!({ "violation": violation })));
}

/// One line of the account.
pub fn print_line(value: &Value) {
    eprintln!("{value}");
}

/// A deviation as every command prints it; the offset counts from the start of the file.
pub fn deviation(deviation: &Deviation, file: &HttpFile) -> Value {
    json!({
        "code": deviation.kind.code(),
        "catalogue": deviation.kind.catalogue(),
        "offset": offset(&deviation.at, file),
        "path": deviation.at.path.as_str(),
        "expected": deviation.expected,
    })
}

/// An error of the library with its place in the file.
pub fn decode_failure(error: &tongsa::DecodeError, file: &HttpFile) -> Failure {
    let at = error.at();
    let mut message = error.kind().to_string();
    if let Some(tolerance) = error.accepted_under() {
        message += &format!(" (accepted with --tolerance {tolerance})");
    }
    message += &format!(" at byte {}", offset(at, file));
    if !at.path.is_empty() {
        message += &format!(" ({})", at.path);
    }
    Failure::input(message)
}

/// The place of a location in the file.
pub fn offset(at: &Location, file: &HttpFile) -> usize {
    file.file_offset(at.space, at.offset)
}

/// Writes to standard output; a reader that has gone away is no error.
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::input(error.to_string())),
        _ => Ok(()),
    }
}
