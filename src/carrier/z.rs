//! Carrier Z, invented for `docs/adding-a-carrier.md`: the dialect `z`.
//!
//! MM7 in Z's own namespace under the name 6.8.0, children qualified. Z has submits, reports and errors.

use alloc::vec::Vec;

use super::{codec, rules};
use crate::carrier_id::{Carrier, DialectId};
use crate::charset::Repertoire;
use crate::codec::{Codec, Config, DecodeError, Decoded, EncodeError, Encoded, Party, Reply, WireContext};
use crate::content::{Form as ContentForm, Kind, MediaForm};
use crate::datetime::Form::Iso;
use crate::deviation::DeviationKind;
use crate::entity::Entity;
use crate::mime::BoundaryForm;
use crate::mm7::{
    BoolForm, Classification, CodeRow, DELIVERY_STATUSES, Dialect, Format, Frame, Node, Prescriptions, Site, VERSIONS,
    group, leaf, shape,
};
use crate::model::{Message, Operation, Outcome, Reason, Slot};
use crate::violation::Violation;

codec! {
    /// The codec of carrier Z.
    Z, [DIALECT]
}

// --- dialect

pub(crate) static DIALECT: Dialect = Dialect {
    id: DialectId::Z,
    repertoire: Repertoire::KsX1001,
    charset_label: "euc-kr",
    multipart_charset: "EUC-KR",
    root_id: ("Content-ID", "<envelope@z.example>"),
    root_quoted: false,
    root_encoding: true,
    start: "<envelope@z.example>",
    request_line: "POST /vas HTTP/1.1",
    operations: &[
        shape(Operation::SubmitReq, &FRAME, SUBMIT_REQ),
        shape(Operation::SubmitRsp, &FRAME, SUBMIT_RSP),
        shape(Operation::RsErrorRsp, &FRAME, ANSWER),
        shape(Operation::DeliveryReportReq, &FRAME, DELIVERY_REPORT_REQ),
        shape(Operation::DeliveryReportRsp, &FRAME, ANSWER),
        shape(Operation::VaspErrorRsp, &FRAME, ANSWER),
    ],
    prescribed: Prescriptions::new(
        &[
            (DeviationKind::CharsetOnMultipart, Site::Entity),
            (DeviationKind::NamespaceUnknown, Site::Envelope),
            (DeviationKind::ContentIdForm, Site::TextPart),
            (DeviationKind::ContentIdForm, Site::MediaPart),
            (DeviationKind::ContentTypeMissing, Site::TextPart),
            (DeviationKind::EncodingUndeclared, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::TextPart),
            (DeviationKind::FieldEightBit, Site::MediaPart),
        ],
        &[],
    ),
    quirks: &[],
    refused: &[],
    content: &CONTENT,
    version: "6.8.0",
    codes: CODES,
    generic_codes: &[
        (Outcome::Success, 1000),
        (Outcome::PartialSuccess, 1100),
        (Outcome::Retry, 4006),
        (Outcome::Throttled, 4900),
        (Outcome::AccountFault, 4001),
        (Outcome::Rejected, 2000),
    ],
    refusal: Operation::RsErrorRsp,
    classify,
    rules,
};

static FRAME: Frame = Frame { qualified: true, ..Frame::new("http://z.example/2026/vas") };

// --- tables

const MM7_VERSION: Node = leaf("MM7Version", Slot::Mm7Version, Format::Word { words: VERSIONS, open: false });
const MESSAGE_ID: Node = leaf("MessageID", Slot::MessageId, Format::Text);

const SUBMIT_REQ: &[Node] = &[
    MM7_VERSION.mandatory(),
    group(
        "SenderIdentification",
        &[
            leaf("VASPID", Slot::VaspId, Format::Text).required(),
            leaf("SenderAddress", Slot::Callback, Format::BareNumber).required(),
            leaf("Contract", Slot::CpId, Format::Text).required().vendor(),
        ],
    )
    .mandatory(),
    group("Recipients", &[leaf("To", Slot::To, Format::Addresses).required()]).mandatory(),
    leaf("TimeStamp", Slot::Timestamp, Format::Time(Iso)),
    leaf("DeliveryReport", Slot::DeliveryReport, Format::Bool(BoolForm::Upper)),
    // Z has its own name for it; the standard's is read too.
    leaf("Title", Slot::Subject, Format::Text).vendor(),
    leaf("Subject", Slot::Subject, Format::Text).read_only(),
];

const STATUS: Node = group(
    "Status",
    &[
        leaf("StatusCode", Slot::StatusCode, Format::Code).mandatory(),
        leaf("StatusText", Slot::StatusText, Format::Text),
    ],
);
const SUBMIT_RSP: &[Node] = &[MM7_VERSION, STATUS.mandatory(), MESSAGE_ID];
const ANSWER: &[Node] = &[MM7_VERSION, STATUS];
const DELIVERY_REPORT_REQ: &[Node] = &[
    MM7_VERSION,
    MESSAGE_ID.mandatory(),
    leaf("Recipient", Slot::Recipient, Format::Address).mandatory(),
    leaf("Date", Slot::Timestamp, Format::Time(Iso)).mandatory(),
    leaf("MMStatus", Slot::MmStatus, Format::NoDigits { words: DELIVERY_STATUSES }).mandatory(),
];

// --- content

static CONTENT: ContentForm = ContentForm {
    container: "multipart/mixed",
    container_id: None,
    boundary: BoundaryForm::Relay,
    media: MediaForm::Base64,
    kind: Kind::Plain,
};

// --- status codes

const CODES: &[CodeRow] = &[
    (1000, Outcome::Success, &[]),
    (2002, Outcome::Rejected, &[Reason::AddressInvalid]),
    (4001, Outcome::AccountFault, &[Reason::IdentificationInvalid]),
    (4900, Outcome::Throttled, &[Reason::TrafficExceeded]),
];

fn classify(message: &Message) -> Option<Classification> {
    super::classify_word(message).or_else(|| super::classify_code(message, CODES, &[]))
}

// --- what Z refuses

fn rules(message: &Message, out: &mut Vec<Violation>) {
    rules::check(&DIALECT, &["image/jpeg", "image/png"], "image/jpeg or image/png", message, out);
}
