//! The way in: entity, MIME parts, XML, SOAP, table, content; then one gate that judges what was noticed.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::charset::{self, Charset};
use crate::codec::{Config, DecodeError, Decoded, Tolerance, WireContext};
use crate::content;
use crate::deviation::{Deviation, DeviationKind, Flag, Flags};
use crate::entity::Entity;
use crate::error::{DecodeErrorKind, Fatal};
use crate::location::{Location, Path, Space};
use crate::mime::{self, Encoding};
use crate::mm7::{Dialect, Note, Reader, Site};
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

    /// Findings of a syntax layer about the body; `site` and `path` tell of a byte what stands there.
    fn extend(&mut self, flags: &Flags, site: impl Fn(Flag) -> Site, path: impl Fn(usize) -> String) {
        for flag in flags.iter() {
            let expected = self.dialect.prescribes(flag.kind, site(flag));
            self.push(flag.kind, Location::body(flag.offset, path(flag.offset)), expected);
        }
        self.overflow = self.overflow.or(flags.overflow());
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

fn read(
    config: &Config,
    entity: &Entity,
    findings: &mut Findings,
    context: &mut WireContext,
) -> Result<crate::model::Message, Stop> {
    let body = &entity.body;
    if body.len() > config.limits.body {
        let kind = DecodeErrorKind::LimitExceeded { what: "bytes of body", allowed: config.limits.body };
        return Err((kind, Location::body(config.limits.body, Path::default())));
    }
    let media_type = read_headers(entity, findings);

    let mut flags = Flags::default();
    let tree = match mime::parse(body, media_type.as_ref(), &config.limits, &mut flags) {
        Ok(tree) => tree,
        Err(fatal) => return Err(stop(fatal, |_| String::new())),
    };
    let root = tree.root(&mut flags);
    let roles = content::Roles::new(&tree, root, body);
    findings.extend(&flags, |flag| roles.site_at(&tree, flag), |offset| tree.path_at(offset));

    // The root part: bytes, charset, XML.
    let part = &tree.parts[root];
    let mut flags = Flags::default();
    let decoded = mime::decode(&tree, root, body, &mut flags);
    findings.extend(&flags, |_| Site::RootPart, |offset| tree.path_at(offset));
    let verbatim = !matches!(part.encoding(), Encoding::Base64 | Encoding::QuotedPrintable);
    let base = if verbatim { part.body.start } else { 0 };
    let prefix = tree.path(root);
    let lift = |offset: usize| if verbatim { offset } else { part.body.start };

    let charset = read_charset(&tree, root, media_type.as_ref(), &decoded, base, findings, &lift)?;
    let mut flags = Flags::default();
    let document = match xml::parse(&decoded, base, charset, &config.limits, &mut flags) {
        Ok(document) => document,
        Err(fatal) => {
            let fatal = Fatal { offset: lift(fatal.offset), ..fatal };
            findings.extend(&lifted(&flags, lift), |_| Site::Envelope, |_| prefix.clone());
            return Err(stop(fatal, |_| prefix.clone()));
        }
    };
    let path_at = |offset: usize| join(&prefix, &document.path_at(offset));
    for flag in flags.iter() {
        let expected = findings.dialect.prescribes(flag.kind, Site::Envelope);
        findings.push(flag.kind, Location::body(lift(flag.offset), path_at(flag.offset)), expected);
    }
    findings.overflow = findings.overflow.or(flags.overflow().map(lift));

    // SOAP and the operation.
    let envelope = match soap::read(&document) {
        Ok(envelope) => envelope,
        Err(fatal) => {
            let path = path_at(fatal.offset);
            return Err((fatal.kind, Location::body(lift(fatal.offset), path)));
        }
    };
    for flag in &envelope.findings {
        let expected = findings.dialect.prescribes(flag.kind, Site::Envelope);
        findings.push(flag.kind, Location::body(lift(flag.offset), path_at(flag.offset)), expected);
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
        let at = Location::body(lift(envelope.element.offset()), path_at(envelope.element.offset()));
        return Err((DecodeErrorKind::UnknownOperation(name), at));
    }
    let mut reader = Reader::new(findings.dialect, envelope.operation, charset, &envelope.namespace);
    if let Some(header) = envelope.header {
        reader.header(header);
    }
    let result = reader.operation(envelope.element, table);
    findings.overflow = findings.overflow.or(reader.notes.overflow.or(reader.flags.overflow()).map(lift));
    for Note { kind, offset, expected, suffix } in reader.notes.list {
        let mut path = path_at(offset);
        if let Some(suffix) = suffix {
            path = join(&path, suffix);
        }
        findings.push(kind, Location::body(lift(offset), path), expected);
    }
    for flag in reader.flags.iter() {
        let expected = findings.dialect.prescribes(flag.kind, Site::Envelope);
        findings.push(flag.kind, Location::body(lift(flag.offset), path_at(flag.offset)), expected);
    }
    if let Err(fatal) = result {
        let at = Location::body(lift(fatal.offset), path_at(fatal.offset));
        return Err((fatal.kind, at));
    }
    let mut message = reader.message;

    // The content.
    if let Some(target) = message.content_mut() {
        let mut flags = Flags::default();
        let found = content::read(&tree, &roles, findings.dialect.content.fee_field, body, &mut flags);
        content::merge(target, found);
        findings.extend(&flags, |flag| roles.site_at(&tree, flag), |offset| tree.path_at(offset));
    }
    findings.dialect.set_outcome(&mut message);
    Ok(message)
}

fn stop(fatal: Fatal, path: impl Fn(usize) -> String) -> Stop {
    let path = if fatal.path.is_empty() { path(fatal.offset) } else { fatal.path };
    let at = Location { space: Space::Body, offset: fatal.offset, path: path.into() };
    (fatal.kind, at)
}

fn lifted(flags: &Flags, lift: impl Fn(usize) -> usize) -> Flags {
    let mut out = Flags::default();
    for flag in flags.iter() {
        out.push(flag.kind, lift(flag.offset));
    }
    out
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
                let expected = findings.dialect.prescribes(flag.kind, Site::Entity);
                findings.push(flag.kind, Location::header(index, flag.offset, name.clone()), expected);
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
    bytes: &Bytes,
    base: usize,
    findings: &mut Findings,
    lift: &impl Fn(usize) -> usize,
) -> Result<Charset, Stop> {
    let part = &tree.parts[root];
    let path = tree.path(root);
    let mut flags = Flags::default();
    // For a bare body parts[0] has no header of its own: the entity's says it.
    let charset_of = |media_type: &'m mime::MediaType| media_type.params.iter().find(|param| param.name == "charset");
    let own = if root == 0 { None } else { part.content_type().and_then(charset_of) };
    let declared = xml::declared_encoding(bytes);
    let entity = media_type.and_then(charset_of);
    let mut labels: Vec<(&[u8], usize, bool)> = Vec::new();
    labels.extend(own.map(|param| (&*param.value, param.offset, true)));
    labels.extend(declared.map(|(name, offset)| (name, base + offset, true)));
    labels.extend(entity.map(|param| (&*param.value, 0, false)));
    let mut chosen: Option<(Charset, Vec<u8>)> = None;
    for (name, offset, in_body) in labels {
        match charset::label(name) {
            Ok(label) => {
                if !label.registered && in_body {
                    flags.push(DeviationKind::CharsetLabel, offset);
                }
                match &chosen {
                    None => chosen = Some((label.charset, name.to_ascii_lowercase())),
                    Some((_, first)) if in_body && !name.eq_ignore_ascii_case(first) => {
                        flags.push(DeviationKind::CharsetLabelConflict, offset);
                    }
                    Some(_) => {}
                }
            }
            Err(charset::LabelError::Refused(name)) => {
                let at = if in_body { offset } else { part.body.start };
                return Err((DecodeErrorKind::CharsetRefused(name), Location::body(at, path)));
            }
            Err(charset::LabelError::Unknown) if in_body => flags.push(DeviationKind::CharsetUnknown, offset),
            Err(charset::LabelError::Unknown) => {}
        }
    }
    let chosen = charset::choose(bytes, chosen.map(|(charset, _)| charset), base, &mut flags);
    findings.extend(&lifted(&flags, lift), |_| Site::RootPart, |_| path.clone());
    Ok(chosen)
}
