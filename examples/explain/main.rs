//! Shows a person what stands in a payload: each part, header field and element at its byte, with what it means, and every
//! deviation underlined where it stands.

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
mod rows;
mod slots;

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bytes::Bytes;
use common::{Arguments, Failure};
use outline::Outline;
use picture::{Frame, Line, Role};
use rows::{Mark, Row};
use tongsa::{
    Carrier, Codec, Config, DecodeError, DecodeErrorKind, Decoded, Deviation, DeviationKind, DialectId, Entity,
    HttpFile, Limits, Tolerance,
};

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

/// What was asked for.
struct Options {
    carrier: Option<Carrier>,
    dialect: Option<DialectId>,
    tolerance: Tolerance,
    against: Option<DialectId>,
    width: usize,
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
    let (lines, failure) = explain(name, &file, &options)?;
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

/// The codec that was asked for, or that of the carrier that the entity is from.
type Codecs = Box<dyn Fn(Tolerance) -> Box<dyn Codec>>;

fn codecs(options: &Options, http: &HttpFile) -> Result<Result<Codecs, DecodeError>, Failure> {
    let config = |tolerance| Config { tolerance, ..Config::default() };
    let carrier = match (options.carrier, options.dialect) {
        (Some(carrier), Some(dialect)) if dialect.carrier() != carrier => {
            return Err(Failure::usage(format!("{dialect} is no dialect of carrier {carrier}")));
        }
        (_, Some(dialect)) => return Ok(Ok(Box::new(move |tolerance| dialect.codec(config(tolerance))))),
        (Some(carrier), None) => carrier,
        (None, None) => match tongsa::detect(&http.entity, &Limits::default()) {
            Ok(detection) => detection.best().carrier,
            Err(error) => return Ok(Err(error)),
        },
    };
    Ok(Ok(Box::new(move |tolerance| carrier.codec(config(tolerance)))))
}

fn explain(name: &str, file: &Bytes, options: &Options) -> Result<(Vec<Line>, Option<Failure>), Failure> {
    let outline = Outline::of(file);
    let http = match Entity::parse_http(file.clone(), &Limits::default()) {
        Ok(http) => http,
        Err(error) => {
            let mut picture = Picture::new(file, &outline, options, &BTreeSet::new());
            picture.fatal(error.offset(), format!("error: {error}"));
            let said = vec![Line::heading(name), Line::of(Role::Fatal, format!("It holds no entity: {error}."))];
            return Ok((picture.lines(said, &[]), Some(Failure::input(error.to_string()))));
        }
    };
    let codecs = match codecs(options, &http)? {
        Ok(codecs) => codecs,
        Err(error) => return Ok(undecodable(name, file, &outline, options, &http, &error)),
    };
    match codecs(Tolerance::Lenient).decode(&http.entity) {
        Ok(decoded) if options.against.is_some() => promised(name, file, &outline, options, &http, &decoded),
        Ok(decoded) => Ok(decodable(name, file, &outline, options, &http, &codecs, &decoded)),
        Err(error) => Ok(undecodable(name, file, &outline, options, &http, &error)),
    }
}

/// What was found before it could not go on.
fn undecodable(
    name: &str,
    file: &Bytes,
    outline: &Outline,
    options: &Options,
    http: &HttpFile,
    error: &DecodeError,
) -> (Vec<Line>, Option<Failure>) {
    let failure = common::decode_failure(error, http);
    let mut picture = Picture::new(file, outline, options, &marks::repeated_starts(error.deviations(), http));
    let carrier = error.context().map_or(Carrier::S, |context| context.dialect.carrier());
    picture.deviations(error.deviations(), http, carrier, None);
    picture.fatal(common::offset(error.at(), http), format!("error: {}", error.kind()));
    let said = vec![Line::heading(name), Line::of(Role::Fatal, format!("Under no tolerance: {}.", failure.message))];
    let kinds = kinds(error.deviations(), carrier, picture.frame);
    (picture.lines(said, &kinds), Some(failure))
}

fn decodable(
    name: &str,
    file: &Bytes,
    outline: &Outline,
    options: &Options,
    http: &HttpFile,
    codecs: &Codecs,
    decoded: &Decoded,
) -> (Vec<Line>, Option<Failure>) {
    let carrier = decoded.dialect.carrier();
    let refusal = |tolerance| codecs(tolerance).decode(&http.entity).err();
    let refused = refusal(options.tolerance);
    let mut picture = Picture::new(file, outline, options, &marks::repeated_starts(&decoded.deviations, http));
    picture.slots(&*decoded.dialect.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() }));
    let is_refused = |found: &Deviation| {
        let is = |error: &DecodeError| *error.kind() == DecodeErrorKind::Refused(found.kind) && *error.at() == found.at;
        refused.as_ref().is_some_and(is)
    };
    let index = decoded.deviations.iter().position(is_refused);
    picture.deviations(&decoded.deviations, http, carrier, index.map(|index| (index, options.tolerance)));
    let mut said = vec![title(name, decoded)];
    said.push(count(decoded));
    said.extend(acceptance(&refusal, http));
    said.extend(surprises(decoded, http, picture.frame));
    let kinds = kinds(&decoded.deviations, carrier, picture.frame);
    let failure = refused.map(|error| common::decode_failure(&error, http));
    (picture.lines(said, &kinds), failure)
}

