//! The way out: table, SOAP, XML and content parts, MIME; with an account of what was lost on it.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::codec::{Config, EncodeError, Encoded, WireContext};
use crate::content;
use crate::deviation::{DeviationKind, Quirks};
use crate::entity::Entity;
use crate::mime::{self, BodyOut, PartOut};
use crate::mm7::{self, Dialect, Frame, Writer};
use crate::model::Message;
use crate::violation::Violation;

/// Encodes a message in one dialect, echoing `context` where it answers a request.
pub(crate) fn encode(
    dialect: &'static Dialect,
    config: &Config,
    message: &Message,
    context: Option<&WireContext>,
) -> Result<Encoded, EncodeError> {
    let mut quirks = Quirks { wanted: config.quirks, ..Quirks::default() };
    let output = match message.content() {
        Some(content) => {
            content::write(dialect.content, content, dialect.repertoire, config.on_unmappable, &mut quirks)?
        }
        None => content::Output::default(),
    };
    let nested = !output.parts.is_empty();
    let namespace = context.and_then(|context| context.namespace.as_deref()).unwrap_or(dialect.namespace);
    let labels = Labels::choose(dialect, nested, &mut quirks);
    let frame = Frame {
        encoding_label: labels.declaration,
        transaction_id_raw: context.and_then(|context| context.transaction_id_raw.as_deref()),
        declaration_blank: nested,
    };
    let written = Writer::new(dialect, message, quirks, namespace).envelope(&frame, output.carried);
    let mut losses = written.losses;
    losses.extend(output.losses);
    let mut quirks = written.quirks;
    let entity = if nested {
        multipart(dialect, labels.header, written.bytes, output.parts, &output.verbatim, &mut quirks)
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
    fn choose(dialect: &Dialect, nested: bool, quirks: &mut Quirks) -> Self {
        let own = dialect.charset_label;
        if own != "euc-kr" {
            return Self { header: own, declaration: own };
        }
        if quirks.take(DeviationKind::CharsetLabel) {
            // Of a bare body the header is the entity's, which is not looked at for its spelling.
            return Self { header: "ksc5601", declaration: "ksc5601" };
        }
        if nested && quirks.take(DeviationKind::CharsetLabelConflict) {
            return Self { header: "ks_c_5601-1987", declaration: own };
        }
        Self { header: own, declaration: own }
    }
}

/// Spec sections 3.1 and 3.3: the envelope, then a nested multipart of the content.
fn multipart(
    dialect: &Dialect,
    label: &str,
    envelope: Vec<u8>,
    parts: Vec<PartOut>,
    verbatim: &[Bytes],
    quirks: &mut Quirks,
) -> Entity {
    let envelope = Bytes::from(envelope);
    let mut avoid: Vec<&[u8]> = alloc::vec![&envelope];
    avoid.extend(verbatim.iter().map(|bytes| &**bytes));
    let inner = mime::boundary(&[&envelope, b"inner"], &avoid);
    avoid.push(inner.as_bytes());
    let outer = mime::boundary(&[&envelope], &avoid);

    let form = dialect.content;
    let quoted = |boundary: &str| alloc::format!("{}; \r\n\tboundary=\"{boundary}\"", form.container);
    let mut container = alloc::vec![("Content-Type".into(), quoted(&inner).into_bytes())];
    if let Some(id) = form.container_id {
        container.push(("Content-ID".into(), id.as_bytes().to_vec()));
    }
    let root: Vec<(Cow<'static, str>, Vec<u8>)> = alloc::vec![
        ("Content-Type".into(), alloc::format!("text/xml; charset={label}").into_bytes()),
        ("Content-Id".into(), dialect.root_id.as_bytes().to_vec()),
        ("Content-Transfer-Encoding".into(), b"8bit".to_vec()),
    ];
    let body = mime::emit(
        &outer,
        &[
            PartOut { fields: root, body: BodyOut::Bytes(envelope) },
            PartOut { fields: container, body: BodyOut::Parts { boundary: inner, parts } },
        ],
        quirks,
    );
    // S-39: a start that names no part; the first is the root all the same.
    let start = if quirks.take(DeviationKind::StartUnmatched) { "<start>" } else { dialect.root_id };
    let media_type = alloc::format!(
        "multipart/related; boundary=\"{outer}\"; type=\"text/xml\"; charset=\"{}\"; start=\"{start}\"",
        dialect.multipart_charset,
    );
    Entity::new(body).with_header("Content-Type", media_type)
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
