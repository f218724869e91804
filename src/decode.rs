//! The way in: entity, MIME parts, XML, SOAP, table, content; then one gate that judges what was noticed.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::charset::{self, Charset};
use crate::codec::{Config, DecodeError, Decoded, Tolerance, WireContext};
use crate::content;
use crate::deviation::{Deviation, DeviationKind, Flag, Flags};
use crate::entity::Entity;
use crate::error::{DecodeErrorKind, Fatal};
use crate::limits::Limits;
use crate::location::{Location, Path, Space, Stretch};
use crate::mime::{self, Encoding};
use crate::mm7::{DIALECTS_MAX, Dialect, DialectSet, Notes, Reader, Site};
use crate::model::{Content, Message, Operation};
use crate::soap;
use crate::xml::{self, Arenas, Holder, Places, Stream};

/// What was noticed, by whichever layer, and which of the dialects prescribe it.
struct Findings<'d> {
    dialects: &'d [&'static Dialect],
    list: Vec<Finding>,
    /// The paths of all findings, one behind the other: each deviation has a stretch of them.
    paths: String,
    /// Where the first stood that found no room in its layer's list.
    overflow: Option<(Space, usize)>,
}

struct Finding {
    kind: DeviationKind,
    space: Space,
    offset: usize,
    path: Stretch,
    /// The dialects by which it is a departure.
    noticed: DialectSet,
    /// Those that prescribe it.
    expected: DialectSet,
}

impl<'d> Findings<'d> {
    fn new(dialects: &'d [&'static Dialect]) -> Self {
        Self { dialects, list: Vec::new(), paths: String::new(), overflow: None }
    }

    /// A finding that no dialect prescribes.
    fn push(&mut self, kind: DeviationKind, (space, offset): (Space, usize), path: impl FnOnce(&mut String)) {
        let path = self.path(path);
        self.push_finding(kind, space, offset, path, DialectSet::NONE);
    }

    /// A finding in the body that a dialect may prescribe at this site.
    fn push_at(&mut self, kind: DeviationKind, offset: usize, site: Site, path: impl FnOnce(&mut String)) {
        let path = self.path(path);
        self.push_finding(kind, Space::Body, offset, path, self.prescribing(kind, site));
    }

    fn push_finding(&mut self, kind: DeviationKind, space: Space, offset: usize, path: Stretch, expected: DialectSet) {
        let noticed = DialectSet::of(self.dialects, |_| true);
        self.reserve();
        self.list.push(Finding { kind, space, offset, path, noticed, expected });
    }

    fn prescribing(&self, kind: DeviationKind, site: Site) -> DialectSet {
        DialectSet::of(self.dialects, |dialect| dialect.prescribes(kind, site))
    }

    /// Room for what a message mostly has, once there is anything: here and in the paths about 1 KiB, as allocators have it
    /// at hand.
    fn reserve(&mut self) {
        if self.list.capacity() == 0 {
            self.list.reserve(24);
        }
    }

    /// A path, said by `push` behind those that are there.
    fn path(&mut self, push: impl FnOnce(&mut String)) -> Stretch {
        if self.paths.capacity() == 0 {
            self.paths.reserve(1024);
        }
        let start = self.paths.len();
        push(&mut self.paths);
        Stretch::since(start, &self.paths)
    }

    /// What a syntax layer flagged in the body: `site` tells what stands there, `place` where a byte of the layer's is, `holder`
    /// what holds it, and `path` the path of that.
    fn extend<H: PartialEq + Copy>(
        &mut self,
        flags: &Flags,
        site: impl Fn(Flag) -> Site,
        place: impl Fn(usize) -> usize,
        holder: impl Fn(usize) -> H,
        path: impl Fn(H, &mut String),
    ) {
        let mut last = None;
        for flag in flags.iter() {
            let holder = holder(flag.offset);
            let path = self.shared_path(&mut last, holder, |out| path(holder, out));
            let expected = self.prescribing(flag.kind, site(flag));
            self.push_finding(flag.kind, Space::Body, place(flag.offset), path, expected);
        }
        self.overflowed(flags.overflow().map(place));
    }

    /// The same of flags in the envelope.
    fn extend_in(&mut self, root: Root<'_>, places: &impl Places, flags: &Flags) {
        let part = root.part;
        let path = |holder: Holder, out: &mut String| part.push_path(out, |out| places.push_path(holder, out));
        let holder = |offset: usize| places.holder_at(offset);
        self.extend(flags, |_| Site::Envelope, |offset| part.place(offset), holder, path);
    }

    /// A path, which is that of the finding before where the holder is the same.
    fn shared_path<H: PartialEq>(
        &mut self,
        last: &mut Option<(H, Stretch)>,
        holder: H,
        push: impl FnOnce(&mut String),
    ) -> Stretch {
        if let Some((before, path)) = last
            && *before == holder
        {
            return *path;
        }
        let path = self.path(push);
        *last = Some((holder, path));
        path
    }

    /// That a list was full: the first place counts.
    fn overflowed(&mut self, at: Option<usize>) {
        self.overflow = self.overflow.or(at.map(|at| (Space::Body, at)));
    }

    /// How many surprise the dialect at this index.
    fn surprises(&self, dialect: usize) -> usize {
        let surprising = |finding: &&Finding| finding.noticed.contains(dialect) && !finding.expected.contains(dialect);
        self.list.iter().filter(surprising).count()
    }

    /// The deviations as the dialect at this index sees them, in the order of the wire.
    fn into_deviations(mut self, dialect: usize) -> Vec<Deviation> {
        self.list.retain(|finding| finding.noticed.contains(dialect));
        self.list.sort_by_key(|finding| (finding.space, finding.offset, finding.kind));
        let paths = Arc::new(self.paths);
        let deviation = |finding: &Finding| {
            let at =
                Location { space: finding.space, offset: finding.offset, path: Path::shared(&paths, finding.path) };
            Deviation { kind: finding.kind, at, expected: finding.expected.contains(dialect) }
        };
        self.list.iter().map(deviation).collect()
    }
}

