//! What the dialects share: the bidirectional table, its reader and its writer.

mod extensions;
mod read;
mod table;
mod write;

use crate::carrier_id::DialectId;
use crate::charset::Repertoire;
use crate::deviation::DeviationKind;
#[cfg(all(test, feature = "serde"))]
use crate::model::SlotSet;
use crate::model::{Message, Operation, Status};

pub(crate) use read::{Note, Reader};
pub(crate) use table::{
    BoolForm, CHARGED_PARTIES, DELIVERY_STATUSES, Format, MESSAGE_CLASSES, Node, PRIORITIES, READ_STATUSES, VERSIONS,
    group, leaf,
};
pub(crate) use write::{Frame, Writer, violation, violations};

/// Where in a message a deviation of the syntax stands, as coarsely as dialects prescribe them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// The entity's header fields and its outermost multipart.
    Entity,
    /// The part that holds the envelope.
    RootPart,
    /// The multipart that holds the content.
    Container,
    /// The part of the text.
    TextPart,
    /// A part of media.
    MediaPart,
    /// The XML of the envelope and of the operation.
    Envelope,
}

/// A dialect as data: what it writes, and so what it prescribes.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) id: DialectId,
    /// The MM7 namespace it writes.
    pub(crate) namespace: &'static str,
    /// The prefix of the SOAP envelope it writes.
    pub(crate) envelope_prefix: &'static str,
    /// The characters it writes as they are.
    pub(crate) repertoire: Repertoire,
    /// The charset's name in the XML declaration and the part headers.
    pub(crate) charset_label: &'static str,
    /// The charset's name in the entity's multipart type.
    pub(crate) multipart_charset: &'static str,
    /// The root part's Content-ID.
    pub(crate) root_id: &'static str,
    /// The path of the request line of what it is sent.
    pub(crate) request_path: &'static str,
    /// Every operation, as a table.
    pub(crate) operations: &'static [(Operation, &'static [Node])],
    /// Deviations of the syntax that it writes.
    pub(crate) prescribed: &'static [(DeviationKind, Site)],
    /// What a status means for this operation.
    pub(crate) classify: fn(&Message) -> Option<Classification>,
    /// Operations that this carrier does not have at all; they are written in its conventions and listed.
    pub(crate) refused: &'static [Operation],
    /// How it writes text and media.
    pub(crate) content: &'static crate::content::Form,
    /// What the carrier will refuse beyond what the tables require.
    pub(crate) rules: fn(&Message, &mut alloc::vec::Vec<crate::violation::Violation>),
}

/// What a carrier's table says of a status.
pub(crate) type Classification = (crate::model::Outcome, Option<crate::model::Reason>);

impl Dialect {
    /// The table of an operation.
    pub(crate) fn table(&self, operation: Operation) -> &'static [Node] {
        self.operations.iter().find(|(known, _)| *known == operation).map_or(&[], |(_, table)| table)
    }

    /// Whether it prescribes a deviation of the syntax there.
    pub(crate) fn prescribes(&self, kind: DeviationKind, site: Site) -> bool {
        self.prescribed.contains(&(kind, site))
    }

    /// Fills in what the carrier's table says of the status.
    pub(crate) fn set_outcome(&self, message: &mut Message) {
        let classification = (self.classify)(message);
        if let (Some((outcome, reason)), Some(status)) = (classification, message.status_mut()) {
            let status: &mut Status = status;
            status.outcome = Some(outcome);
            status.reason = reason;
        }
    }
}

/// Whether a URI names some revision of the MM7 schema.
pub(crate) fn is_mm7_namespace(uri: &[u8]) -> bool {
    memchr::memmem::find(uri, b"23.140/schema/REL-").is_some()
}

/// SOAP 1.1 section 3.
pub(crate) const SOAP_NAMESPACE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The entries of the SOAP header (TS 23.140 section 8.7.2).
pub(crate) const HEADER: &[Node] =
    &[leaf("TransactionID", crate::model::Slot::TransactionId, Format::Text).mandatory()];

#[cfg(all(test, feature = "serde"))]
mod tests;
