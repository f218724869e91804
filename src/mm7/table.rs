//! A carrier's message, declared once: element path, canonical slot, value format. Reader and writer both walk it.
//!
//! The order of a table is the order the dialect writes in. A place that is only read (an older position, the
//! standard's spelling beside the carrier's own) stands in the same table, marked [`Role::Read`]. Nodes of one name side by
//! side are alternatives: the reader takes the first whose format fits the text, the writer the first with a value.

use crate::datetime::Form;
use crate::deviation::DeviationKind;
use crate::model::{FaultDetail, Operation, Slot, SlotSet};
use crate::xml::Tags;

/// One element, or one attribute where the name begins with `@`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) name: &'static str,
    /// Its tags.
    pub(crate) tags: Tags,
    pub(crate) body: Body,
    /// The slots from which something may be written here.
    pub(crate) sources: SlotSet,
    pub(crate) role: Role,
    /// Departures from the standard that the element itself is, wherever it is found. A dialect that writes it
    /// prescribes them.
    pub(crate) notes: &'static [DeviationKind],
    /// Whose rule it is that the element be there.
    pub(crate) presence: Presence,
    /// A group that stands for a value of `detail`: which error a fault carries.
    pub(crate) when: Option<FaultDetail>,
    /// Written empty where there is no value.
    pub(crate) empty: bool,
    /// An element that does as well: where it has a value, this one is not missing.
    pub(crate) instead: &'static str,
    /// Prefix and URI of a namespace of its own.
    pub(crate) ns: Option<(&'static str, &'static str)>,
    /// Where the schema has an element of this name, in each of its sequences.
    pub(crate) ranks: Ranks,
    /// The schema's sequence for the children of an element of this name.
    pub(crate) sequence: Sequence,
}

/// One operation of a dialect: the envelope it stands in and its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) operation: Operation,
    pub(crate) frame: &'static Frame,
    pub(crate) nodes: &'static [Node],
}

pub(crate) const fn shape(operation: Operation, frame: &'static Frame, nodes: &'static [Node]) -> Shape {
    assert!(has_attributes_first(nodes), "an attribute behind an element");
    Shape { operation, frame, nodes }
}

/// How the envelope around an operation is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// The MM7 namespace, where no request gives another to echo.
    pub(crate) namespace: &'static str,
    /// The children are in that namespace, which is the default inside the operation; else in none.
    pub(crate) qualified: bool,
    /// The prefix of SOAP.
    pub(crate) prefix: &'static str,
    /// The tags with it.
    pub(crate) tags: SoapTags,
    pub(crate) declaration: Declaration,
    /// `mustUnderstand` stands before the namespace declaration.
    pub(crate) must_understand_first: bool,
    /// TransactionID is written empty where there is none (K-09).
    pub(crate) empty_transaction_id: bool,
}

impl Frame {
    /// What most have in common.
    pub(crate) const fn new(namespace: &'static str) -> Self {
        Self {
            namespace,
            qualified: false,
            prefix: SOAP_PREFIX,
            tags: SoapTags::of(SOAP_PREFIX),
            declaration: Declaration::Blank,
            must_understand_first: false,
            empty_transaction_id: false,
        }
    }

    /// With another prefix of SOAP.
    pub(crate) const fn prefixed(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        self.tags = SoapTags::of(prefix);
        self
    }
}

const SOAP_PREFIX: &str = "env";

/// The tags of SOAP's elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SoapTags {
    pub(crate) envelope: Tags,
    pub(crate) header: Tags,
    pub(crate) body: Tags,
}

impl SoapTags {
    const fn of(prefix: &str) -> Self {
        Self {
            envelope: Tags::in_namespace(prefix, "Envelope"),
            header: Tags::in_namespace(prefix, "Header"),
            body: Tags::in_namespace(prefix, "Body"),
        }
    }
}

