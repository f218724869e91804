//! From a file to the lines that are shown of it.

use std::collections::BTreeSet;

use bytes::Bytes;
use tongsa::{
    Carrier, Codec, Config, DecodeError, DecodeErrorKind, Decoded, Deviation, DialectId, Entity, HttpFile, Limits,
    Tolerance,
};

use super::common::{self, Failure};
use super::outline::Outline;
use super::picture::{Frame, Line, Role};
use super::rows::{self, Mark, Row};
use super::{marks, promise, slots, summary};

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whose codec is to decode; found out where there is none.
    pub carrier: Option<Carrier>,
    /// The dialect to judge by.
    pub dialect: Option<DialectId>,
    /// What is to be accepted.
    pub tolerance: Tolerance,
    /// The dialect that was promised.
    pub against: Option<DialectId>,
    /// Columns of a line.
    pub width: usize,
}

/// What is shown, and why the command fails all the same.
type Shown = (Vec<Line>, Option<Failure>);

/// What is to be shown of a file.
pub fn explain(name: &str, file: &Bytes, options: &Options) -> Result<Shown, Failure> {
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
    let case = Case { name, file, outline: &outline, http: &http, options };
    let codecs = match case.codecs()? {
        Ok(codecs) => codecs,
        Err(error) => return Ok(case.of_nobody(&error)),
    };
    match (codecs(Tolerance::Lenient).decode(&http.entity), options.against) {
        (Ok(decoded), Some(dialect)) => case.promised(&decoded, dialect),
        (Ok(decoded), None) => Ok(case.decodable(&codecs, &decoded)),
        (Err(error), _) => {
            let carrier = error.context().map(|context| context.dialect.carrier());
            Ok(case.undecodable(&error, error.deviations(), carrier))
        }
    }
}

fn config(tolerance: Tolerance) -> Config {
    Config { tolerance, ..Config::default() }
}

/// The codec that was asked for, or that of the carrier that the entity is from.
type Codecs = Box<dyn Fn(Tolerance) -> Box<dyn Codec>>;

/// A file that holds an entity.
struct Case<'f> {
    name: &'f str,
    file: &'f [u8],
    outline: &'f Outline,
    http: &'f HttpFile,
    options: &'f Options,
}

impl Case<'_> {
    fn codecs(&self) -> Result<Result<Codecs, DecodeError>, Failure> {
        let carrier = match (self.options.carrier, self.options.dialect) {
            (Some(carrier), Some(dialect)) if dialect.carrier() != carrier => {
                return Err(Failure::usage(format!("{dialect} is no dialect of carrier {carrier}")));
            }
            (_, Some(dialect)) => return Ok(Ok(Box::new(move |tolerance| dialect.codec(config(tolerance))))),
            (Some(carrier), None) => carrier,
            (None, None) => match tongsa::detect(&self.http.entity, &Limits::default()) {
                Ok(detection) => detection.best().carrier,
                Err(error) => return Ok(Err(error)),
            },
        };
        Ok(Ok(Box::new(move |tolerance| carrier.codec(config(tolerance)))))
    }

    /// What nobody's codec reads: what the layers below the dialects found is the same for each of them.
    fn of_nobody(&self, error: &DecodeError) -> Shown {
        let found = Carrier::S.codec(config(Tolerance::Lenient)).decode(&self.http.entity).err();
        let mut found = found.map_or(Vec::new(), |error| error.deviations().to_vec());
        found.iter_mut().for_each(|found| found.expected = false);
        self.undecodable(error, &found, None)
    }

    /// What was found before it could not go on.
    fn undecodable(&self, error: &DecodeError, found: &[Deviation], carrier: Option<Carrier>) -> Shown {
        let failure = common::decode_failure(error, self.http);
        let mut picture = self.picture(found);
        picture.deviations(found, self.http, carrier, None);
        picture.fatal(common::offset(error.at(), self.http), format!("error: {}", error.kind()));
        let told = format!("It cannot be decoded under any tolerance: {}.", failure.message);
        let said = vec![Line::heading(self.name), Line::of(Role::Fatal, told)];
        let kinds = summary::kinds(found, carrier, picture.frame);
        (picture.lines(said, &kinds), Some(failure))
    }

    fn decodable(&self, codecs: &Codecs, decoded: &Decoded) -> Shown {
        let carrier = Some(decoded.dialect.carrier());
        let refusal = |tolerance| codecs(tolerance).decode(&self.http.entity).err();
        let refused = refusal(self.options.tolerance);
        let mut picture = self.picture(&decoded.deviations);
        let beyond = picture.slots(&*decoded.dialect.codec(config(Tolerance::Lenient)));
        let is_refused = |found: &Deviation| {
            let is =
                |error: &DecodeError| *error.kind() == DecodeErrorKind::Refused(found.kind) && *error.at() == found.at;
            refused.as_ref().is_some_and(is)
        };
        let index = decoded.deviations.iter().position(is_refused);
        let index = index.map(|index| (index, self.options.tolerance));
        picture.deviations(&decoded.deviations, self.http, carrier, index);
        let mut said = vec![summary::title(self.name, decoded), summary::count(decoded)];
        said.extend(summary::acceptance(&refusal, self.http));
        said.extend(beyond);
        said.extend(summary::surprises(decoded, self.http, picture.frame));
        let kinds = summary::kinds(&decoded.deviations, carrier, picture.frame);
        (picture.lines(said, &kinds), refused.map(|error| common::decode_failure(&error, self.http)))
    }

    /// How it differs from the format that was promised.
    fn promised(&self, decoded: &Decoded, dialect: DialectId) -> Result<Shown, Failure> {
        let width = self.options.width;
        let (found, unexpected) = promise::lines(self.file, self.outline, self.http, decoded, dialect, width)?;
        let mut lines = vec![summary::title(self.name, decoded)];
        lines.extend(found);
        lines.extend(summary::kinds(&unexpected, Some(dialect.carrier()), Frame::of(self.file, width)));
        Ok((lines, None))
    }

    fn picture(&self, found: &[Deviation]) -> Picture<'_> {
        Picture::new(self.file, self.outline, self.options, &marks::repeated_starts(found, self.http))
    }
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
        let frame = Frame::of(file, options.width);
        let mut rows = rows::rows(file, outline, ends, frame.room());
        if rows.is_empty() {
            rows.push(Row::default());
        }
        Self { file, outline, rows, frame }
    }

    /// What stands where; and, for a large file, from where on that is not shown.
    fn slots(&mut self, codec: &dyn Codec) -> Option<Line> {
        let stretches = slots::stretches(self.file, self.outline);
        let slots = slots::slots(self.file, codec, &stretches);
        let beyond = stretches.get(slots.len()).map(|stretch| {
            Line::of(Role::Plain, format!("It is large: values are shown up to byte {}.", stretch.range.start))
        });
        for (stretch, slots) in stretches.iter().zip(slots) {
            let head = self.file[stretch.range.clone()].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if let Some(row) = marks::row_at(&self.rows, stretch.range.start + head) {
                let known = &mut self.rows[row].slots;
                known.extend(slots.into_iter().filter(|slot| !known.contains(slot)).collect::<Vec<_>>());
            }
        }
        beyond
    }

    fn deviations(
        &mut self,
        found: &[Deviation],
        http: &HttpFile,
        carrier: Option<Carrier>,
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