/// The part that holds the envelope.
struct RootPart<'e> {
    /// Its bytes, transfer encoding undone.
    bytes: Cow<'e, [u8]>,
    /// The part's path.
    path: Cow<'static, str>,
    /// Where its body begins in the entity's.
    start: usize,
    /// Whether the bytes stand in the body as they are; else every place in them is the part's start.
    verbatim: bool,
}

impl RootPart<'_> {
    /// What the layers above add to their offsets.
    fn base(&self) -> usize {
        if self.verbatim { self.start } else { 0 }
    }

    /// The place of a byte in the entity's body.
    fn place(&self, offset: usize) -> usize {
        if self.verbatim { offset } else { self.start }
    }

    /// The part's path, which `inner` goes on from.
    fn push_path(&self, out: &mut String, inner: impl FnOnce(&mut String)) {
        push_joined(out, |out| out.push_str(&self.path), inner);
    }

    /// The same as a location.
    fn at(&self, offset: usize, inner: impl FnOnce(&mut String)) -> Location {
        let mut path = String::new();
        self.push_path(&mut path, inner);
        Location::body(self.place(offset), path)
    }
}

/// An entity's parts, with the one that holds the envelope opened.
pub(crate) struct Opened<'e> {
    pub(crate) tree: mime::Tree<'e>,
    roles: content::Roles,
    part: RootPart<'e>,
    pub(crate) charset: Charset,
}

impl<'e> Opened<'e> {
    fn new(
        limits: &Limits,
        entity: &'e Entity,
        findings: &mut Findings<'_>,
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
        let path_at = |offset: usize, out: &mut String| tree.write_path_at(offset, out);
        findings.extend(&flags, |flag| roles.site_at(&tree, flag), |offset| offset, |offset| offset, path_at);

        let mut flags = Flags::default();
        let part = tree.part(root);
        let part = RootPart {
            bytes: mime::content(&tree, root, body, &mut flags),
            path: tree.path(root),
            start: part.body.start,
            verbatim: !matches!(part.encoding, Encoding::Base64 | Encoding::QuotedPrintable),
        };
        findings.extend(&flags, |_| Site::RootPart, |offset| offset, |offset| offset, path_at);
        let charset = read_charset(&tree, root, &part, findings)?;
        Ok(Self { tree, roles, part, charset })
    }

    /// The entity without a dialect in mind.
    pub(crate) fn plain(limits: &Limits, entity: &'e Entity) -> Result<Self, DecodeError> {
        let stopped = Self::new(limits, entity, &mut Findings::new(&[]), None);
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
        let document =
            document.map_err(|fatal| DecodeError::new(fatal.kind, part.at(fatal.offset, |_| ()), Vec::new()))?;
        Ok(read(&document, &|offset| part.at(offset, |out| document.push_path_at(offset, out))))
    }
}