/// The XML declaration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Declaration {
    /// None: the charset is in the header field (S-45).
    Absent,
    /// `<?xml version="1.0" encoding="euc-kr"?>`.
    Plain,
    /// `<?xml version="1.0" encoding="euc-kr" ?>`.
    Blank,
}

pub(crate) const MM7_1_0: &str = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0";
pub(crate) const MM7_1_2: &str = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// Elements inside.
    Group(&'static [Node]),
    /// One value.
    Leaf(Slot, Format),
}

/// How a value stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Format {
    /// Text as it is.
    Text,
    /// One of these words; another is kept, and reported unless the dialect writes its own (`open`).
    Word { words: &'static [&'static str], open: bool },
    /// A word, and never digits only: MMStatus in the standard's sense.
    NoDigits { words: &'static [&'static str] },
    /// Digits only: MMStatus in K's sense.
    Digits,
    /// A time in exactly fourteen digits, beside something else under the same name.
    Stamp,
    /// Anything but that.
    NoStamp,
    /// The callback number again, or the alias where that is another. `filled`: written for every callback number.
    Alias { filled: bool },
    /// A status code.
    Code,
    /// A boolean in this spelling.
    Bool(BoolForm),
    /// A time in this form.
    Time(Form),
    /// A number as bare text; the standard's `Number` child is read too.
    BareNumber,
    /// One address in its child element; bare text is read too.
    Address,
    /// One address; a number as bare text (S-56).
    BareAddress,
    /// Any number of addresses, each in its child element.
    Addresses,
    /// A reference to a part: `cid:…`.
    Href,
    /// A QName of SOAP: the prefix is the writer's.
    FaultCode,
}

impl Format {
    /// Whether every text stands there as it stands in the message.
    pub(crate) const fn is_verbatim(self) -> bool {
        !self.excludes_values() && !matches!(self, Self::Alias { .. } | Self::FaultCode)
    }

    /// Whether there are values that cannot stand there.
    pub(crate) const fn excludes_values(self) -> bool {
        matches!(self, Self::Digits | Self::Time(_) | Self::Stamp | Self::NoStamp | Self::Href)
    }
}

/// How a dialect spells `true`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum BoolForm {
    /// `True`, `False`.
    Capitalised,
    /// `TRUE`, `FALSE` (K-17).
    Upper,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    /// Read and written.
    Both,
    /// Read where it stands, never written.
    Read,
    /// Written and not read: for tests of the accounting.
    Write,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Presence {
    /// May be absent.
    Optional,
    /// The carrier requires it: its absence is a violation.
    Required,
    /// The standard requires it too: on the wire its absence is a deviation.
    Mandatory,
}

pub(crate) const fn leaf(name: &'static str, slot: Slot, format: Format) -> Node {
    let filled = matches!(format, Format::Alias { filled: true });
    Node {
        name,
        tags: Tags::of(name),
        body: Body::Leaf(slot, format),
        sources: if filled { SlotSet::of(&[slot, Slot::Callback]) } else { SlotSet::of(&[slot]) },
        role: Role::Both,
        notes: &[],
        presence: Presence::Optional,
        when: None,
        empty: false,
        instead: "",
        ns: None,
        ranks: Ranks::of(name),
        sequence: Sequence::of(name),
    }
}

pub(crate) const fn group(name: &'static str, nodes: &'static [Node]) -> Node {
    let mut node = leaf(name, Slot::TransactionId, Format::Text);
    node.body = Body::Group(nodes);
    node.sources = SlotSet::of(&[]);
    assert!(has_attributes_first(nodes), "an attribute behind an element");
    let mut index = 0;
    while index < nodes.len() {
        if !matches!(nodes[index].role, Role::Read) {
            node.sources = node.sources.or(nodes[index].sources);
        }
        index += 1;
    }
    node
}

