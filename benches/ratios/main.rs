//! What tongsa costs beside its rivals, as ratios of one run, and what is wanted.
//!
//! `cargo bench --manifest-path benches/Cargo.toml --bench ratios -- [--seconds N] [--times] [--check] [WORD…]`

#[allow(dead_code, reason = "bytes are held by a test of the crate")]
#[path = "../../tests/allocations/mod.rs"]
mod allocations;
mod bench;
mod decode;
mod encode;
mod growth;
mod hostile;
#[path = "../../tests/hostile/mod.rs"]
mod shapes;

use std::process::ExitCode;

use bench::{Arguments, Bench};

/// Large pieces of memory come from the heap as small ones do: what it takes the system to map and clear pages is not the
/// codecs' affair, and would make the cost of a message jump at 32 MiB. For the C library of Linux.
const HEAP: (&str, &str) =
    ("GLIBC_TUNABLES", "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=8589934592:glibc.malloc.top_pad=67108864");

fn main() -> ExitCode {
    if std::env::var_os(HEAP.0).is_none() {
        return again();
    }
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let mut bench = Bench::default();
    decode::submits(&mut bench);
    decode::answers(&mut bench);
    encode::encodes(&mut bench);
    encode::translations(&mut bench);
    bench.time(&arguments);
    growth::growth(&mut bench, &arguments);
    hostile::hostile(&mut bench, &arguments);
    let result = bench.print(&arguments);
    if arguments.want_all() {
        newest();
    }
    result
}

/// This program once more, with another heap.
fn again() -> ExitCode {
    let run = || -> std::io::Result<std::process::ExitStatus> {
        std::process::Command::new(std::env::current_exe()?)
            .args(std::env::args_os().skip(1))
            .env(HEAP.0, HEAP.1)
            .status()
    };
    match run() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// mail-parser 1.0.1 is measured by a program of its own, which only a newer compiler builds.
fn newest() {
    let nightly = |command: &[&str]| {
        let mut rustup = std::process::Command::new("rustup");
        rustup.args(["run", "nightly"]).args(command).env_remove(HEAP.0);
        rustup
    };
    if !nightly(&["rustc", "--version"]).output().is_ok_and(|output| output.status.success()) {
        println!("\nmail-parser 1.0.1: skipped, for it wants a nightly toolchain, and there is none");
        return;
    }
    println!();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/newest/Cargo.toml");
    let bench = ["cargo", "bench", "--quiet", "--ignore-rust-version", "--manifest-path", manifest];
    match nightly(&bench).status() {
        Ok(status) if status.success() => {}
        Ok(status) => println!("mail-parser 1.0.1: {status}"),
        Err(error) => println!("mail-parser 1.0.1: {error}"),
    }
}