/// Decodes an entity by the dialect of these, all of one carrier, that it surprises least.
pub(crate) fn decode(dialects: &[&'static Dialect], config: &Config, entity: &Entity) -> Result<Decoded, DecodeError> {
    decode_in(Arenas::default(), dialects, config, entity)
}

/// The same with a place for the XML.
pub(crate) fn decode_in(
    mut arenas: Arenas,
    dialects: &[&'static Dialect],
    config: &Config,
    entity: &Entity,
) -> Result<Decoded, DecodeError> {
    let mut findings = Findings::new(dialects);
    let mut context =
        WireContext { dialect: dialects[0].id, namespace: None, transaction_id_raw: None, operation: None };
    let mut message = Operation::Fault.empty();
    let mut found = None;
    let result = read(dialects, config, entity, &mut arenas, (&mut message, &mut found), &mut findings, &mut context);
    // The first of a tie; of what could not be read, the first.
    let mut chosen = 0;
    let mut candidates = Vec::new();
    if result.is_ok() {
        let surprises: [usize; DIALECTS_MAX] = core::array::from_fn(|index| findings.surprises(index));
        let surprises = &surprises[..dialects.len()];
        let fewest = surprises.iter().copied().min().unwrap_or_default();
        let least = || (0..surprises.len()).filter(|&index| surprises[index] == fewest);
        chosen = least().next().unwrap_or_default();
        candidates = least().map(|index| dialects[index].id).collect();
    }
    let dialect = dialects[chosen];
    context.dialect = dialect.id;
    let overflow = findings.overflow;
    let mut list = findings.into_deviations(chosen);
    let full = overflow.map(|(space, offset)| {
        let kind = DecodeErrorKind::LimitExceeded { what: "deviations", allowed: Flags::MAX };
        (kind, Location { space, offset, path: Path::default() })
    });
    let error = match (result.err().or(full), judge(&list, config.tolerance, dialect)) {
        (Some((kind, at)), _) => DecodeError::new(kind, at, list),
        (None, Some((index, accepted_under))) => {
            let refused = list[index].clone();
            list.truncate(index);
            DecodeError::new(DecodeErrorKind::Refused(refused.kind), refused.at, list).accepted_by(accepted_under)
        }
        (None, None) => {
            if let (Some(target), Some(found)) = (message.content_mut(), found) {
                content::merge(target, found, dialect.content);
            }
            dialect.set_outcome(&mut message);
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

/// Puts what the root part says into `message`, and what the parts beside it say into `found`.
fn read(
    dialects: &[&'static Dialect],
    config: &Config,
    entity: &Entity,
    arenas: &mut Arenas,
    (message, found): (&mut Message, &mut Option<Content>),
    findings: &mut Findings<'_>,
    context: &mut WireContext,
) -> Result<(), Stop> {
    let body = &entity.body;
    let form = dialects[0].content;
    let opened = Opened::new(&config.limits, entity, findings, Some(form));
    let Ok(Opened { tree, roles, part, charset }) = &opened else { return opened.map(|_| ()) };
    let root = Root { dialects, config, part, charset: *charset };
    root.read(message, arenas, findings, context)?;
    if message.content().is_none() {
        return Ok(());
    }
    let mut notes = content::Notes::new(*charset, core::mem::take(&mut findings.paths));
    *found = Some(content::read(tree, roles, form, body, &config.limits, arenas, &mut notes));
    findings.paths = notes.paths;
    let path_at = |offset: usize, out: &mut String| tree.write_path_at(offset, out);
    findings.extend(&notes.flags, |flag| roles.site_at(tree, flag), |offset| offset, |offset| offset, path_at);
    findings.overflowed(notes.overflow);
    for (flag, path) in notes.inside {
        let expected = findings.prescribing(flag.kind, roles.site_at(tree, flag));
        findings.push_finding(flag.kind, Space::Body, flag.offset, path, expected);
    }
    match notes.stop {
        Some(stop) => Err(stop),
        None => Ok(()),
    }
}

/// The root part, and how it is to be read.
#[derive(Clone, Copy)]
struct Root<'r> {
    dialects: &'r [&'static Dialect],
    config: &'r Config,
    part: &'r RootPart<'r>,
    charset: Charset,
}

impl Root<'_> {
    /// Puts what envelope and operation say into `message`: from the elements as they come, or else from the tree.
    fn read(
        self,
        message: &mut Message,
        arenas: &mut Arenas,
        findings: &mut Findings<'_>,
        context: &mut WireContext,
    ) -> Result<(), Stop> {
        match self.read_stream(message, arenas, findings, context) {
            Some(()) => Ok(()),
            None => self.read_tree(message, arenas, findings, context),
        }
    }

    /// Reads the elements as they come; nothing where they do not come as expected.
    fn read_stream(
        self,
        message: &mut Message,
        arenas: &mut Arenas,
        findings: &mut Findings<'_>,
        context: &mut WireContext,
    ) -> Option<()> {
        let Self { dialects, part, charset, config } = self;
        let mut flags = Flags::default();
        // What is large is not moved when it has just been made.
        let limits = &config.limits;
        let Some(stream) = &mut Stream::new(arenas, &part.bytes, part.base(), charset, limits, &mut flags) else {
            return None;
        };
        let Some(envelope) = &soap::open(stream) else { return None };
        let mut reader = Reader::new(dialects, envelope.operation, charset, envelope.namespace, message);
        reader.stream_header(stream, &envelope.header, envelope.transaction_id.as_ref())?;
        reader.stream_operation(stream, &envelope.element)?;
        soap::close(stream)?;
        let outline = stream.finish()?;
        let transaction_id = envelope.transaction_id.as_ref().map(|id| id.text(charset, &mut Flags::default()));
        note_context(context, envelope.operation, envelope.namespace, transaction_id);
        findings.extend_in(self, &outline, outline.flags);
        findings.extend_in(self, &outline, &envelope.findings);
        self.conclude(&outline, &mut reader, findings);
        Some(())
    }

    /// Reads the tree, which takes everything.
    #[cold]
    fn read_tree(
        self,
        message: &mut Message,
        arenas: &mut Arenas,
        findings: &mut Findings<'_>,
        context: &mut WireContext,
    ) -> Result<(), Stop> {
        let Self { dialects, part, charset, config } = self;
        let mut flags = Flags::default();
        let taken = core::mem::take(arenas);
        let document = match xml::parse_in(taken, &part.bytes, part.base(), charset, &config.limits, &mut flags) {
            Ok(document) => document,
            Err(fatal) => {
                let place = |offset: usize| part.place(offset);
                findings.extend(&flags, |_| Site::Envelope, place, |_| (), |(), out| out.push_str(&part.path));
                return Err((fatal.kind, part.at(fatal.offset, |_| ())));
            }
        };
        let stop = |fatal: Fatal| (fatal.kind, part.at(fatal.offset, |out| document.push_path_at(fatal.offset, out)));
        findings.extend_in(self, &document, &flags);

        let envelope = soap::read(&document).map_err(stop)?;
        findings.extend_in(self, &document, &envelope.findings);
        let id =
            envelope.header.and_then(|header| header.children().find(|child| child.local() == soap::TRANSACTION_ID));
        let transaction_id = id.map(|id| id.text(charset, &mut Flags::default()));
        note_context(context, envelope.operation, envelope.namespace, transaction_id);

        let mut reader = Reader::new(dialects, envelope.operation, charset, envelope.namespace, message);
        if let Some(header) = envelope.header {
            reader.header(header);
        }
        let result = reader.operation(envelope.element);
        self.conclude(&document, &mut reader, findings);
        result.map_err(stop)?;
        *arenas = document.into_arenas();
        Ok(())
    }

    /// What the reader has read, and what it noticed.
    fn conclude(self, places: &impl Places, reader: &mut Reader<'_>, findings: &mut Findings<'_>) {
        let part = self.part;
        if let Some(received_at) = &self.config.received_at {
            reader.resolve_twelve_hour(received_at);
        }
        findings.extend_in(self, places, &reader.flags);
        let Notes { list, overflow, .. } = &reader.notes;
        findings.overflowed(overflow.map(|offset| part.place(offset)));
        if !list.is_empty() {
            findings.reserve();
        }
        let mut last = None;
        for note in list {
            let holder = places.holder_at(note.offset);
            let path = findings.shared_path(&mut last, (holder, note.suffix), |out| {
                part.push_path(out, |out| {
                    push_joined(
                        out,
                        |out| places.push_path(holder, out),
                        |out| out.push_str(note.suffix.unwrap_or("")),
                    );
                });
            });
            findings.list.push(Finding {
                kind: note.kind,
                space: Space::Body,
                offset: part.place(note.offset),
                path,
                noticed: note.noticed,
                expected: note.expected,
            });
        }
    }
}

/// What goes with the message, and is no part of it.
fn note_context(
    context: &mut WireContext,
    operation: Operation,
    namespace: &[u8],
    transaction_id: Option<Cow<'_, str>>,
) {
    context.operation = Some(operation);
    if crate::mm7::is_mm7_namespace(namespace) {
        let text = core::str::from_utf8(namespace);
        context.namespace = Some(text.map_or_else(|_| String::from_utf8_lossy(namespace).into(), Into::into));
    }
    context.transaction_id_raw = transaction_id.map(Cow::into_owned).filter(|raw| !raw.is_empty());
}

/// Two paths joined by a slash, where there is something on either side.
pub(crate) fn push_joined(out: &mut String, outer: impl FnOnce(&mut String), inner: impl FnOnce(&mut String)) {
    let start = out.len();
    outer(out);
    let end = out.len();
    if end > start {
        out.push('/');
    }
    let before = out.len();
    inner(out);
    if out.len() == before {
        out.truncate(end);
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
    findings: &mut Findings<'_>,
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
        let space = Space::Header(index);
        let name = |out: &mut String| out.push_str(&String::from_utf8_lossy(&field.name));
        let is = |known: &[u8]| field.name.eq_ignore_ascii_case(known);
        // Offsets of a header count as if the field stood as `name: value`.
        let value_start = field.name.len() + 2;
        if is(b"content-type") && media_type.is_none() {
            let mut flags = Flags::default();
            media_type = mime::media_type(&field.value, value_start, &mut flags);
            let params = media_type.iter().flat_map(|found| mime::multipart_params(&found.media_type()));
            params.for_each(|flag| flags.push(flag.kind, flag.offset));
            for flag in flags.iter() {
                let path = findings.path(name);
                let expected = findings.prescribing(flag.kind, Site::Entity);
                findings.push_finding(flag.kind, space, flag.offset, path, expected);
            }
            findings.overflow = findings.overflow.or(flags.overflow().map(|offset| (space, offset)));
        } else if is(b"soapaction") && &*field.value != b"\"\"" {
            findings.push(DeviationKind::SoapAction, (space, value_start), name);
        } else if is(b"content-length") {
            let length = core::str::from_utf8(&field.value).ok().and_then(|text| text.parse::<usize>().ok());
            if length != Some(entity.body.len()) {
                findings.push(DeviationKind::ContentLengthMismatch, (space, value_start), name);
            }
        } else if !is_token(&field.name) {
            findings.push(DeviationKind::FieldNameInvalid, (space, 0), name);
        }
    }
    Ok(media_type)
}

/// Spec section 10 step 6: part header, XML declaration, entity, CP949; then what the bytes can be.
fn read_charset(
    tree: &mime::Tree<'_>,
    root: usize,
    part: &RootPart<'_>,
    findings: &mut Findings<'_>,
) -> Result<Charset, Stop> {
    // A bare body has no header of its own: the entity's says it, at no place in the body.
    let own = tree.part(root).content_type().filter(|_| root != 0).and_then(|media_type| media_type.charset());
    let own = own.map(|param| (&*param.value, Some(param.offset)));
    let declared = xml::declared_encoding(&part.bytes);
    let declared = declared.map(|(name, offset)| (name, Some(part.place(part.base() + offset))));
    let entity = tree.declared().and_then(|media_type| media_type.charset());
    let entity = entity.map(|param| (&*param.value, None));

    let mut first: Option<(Charset, &[u8])> = None;
    for (name, at) in [own, declared, entity].into_iter().flatten() {
        let finding = match (charset::label(name), &first) {
            (Err(charset::LabelError::Refused(name)), _) => {
                let at = Location::body(at.unwrap_or(part.start), part.path.clone());
                return Err((DecodeErrorKind::CharsetRefused(name), at));
            }
            (Err(charset::LabelError::Unknown), _) => Some(DeviationKind::CharsetUnknown),
            (Ok(label), known) => {
                let conflict = known.is_some_and(|(_, known)| !name.eq_ignore_ascii_case(known));
                if known.is_none() {
                    first = Some((label.charset, name));
                }
                if let (false, Some(at)) = (label.registered, at) {
                    findings.push_at(DeviationKind::CharsetLabel, at, Site::RootPart, |out| out.push_str(&part.path));
                }
                conflict.then_some(DeviationKind::CharsetLabelConflict)
            }
        };
        if let (Some(kind), Some(at)) = (finding, at) {
            findings.push_at(kind, at, Site::RootPart, |out| out.push_str(&part.path));
        }
    }
    let mut flags = Flags::default();
    let chosen = charset::choose(&part.bytes, first.map(|(charset, _)| charset), part.base(), &mut flags);
    let place = |offset: usize| part.place(offset);
    findings.extend(&flags, |_| Site::RootPart, place, |_| (), |(), out| out.push_str(&part.path));
    Ok(chosen)
}
