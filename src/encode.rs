//! The way out: table, SOAP, XML and content parts, MIME; with an account of what was lost on it.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::codec::{Config, EncodeError, Encoded, WireContext};
use crate::content::{self, Account, Plan};
use crate::deviation::{DeviationKind, Quirks};
use crate::entity::Entity;
use crate::loss::Loss;
use crate::mime::{self, Boundary, BoundaryForm, Digest, LineEnd};
use crate::mm7::{self, Declaration, Dialect, Echo, Fields, Root};
use crate::model::{Message, Operation, SlotSet};
use crate::violation::Violation;

/// Encodes a message in one dialect, echoing `context` where it answers a request.
pub(crate) fn encode(
    dialect: &'static Dialect,
    config: &Config,
    message: &Message,
    context: Option<&WireContext>,
) -> Result<Encoded, EncodeError> {
    let target = content::Target { repertoire: dialect.repertoire, on_unmappable: config.on_unmappable };
    let mut fields = Fields::of(message);
    let violations = violations(dialect, message, &fields);
    let content = message.content().map(|content| Plan::new(dialect.content, content, target));
    let nested = content.as_ref().is_some_and(Plan::has_parts);
    let declared = dialect.shape(message.operation()).frame.declaration != Declaration::Absent;
    let mut quirks = Quirks::new(config.quirks, dialect.quirks);
    let labels = Labels::choose(dialect, nested, declared, &mut quirks);
    if let Some(href) = content.as_ref().and_then(Plan::href) {
        fields.refer_to(href);
    }
    let carried = content.as_ref().map_or(SlotSet::default(), |_| content::carried(dialect.content));
    let envelope = Envelope {
        dialect,
        message,
        fields: &fields,
        carried,
        echo: Echo {
            namespace: context.and_then(|context| context.namespace.as_deref()),
            transaction_id_raw: context.and_then(|context| context.transaction_id_raw.as_deref()),
        },
        labels,
    };
    let written = match &content {
        Some(content) if nested => Multipart { envelope, content }.write(quirks),
        _ => envelope.bare(content.as_ref(), quirks),
    };
    let mut losses = written.losses;
    losses.extend(written.account.map_or(Ok(Vec::new()), Account::close)?);
    let entity = start_line(dialect, message, written.entity);
    Ok(Encoded { entity, losses, violations, quirks: written.quirks.written })
}

/// What the carrier will refuse about a message.
pub(crate) fn check(dialect: &Dialect, message: &Message) -> Vec<Violation> {
    violations(dialect, message, &Fields::of(message))
}

fn violations(dialect: &Dialect, message: &Message, fields: &Fields<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    mm7::violations(dialect, message, fields, &mut violations);
    (dialect.rules)(message, &mut violations);
    violations
}

/// What was written, and what it cost: of the envelope, and of the content.
struct Written {
    entity: Entity,
    quirks: Quirks,
    losses: Vec<Loss>,
    account: Option<Account>,
}

/// The names of the charset in the part header and in the XML declaration.
#[derive(Clone, Copy)]
struct Labels {
    header: &'static str,
    declaration: &'static str,
}

impl Labels {
    /// The dialect's own name, or one of those on record (S-03, K-03), which mean the same.
    fn choose(dialect: &Dialect, nested: bool, declared: bool, quirks: &mut Quirks) -> Self {
        let own = dialect.charset_label;
        if own != "euc-kr" || !dialect.quirks.is_empty() {
            return Self { header: own, declaration: own };
        }
        if (nested || declared) && quirks.take(DeviationKind::CharsetLabel) {
            // Of a bare body the header is the entity's, which is not looked at for its spelling.
            return Self { header: "ksc5601", declaration: "ksc5601" };
        }
        if nested && declared && quirks.take(DeviationKind::CharsetLabelConflict) {
            return Self { header: "ks_c_5601-1987", declaration: own };
        }
        Self { header: own, declaration: own }
    }
}

/// The envelope to write.
#[derive(Clone, Copy)]
struct Envelope<'m> {
    dialect: &'static Dialect,
    message: &'m Message,
    fields: &'m Fields<'m>,
    /// The slots that have a place outside the envelope.
    carried: SlotSet,
    echo: Echo<'m>,
    labels: Labels,
}

/// More than most envelopes take.
const ENVELOPE_LEN: usize = 2048;

impl Envelope<'_> {
    /// A writer of the envelope behind what has been written.
    fn writer(&self, out: Vec<u8>, quirks: Quirks) -> mm7::Writer<'_> {
        mm7::Writer::new(self.dialect, self.message, self.fields, self.carried, self.echo, (out, quirks))
    }

    /// Spec section 3.2: the envelope alone.
    fn bare(&self, content: Option<&Plan<'_>>, quirks: Quirks) -> Written {
        let writer = self.writer(Vec::with_capacity(ENVELOPE_LEN), quirks);
        let Root { bytes, quirks, losses, .. } = writer.envelope(self.labels.declaration);
        let media_type = ["text/xml; charset=\"", self.labels.header, "\""].concat();
        let entity = Entity::new(bytes).with_header("Content-Type", media_type);
        Written { entity, quirks, losses, account: content.map(Plan::write_nothing) }
    }
}