const fn has_attributes_first(nodes: &[Node]) -> bool {
    let mut index = 1;
    while index < nodes.len() {
        if nodes[index].is_attribute() && !nodes[index - 1].is_attribute() {
            return false;
        }
        index += 1;
    }
    true
}

impl Node {
    /// Only read here.
    pub(crate) const fn read_only(mut self) -> Self {
        self.role = Role::Read;
        self
    }

    /// The element itself departs from the standard in these ways.
    pub(crate) const fn noting(mut self, notes: &'static [DeviationKind]) -> Self {
        self.notes = notes;
        self
    }

    /// A vendor's element among those of the schema.
    pub(crate) const fn vendor(self) -> Self {
        self.noting(&[DeviationKind::VendorElement])
    }

    pub(crate) const fn required(mut self) -> Self {
        self.presence = Presence::Required;
        self
    }

    pub(crate) const fn mandatory(mut self) -> Self {
        self.presence = Presence::Mandatory;
        self
    }

    /// Written, and read, for one value of `detail` only; in the MM7 namespace.
    pub(crate) const fn when(mut self, detail: FaultDetail) -> Self {
        self.when = Some(detail);
        self
    }

    /// Written empty where there is no value; read so, it is no news.
    pub(crate) const fn or_empty(mut self) -> Self {
        self.empty = true;
        self
    }

    /// Not missing where that element stands instead.
    pub(crate) const fn or(mut self, name: &'static str) -> Self {
        self.instead = name;
        self
    }

    /// In a namespace of its own, which it declares.
    pub(crate) const fn in_namespace(mut self, prefix: &'static str, uri: &'static str) -> Self {
        self.ns = Some((prefix, uri));
        self.tags = Tags::in_namespace(prefix, self.name);
        self
    }

    pub(crate) const fn is_attribute(&self) -> bool {
        matches!(self.name.as_bytes().first(), Some(b'@'))
    }

    pub(crate) fn reads(&self) -> bool {
        self.role != Role::Write
    }

    pub(crate) fn writes(&self) -> bool {
        self.role != Role::Read
    }
}

/// What a status without its Status element is reported as (L-11); every carrier reads one.
pub(crate) const FLAT: &[DeviationKind] = &[DeviationKind::StatusFlat];
pub(crate) const FLAT_CODE: Node = leaf("StatusCode", Slot::StatusCode, Format::Code).noting(FLAT).read_only();
pub(crate) const FLAT_TEXT: Node = leaf("StatusText", Slot::StatusText, Format::Text).noting(FLAT).read_only();
pub(crate) const FLAT_DETAILS: Node = leaf("Details", Slot::StatusDetails, Format::Text).noting(FLAT).read_only();

/// MM7Version as the schemas enumerate it (mm7.md 1.1).
pub(crate) const VERSIONS: &[&str] =
    &["5.3.0", "5.5.0", "5.6.0", "5.8.0", "5.10.0", "6.3.0", "6.4.0", "6.5.0", "6.6.0", "6.8.0"];

/// MessageClass (mm7.md 1.6).
pub(crate) const MESSAGE_CLASSES: &[&str] = &["Personal", "Informational", "Advertisement", "Auto"];
/// Priority (mm7.md 1.6).
pub(crate) const PRIORITIES: &[&str] = &["Normal", "High", "Low"];
/// ChargedParty (mm7.md 1.6).
pub(crate) const CHARGED_PARTIES: &[&str] = &["Sender", "Recipient", "Both", "Neither", "ThirdParty"];
/// MMStatus of a delivery report (mm7.md 1.6).
pub(crate) const DELIVERY_STATUSES: &[&str] = &["Expired", "Retrieved", "Rejected", "Indeterminate", "Forwarded"];
/// MMStatus of a read reply (mm7.md 1.6).
pub(crate) const READ_STATUSES: &[&str] = &["Read", "Deleted", "Indeterminate"];

/// The children of an element in the schema's order (mm7.md 1.4, Rel-5): which row of [`SEQUENCES`], if any. `Status` is
/// an unordered group, so it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sequence(u8);

