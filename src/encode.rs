//! The way out: table, SOAP, XML and content parts, MIME; with an account of what was lost on it.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::codec::{Config, EncodeError, Encoded, WireContext};
use crate::content;
use crate::deviation::{DeviationKind, Quirks};
use crate::entity::Entity;
use crate::mime::{self, BodyOut, PartOut};
use crate::mm7::{self, Declaration, Dialect, Echo, Writer};
use crate::model::text::TextLike as _;
use crate::model::{Message, Text};
use crate::violation::Violation;

/// Encodes a message in one dialect, echoing `context` where it answers a request.
pub(crate) fn encode(
    dialect: &'static Dialect,
    config: &Config,
    message: &Message,
    context: Option<&WireContext>,
) -> Result<Encoded, EncodeError> {
    let mut quirks = Quirks::new(config.quirks, dialect.quirks);
    let mut filled = Cow::Borrowed(message);
    let output = match message.content() {
        Some(content) => {
            let charset = content::Target { repertoire: dialect.repertoire, on_unmappable: config.on_unmappable };
            let output = content::write(dialect.content, content, charset, &mut quirks)?;
            if let Some(href) = &output.href
                && let Some(content) = filled.to_mut().content_mut()
            {
                content.href = Text::from_wire(href);
            }
            output
        }
        None => content::Output::default(),
    };
    let nested = !output.parts.is_empty();
    let declared = dialect.shape(message.operation()).frame.declaration != Declaration::Absent;
    let labels = Labels::choose(dialect, nested, declared, &mut quirks);
    let echo = Echo {
        namespace: context.and_then(|context| context.namespace.as_deref()),
        transaction_id_raw: context.and_then(|context| context.transaction_id_raw.as_deref()),
    };
    let written = Writer::new(dialect, &filled, quirks, echo).envelope(labels.declaration, output.carried);
    let mut losses = written.losses;
    losses.extend(output.losses);
    let mut quirks = written.quirks;
    let entity = if nested {
        multipart(dialect, labels.header, written.bytes, output.parts, output.flat, &mut quirks)
    } else {
        bare(written.bytes, labels.header)
    };
    let entity = start_line(dialect, message, entity);
    Ok(Encoded { entity, losses, violations: check(dialect, message), quirks: quirks.written })
}

/// What the carrier will refuse about a message.
pub(crate) fn check(dialect: &Dialect, message: &Message) -> Vec<Violation> {
    let mut violations = Vec::new();
    mm7::violations(dialect, message, &mut violations);
    (dialect.rules)(message, &mut violations);
    violations
}

/// The names of the charset in the part header and in the XML declaration.
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

/// Spec sections 3.1 and 3.3: the envelope, then the content: one part, or a nested multipart.
fn multipart(
    dialect: &Dialect,
    label: &str,
    envelope: Vec<u8>,
    mut parts: Vec<PartOut>,
    flat: bool,
    quirks: &mut Quirks,
) -> Entity {
    let envelope = Bytes::from(envelope);
    let as_they_are = |part: &PartOut| match &part.body {
        BodyOut::Bytes(bytes) => Some(bytes.clone()),
        // In base64 no boundary can stand.
        BodyOut::Base64(_) | BodyOut::Parts { .. } => None,
    };
    let verbatim: Vec<Bytes> = parts.iter().filter_map(as_they_are).collect();
    let mut avoid: Vec<&[u8]> = alloc::vec![&envelope];
    avoid.extend(verbatim.iter().map(|bytes| &**bytes));
    let form = dialect.content;
    let inner = mime::boundary(form.boundary, &[&envelope, b"inner"], &avoid);
    avoid.push(inner.as_bytes());
    let outer = mime::boundary(mime::BoundaryForm::Relay, &[&envelope], &avoid);

    let (id_name, id) = dialect.root_id;
    let quote = if dialect.root_quoted { "\"" } else { "" };
    let mut root: Vec<(Cow<'static, str>, Vec<u8>)> = alloc::vec![
        ("Content-Type".into(), alloc::format!("text/xml; charset={quote}{label}{quote}").into_bytes()),
        (id_name.into(), id.as_bytes().to_vec()),
    ];
    if dialect.root_encoding {
        root.push(("Content-Transfer-Encoding".into(), b"8bit".to_vec()));
    }
    let mut outermost = alloc::vec![PartOut { fields: root, body: BodyOut::Bytes(envelope) }];
    if flat {
        outermost.append(&mut parts);
    } else {
        let media_type = alloc::format!("{}; \r\n\tboundary=\"{inner}\"", form.container);
        let mut container = alloc::vec![("Content-Type".into(), media_type.into_bytes())];
        if let Some(id) = form.container_id {
            container.push(("Content-ID".into(), id.as_bytes().to_vec()));
        }
        outermost.push(PartOut { fields: container, body: BodyOut::Parts { boundary: inner, parts } });
    }
    let body = mime::emit(&outer, &outermost, quirks);
    // S-39: a start that names no part; the first is the root all the same.
    let named = dialect.start == dialect.root_id.1;
    let start = if named && quirks.take(DeviationKind::StartUnmatched) { "<start>" } else { dialect.start };
    let mut start = String::from(start);
    while start != dialect.root_id.1 && has_id(&outermost, &start) {
        start.insert(1, '_');
    }
    let media_type = alloc::format!(
        "multipart/related; boundary=\"{outer}\"; type=\"text/xml\"; charset=\"{}\"; start=\"{start}\"",
        dialect.multipart_charset,
    );
    Entity::new(body).with_header("Content-Type", media_type)
}

/// Whether a part has this Content-ID.
fn has_id(parts: &[PartOut], id: &str) -> bool {
    parts.iter().any(|part| {
        let named = |(name, value): &(Cow<'_, str>, Vec<u8>)| {
            name.eq_ignore_ascii_case("content-id") && mime::content_id(value) == mime::content_id(id.as_bytes())
        };
        let inside = matches!(&part.body, BodyOut::Parts { parts, .. } if has_id(parts, id));
        inside || part.fields.iter().any(named)
    })
}

/// Spec section 3.2: the envelope alone.
fn bare(envelope: Vec<u8>, label: &str) -> Entity {
    Entity::new(envelope).with_header("Content-Type", alloc::format!("text/xml; charset=\"{label}\""))
}

/// Requests are posted, answers are 200, a fault is 500 (SOAP 1.1 section 6.2).
fn start_line(dialect: &Dialect, message: &Message, mut entity: Entity) -> Entity {
    use crate::model::Operation;
    if message.operation().answer().is_some() {
        entity = entity.with_header("SOAPAction", "\"\"").with_header("Accept-Charset", "euc-kr");
        entity.start_line = Some(Bytes::from(alloc::format!("POST {} HTTP/1.1", dialect.request_path)));
    } else if message.operation() == Operation::Fault {
        entity.start_line = Some(Bytes::from_static(b"HTTP/1.1 500 Internal Server Error"));
    } else {
        entity.start_line = Some(Bytes::from_static(b"HTTP/1.1 200 OK"));
    }
    entity
}
