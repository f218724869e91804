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
use crate::location::{Location, Path};
use crate::mime::{self, Encoding};
use crate::mm7::{Dialect, Note, Reader, Site};
use crate::model::Message;
use crate::soap;
use crate::xml;

/// Everything noticed about one entity, each finding with its place and whether it is prescribed.
pub(crate) struct Findings {
    dialect: &'static Dialect,
    list: Vec<Deviation>,
    overflow: Option<usize>,
}

impl Findings {
    fn push(&mut self, kind: DeviationKind, at: Location, expected: bool) {
        self.list.push(Deviation { kind, at, expected });
    }

    /// One finding, prescribed where the dialect prescribes it at this site.
    fn push_at(&mut self, kind: DeviationKind, at: Location, site: Site) {
        let expected = self.dialect.prescribes(kind, site);
        self.push(kind, at, expected);
    }

    /// What a syntax layer flagged: `site` tells what stands there, `at` the place of a byte.
    fn extend(&mut self, flags: &Flags, site: impl Fn(Flag) -> Site, at: impl Fn(usize) -> Location) {
        for flag in flags.iter() {
            self.push_at(flag.kind, at(flag.offset), site(flag));
        }
        self.overflow = self.overflow.or_else(|| flags.overflow().map(|offset| at(offset).offset));
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

/// Decodes an entity by one dialect.
pub(crate) fn decode(dialect: &'static Dialect, config: &Config, entity: &Entity) -> Result<Decoded, DecodeError> {
    let mut findings = Findings { dialect, list: Vec::new(), overflow: None };
    let mut context = WireContext { dialect: dialect.id, namespace: None, transaction_id_raw: None };
    let result = read(config, entity, &mut findings, &mut context);
    let Findings { mut list, overflow, .. } = findings;
    list.sort_by_key(|deviation| (deviation.at.space, deviation.at.offset, deviation.kind));
    let error = match result {
        Ok(message) if overflow.is_none() => match judge(&list, config.tolerance, dialect) {
            None => {
                let dialect = dialect.id;
                let candidates = alloc::vec![dialect];
                return Ok(Decoded { message, dialect, candidates, context, deviations: list });
            }
            Some((index, accepted_under)) => {
                let refused = list[index].clone();
                list.truncate(index);
                DecodeError::new(DecodeErrorKind::Refused(refused.kind), refused.at, list).accepted_by(accepted_under)
            }
        },
        Ok(_) => {
            let kind = DecodeErrorKind::LimitExceeded { what: "deviations", allowed: Flags::MAX };
            DecodeError::new(kind, Location::body(overflow.unwrap_or(0), Path::default()), list)
        }
        Err((kind, at)) => DecodeError::new(kind, at, list),
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

fn read(config: &Config, entity: &Entity, findings: &mut Findings, context: &mut WireContext) -> Result<Message, Stop> {
    let body = &entity.body;
    if body.len() > config.limits.body {
        let kind = DecodeErrorKind::LimitExceeded { what: "bytes of body", allowed: config.limits.body };
        return Err((kind, Location::body(config.limits.body, Path::default())));
    }
    let media_type = read_headers(entity, findings);

    let mut flags = Flags::default();
    let tree = mime::parse(body, media_type.as_ref(), &config.limits, &mut flags)
        .map_err(|Fatal { kind, offset, path }| (kind, Location::body(offset, path)))?;
    let part_at = |offset: usize| Location::body(offset, tree.path_at(offset));
    let root = tree.root(&mut flags);
    let roles = content::Roles::new(&tree, root, body);
    findings.extend(&flags, |flag| roles.site_at(&tree, flag), part_at);

    let mut flags = Flags::default();
    let part = &tree.parts[root];
    let part = RootPart {
        bytes: mime::decode(&tree, root, body, &mut flags),
        path: tree.path(root),
        start: part.body.start,
        verbatim: !matches!(part.encoding(), Encoding::Base64 | Encoding::QuotedPrintable),
    };
    findings.extend(&flags, |_| Site::RootPart, part_at);
    let charset = read_charset(&tree, root, media_type.as_ref(), &part, findings)?;
    let mut message = read_root(config, &part, charset, findings, context)?;

    if let Some(target) = message.content_mut() {
        let mut flags = Flags::default();
        let found = content::read(&tree, &roles, findings.dialect.content.fee_field, body, &mut flags);
        content::merge(target, found);
        findings.extend(&flags, |flag| roles.site_at(&tree, flag), part_at);
    }
    findings.dialect.set_outcome(&mut message);
    Ok(message)
}

/// The envelope and the operation in it.
fn read_root(
    config: &Config,
    part: &RootPart,
    charset: Charset,
    findings: &mut Findings,
    context: &mut WireContext,
) -> Result<Message, Stop> {
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
    for flag in &envelope.findings {
        findings.push_at(flag.kind, at(flag.offset), Site::Envelope);
    }
    if crate::mm7::is_mm7_namespace(&envelope.namespace) {
        context.namespace = Some(String::from_utf8_lossy(&envelope.namespace).into_owned());
    }
    context.transaction_id_raw = envelope
        .header
        .and_then(|header| header.children().find(|child| child.local() == b"TransactionID"))
        .map(|id| id.text(charset, &mut Flags::default()).into_owned())
        .filter(|raw| !raw.is_empty());

    let table = findings.dialect.table(envelope.operation);
    if table.is_empty() {
        let name = envelope.operation.local_name().into();
        return Err((DecodeErrorKind::UnknownOperation(name), at(envelope.element.offset())));
    }
    let mut reader = Reader::new(findings.dialect, envelope.operation, charset, &envelope.namespace);
    if let Some(header) = envelope.header {
        reader.header(header);
    }
    let result = reader.operation(envelope.element, table);
    findings.extend(&reader.flags, |_| Site::Envelope, at);
    findings.overflow = findings.overflow.or_else(|| reader.notes.overflow.map(|offset| at(offset).offset));
    for Note { kind, offset, expected, suffix } in reader.notes.list {
        let place = match suffix {
            Some(name) => part.at(offset, &join(&document.path_at(offset), name)),
            None => at(offset),
        };
        findings.push(kind, place, expected);
    }
    result.map_err(stop)?;
    Ok(reader.message)
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
fn read_headers(entity: &Entity, findings: &mut Findings) -> Option<mime::MediaType> {
    let mut media_type = None;
    for (index, field) in entity.headers.iter().enumerate() {
        let name = String::from_utf8_lossy(&field.name).into_owned();
        // Offsets of a header count as if the field stood as `name: value`.
        let value_start = field.name.len() + 2;
        if !is_token(&field.name) {
            findings.push(DeviationKind::FieldNameInvalid, Location::header(index, 0, name), false);
            continue;
        }
        if name.eq_ignore_ascii_case("content-type") && media_type.is_none() {
            let mut flags = Flags::default();
            media_type = mime::media_type(&field.value, value_start, &mut flags);
            let params = media_type.iter().flat_map(mime::multipart_params);
            for flag in flags.iter().chain(params) {
                findings.push_at(flag.kind, Location::header(index, flag.offset, name.clone()), Site::Entity);
            }
        } else if name.eq_ignore_ascii_case("soapaction") && &*field.value != b"\"\"" {
            findings.push(DeviationKind::SoapAction, Location::header(index, value_start, name), false);
        } else if name.eq_ignore_ascii_case("content-length") {
            let length = core::str::from_utf8(&field.value).ok().and_then(|text| text.parse::<usize>().ok());
            if length != Some(entity.body.len()) {
                findings.push(DeviationKind::ContentLengthMismatch, Location::header(index, value_start, name), false);
            }
        }
    }
    media_type
}

/// Spec section 10 step 6: part header, XML declaration, entity, CP949; then what the bytes can be.
fn read_charset<'m>(
    tree: &'m mime::Tree<'_>,
    root: usize,
    media_type: Option<&'m mime::MediaType>,
    part: &RootPart,
    findings: &mut Findings,
) -> Result<Charset, Stop> {
    let charset_of = |media_type: &'m mime::MediaType| media_type.params.iter().find(|param| param.name == "charset");
    // A bare body has no header of its own: the entity's says it, at no place in the body.
    let own = tree.parts[root].content_type().filter(|_| root != 0).and_then(charset_of);
    let own = own.map(|param| (&*param.value, Some(Location::body(param.offset, part.path.as_str().to_owned()))));
    let declared = xml::declared_encoding(&part.bytes);
    let declared = declared.map(|(name, offset)| (name, Some(part.at(part.base() + offset, ""))));
    let entity = media_type.and_then(charset_of).map(|param| (&*param.value, None));

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
