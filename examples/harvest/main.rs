//! Takes the HTTP messages out of captured traffic: one `.http` file a request or response, as `decode` reads it.
//!
//! Files are named by number in the order of their first packets, sender and receiver, and printed on stdout. What the
//! traffic lacks, what was put right and what was left out is told on stderr, one JSON object a line.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each command uses its part of the shared module")]
mod common;

pub mod capture;
pub mod http;
pub mod tcp;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use common::{Arguments, Failure};
use serde_json::json;
use tongsa::{Entity, Limits};

const USAGE: &str = "usage: harvest [--out DIR] [--mm7] FILE.pcap|FILE.pcapng|-";

#[allow(dead_code, reason = "tests bring their own")]
fn main() -> ExitCode {
    common::run(USAGE, command)
}

/// What the command does with its arguments.
pub fn command(arguments: Vec<String>) -> Result<(), Failure> {
    let arguments = Arguments::parse(arguments, &["--out"], &["--mm7"])?;
    let folder = arguments.option::<String>("--out")?.unwrap_or_else(|| ".".into());
    let file = arguments.file()?;
    let mut harvest = harvest(&common::read(file)?).map_err(|error| Failure::input(format!("{file}: {error}")))?;
    for problem in &harvest.problems {
        common::print_line(&problem.to_json());
    }
    if harvest.files.is_empty() {
        return Err(Failure::input(format!("{file}: no HTTP message in it")));
    }
    if arguments.flag("--mm7") {
        harvest.files.retain(|(_, bytes)| is_mm7(bytes));
        if harvest.files.is_empty() {
            return Err(Failure::input(format!("{file}: no MM7 message in it")));
        }
    }
    let written =
        write(Path::new(&folder), &harvest.files).map_err(|error| Failure::input(format!("{folder}: {error}")))?;
    common::print(written.as_bytes())
}

/// What a capture gives.
#[derive(Debug, Default)]
pub struct Harvest {
    /// The name and the bytes of each file, in the order of the messages' first packets.
    pub files: Vec<(String, Vec<u8>)>,
    /// What was irregular.
    pub problems: Vec<Problem>,
}

/// Something that is missing from the traffic, or that was put right or left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable name for other tools: `tcp/gap`.
    pub code: &'static str,
    /// The packet at which it shows, counted from 1; none where it concerns many.
    pub packet: Option<usize>,
    /// Sender and receiver as in the names of files; empty where it concerns the capture.
    pub stream: String,
    /// What happened.
    pub detail: String,
}

impl Problem {
    /// A problem.
    pub fn new(
        code: &'static str,
        packet: Option<usize>,
        stream: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self { code, packet, stream: stream.into(), detail: detail.into() }
    }

    fn to_json(&self) -> serde_json::Value {
        json!({ "problem": { "code": self.code, "packet": self.packet, "stream": self.stream, "detail": self.detail } })
    }
}

/// The messages in a capture file.
///
/// # Errors
/// Bytes that are no capture file, or one of whose packets none can be read.
pub fn harvest(file: &[u8]) -> Result<Harvest, String> {
    let mut harvest = Harvest::default();
    let segments = capture::segments(file, &mut harvest.problems)?;
    let mut found: Vec<(usize, String, http::Message)> = Vec::new();
    for connection in tcp::connections(&segments) {
        let mut halves = [0, 1].map(|half| Stream {
            half: &connection.halves[half],
            name: format!("{}-{}", end(connection.ends[half]), end(connection.ends[1 - half])),
            runs: connection.halves[half].runs(),
        });
        // The requests first: the answers are to them.
        halves.sort_by_key(|stream| stream.runs.first().is_some_and(|run| run.bytes.starts_with(b"HTTP/")));
        let [requests, answers] = &halves;
        let messages = requests.messages(&mut std::iter::empty(), &mut harvest.problems);
        // With a gap it is not known which answer is to which request.
        let methods = messages.iter().filter_map(|(_, message)| message.method.clone()).collect::<Vec<_>>();
        let mut asked = methods.into_iter().filter(|_| halves.iter().all(Stream::is_whole));
        let replies = answers.messages(&mut asked, &mut harvest.problems);
        found.extend(messages.into_iter().map(|(packet, message)| (packet, requests.name.clone(), message)));
        found.extend(replies.into_iter().map(|(packet, message)| (packet, answers.name.clone(), message)));
    }
    found.sort_by_key(|(packet, ..)| *packet);
    for (index, (packet, stream, message)) in found.into_iter().enumerate() {
        let kind = if message.method.is_some() { "request" } else { "response" };
        if let Err(error) = Entity::parse_http(message.file.clone().into(), &Limits::default()) {
            let detail = format!("decode will not read this {kind}: {error}");
            harvest.problems.push(Problem::new("http/unreadable", Some(packet), stream.clone(), detail));
        }
        harvest.files.push((format!("{:04}-{stream}-{kind}.http", index + 1), message.file));
    }
    harvest.problems.sort_by_key(|problem| problem.packet);
    Ok(harvest)
}

