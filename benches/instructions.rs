//! Instructions per operation, counted by valgrind's callgrind: exact, and the same however busy the machine is.
//!
//! `cargo bench --manifest-path benches/Cargo.toml --bench instructions -- [--write] [--profile N] [WORD…]`
//!
//! The program runs itself under callgrind, which counts inside [`measured`] alone and writes one profile for each call of
//! it. gungraun does the same and more, but keeps what it compares with among the build's output and not in a file that
//! can be checked in, and wants a runner of exactly its own version to be installed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use tongsa::DialectId;
use tongsa_benches::rivals;
use tongsa_benches::samples::{Kind, Sample, Step, steps};

/// What may be more than the table says, by its hundredth part: the compiler lays out code anew for the smallest reason.
const MARGIN: f64 = 1.03;

const HEAD: &str = "operation\tinstructions";

fn main() -> ExitCode {
    let arguments = Arguments::read(std::env::args().skip(1));
    let result = arguments.and_then(|arguments| {
        let mut steps = all_steps();
        steps.retain(|step| arguments.want(&step.name));
        if arguments.inside {
            count(&steps);
            return Ok(true);
        }
        outside(&steps, &arguments)
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Arguments {
    /// Whether this is the run under callgrind.
    inside: bool,
    write: bool,
    /// So many functions of each operation.
    profile: Option<usize>,
    /// The one operation, by its whole name.
    only: Option<String>,
    words: Vec<String>,
}

impl Arguments {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self::default();
        while let Some(argument) = arguments.next() {
            match &*argument {
                // What cargo passes to every benchmark.
                "--bench" => {}
                "--inside" => read.inside = true,
                "--write" => read.write = true,
                "--profile" => {
                    let count = arguments.next().and_then(|count| count.parse().ok());
                    read.profile = Some(count.ok_or("--profile N")?);
                }
                "--only" => read.only = arguments.next(),
                option if option.starts_with('-') => return Err(format!("unknown option: {option}")),
                _ => read.words.push(argument),
            }
        }
        if read.write && (read.only.is_some() || !read.words.is_empty()) {
            return Err("--write writes the whole table".into());
        }
        Ok(read)
    }

    fn want(&self, name: &str) -> bool {
        match &self.only {
            Some(only) => name == only,
            None => self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str())),
        }
    }
}

/// Every operation of the crate, then the rivals.
fn all_steps() -> Vec<Step> {
    let samples = || DialectId::ALL.iter().flat_map(|&dialect| Kind::ALL.map(|kind| (dialect, kind)));
    let own = samples().flat_map(|(dialect, kind)| steps(dialect, kind));
    own.chain(samples().flat_map(|(dialect, kind)| rivals::steps(&Sample::new(dialect, kind)))).collect()
}

/// Where callgrind counts. It sees the end of a function by its return, so the call must not be its last act.
#[inline(never)]
fn measured(step: &Step) {
    step.run();
    black_box(step);
}

/// Under callgrind.
fn count(steps: &[Step]) {
    for step in steps {
        // What is made once in a program's life does not count.
        step.run();
        measured(black_box(step));
    }
}

