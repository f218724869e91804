//! What the two commands share: flags, one line for an error, the log, the signal to stop.

use std::fmt;
use std::future::Future;
use std::process::ExitCode;
use std::str::FromStr;

use lexopt::{Arg, Parser};
use tokio::signal::unix::{SignalKind, signal};

/// Why a command stops.
#[derive(Debug)]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Wrong flags or configuration: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// The service cannot run: exit code 1.
    pub fn service(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }
}

/// The one line on stderr, without `error: `.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.replace(['\r', '\n'], " "))
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::usage(error.to_string())
    }
}

/// Flags of the form `--name value`.
#[derive(Debug)]
pub struct Flags(Parser);

impl Flags {
    /// The name of the next flag; `None` behind the last.
    pub fn name(&mut self) -> Result<Option<String>, Failure> {
        match self.0.next()? {
            Some(Arg::Long(name)) => Ok(Some(name.to_owned())),
            Some(other) => Err(other.unexpected().into()),
            None => Ok(None),
        }
    }

    /// The value of the flag whose name came last.
    pub fn value<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Result<T, Failure> {
        let text = self.0.value()?.into_string().map_err(|_| Failure::usage(format!("--{name}: no text")))?;
        text.parse().map_err(|error| Failure::usage(format!("--{name} {text}: {error}")))
    }
}

/// Runs a command; an error is one line on stderr.
pub fn run(usage: &str, command: impl FnOnce(Flags) -> Result<(), Failure>) -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{usage}");
        return ExitCode::SUCCESS;
    }
    match command(Flags(Parser::from_args(arguments))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.code)
        }
    }
}

/// The log, on stderr, from this level on.
pub fn log(level: tracing::Level) {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).with_max_level(level).init();
}

/// Runs a service on a runtime of its own.
pub fn block_on(service: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::service(error.to_string()))?;
    runtime.block_on(service)
}

/// A listener at an address.
pub async fn listen(address: std::net::SocketAddr) -> Result<tokio::net::TcpListener, Failure> {
    let listener = tokio::net::TcpListener::bind(address).await;
    listener.map_err(|error| Failure::service(format!("{address}: {error}")))
}

/// Ready at the first interrupt (Ctrl-C) or termination signal.
pub fn stopped() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::service(error.to_string()));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}
