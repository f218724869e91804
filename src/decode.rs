//! The way in: entity, MIME parts, XML, SOAP, table, content; then one gate that judges what was noticed.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::charset::{self, Charset};
use crate::codec::{Config, DecodeError, Decoded, Tolerance, WireContext};
use crate::content;
use crate::deviation::{Deviation, DeviationKind, Flag, Flags};
use crate::entity::Entity;
use crate::error::{DecodeErrorKind, Fatal};
use crate::limits::Limits;
use crate::location::{Location, Path};
use crate::mime::{self, Encoding};
use crate::mm7::{Dialect, Note, Reader, Site};
use crate::model::{Message, Operation};
use crate::soap;
use crate::xml;

/// What is the same whichever dialect the entity is judged by.
#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    /// Where the first stood that found no room in its layer's list.
    overflow: Option<Location>,
}

struct Finding {
    kind: DeviationKind,
    at: Location,
    /// What the dialect may prescribe it for; `None` where no dialect does.
    site: Option<Site>,
}

impl Findings {
    /// A finding that no dialect prescribes.
    fn push(&mut self, kind: DeviationKind, at: Location) {
        self.list.push(Finding { kind, at, site: None });
    }

    /// A finding that a dialect may prescribe at this site.
    fn push_at(&mut self, kind: DeviationKind, at: Location, site: Site) {
        self.list.push(Finding { kind, at, site: Some(site) });
    }

    /// What a syntax layer flagged: `site` tells what stands there, `at` the place of a byte.
    fn extend(&mut self, flags: &Flags, site: impl Fn(Flag) -> Site, at: impl Fn(usize) -> Location) {
        for flag in flags.iter() {
            self.push_at(flag.kind, at(flag.offset), site(flag));
        }
        self.overflowed(flags.overflow().map(at));
    }

    /// That a list was full: the first place counts, and it has no path.
    fn overflowed(&mut self, at: Option<Location>) {
        let place = |at: Location| Location { path: Path::default(), ..at };
        self.overflow = self.overflow.take().or_else(|| at.map(place));
    }

    fn is_expected(finding: &Finding, dialect: &Dialect) -> bool {
        finding.site.is_some_and(|site| dialect.prescribes(finding.kind, site))
    }
}

/// What one dialect makes of an entity.
struct Reading {
    dialect: &'static Dialect,
    message: Message,
    /// What its tables noticed.
    own: Vec<Deviation>,
}

impl Reading {
    fn surprises(&self, findings: &Findings) -> usize {
        let shared = findings.list.iter().filter(|finding| !Findings::is_expected(finding, self.dialect));
        shared.count() + self.own.iter().filter(|deviation| !deviation.expected).count()
    }
}

/// The part that holds the envelope.
struct RootPart {
    /// Its bytes, transfer encoding undone.
    bytes: Bytes,
    /// The part's path.
    path: String,
    /// Where its body begins in the entity's.
    start: usize,
    /// Whether the bytes stand in the body as they are; else every place in them is the part's start.
    verbatim: bool,
}

impl RootPart {
    /// What the layers above add to their offsets.
    fn base(&self) -> usize {
        if self.verbatim { self.start } else { 0 }
    }

    /// The place of a byte; `path` goes on from the part's.
    fn at(&self, offset: usize, path: &str) -> Location {
        Location::body(if self.verbatim { offset } else { self.start }, join(&self.path, path))
    }
}

/// An entity's parts, with the one that holds the envelope opened.
pub(crate) struct Opened<'e> {
    pub(crate) tree: mime::Tree<'e>,
    roles: content::Roles,
    part: RootPart,
    pub(crate) charset: Charset,
}

impl<'e> Opened<'e> {
    fn new(
        limits: &Limits,
        entity: &'e Entity,
        findings: &mut Findings,
        form: Option<&content::Form>,
    ) -> Result<Self, Stop> {
        let body = &entity.body;
        if body.len() > limits.body {
            let kind = DecodeErrorKind::LimitExceeded { what: "bytes of body", allowed: limits.body };
            return Err((kind, Location::body(limits.body, Path::default())));
        }
        let media_type = read_headers(limits, entity, findings)?;

        let mut flags = Flags::default();
        let tree = mime::parse(body, media_type, limits, &mut flags)
            .map_err(|Fatal { kind, offset, path }| (kind, Location::body(offset, path)))?;
        let root = tree.root(&mut flags);
        let roles = content::Roles::new(&tree, root, body, form);
        let part_at = |offset: usize| Location::body(offset, tree.path_at(offset));
        findings.extend(&flags, |flag| roles.site_at(&tree, flag), part_at);

        let mut flags = Flags::default();
        let part = tree.part(root);
        let part = RootPart {
            bytes: mime::decode(&tree, root, body, &mut flags),
            path: tree.path(root),
            start: part.body.start,
            verbatim: !matches!(part.encoding, Encoding::Base64 | Encoding::QuotedPrintable),
        };
        findings.extend(&flags, |_| Site::RootPart, part_at);
        let charset = read_charset(&tree, root, &part, findings)?;
        Ok(Self { tree, roles, part, charset })
    }