/// Runs this program under callgrind and compares, writes, or shows.
fn outside(steps: &[Step], arguments: &Arguments) -> Result<bool, String> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: valgrind is not installed");
        return Ok(true);
    }
    let folder = std::env::temp_dir().join(format!("tongsa-instructions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let result = inside(&folder, steps, arguments);
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn inside(folder: &Path, steps: &[Step], arguments: &Arguments) -> Result<bool, String> {
    if let Some(count) = arguments.profile {
        // callgrind_annotate makes sense of the first profile of a run alone.
        for step in steps {
            for profile in profiles(folder, &["--only", &step.name])? {
                println!("## {}\n\n{}", step.name, annotate(&profile, count)?);
            }
        }
        return Ok(true);
    }
    let words: Vec<&str> = match &arguments.only {
        Some(only) => vec!["--only", only],
        None => arguments.words.iter().map(String::as_str).collect(),
    };
    let profiles = profiles(folder, &words)?;
    if profiles.len() != steps.len() {
        return Err(format!("{} profiles of {} operations", profiles.len(), steps.len()));
    }
    let found: Result<Vec<_>, String> =
        steps.iter().zip(&profiles).map(|(step, profile)| Ok((step.name.as_str(), total(profile)?))).collect();
    report(&found?, arguments)
}

/// One profile for each operation, in order.
fn profiles(folder: &Path, asked: &[&str]) -> Result<Vec<PathBuf>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--compress-strings=no", "--collect-atstart=no"])
        .args(["--toggle-collect=instructions::measured", "--dump-after=instructions::measured"])
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(program)
        .arg("--inside")
        .args(asked)
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    if !output.status.success() {
        return Err(format!("callgrind: {}", String::from_utf8_lossy(&output.stderr)));
    }
    // `out` is what was left at the end: nothing.
    Ok((1..10_000).map(|nth| folder.join(format!("out.{nth}"))).take_while(|path| path.exists()).collect())
}

/// The instructions of a profile.
fn total(profile: &Path) -> Result<u64, String> {
    let text = std::fs::read_to_string(profile).map_err(|error| format!("{}: {error}", profile.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    line.and_then(|line| line.trim().parse().ok()).ok_or_else(|| format!("{}: no total", profile.display()))
}

/// The dearest functions by themselves, then with what they call.
fn annotate(profile: &Path, count: usize) -> Result<String, String> {
    let mut out = String::new();
    for (title, option) in [("self", "--inclusive=no"), ("with what they call", "--inclusive=yes")] {
        let output = Command::new("callgrind_annotate")
            .args([option, "--auto=no", "--threshold=100"])
            .arg(profile)
            .output()
            .map_err(|error| format!("callgrind_annotate: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let _ = writeln!(out, "{title}:\n");
        // Without what stands around the operation.
        let functions = text.lines().filter(|line| line.contains("%)") && !line.contains("(100.0%)"));
        for line in functions.take(count) {
            // The library's path says nothing.
            let line = line.split(" [").next().unwrap_or_default().replace("???:", "");
            let _ = writeln!(out, "    {}", line.trim());
        }
        out.push('\n');
    }
    Ok(out)
}

/// Prints the table, beside the one that is checked in; whether nothing is dearer.
fn report(found: &[(&str, u64)], arguments: &Arguments) -> Result<bool, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.tsv");
    let fail = |error: std::io::Error| format!("{}: {error}", path.display());
    if arguments.write {
        let mut table = format!("{HEAD}\n");
        for (name, count) in found {
            let _ = writeln!(table, "{name}\t{count}");
        }
        std::fs::write(&path, table).map_err(fail)?;
    }
    let text = std::fs::read_to_string(&path).map_err(fail)?;
    let known = text.lines().skip(1).filter_map(|row| row.split_once('\t'));
    let known: BTreeMap<&str, u64> = known.filter_map(|(name, count)| Some((name, count.parse().ok()?))).collect();
    let mut dearer = 0;
    println!("| operation | instructions | by the table | |\n|---|---:|---:|---|");
    for (name, count) in found {
        let Some(&was) = known.get(name) else {
            println!("| {name} | {count} | | **not in the table** |");
            dearer += 1;
            continue;
        };
        #[allow(clippy::cast_precision_loss, reason = "a ratio")]
        let ratio = *count as f64 / was as f64;
        let more = if ratio > MARGIN { "**more**" } else { "" };
        dearer += usize::from(ratio > MARGIN);
        println!("| {name} | {count} | {ratio:.3} | {more} |");
    }
    if dearer > 0 {
        println!("\n{dearer} cost more than instructions.tsv says; if that is meant: --write");
    }
    Ok(dearer == 0)
}