/// How it differs from the format that was promised.
fn promised(
    name: &str,
    file: &Bytes,
    outline: &Outline,
    options: &Options,
    http: &HttpFile,
    decoded: &Decoded,
) -> Result<(Vec<Line>, Option<Failure>), Failure> {
    let dialect = options.against.unwrap_or(decoded.dialect);
    let (found, unexpected) = promise::lines(file, outline, http, decoded, dialect, options.width)?;
    let mut lines = vec![title(name, decoded)];
    lines.extend(found);
    let frame = Frame { gutter: 6, width: options.width };
    lines.extend(kinds(&unexpected, dialect.carrier(), frame));
    Ok((lines, None))
}

/// What the payload is.
fn title(name: &str, decoded: &Decoded) -> Line {
    Line::heading(format!(
        "{name}: {} of carrier {}, dialect {}",
        decoded.message.operation().code(),
        decoded.dialect.carrier(),
        decoded.candidates.iter().map(|dialect| dialect.code()).collect::<Vec<_>>().join(" or "),
    ))
}

/// How many deviations there are.
fn count(decoded: &Decoded) -> Line {
    let (all, surprises) = (decoded.deviations.len(), decoded.surprises().count());
    let expected = format!("{} expected of {}", all - surprises, decoded.dialect);
    match (all, surprises) {
        (0, _) => Line::of(Role::Plain, "No deviation from the standards."),
        (_, 0) => Line::of(Role::Plain, format!("{}: no surprise, ", counted(all, "deviation")))
            .with(Role::Expected, expected + "."),
        _ => Line::of(Role::Plain, format!("{}: ", counted(all, "deviation")))
            .with(Role::Surprise, counted(surprises, "surprise"))
            .with(Role::Plain, ", ")
            .with(Role::Expected, expected + "."),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Under which tolerance the payload is accepted, and where the stricter stop.
fn acceptance(refusal: &dyn Fn(Tolerance) -> Option<DecodeError>, http: &HttpFile) -> Vec<Line> {
    let all = [Tolerance::Strict, Tolerance::Observed, Tolerance::Lenient];
    let refused: Vec<_> = all.into_iter().map_while(|tolerance| Some((tolerance, refusal(tolerance)?))).collect();
    let accepting = all.get(refused.len()).map_or("no tolerance", |tolerance| tolerance.code());
    let mut lines = vec![Line::of(Role::Plain, format!("Accepted under {accepting}."))];
    // What two of them stop at is said once.
    let is_same =
        |a: &(Tolerance, DecodeError), b: &(Tolerance, DecodeError)| a.1.at() == b.1.at() && a.1.kind() == b.1.kind();
    for group in refused.chunk_by(is_same) {
        let Some((_, error)) = group.first() else { continue };
        let kind = match error.kind() {
            DecodeErrorKind::Refused(kind) => kind.code().to_owned(),
            other => other.to_string(),
        };
        let at = common::offset(error.at(), http);
        let names: Vec<_> = group.iter().map(|(tolerance, _)| tolerance.code()).collect();
        lines.push(Line::of(Role::Plain, format!("Refused under {} at byte {at}, {kind}.", names.join(" and "))));
    }
    lines
}

/// The surprises in a list: where, what, and in what.
fn surprises(decoded: &Decoded, http: &HttpFile, frame: Frame) -> Vec<Line> {
    let carrier = decoded.dialect.carrier();
    let name = |found: &Deviation| marks::name(found.kind, carrier);
    let width = decoded.surprises().map(|found| name(found).len()).max().unwrap_or(0);
    let mut said = BTreeSet::new();
    let mut lines = Vec::new();
    for found in decoded.surprises() {
        let line = Line::default().with_offset(common::offset(&found.at, http), frame.gutter);
        let line = line.with(Role::Surprise, format!("   {:width$}", name(found)));
        lines.push(line.with(Role::Gutter, format!("  {}", found.at.path)));
        if said.insert(found.kind) {
            let texts = picture::wrapped(found.kind.summary(), frame.room());
            let indent = " ".repeat(frame.gutter + 3);
            lines.extend(texts.into_iter().map(|text| Line::of(Role::Plain, format!("{indent}{text}"))));
        }
    }
    headed("Surprises", lines)
}

/// What the names mean, each once.
fn kinds(found: &[Deviation], carrier: Carrier, frame: Frame) -> Vec<Line> {
    let mut counts: BTreeMap<DeviationKind, [usize; 2]> = BTreeMap::new();
    for found in found {
        counts.entry(found.kind).or_default()[usize::from(found.expected)] += 1;
    }
    let counted = |[surprises, expected]: [usize; 2]| match (surprises, expected) {
        (surprises, 0) => format!("{surprises} surprising"),
        (0, expected) => format!("{expected} expected"),
        (surprises, expected) => format!("{surprises} surprising, {expected} expected"),
    };
    let cells: Vec<_> = counts
        .into_iter()
        .map(|(kind, counts)| (kind, marks::name(kind, carrier), counts[0] > 0, counted(counts)))
        .collect();
    let width =
        |cell: &dyn Fn(&(DeviationKind, String, bool, String)) -> usize| cells.iter().map(cell).max().unwrap_or(0);
    let (names, amounts) = (width(&|(_, name, ..)| name.len()), width(&|(.., counted)| counted.len()));
    let room = frame.width.saturating_sub(names + amounts + 4).max(30);
    let mut lines = Vec::new();
    for (kind, name, surprises, counted) in &cells {
        let role = if *surprises { Role::Surprise } else { Role::Expected };
        for (index, text) in picture::wrapped(kind.summary(), room).into_iter().enumerate() {
            let [name, counted] = if index == 0 { [&**name, counted] } else { ["", ""] };
            let line = Line::of(role, format!("{name:names$}")).with(Role::Gutter, format!("  {counted:amounts$}"));
            lines.push(line.with(Role::Plain, format!("  {text}")));
        }
    }
    headed("What the names mean", lines)
}

/// Lines under a heading, if there are any.
fn headed(heading: &str, mut lines: Vec<Line>) -> Vec<Line> {
    if !lines.is_empty() {
        lines.splice(0..0, [Line::default(), Line::heading(heading)]);
    }
    lines
}

/// The rows of a file on their way to lines.
struct Picture<'f> {
    file: &'f [u8],
    outline: &'f Outline,
    rows: Vec<Row>,
    frame: Frame,
}

impl<'f> Picture<'f> {
    fn new(file: &'f [u8], outline: &'f Outline, options: &Options, ends: &BTreeSet<usize>) -> Self {
        let gutter = file.len().to_string().len().max(6);
        let frame = Frame { gutter, width: options.width };
        let mut rows = rows::rows(file, outline, ends, frame.room());
        if rows.is_empty() {
            rows.push(Row::default());
        }
        Self { file, outline, rows, frame }
    }

    fn slots(&mut self, codec: &dyn Codec) {
        let stretches = slots::stretches(self.file, self.outline);
        for (stretch, slots) in stretches.iter().zip(slots::slots(self.file, codec, &stretches)) {
            let head = self.file[stretch.range.clone()].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if let Some(row) = marks::row_at(&self.rows, stretch.range.start + head) {
                let known = &mut self.rows[row].slots;
                known.extend(slots.into_iter().filter(|slot| !known.contains(slot)).collect::<Vec<_>>());
            }
        }
    }

    fn deviations(
        &mut self,
        found: &[Deviation],
        http: &HttpFile,
        carrier: Carrier,
        refused: Option<(usize, Tolerance)>,
    ) {
        marks::deviations(self.file, &mut self.rows, found, http, carrier, refused);
    }

    fn fatal(&mut self, at: usize, label: String) {
        let mark = Mark { span: 0..0, role: Role::Fatal, label, note: None };
        marks::put(self.file, &mut self.rows, at, 1, mark);
    }

    /// What is said first, the payload part by part, what is said last.
    fn lines(&self, said: Vec<Line>, last: &[Line]) -> Vec<Line> {
        let mut lines = said;
        let mut sections = self.sections().into_iter().peekable();
        let mut heading = None;
        for row in &self.rows {
            while let Some((_, title)) = sections.next_if(|(start, _)| *start <= row.range.start) {
                heading = Some(title);
            }
            if !row.view.text.trim().is_empty() || !row.marks.is_empty() {
                lines.extend(heading.take().into_iter().flat_map(|title| [Line::default(), Line::heading(title)]));
                lines.extend(self.frame.row(row, None));
            }
        }
        lines.extend_from_slice(last);
        lines
    }

    /// Where the sections of the picture begin, and what they are called: parts as in paths, with their types.
    fn sections(&self) -> Vec<(usize, String)> {
        let mut sections = Vec::new();
        for part in &self.outline.parts {
            if part.delimiter.is_empty() {
                let head = !part.fields.is_empty() || self.outline.start_line.is_some();
                sections.extend(head.then(|| (0, "The HTTP header".to_owned())));
                sections.extend((!part.is_multipart).then(|| (part.content.start, "The body".to_owned())));
                continue;
            }
            let named = part.fields.iter().find(|field| field.name == "content-type");
            let named = named.map(|field| String::from_utf8_lossy(&self.file[field.essence(self.file)]).into_owned());
            let named = named.filter(|named| !named.is_empty()).unwrap_or_else(|| "no type".into());
            sections.push((part.delimiter.start, format!("{}, {named}", part.path)));
        }
        sections
    }
}
