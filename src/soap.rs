//! SOAP 1.1 as MM7 uses it: an envelope, a header with the TransactionID, a body with one operation.

use crate::deviation::{DeviationKind, Flags};
use crate::error::{DecodeErrorKind, Fatal};
use crate::mm7::SOAP_NAMESPACE;
use crate::model::Operation;
use crate::xml::{Document, Element, Namespace};

/// The parts of an envelope.
pub(crate) struct Envelope<'d, 'a> {
    pub(crate) header: Option<Element<'d, 'a>>,
    pub(crate) element: Element<'d, 'a>,
    pub(crate) operation: Operation,
    /// The namespace of the operation's element.
    pub(crate) namespace: &'d [u8],
    pub(crate) findings: Flags,
}

/// Finds header, body and operation by local name: prefixes are not fixed.
pub(crate) fn read<'d, 'a>(document: &'d Document<'a>) -> Result<Envelope<'d, 'a>, Fatal> {
    let mut findings = Flags::default();
    let root = document.root();
    let (mut header, mut body) = (None, None);
    if root.local() == b"Envelope" {
        note_namespace(root, &mut findings);
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
    note_must_understand(header, &mut findings);
    let namespace = match element.namespace() {
        Namespace::Uri(uri) => uri,
        Namespace::None | Namespace::Undeclared => &b""[..],
    };
    let of_soap = operation == Operation::Fault;
    if !of_soap && !crate::mm7::is_mm7_namespace(namespace) {
        findings.push(DeviationKind::NamespaceUnknown, element.offset());
    }
    Ok(Envelope { header, element, operation, namespace, findings })
}

/// SOAP 1.1 section 4.1.2: another namespace is another version.
fn note_namespace(root: Element<'_, '_>, findings: &mut Flags) {
    let uri = match root.namespace() {
        Namespace::Uri(uri) => uri,
        Namespace::None | Namespace::Undeclared => &b""[..],
    };
    let soap = SOAP_NAMESPACE.as_bytes();
    if uri == soap {
        return;
    }
    let kind = if uri == soap.strip_suffix(b"/").unwrap_or(soap) {
        DeviationKind::SoapNamespaceSlash
    } else {
        DeviationKind::SoapNamespaceOther
    };
    findings.push(kind, root.offset());
}

/// TS 23.140 section 8.7.8: the TransactionID must be understood.
fn note_must_understand(header: Option<Element<'_, '_>>, findings: &mut Flags) {
    let id = header.and_then(|header| header.children().find(|child| child.local() == b"TransactionID"));
    let Some(id) = id else { return };
    let understood = id.attributes().any(|attribute| {
        let value = attribute.value(crate::charset::Charset::Utf8, &mut Flags::default());
        attribute.local() == b"mustUnderstand" && value.trim() == "1"
    });
    if !understood {
        findings.push(DeviationKind::MustUnderstandMissing, id.offset());
    }
}

/// The operation of an element: by its name, in any letter case (K-11), or by the simulator's (S-46).
fn operation(element: Element<'_, '_>, findings: &mut Flags) -> Result<Operation, Fatal> {
    let local = element.local();
    let named = |operation: &&Operation| operation.local_name().as_bytes() == local;
    if let Some(operation) = Operation::ALL.iter().find(named) {
        return Ok(*operation);
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