    /// The entity without a dialect in mind.
    pub(crate) fn plain(limits: &Limits, entity: &'e Entity) -> Result<Self, DecodeError> {
        let stopped = Self::new(limits, entity, &mut Findings::default(), None);
        stopped.map_err(|(kind, at)| DecodeError::new(kind, at, Vec::new()))
    }

    /// The root part's document, given to `read` with what gives the place of an offset in it.
    pub(crate) fn document<T>(
        &self,
        limits: &Limits,
        read: impl FnOnce(&xml::Document<'_>, &dyn Fn(usize) -> Location) -> T,
    ) -> Result<T, DecodeError> {
        let part = &self.part;
        let document = xml::parse(&part.bytes, part.base(), self.charset, limits, &mut Flags::default());
        let document = document.map_err(|fatal| DecodeError::new(fatal.kind, part.at(fatal.offset, ""), Vec::new()))?;
        Ok(read(&document, &|offset| part.at(offset, &document.path_at(offset))))
    }
}

/// Decodes an entity by the dialect of these, all of one carrier, that it surprises least.
pub(crate) fn decode(dialects: &[&'static Dialect], config: &Config, entity: &Entity) -> Result<Decoded, DecodeError> {
    let mut findings = Findings::default();
    let mut context =
        WireContext { dialect: dialects[0].id, namespace: None, transaction_id_raw: None, operation: None };
    let result = read(dialects, config, entity, &mut findings, &mut context);
    let mut error = None;
    let mut chosen = Reading { dialect: dialects[0], message: Operation::Fault.empty(), own: Vec::new() };
    let mut candidates = Vec::new();
    match result {
        Ok(readings) => {
            let mut fewest = usize::MAX;
            for reading in readings {
                let surprises = reading.surprises(&findings);
                if surprises < fewest {
                    fewest = surprises;
                    candidates.clear();
                }
                if surprises == fewest {
                    candidates.push(reading.dialect.id);
                }
                // The first of a tie.
                if candidates.len() == 1 && surprises == fewest {
                    chosen = reading;
                }
            }
            if let Some(at) = findings.overflow.take() {
                error = Some((DecodeErrorKind::LimitExceeded { what: "deviations", allowed: Flags::MAX }, at));
            }
        }
        Err(stop) => error = Some(stop),
    }
    let Reading { dialect, message, own: mut list } = chosen;
    context.dialect = dialect.id;
    list.extend(findings.list.into_iter().map(|finding| {
        let expected = Findings::is_expected(&finding, dialect);
        Deviation { kind: finding.kind, at: finding.at, expected }
    }));
    list.sort_by_key(|deviation| (deviation.at.space, deviation.at.offset, deviation.kind));
    let error = match (error, judge(&list, config.tolerance, dialect)) {
        (Some((kind, at)), _) => DecodeError::new(kind, at, list),
        (None, Some((index, accepted_under))) => {
            let refused = list[index].clone();
            list.truncate(index);
            DecodeError::new(DecodeErrorKind::Refused(refused.kind), refused.at, list).accepted_by(accepted_under)
        }
        (None, None) => {
            return Ok(Decoded { message, dialect: dialect.id, candidates, context, deviations: list });
        }
    };
    Err(error.with_context(context))
}

/// The gate: the first deviation that the tolerance does not accept, and the strictest that accepts them all.
fn judge(list: &[Deviation], tolerance: Tolerance, dialect: &Dialect) -> Option<(usize, Option<Tolerance>)> {
    let carrier = dialect.id.carrier();
    let refused = list.iter().position(|deviation| !tolerance.accepts(deviation, carrier))?;
    let accepts_all = |tolerance: &Tolerance| list.iter().all(|deviation| tolerance.accepts(deviation, carrier));
    let accepted = [Tolerance::Observed, Tolerance::Lenient].into_iter().find(accepts_all);
    Some((refused, accepted))
}

type Stop = (DecodeErrorKind, Location);

fn read(
    dialects: &[&'static Dialect],
    config: &Config,
    entity: &Entity,
    findings: &mut Findings,
    context: &mut WireContext,
) -> Result<Vec<Reading>, Stop> {
    let body = &entity.body;
    let opened = Opened::new(&config.limits, entity, findings, Some(dialects[0].content))?;
    let Opened { tree, roles, part, charset } = &opened;
    let part_at = |offset: usize| Location::body(offset, tree.path_at(offset));
    let form = dialects[0].content;
    let mut readings = read_root(dialects, config, part, *charset, findings, context)?;

    if readings.iter().any(|reading| reading.message.content().is_some()) {
        let mut notes = content::Notes::new(*charset);
        let found = content::read(tree, roles, form, body, &config.limits, &mut notes);
        findings.extend(&notes.flags, |flag| roles.site_at(tree, flag), part_at);
        findings.overflowed(notes.overflow.map(part_at));
        for (flag, path) in notes.inside {
            let at = Location::body(flag.offset, join(&tree.path(tree.part_at(flag.offset)), &path));
            findings.push_at(flag.kind, at, roles.site_at(tree, flag));
        }
        for reading in &mut readings {
            if let Some(target) = reading.message.content_mut() {
                content::merge(target, found.clone(), reading.dialect.content);
            }
        }
    }
    for reading in &mut readings {
        reading.dialect.set_outcome(&mut reading.message);
    }
    Ok(readings)
}

/// The envelope and the operation in it.
fn read_root(
    dialects: &[&'static Dialect],
    config: &Config,
    part: &RootPart,
    charset: Charset,
    findings: &mut Findings,
    context: &mut WireContext,
) -> Result<Vec<Reading>, Stop> {
    let mut flags = Flags::default();
    let document = match xml::parse(&part.bytes, part.base(), charset, &config.limits, &mut flags) {
        Ok(document) => document,
        Err(fatal) => {
            findings.extend(&flags, |_| Site::Envelope, |offset| part.at(offset, ""));
            return Err((fatal.kind, part.at(fatal.offset, "")));
        }
    };
    let at = |offset: usize| part.at(offset, &document.path_at(offset));
    let stop = |fatal: Fatal| (fatal.kind, at(fatal.offset));
    findings.extend(&flags, |_| Site::Envelope, at);

    let envelope = soap::read(&document).map_err(stop)?;
    findings.extend(&envelope.findings, |_| Site::Envelope, at);
    context.operation = Some(envelope.operation);
    if crate::mm7::is_mm7_namespace(envelope.namespace) {
        context.namespace = Some(String::from_utf8_lossy(envelope.namespace).into_owned());
    }
    context.transaction_id_raw = envelope
        .header
        .and_then(|header| header.children().find(|child| child.local() == b"TransactionID"))
        .map(|id| id.text(charset, &mut Flags::default()).into_owned())
        .filter(|raw| !raw.is_empty());

    let mut readings: Vec<Reading> = Vec::with_capacity(dialects.len());
    for &dialect in dialects {
        let mut reader = Reader::new(dialect, envelope.operation, charset, envelope.namespace);
        if let Some(header) = envelope.header {
            reader.header(header);
        }
        let result = reader.operation(envelope.element);
        if let Some(received_at) = &config.received_at {
            reader.resolve_twelve_hour(received_at);
        }
        if readings.is_empty() {
            // Damaged text is the same to every dialect.
            findings.extend(&reader.flags, |_| Site::Envelope, at);
            findings.overflowed(reader.notes.overflow.map(at));
        }
        let mut own = Vec::with_capacity(reader.notes.list.len());
        for Note { kind, offset, expected, suffix } in reader.notes.list {
            let at = match suffix {
                Some(name) => part.at(offset, &join(&document.path_at(offset), name)),
                None => at(offset),
            };
            own.push(Deviation { kind, at, expected });
        }
        let stopped = result.map_err(stop);
        if let Err(stop) = stopped {
            findings.list.extend(own.into_iter().map(|Deviation { kind, at, .. }| Finding { kind, at, site: None }));
            return Err(stop);
        }
        readings.push(Reading { dialect, message: reader.message, own });
    }
    Ok(readings)
}

fn join(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        ("", path) => path.into(),
        (prefix, "") => prefix.into(),
        (prefix, path) => alloc::format!("{prefix}/{path}"),
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b))
}

/// What the entity's header fields say that matters: the type of the body.
fn read_headers<'e>(
    limits: &Limits,
    entity: &'e Entity,
    findings: &mut Findings,
) -> Result<Option<mime::ContentType<'e>>, Stop> {
    let mut media_type = None;
    for (index, field) in entity.headers.iter().enumerate() {
        let stop = |what, allowed, offset| {
            let kind = DecodeErrorKind::LimitExceeded { what, allowed };
            Err((kind, Location::header(index, offset, Path::default())))
        };
        if index >= limits.fields {
            return stop("header fields", limits.fields, 0);
        }
        if field.name.len() + field.value.len() > limits.field_len {
            return stop("bytes in a header field", limits.field_len, limits.field_len);
        }
        let name = String::from_utf8_lossy(&field.name).into_owned();
        // Offsets of a header count as if the field stood as `name: value`.
        let value_start = field.name.len() + 2;
        if !is_token(&field.name) {
            findings.push(DeviationKind::FieldNameInvalid, Location::header(index, 0, name));
            continue;
        }
        if name.eq_ignore_ascii_case("content-type") && media_type.is_none() {
            let mut flags = Flags::default();
            media_type = mime::media_type(&field.value, value_start, &mut flags);
            let params = media_type.iter().flat_map(|found| mime::multipart_params(&found.media_type()));
            params.for_each(|flag| flags.push(flag.kind, flag.offset));
            findings.extend(&flags, |_| Site::Entity, |offset| Location::header(index, offset, name.clone()));
        } else if name.eq_ignore_ascii_case("soapaction") && &*field.value != b"\"\"" {
            findings.push(DeviationKind::SoapAction, Location::header(index, value_start, name));
        } else if name.eq_ignore_ascii_case("content-length") {
            let length = core::str::from_utf8(&field.value).ok().and_then(|text| text.parse::<usize>().ok());
            if length != Some(entity.body.len()) {
                findings.push(DeviationKind::ContentLengthMismatch, Location::header(index, value_start, name));
            }
        }
    }
    Ok(media_type)
}