/// Spec sections 3.1 and 3.3: the envelope, then the content: one part, or a nested multipart.
struct Multipart<'w, 'm> {
    envelope: Envelope<'m>,
    content: &'w Plan<'m>,
}

/// A body that has been written, with its boundaries.
struct Body {
    mime: mime::Writer,
    digest: Digest,
    outer: Boundary,
    /// How many delimiters have the inner boundary.
    inner_count: usize,
    losses: Vec<Loss>,
    account: Account,
}

/// The numbers of the boundaries.
#[derive(Clone, Copy, Default)]
struct Numbers {
    outer: u64,
    inner: u64,
}

impl Multipart<'_, '_> {
    fn write(&self, quirks: Quirks) -> Written {
        let mut line_end = LineEnd::wanted(&quirks);
        let mut body = self.body(line_end, Numbers::default(), quirks);
        if !body.mime.survives_its_line_ends() {
            line_end = LineEnd::CrLf;
            body = self.body(line_end, Numbers::default(), quirks);
        }
        if !body.mime.is_parted() {
            let numbers = self.free_numbers(&body);
            body = self.body(line_end, numbers, quirks);
        }
        let (bytes, mut quirks) = body.mime.finish();
        let media_type = self.media_type(&body.outer, &mut quirks);
        let entity = Entity::new(bytes).with_header("Content-Type", media_type);
        Written { entity, quirks, losses: body.losses, account: Some(body.account) }
    }

    fn body(&self, line_end: LineEnd, numbers: Numbers, quirks: Quirks) -> Body {
        let Envelope { dialect, labels, .. } = self.envelope;
        let form = dialect.content;
        let capacity = ENVELOPE_LEN + self.content.len_hint();
        let mut mime = mime::Writer::new(capacity, self.boundary_forms(), line_end, quirks);
        // Its digits are those of the envelope behind it.
        let blank = Boundary::blank(BoundaryForm::Relay, numbers.outer);
        mime.delimiter(blank.as_bytes());
        let quote = if dialect.root_quoted { "\"" } else { "" };
        mime.constant("Content-Type", ["text/xml; charset=", quote, labels.header, quote].map(str::as_bytes));
        let (id_name, id) = dialect.root_id;
        mime.constant(id_name, [id.as_bytes()]);
        if dialect.root_encoding {
            mime.constant("Content-Transfer-Encoding", [b"8bit"]);
        }
        mime.begin_body();
        let writer = self.envelope.writer(core::mem::take(&mut mime.out), mime.quirks);
        let root = writer.envelope(labels.declaration);
        (mime.out, mime.quirks) = (root.bytes, root.quirks);
        let digest = Digest::EMPTY.with(mime.body());
        mime.end_body();

        let outer = Boundary::new(BoundaryForm::Relay, numbers.outer, digest);
        // Behind the first two hyphens.
        mime.out[2..2 + outer.as_bytes().len()].copy_from_slice(outer.as_bytes());
        let before = mime.delimiters;
        let mut inner_count = 0;
        let account = if self.content.is_flat() {
            self.content.write(outer.as_bytes(), &mut mime)
        } else {
            let inner = Boundary::new(form.boundary, numbers.inner, digest.with(b"inner"));
            mime.delimiter(outer.as_bytes());
            let container = [form.container.as_bytes(), b"; \r\n\tboundary=\"", inner.as_bytes(), b"\""];
            mime.constant("Content-Type", container);
            if let Some(id) = form.container_id {
                mime.constant("Content-ID", [id.as_bytes()]);
            }
            mime.begin_body();
            let account = self.content.write(inner.as_bytes(), &mut mime);
            mime.close(inner.as_bytes(), false);
            inner_count = mime.delimiters - before - 1;
            account
        };
        mime.close(outer.as_bytes(), true);
        Body { mime, digest, outer, inner_count, losses: root.losses, account }
    }

    fn boundary_forms(&self) -> &'static [BoundaryForm] {
        match self.envelope.dialect.content.boundary {
            BoundaryForm::Relay => &[BoundaryForm::Relay],
            BoundaryForm::Story => &[BoundaryForm::Relay, BoundaryForm::Story],
        }
    }

    /// Of each boundary the smallest number with which it stands in no part.
    fn free_numbers(&self, body: &Body) -> Numbers {
        let Body { mime, digest, inner_count, .. } = body;
        let form = self.envelope.dialect.content.boundary;
        let inner = digest.with(b"inner");
        Numbers {
            outer: mime::free_number(BoundaryForm::Relay, *digest, &mime.out, mime.delimiters - inner_count),
            inner: mime::free_number(form, inner, &mime.out, *inner_count),
        }
    }

    fn media_type(&self, outer: &Boundary, quirks: &mut Quirks) -> Vec<u8> {
        let dialect = self.envelope.dialect;
        // S-39: a start that names no part; the first is the root all the same.
        let named = dialect.start == dialect.root_id.1;
        let start = if named && quirks.take(DeviationKind::StartUnmatched) { "<start>" } else { dialect.start };
        let mut start = Cow::Borrowed(start);
        while start != dialect.root_id.1 && self.has_id(&start) {
            start.to_mut().insert(1, '_');
        }
        let pieces: [&[u8]; 7] = [
            b"multipart/related; boundary=\"",
            outer.as_bytes(),
            b"\"; type=\"text/xml\"; charset=\"",
            dialect.multipart_charset.as_bytes(),
            b"\"; start=\"",
            start.as_bytes(),
            b"\"",
        ];
        pieces.concat()
    }

    /// Whether a part has this Content-ID, brackets included.
    fn has_id(&self, id: &str) -> bool {
        let id = without_brackets(id);
        let dialect = self.envelope.dialect;
        let container = dialect.content.container_id.filter(|_| !self.content.is_flat());
        container.into_iter().chain([dialect.root_id.1]).any(|known| without_brackets(known) == id)
            || self.content.has_id(id)
    }
}

