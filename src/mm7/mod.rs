//! What the dialects share: the bidirectional table, its reader and its writer.

mod extensions;
mod fields;
mod read;
mod table;
mod write;

use crate::carrier_id::DialectId;
use crate::charset::Repertoire;
use crate::deviation::{DeviationKind, Prescribed};
#[cfg(all(test, feature = "serde"))]
use crate::model::SlotSet;
use crate::model::{Message, Operation, Outcome, Reason, Status};

pub(crate) use fields::Fields;
pub(crate) use read::{Notes, Reader, href_reads_as};
#[cfg(all(test, feature = "serde"))]
pub(crate) use table::{Body, Presence, Role};
pub(crate) use table::{
    BoolForm, CHARGED_PARTIES, DELIVERY_STATUSES, Declaration, FLAT, FLAT_CODE, FLAT_DETAILS, FLAT_TEXT, Format, Frame,
    MESSAGE_CLASSES, MM7_1_0, MM7_1_2, Node, PRIORITIES, READ_STATUSES, Shape, VERSIONS, group, leaf, shape,
};
pub(crate) use write::{Echo, Root, Writer, violation, violations};

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
    /// The part that says how text and media are shown.
    ScenePart,
    /// A part of media.
    MediaPart,
    /// The XML of the envelope and of the operation.
    Envelope,
}

impl Site {
    const COUNT: usize = Self::Envelope as usize + 1;
}

/// The deviations that a dialect prescribes at each site, a bit a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prescriptions([u128; Site::COUNT]);

impl Prescriptions {
    /// These, each at its site, and the quirks wherever they are found.
    pub(crate) const fn new(at: &[(DeviationKind, Site)], quirks: &[Prescribed]) -> Self {
        let mut sites = [0; Site::COUNT];
        let mut index = 0;
        while index < at.len() {
            let (kind, site) = at[index];
            sites[site as usize] |= 1 << kind as u8;
            index += 1;
        }
        index = 0;
        while index < quirks.len() {
            let mut site = 0;
            while site < Site::COUNT {
                sites[site] |= 1 << quirks[index].0 as u8;
                site += 1;
            }
            index += 1;
        }
        Self(sites)
    }
}

/// A dialect as data: what it writes, and so what it prescribes.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) id: DialectId,
    /// The characters it writes as they are.
    pub(crate) repertoire: Repertoire,
    /// The charset's name in the XML declaration and the part headers.
    pub(crate) charset_label: &'static str,
    /// The charset's name in the entity's multipart type.
    pub(crate) multipart_charset: &'static str,
    /// The root part's Content-ID, and how that field is spelled (S-51).
    pub(crate) root_id: (&'static str, &'static str),
    /// The root part's charset parameter is quoted.
    pub(crate) root_quoted: bool,
    /// The root part says that it is 8-bit.
    pub(crate) root_encoding: bool,
    /// The `start` parameter of the entity's multipart type.
    pub(crate) start: &'static str,
    /// The request line of what it is sent.
    pub(crate) request_line: &'static str,
    /// The operations it has: the envelope and the table of each.
    pub(crate) operations: &'static [Shape],
    /// Deviations of the syntax that it writes, its quirks among them.
    pub(crate) prescribed: Prescriptions,
    /// Quirks that it writes, and the names it writes them at.
    pub(crate) quirks: &'static [Prescribed],
    /// The MM7Version it writes.
    pub(crate) version: &'static str,
    /// Every status code, with what it means in the answer to a submit.
    pub(crate) codes: &'static [CodeRow],
    /// The code that says an outcome for which no row of `codes` has the reason.
    pub(crate) generic_codes: &'static [(Outcome, u32)],
    /// Who refuses a submit: the operation that the carrier answers with.
    pub(crate) refusal: Operation,
    /// What a status means for this operation.
    pub(crate) classify: fn(&Message) -> Option<Classification>,
    /// Operations that this carrier does not have at all; they are written in its conventions and listed.
    pub(crate) refused: &'static [Operation],
    /// How it writes text and media.
    pub(crate) content: &'static crate::content::Form,
    /// What the carrier will refuse beyond what the tables require.
    pub(crate) rules: fn(&Message, &mut alloc::vec::Vec<crate::violation::Violation>),
}

