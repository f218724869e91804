//! SOAP 1.1 as MM7 uses it: an envelope, a header with the TransactionID, a body with one operation.

use crate::deviation::{DeviationKind, Flags};
use crate::error::{DecodeErrorKind, Fatal};
use crate::mm7::SOAP_NAMESPACE;
use crate::model::Operation;
use crate::xml::{Ahead, Attribute, Document, Element, Inside, Known, KnownName, KnownTag, Start, Stream};

/// The parts of an envelope.
pub(crate) struct Envelope<'d, 'a> {
    pub(crate) header: Option<Element<'d, 'a>>,
    pub(crate) element: Element<'d, 'a>,
    pub(crate) operation: Operation,
    /// The namespace of the operation's element.
    pub(crate) namespace: &'d [u8],
    pub(crate) findings: Flags,
}

/// Finds header, body and operation by local name: prefixes are not fixed (X-11).
pub(crate) fn read<'d, 'a>(document: &'d Document<'a>) -> Result<Envelope<'d, 'a>, Fatal> {
    let mut findings = Flags::default();
    let root = document.root();
    let (mut header, mut body) = (None, None);
    if root.local() == b"Envelope" {
        note_namespace(root.namespace().uri().unwrap_or_default(), root.offset(), &mut findings);
        for child in root.children() {
            match child.local() {
                b"Header" if header.is_none() => header = Some(child),
                b"Body" if body.is_none() => body = Some(child),
                _ => findings.push(DeviationKind::EntryExtra, child.offset()),
            }
        }
    }
    let Some(body) = body else {
        return Err(Fatal::new(DecodeErrorKind::NoSoapBody, root.offset()));
    };
    if header.is_none() {
        findings.push(DeviationKind::HeaderMissing, root.offset());
    }
    let mut children = body.children();
    let Some(element) = children.next() else {
        return Err(Fatal::new(DecodeErrorKind::NoOperation, body.offset()));
    };
    if let Some(extra) = children.next() {
        findings.push(DeviationKind::EntryExtra, extra.offset());
    }
    let operation = operation(element, &mut findings)?;
    if let Some(id) = header.and_then(|header| header.children().find(|child| child.local() == TRANSACTION_ID)) {
        note_must_understand(id.attributes(), id.offset(), &mut findings);
    }
    let namespace = element.namespace().uri().unwrap_or_default();
    note_operation_namespace(operation, namespace, element.offset(), &mut findings);
    Ok(Envelope { header, element, operation, namespace, findings })
}

/// What stands in an envelope up to the operation's start tag, in the order that it mostly has.
pub(crate) struct Opened<'a> {
    pub(crate) header: Start<'a>,
    pub(crate) transaction_id: Option<Start<'a>>,
    pub(crate) element: Start<'a>,
    pub(crate) operation: Operation,
    /// The namespace of the operation's element.
    pub(crate) namespace: &'a [u8],
    pub(crate) findings: Flags,
}

/// The same as [`read`] from a stream: an envelope, a header with at most a TransactionID in it, a body. Nothing where more
/// stands there, or less.
pub(crate) fn open<'a>(stream: &mut Stream<'a, '_>) -> Option<Opened<'a>> {
    let mut findings = Flags::default();
    let root = stream.root(&ENVELOPE)?;
    is(&root, b"Envelope")?;
    note_namespace(root.namespace.unwrap_or_default(), root.offset, &mut findings);
    let header = child(stream, &HEADER)?;
    let mut transaction_id = None;
    if header.local != b"Header" || stream.attributes(&header).next().is_some() {
        return None;
    }
    if let Inside::Elements = header.inside {
        let id = child(stream, &ENTRY)?;
        if id.local != TRANSACTION_ID {
            return None;
        }
        note_must_understand(stream.attributes(&id), id.offset, &mut findings);
        transaction_id = Some(id);
        end(stream)?;
    } else if !header.is_blank() {
        return None;
    }
    let body = child(stream, &BODY)?;
    is(&body, b"Body")?;
    let element = child(stream, &OPERATION)?;
    let operation = operation_named(element.local)?;
    let namespace = element.namespace.unwrap_or_default();
    note_operation_namespace(operation, namespace, element.offset, &mut findings);
    Some(Opened { header, transaction_id, element, operation, namespace, findings })
}