impl Sequence {
    const NONE: Self = Self(u8::MAX);

    /// That of an element's name.
    pub(crate) const fn of(parent: &str) -> Self {
        let mut index = 0;
        while index < SEQUENCES.len() {
            if is_same(SEQUENCES[index].0, parent) {
                return Self(narrow(index));
            }
            index += 1;
        }
        Self::NONE
    }
}

/// Where a name stands in each of the schema's sequences. Names that are in none are the vendors' and have no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ranks([u8; SEQUENCES.len()]);

impl Ranks {
    const NONE: u8 = u8::MAX;

    const fn of(name: &str) -> Self {
        let mut ranks = [Self::NONE; SEQUENCES.len()];
        let mut index = 0;
        while index < SEQUENCES.len() {
            let names = SEQUENCES[index].1;
            let mut rank = 0;
            while rank < names.len() {
                if is_same(names[rank], name) {
                    ranks[index] = narrow(rank);
                }
                rank += 1;
            }
            index += 1;
        }
        Self(ranks)
    }

    /// The rank in one of the sequences.
    pub(crate) fn within(&self, sequence: Sequence) -> Option<u8> {
        self.0.get(usize::from(sequence.0)).copied().filter(|&rank| rank != Self::NONE)
    }
}

#[allow(clippy::cast_possible_truncation, reason = "no sequence is so long")]
const fn narrow(index: usize) -> u8 {
    assert!(index < u8::MAX as usize);
    index as u8
}

/// Equality of texts, at compile time.
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}

const RESPONSE: &[&str] = &["MM7Version", "Status", "MessageID", "ServiceCode"];
const REPORT: &[&str] = &[
    "MM7Version",
    "MMSRelayServerID",
    "MessageID",
    "Recipient",
    "Sender",
    "Date",
    "TimeStamp",
    "MMStatus",
    "StatusText",
];

const SEQUENCES: &[(&str, &[&str])] = &[
    (
        "SubmitReq",
        &[
            "MM7Version",
            "SenderIdentification",
            "Recipients",
            "ServiceCode",
            "LinkedID",
            "MessageClass",
            "TimeStamp",
            "ReplyCharging",
            "EarliestDeliveryTime",
            "ExpiryDate",
            "DeliveryReport",
            "ReadReply",
            "Priority",
            "Subject",
            "ChargedParty",
            "DistributionIndicator",
            "DeliveryCondition",
            "Content",
        ],
    ),
    (
        "DeliverReq",
        &[
            "MM7Version",
            "MMSRelayServerID",
            "LinkedID",
            "Sender",
            "Recipients",
            "TimeStamp",
            "ReplyChargingID",
            "Priority",
            "Subject",
            "Content",
        ],
    ),
    ("CancelReq", &["MM7Version", "SenderIdentification", "MessageID"]),
    (
        "ReplaceReq",
        &[
            "MM7Version",
            "SenderIdentification",
            "MessageID",
            "ServiceCode",
            "TimeStamp",
            "ReadReply",
            "EarliestDeliveryTime",
            "DistributionIndicator",
            "Content",
        ],
    ),
    ("DeliveryReportReq", REPORT),
    ("ReadReplyReq", REPORT),
    ("SubmitRsp", RESPONSE),
    ("DeliverRsp", RESPONSE),
    ("DeliveryReportRsp", RESPONSE),
    ("ReadReplyRsp", RESPONSE),
    ("CancelRsp", RESPONSE),
    ("ReplaceRsp", RESPONSE),
    ("RSErrorRsp", RESPONSE),
    ("VASPErrorRsp", RESPONSE),
    ("Fault", &["faultcode", "faultstring", "faultactor", "detail"]),
    ("SenderIdentification", &["VASPID", "VASID", "SenderAddress"]),
    ("Recipients", &["To", "Cc", "Bcc"]),
];