fn without_brackets(id: &str) -> &str {
    id.trim_matches(['<', '>'])
}

/// Requests are posted, answers are 200, a fault is 500 (SOAP 1.1 section 6.2).
fn start_line(dialect: &Dialect, message: &Message, mut entity: Entity) -> Entity {
    if message.operation().answer().is_some() {
        entity = entity.with_header("SOAPAction", "\"\"").with_header("Accept-Charset", "euc-kr");
        entity.start_line = Some(Bytes::from_static(dialect.request_line.as_bytes()));
    } else if message.operation() == Operation::Fault {
        entity.start_line = Some(Bytes::from_static(b"HTTP/1.1 500 Internal Server Error"));
    } else {
        entity.start_line = Some(Bytes::from_static(b"HTTP/1.1 200 OK"));
    }
    entity
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use crate::{Config, DeviationKind, DialectId, Media, MediaType, Prose, QuirkSet, SubmitReq};

    /// What stands behind `--` where a line begins, once each: the boundaries, the outer one first.
    fn boundaries(body: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(body);
        let delimiters = text.split("\r\n").filter_map(|line| line.strip_prefix("--"));
        let mut found = Vec::new();
        for boundary in delimiters.map(|line| line.trim_end_matches('-')).filter(|line| line.contains("Part")) {
            if !found.iter().any(|known| known == boundary) {
                found.push(boundary.into());
            }
        }
        found
    }

    fn submit(text: &str, dialect: DialectId) -> Vec<u8> {
        let mut submit = SubmitReq::default();
        submit.content.text = Some(Prose::new(text).expect("a text"));
        submit.content.media.push(Media::new(MediaType::JPEG, b"\xFF\xD8".as_slice()));
        let codec = dialect.codec(Config::default());
        let encoded = codec.encode(&submit.clone().into()).expect("every message can be encoded");
        let decoded = codec.decode(&encoded.entity).expect("our own output");
        assert_eq!(
            decoded.message.apply(&[]).ok(),
            crate::Message::from(submit).apply(&encoded.losses).ok(),
            "{dialect}"
        );
        encoded.entity.body.to_vec()
    }

    #[test]
    fn takes_no_boundary_that_stands_in_a_part() {
        for &dialect in DialectId::ALL {
            let plain = boundaries(&submit("text", dialect));
            assert_eq!(plain.len(), 2, "{dialect}: {plain:?}");
            // A boundary is that of the envelope, and so it is the same for every text.
            let nth = |boundary: &str, n: usize| {
                let Some((head, tail)) = boundary.split_once('0') else { panic!("{boundary}") };
                std::format!("{head}{n}{tail}")
            };
            for (taken, expected) in [(0..0, 0), (0..1, 1), (1..3, 0), (0..11, 11)] {
                for which in [0, 1] {
                    let lines = taken.clone().map(|n| std::format!("\n--{}", nth(&plain[which], n)));
                    let body = submit(&std::format!("a{}", lines.collect::<String>()), dialect);
                    let mut numbered = plain.clone();
                    numbered[which] = nth(&plain[which], expected);
                    let found: Vec<_> = boundaries(&body).into_iter().filter(|one| numbered.contains(one)).collect();
                    assert_eq!(found, numbered, "{dialect} {taken:?}");
                }
            }
        }
    }

    #[test]
    fn keeps_the_line_ends_where_a_body_ends_in_a_carriage_return() {
        let quirks: QuirkSet = [DeviationKind::LineEndLf].into_iter().collect();
        for (text, written) in [("a", true), ("a\r", false)] {
            let mut submit = SubmitReq::default();
            submit.content.text = Some(Prose::new(text).expect("a text"));
            let codec = DialectId::L.codec(Config { quirks, ..Config::default() });
            let encoded = codec.encode(&submit.into()).expect("every message can be encoded");
            assert_eq!(encoded.quirks.contains(DeviationKind::LineEndLf), written, "{text:?}");
            assert_eq!(encoded.entity.body.windows(2).any(|pair| pair == b"\r\n"), !written, "{text:?}");
        }
    }
}