/// The schema of a revision.
macro_rules! mm7 {
    ($revision:literal) => {
        concat!("http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-", $revision)
    };
}
/// An attribute that declares it.
macro_rules! xmlns {
    ($name:literal, $revision:literal) => {
        concat!(" ", $name, "=\"", mm7!($revision), "\"")
    };
}

/// The envelopes on record.
const ENVELOPE: Known = Known {
    names: &[KnownName::new("env:Envelope"), KnownName::new("SOAP-ENV:Envelope")],
    tags: &[
        KnownTag::new(br#" xmlns:env="http://schemas.xmlsoap.org/soap/envelope/">"#),
        KnownTag::new(br#" xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">"#),
        KnownTag::new(b" xmlns:env=\xA1\xB0http://schemas.xmlsoap.org/soap/envelope/\xA1\xB1>"),
    ],
};
/// Their headers.
const HEADER: Known = Known { names: &[KnownName::new("env:Header"), KnownName::new("SOAP-ENV:Header")], tags: &[] };
/// The entries of these.
const ENTRY: Known = Known {
    names: &[KnownName::new("mm7:TransactionID")],
    tags: &[
        KnownTag::new(concat!(xmlns!("xmlns:mm7", "1-0"), " env:mustUnderstand=\"1\">").as_bytes()),
        KnownTag::new(concat!(xmlns!("xmlns:mm7", "1-2"), " env:mustUnderstand=\"1\">").as_bytes()),
        KnownTag::new(concat!(" SOAP-ENV:mustUnderstand=\"1\"", xmlns!("xmlns:mm7", "1-0"), ">").as_bytes()),
        KnownTag::new(
            b" xmlns:mm7=\xA1\xB0http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0\xA1\xB1 \
              env:mustUnderstand=\xA1\xB01\xA1\xB1>",
        ),
    ],
};
/// Their bodies.
const BODY: Known = Known { names: &[KnownName::new("env:Body"), KnownName::new("SOAP-ENV:Body")], tags: &[] };
/// The operations in these.
const OPERATION: Known = Known {
    names: &[],
    tags: &[
        KnownTag::new(concat!(xmlns!("xmlns:mm7", "1-0"), ">").as_bytes()),
        KnownTag::new(concat!(xmlns!("xmlns:mm7", "1-2"), ">").as_bytes()),
        KnownTag::new(concat!(xmlns!("xmlns", "1-0"), ">").as_bytes()),
    ],
};

/// That nothing stands behind the operation but the end tags of the body and of the envelope.
pub(crate) fn close(stream: &mut Stream<'_, '_>) -> Option<()> {
    end(stream)?;
    end(stream)
}

/// An element of this name with elements in it.
fn is(start: &Start<'_>, local: &[u8]) -> Option<()> {
    (start.local == local && matches!(start.inside, Inside::Elements)).then_some(())
}

fn child<'a>(stream: &mut Stream<'a, '_>, known: &Known) -> Option<Start<'a>> {
    let Ahead::Start(tag) = stream.ahead()? else { return None };
    stream.start_known(tag, known)
}

fn end(stream: &mut Stream<'_, '_>) -> Option<()> {
    matches!(stream.ahead()?, Ahead::End(_)).then_some(())
}

/// The entry of the header that MM7 has (TS 23.140 section 8.7.8).
pub(crate) const TRANSACTION_ID: &[u8] = b"TransactionID";

fn note_operation_namespace(operation: Operation, namespace: &[u8], offset: usize, findings: &mut Flags) {
    let of_soap = operation == Operation::Fault;
    if !of_soap && !crate::mm7::is_mm7_namespace(namespace) {
        findings.push(DeviationKind::NamespaceUnknown, offset);
    }
}

/// SOAP 1.1 section 4.1.2: another namespace is another version.
fn note_namespace(uri: &[u8], offset: usize, findings: &mut Flags) {
    let soap = SOAP_NAMESPACE.as_bytes();
    if uri == soap {
        return;
    }
    let kind = if uri == soap.strip_suffix(b"/").unwrap_or(soap) {
        DeviationKind::SoapNamespaceSlash
    } else {
        DeviationKind::SoapNamespaceOther
    };
    findings.push(kind, offset);
}

/// TS 23.140 section 8.7.8: the TransactionID must be understood.
fn note_must_understand<'d>(
    mut attributes: impl Iterator<Item = Attribute<'d, 'd>>,
    offset: usize,
    findings: &mut Flags,
) {
    let understood = attributes.any(|attribute| {
        attribute.local() == b"mustUnderstand"
            && attribute.value(crate::charset::Charset::Utf8, &mut Flags::default()).trim() == "1"
    });
    if !understood {
        findings.push(DeviationKind::MustUnderstandMissing, offset);
    }
}

/// The operation of exactly this name.
fn operation_named(local: &[u8]) -> Option<Operation> {
    Operation::ALL.iter().copied().find(|operation| operation.local_name().as_bytes() == local)
}

/// The operation of an element: by its name, in any letter case (K-11), or by the simulator's (S-46).
fn operation(element: Element<'_, '_>, findings: &mut Flags) -> Result<Operation, Fatal> {
    let local = element.local();
    if let Some(operation) = operation_named(local) {
        return Ok(operation);
    }
    if local.eq_ignore_ascii_case(b"DeliverReportReq") {
        findings.push(DeviationKind::OperationAlias, element.offset());
        return Ok(Operation::DeliveryReportReq);
    }
    let alike = |operation: &&Operation| operation.local_name().as_bytes().eq_ignore_ascii_case(local);
    if let Some(operation) = Operation::ALL.iter().find(alike) {
        findings.push(DeviationKind::OperationCase, element.offset());
        return Ok(*operation);
    }
    let name = alloc::string::String::from_utf8_lossy(local).chars().take(80).collect();
    Err(Fatal::new(DecodeErrorKind::UnknownOperation(name), element.offset()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;
    use std::vec;
    use std::vec::Vec;

    use super::{BODY, ENTRY, ENVELOPE, HEADER, Known, OPERATION, Operation};

    /// What the dialects write, file by file, without the quirks that are asked for.
    fn wire() -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire")).expect("a folder") {
            for file in fs::read_dir(folder.expect("a folder").path()).expect("a folder") {
                let path = file.expect("a file").path();
                if !path.to_string_lossy().contains("-quirks") {
                    files.push(fs::read(&path).expect("a file"));
                }
            }
        }
        files
    }

    /// The names that are known are those that the dialects write.
    #[test]
    fn knows_the_names_of_every_dialect() {
        let wire = wire();
        for (local, known) in [("Envelope", &ENVELOPE), ("Header", &HEADER), ("TransactionID", &ENTRY), ("Body", &BODY)]
        {
            let mut written = BTreeSet::new();
            for wire in &wire {
                for at in memchr::memmem::find_iter(wire, local) {
                    let prefix = wire[..at].rsplit(|&byte| byte == b'<').next().unwrap_or_default();
                    if !prefix.starts_with(b"/") {
                        written.insert([prefix, local.as_bytes()].concat());
                    }
                }
            }
            let names: BTreeSet<_> = known.names.iter().map(|name| name.text().as_bytes().to_vec()).collect();
            assert_eq!(names, written, "{local}");
            assert_eq!(names.len(), known.names.len(), "{local}");
        }
    }

    /// What stands in the tags that are known is what the dialects write.
    #[test]
    fn knows_the_tags_of_every_dialect() {
        let operations = Operation::ALL.iter().map(|operation| operation.local_name());
        let names: [(&str, Vec<&str>, &Known); 3] = [
            ("Envelope", vec!["Envelope"], &ENVELOPE),
            ("TransactionID", vec!["TransactionID"], &ENTRY),
            ("operation", operations.collect(), &OPERATION),
        ];
        let wire = wire();
        for (what, names, known) in names {
            let mut written = BTreeSet::new();
            for wire in &wire {
                for name in &names {
                    for at in memchr::memmem::find_iter(wire, name).filter(|&at| wire[at - 1] != b'/') {
                        let behind = &wire[at + name.len()..];
                        let tag = behind.split_inclusive(|&byte| byte == b'>').next().unwrap_or_default();
                        if tag.starts_with(b" ") && !tag.ends_with(b"/>") {
                            written.insert(tag.to_vec());
                        }
                    }
                }
            }
            let tags: BTreeSet<_> = known.tags.iter().map(|known| known.text().to_vec()).collect();
            assert_eq!(tags, written, "{what}");
            assert_eq!(tags.len(), known.tags.len(), "{what}");
        }
    }
}