/// A status code, its outcome, and the reasons that it stands for: the first is what is read of it, and the others have no
/// code of their own.
pub(crate) type CodeRow = (u32, Outcome, &'static [Reason]);

/// What a carrier's table says of a status.
pub(crate) type Classification = (Outcome, Option<Reason>);

impl Dialect {
    /// Whether it has an envelope and a table for an operation.
    pub(crate) fn has(&self, operation: Operation) -> bool {
        self.operations.iter().any(|shape| shape.operation == operation)
    }

    /// The envelope and the table of an operation. One that the dialect does not have is in the envelope of its first, and
    /// no field has a place there.
    pub(crate) fn shape(&self, operation: Operation) -> Shape {
        static NONE: Frame = Frame::new(MM7_1_0);
        let known = self.operations.iter().find(|shape| shape.operation == operation);
        known.copied().unwrap_or_else(|| {
            let frame = self.operations.first().map_or(&NONE, |first| first.frame);
            shape(operation, frame, &[])
        })
    }

    /// Whether it prescribes a deviation of the syntax there.
    pub(crate) const fn prescribes(&self, kind: DeviationKind, site: Site) -> bool {
        self.prescribed.0[site as usize] >> kind as u8 & 1 == 1
    }

    /// The code that says this most nearly: of the same reason and outcome, of the same reason, of the same outcome. A row
    /// that is read as the reason goes before one that only covers it.
    pub(crate) fn nearest_code(&self, outcome: Outcome, reason: Option<Reason>) -> Option<u32> {
        let generic = || self.generic_codes.iter().find(|(known, _)| *known == outcome).map(|(_, code)| *code);
        let Some(reason) = reason.filter(|reason| *reason != Reason::Unknown) else { return generic() };
        let rank = |(_, known, reasons): &&CodeRow| {
            let covers = reasons.iter().position(|known| *known == reason)?;
            Some((covers > 0, *known != outcome))
        };
        let ranked = self.codes.iter().filter_map(|row| Some((rank(&row)?, row.0)));
        // Of equals the first.
        ranked.min_by_key(|(rank, _)| *rank).map(|(_, code)| code).or_else(generic)
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

/// So many dialects does a carrier have at most.
pub(crate) const DIALECTS_MAX: usize = 3;

/// Some of the dialects that an entity is judged by, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DialectSet(u8);

impl DialectSet {
    pub(crate) const NONE: Self = Self(0);

    /// Those of which something holds.
    pub(crate) fn of<T>(dialects: impl IntoIterator<Item = T>, holds: impl Fn(T) -> bool) -> Self {
        Self(
            dialects
                .into_iter()
                .zip([1, 2, 4])
                .fold(0, |set, (dialect, bit)| if holds(dialect) { set | bit } else { set }),
        )
    }

    /// The dialect at this index alone.
    pub(crate) const fn only(index: usize) -> Self {
        Self(1 << index)
    }

    /// Whether the dialect at this index is one of them.
    pub(crate) const fn contains(self, index: usize) -> bool {
        self.0 >> index & 1 == 1
    }

    pub(crate) fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Whether a URI names some revision of the MM7 schema.
pub(crate) fn is_mm7_namespace(uri: &[u8]) -> bool {
    let usual = [MM7_1_0, MM7_1_2].iter().any(|known| known.as_bytes() == uri);
    usual || memchr::memmem::find(uri, b"23.140/schema/REL-").is_some()
}

/// Years between a message and its expiry beyond which the expiry is a mistake (S-14: nineteen, of milliseconds taken for
/// seconds; carriers keep messages for days).
const EXPIRY_YEARS_MAX: u16 = 10;

/// Whether a message expires later than anybody means.
pub(crate) fn expiry_is_far(message: &Message) -> bool {
    use crate::model::{FieldRef, Slot};
    let year = |slot| match message.get(slot) {
        Some(FieldRef::Timestamp(time)) => time.date_time().map(|time| time.year()),
        _ => None,
    };
    matches!((year(Slot::Timestamp), year(Slot::Expiry)), (Some(sent), Some(expiry)) if expiry > sent + EXPIRY_YEARS_MAX)
}

/// SOAP 1.1 section 3.
pub(crate) const SOAP_NAMESPACE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The entries of the SOAP header (TS 23.140 section 8.7.8).
const HEADER: &[Node] = &[leaf("TransactionID", crate::model::Slot::TransactionId, Format::Text).mandatory()];
/// The same where an empty one is as good as none (K-09).
const HEADER_OR_EMPTY: &[Node] = &[leaf("TransactionID", crate::model::Slot::TransactionId, Format::Text).or_empty()];

impl Frame {
    /// The table of the SOAP header.
    pub(crate) const fn header(&self) -> &'static [Node] {
        if self.empty_transaction_id { HEADER_OR_EMPTY } else { HEADER }
    }
}

#[cfg(all(test, feature = "serde"))]
pub(crate) mod tests;