/// One direction of a connection and its name.
struct Stream<'t> {
    half: &'t tcp::Half<'t>,
    name: String,
    runs: Vec<tcp::Run>,
}

impl Stream<'_> {
    /// Whether the capture has all of it.
    fn is_whole(&self) -> bool {
        let [run] = &self.runs[..] else { return self.runs.is_empty() };
        self.half.is_whole_from_start() && run.missing == 0
    }

    /// Its messages, each with its first packet.
    fn messages(
        &self,
        asked: &mut dyn Iterator<Item = Vec<u8>>,
        problems: &mut Vec<Problem>,
    ) -> Vec<(usize, http::Message)> {
        let mut push =
            |code, packet, detail: String| problems.push(Problem::new(code, Some(packet), &self.name, detail));
        let mut found = Vec::new();
        for run in &self.runs {
            if run.missing > 0 {
                push("tcp/gap", run.packet(0), format!("{} bytes are missing before this packet", run.missing));
            }
            let mut remark = |(offset, code, detail): http::Remark| push(code, run.packet(offset), detail);
            let messages = http::messages(&run.bytes, run.ending, asked, &mut remark);
            found.extend(messages.into_iter().map(|message| (run.packet(message.offset), message)));
        }
        if let Some(run) = self.runs.last().filter(|_| self.half.missing_at_end() > 0) {
            let detail = format!("{} bytes are missing before the end of the connection", self.half.missing_at_end());
            push("tcp/gap", run.packet(usize::MAX), detail);
        }
        for &packet in self.half.contradictions() {
            push("tcp/contradiction", packet, "other bytes than an earlier packet has; the earlier count".into());
        }
        found
    }
}

/// `10.0.0.1.40000`; the colons of IPv6 are underscores, which every file system takes.
fn end(address: SocketAddr) -> String {
    format!("{}.{}", address.ip(), address.port()).replace(':', "_")
}

/// Whether any carrier's codec makes something of it, or it bears some carrier's mark.
fn is_mm7(file: &[u8]) -> bool {
    let limits = Limits::default();
    let Ok(file) = Entity::parse_http(file.to_vec().into(), &limits) else { return false };
    let Ok(detection) = tongsa::detect(&file.entity, &limits) else { return false };
    detection.ranked.iter().any(|candidate| candidate.surprises.is_some() || !candidate.evidence.is_empty())
}

/// Writes the files into the folder, each first under a temporary name, and gives their paths, one a line.
fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> std::io::Result<String> {
    fs::create_dir_all(folder)?;
    let differs = |(name, bytes): &&(String, Vec<u8>)| fs::read(folder.join(name)).is_ok_and(|known| known != *bytes);
    if let Some((name, _)) = files.iter().find(differs) {
        return Err(std::io::Error::other(format!("{name} is there already and says something else")));
    }
    let mut written = String::new();
    for (name, bytes) in files {
        let (temporary, path) = (folder.join(format!(".{name}.part")), folder.join(name));
        fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, &path)).inspect_err(|_| {
            // What cannot be written cannot always be taken away either; the first error is the one to tell.
            let _ = fs::remove_file(&temporary);
        })?;
        written += &format!("{}\n", path.display());
    }
    Ok(written)
}