/// Spec section 10 step 6: part header, XML declaration, entity, CP949; then what the bytes can be.
fn read_charset(tree: &mime::Tree<'_>, root: usize, part: &RootPart, findings: &mut Findings) -> Result<Charset, Stop> {
    // A bare body has no header of its own: the entity's says it, at no place in the body.
    let own = tree.part(root).content_type().filter(|_| root != 0).and_then(|media_type| media_type.charset());
    let own = own.map(|param| (&*param.value, Some(Location::body(param.offset, part.path.as_str().to_owned()))));
    let declared = xml::declared_encoding(&part.bytes);
    let declared = declared.map(|(name, offset)| (name, Some(part.at(part.base() + offset, ""))));
    let entity = tree.declared().and_then(|media_type| media_type.charset());
    let entity = entity.map(|param| (&*param.value, None));

    let mut first: Option<(Charset, &[u8])> = None;
    for (name, at) in [own, declared, entity].into_iter().flatten() {
        let finding = match (charset::label(name), &first) {
            (Err(charset::LabelError::Refused(name)), _) => {
                return Err((DecodeErrorKind::CharsetRefused(name), at.unwrap_or_else(|| part.at(part.start, ""))));
            }
            (Err(charset::LabelError::Unknown), _) => Some(DeviationKind::CharsetUnknown),
            (Ok(label), known) => {
                let conflict = known.is_some_and(|(_, known)| !name.eq_ignore_ascii_case(known));
                if known.is_none() {
                    first = Some((label.charset, name));
                }
                if let (false, Some(at)) = (label.registered, &at) {
                    findings.push_at(DeviationKind::CharsetLabel, at.clone(), Site::RootPart);
                }
                conflict.then_some(DeviationKind::CharsetLabelConflict)
            }
        };
        if let (Some(kind), Some(at)) = (finding, at) {
            findings.push_at(kind, at, Site::RootPart);
        }
    }
    let mut flags = Flags::default();
    let chosen = charset::choose(&part.bytes, first.map(|(charset, _)| charset), part.base(), &mut flags);
    findings.extend(&flags, |_| Site::RootPart, |offset| part.at(offset, ""));
    Ok(chosen)
}
