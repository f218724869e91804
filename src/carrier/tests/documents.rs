//! `docs/dialects/`: the interface document of each carrier, held against the tables both ways.
//!
//! The prose is written by hand. What stands between `<!-- table: NAME -->` and `<!-- end -->` is what the code has to say
//! under that name; a row too many or too few, there or here, fails. `TONGSA_WRITE_DIALECTS=1 cargo test --lib documents`
//! writes the tables anew.

use std::borrow::ToOwned as _;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

use serde_json::{Value, json};

use crate::carrier::{k, l, s};
use crate::charset::Repertoire;
use crate::content::{Kind, MediaForm};
use crate::datetime::Form;
use crate::mime::BoundaryForm;
use crate::mm7::tests::{self as tables, harness::messages};
use crate::mm7::{Body, BoolForm, Declaration, Dialect, Format, Frame, Node, Presence, Role, Shape, Site, VERSIONS};
use crate::model::{FaultDetail, Message, Operation, Slot, Value as FieldValue};
use crate::{Carrier, Config, DeviationKind, DialectId, Tolerance};

/// A carrier's dialects, in the order of the columns.
const PAGES: [(Carrier, &[&Dialect]); 3] =
    [(Carrier::S, &[&s::LIVE, &s::TEST, &s::MALFORMED]), (Carrier::K, &[&k::DIALECT]), (Carrier::L, &[&l::DIALECT])];

/// What a page has to say under a name.
type Block = (String, String);

#[test]
fn say_what_the_tables_say() {
    for (carrier, dialects) in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/dialects/{carrier}.md"));
        let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let blocks = blocks(carrier, dialects);
        let (filled, named) = filled(&page, &blocks);
        let names: Vec<&str> = blocks.iter().map(|(name, _)| &**name).collect();
        assert_eq!(sorted(&named), sorted(&names), "{}: the tables of the page, and those of the code", path.display());
        if std::env::var_os("TONGSA_WRITE_DIALECTS").is_some() {
            fs::write(&path, &filled).expect("a writable file");
        } else if let Some((page, code)) = page.lines().zip(filled.lines()).find(|(page, code)| page != code) {
            panic!("{}\nthe page says {page}\nthe code says {code}", path.display());
        } else {
            assert_eq!(page, filled, "{}", path.display());
        }
    }
}

#[test]
fn there_is_a_page_for_every_dialect() {
    assert!(PAGES.iter().map(|(carrier, _)| carrier).eq(Carrier::ALL));
    let dialects = PAGES.iter().flat_map(|(_, dialects)| *dialects).map(|dialect| &dialect.id);
    assert!(dialects.eq(DialectId::ALL));
}

#[test]
fn notice_a_row_that_either_side_lacks() {
    for (carrier, dialects) in PAGES {
        for dialect in dialects {
            for Shape { operation, nodes, .. } in dialect.operations {
                let whole = table(&[dialect], *operation);
                for leaf in tables::leaves(nodes) {
                    let without = tables::with_table(dialect, *operation, tables::changed(nodes, &leaf, None));
                    assert_ne!(table(&[without], *operation), whole, "{} {operation} {leaf:?}", dialect.id);
                }
            }
        }
        let blocks = blocks(carrier, dialects);
        for (name, text) in &blocks {
            let page = |lines: &[&str]| format!("<!-- table: {name} -->\n\n{}\n\n<!-- end -->", lines.join("\n"));
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(filled(&page(&lines), &blocks).0, page(&lines));
            for index in 0..lines.len() {
                let page = page(&[&lines[..index], &lines[index + 1..]].concat());
                assert_ne!(filled(&page, &blocks).0, page, "{name}, line {index}");
            }
        }
    }
}

fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

/// The page with every block as the code has it, and the names of the blocks.
fn filled<'p>(page: &'p str, blocks: &[Block]) -> (String, Vec<&'p str>) {
    const OPEN: &str = "<!-- table: ";
    const CLOSE: &str = "<!-- end -->";
    let mut pieces = page.split(OPEN);
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    let mut named = Vec::new();
    for piece in pieces {
        let (name, rest) = piece.split_once(" -->").expect("the end of a marker");
        let (_, prose) = rest.split_once(CLOSE).unwrap_or_else(|| panic!("{name}: no end"));
        let text = blocks.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text);
        filled += &format!("{OPEN}{name} -->\n\n{text}\n{CLOSE}{prose}");
        named.push(name);
    }
    (filled, named)
}

fn blocks(carrier: Carrier, dialects: &[&'static Dialect]) -> Vec<Block> {
    let mut blocks = Vec::from([
        ("entity".into(), entity(dialects)),
        ("envelope".into(), envelope(dialects)),
        ("deviations".into(), deviations(carrier, dialects)),
        ("status".into(), status(dialects)),
        ("generic".into(), generic(dialects)),
    ]);
    for &operation in Operation::ALL.iter().filter(|operation| dialects[0].has(**operation)) {
        blocks.push((operation.code().into(), table(dialects, operation)));
    }
    for (dialect, name, message) in samples(carrier) {
        blocks.push((format!("sample {dialect} {name}"), sample(dialect, message)));
    }
    blocks
}

/// A table of Markdown.
fn markdown(head: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut out = line(head) + &format!("|{}\n", "---|".repeat(head.len()));
    for row in rows {
        assert_eq!(row.len(), head.len(), "{row:?}");
        out += &line(&row);
    }
    out
}

/// These names, and behind them one column a dialect.
fn head(names: &[&str], dialects: &[&Dialect]) -> Vec<String> {
    names.iter().map(ToString::to_string).chain(dialects.iter().map(|dialect| code(dialect.id.code()))).collect()
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.into()
}

// --- entity and envelope

/// What a row says, and what of each dialect.
type EntityRow = (&'static str, fn(&Dialect) -> String);

fn entity(dialects: &[&Dialect]) -> String {
    let rows: [EntityRow; 14] = [
        ("request line", |dialect| code(dialect.request_line)),
        ("MM7Version", |dialect| code(dialect.version)),
        ("characters that it writes as they are", |dialect| {
            match dialect.repertoire {
                Repertoire::KsX1001 => "ASCII and KS X 1001",
                Repertoire::Cp949 => "ASCII and CP949",
                Repertoire::Utf8 => "Unicode",
            }
            .into()
        }),
        ("charset in the root part and the XML declaration", |dialect| code(dialect.charset_label)),
        ("charset of the outer multipart", |dialect| code(dialect.multipart_charset)),
        ("root part", |dialect| code(&format!("{}: {}", dialect.root_id.0, dialect.root_id.1))),
        ("`start` of the outer multipart", |dialect| code(dialect.start)),
        ("charset of the root part in quotes", |dialect| yes_or_no(dialect.root_quoted)),
        ("root part says `8bit`", |dialect| yes_or_no(dialect.root_encoding)),
        ("multipart around the content", |dialect| code(dialect.content.container)),
        ("its Content-ID", |dialect| dialect.content.container_id.map_or("none".into(), code)),
        ("its boundary", |dialect| {
            match dialect.content.boundary {
                BoundaryForm::Relay => "`----=_Part_…`",
                BoundaryForm::Story => "`StoryParts …`, with blanks",
            }
            .into()
        }),
        ("text and how it is shown", |dialect| match &dialect.content.kind {
            Kind::Plain => "plain text without a type".into(),
            Kind::Html => "`text/plain`; `text/html` where there are images".into(),
            Kind::Slides(style) => match style.types {
                Some((scene, text)) => format!("`{scene}` and `{text}`"),
                None => "SMIL and XT, without a type".into(),
            },
        }),
        ("media", |dialect| {
            match dialect.content.media {
                MediaForm::Base64 => "base64",
                MediaForm::Raw => "binary, not declared",
            }
            .into()
        }),
    ];
    let rows = rows.map(|(name, of)| {
        let cells = dialects.iter().map(|dialect| of(dialect));
        [name.to_owned()].into_iter().chain(cells).collect()
    });
    markdown(&head(&["what"], dialects), rows)
}

fn envelope(dialects: &[&Dialect]) -> String {
    let mut rows = Vec::new();
    for dialect in dialects {
        let mut frames: Vec<&Frame> = Vec::new();
        for shape in dialect.operations.iter().filter(|shape| !dialect.refused.contains(&shape.operation)) {
            if !frames.iter().any(|known| std::ptr::eq(*known, shape.frame)) {
                frames.push(shape.frame);
            }
        }
        for frame in frames {
            let of_frame = |operation: &&Operation| std::ptr::eq(dialect.shape(**operation).frame, frame);
            let here = Operation::ALL.iter().filter(|operation| !dialect.refused.contains(operation)).filter(of_frame);
            let operations: Vec<_> = here.map(|operation| operation.local_name().to_owned()).collect();
            let (_, revision) = frame.namespace.rsplit_once('/').expect("a path");
            let (root, children) = if frame.qualified {
                ("no prefix", "in the operation's namespace")
            } else {
                ("`mm7:`", "in no namespace")
            };
            let mut remarks = Vec::new();
            if frame.must_understand_first {
                remarks.push("mustUnderstand before the namespace");
            }
            if frame.empty_transaction_id {
                remarks.push("TransactionID is written empty where there is none");
            }
            let declaration = match frame.declaration {
                Declaration::Absent => "none",
                Declaration::Plain => "`<?xml … ?>` without a blank before `?>`",
                Declaration::Blank => "`<?xml … ?>` with a blank before `?>`",
            };
            rows.push(Vec::from([
                code(dialect.id.code()),
                operations.join(", "),
                code(revision),
                code(&format!("{}:", frame.prefix)),
                root.into(),
                children.into(),
                declaration.into(),
                remarks.join("; "),
            ]));
        }
    }
    let names =
        ["dialect", "operations", "MM7 namespace", "SOAP", "operation", "its children", "declaration", "besides"];
    markdown(&head(&names, &[]), rows)
}

// --- operations

/// One line of an operation's table.
struct Row {
    path: String,
    field: String,
    form: String,
    remarks: Vec<String>,
    carried: String,
}

fn table(dialects: &[&'static Dialect], operation: Operation) -> String {
    let letter = dialects[0].id.carrier();
    let of = |dialect: &&'static Dialect| {
        let shape = dialect.shape(operation);
        let mut rows = Vec::new();
        collect(shape.frame.header(), "", letter, &mut rows);
        for row in &mut rows {
            row.remarks.push("in the SOAP header".into());
        }
        collect(shape.nodes, "", letter, &mut rows);
        rows
    };
    let columns: Vec<Vec<Row>> = dialects.iter().map(of).collect();
    for column in &columns {
        let keys = |rows: &[Row]| rows.iter().map(|row| (row.path.clone(), row.field.clone())).collect::<Vec<_>>();
        assert_eq!(keys(column), keys(&columns[0]), "one table has all dialects of a carrier");
    }
    let rows = (0..columns[0].len()).map(|index| {
        let same = |of: &dyn Fn(&Row) -> String, separator: &str| {
            let mut texts: Vec<String> = columns.iter().map(|column| of(&column[index])).collect();
            if texts.iter().all(|text| *text == texts[0]) {
                texts.truncate(1);
            }
            texts.join(separator)
        };
        let Row { path, field, .. } = &columns[0][index];
        let mut cells = Vec::from([path.clone(), field.clone(), same(&|row| row.form.clone(), " / ")]);
        cells.extend(columns.iter().map(|column| column[index].carried.clone()));
        cells.push(same(&|row| row.remarks.join("; "), " / "));
        cells
    });
    let mut names = head(&["element", "field", "form"], dialects);
    names.push("remarks".into());
    markdown(&names, rows)
}

fn collect(nodes: &'static [Node], above: &str, letter: Carrier, rows: &mut Vec<Row>) {
    for node in nodes {
        let path = if above.is_empty() { node.name.to_owned() } else { format!("{above}/{}", node.name) };
        let shown = path.replace("/#", " (its text)");
        let (field, form) = match node.body {
            Body::Group(_) => (String::new(), "elements".into()),
            Body::Leaf(slot, format) => (code(slot.path()), form(format)),
        };
        let mut carried = match (node.role, node.presence) {
            (Role::Read, _) => "read only".to_owned(),
            (_, Presence::Optional) => "yes".into(),
            (_, Presence::Required) => "required".into(),
            (_, Presence::Mandatory) => "mandatory".into(),
        };
        if node.empty && node.writes() {
            carried += ", else empty";
        }
        let mut remarks: Vec<String> = node.notes.iter().map(|kind| named(*kind, letter)).collect();
        if let Some((prefix, uri)) = node.ns {
            remarks.push(format!("as `{prefix}:` in namespace `{uri}`"));
        }
        if !node.instead.is_empty() {
            remarks.push(format!("or `{}` in its place", node.instead));
        }
        if let Some(detail) = node.when {
            let detail = match detail {
                FaultDetail::RsErrorRsp => "rs_error_rsp",
                FaultDetail::VaspErrorRsp => "vasp_error_rsp",
            };
            remarks.push(format!("where `detail` is `{detail}`"));
        }
        rows.push(Row { path: code(&shown), field, form, remarks, carried });
        if let Body::Group(inner) = node.body {
            collect(inner, &path, letter, rows);
        }
    }
}

fn form(format: Format) -> String {
    let list = |words: &[&str]| words.iter().map(|word| code(word)).collect::<Vec<_>>().join(", ");
    match format {
        Format::Text => "text".into(),
        Format::Word { words, open } => {
            let own = if open { "; the carrier has words of its own" } else { "" };
            if words == VERSIONS { format!("a version of the schemas{own}") } else { format!("{}{own}", list(words)) }
        }
        Format::NoDigits { words } => format!("{}; not digits", list(words)),
        Format::Digits => "digits".into(),
        Format::Stamp => "fourteen digits".into(),
        Format::NoStamp => "anything but fourteen digits".into(),
        Format::Alias { filled: true } => "digits: the callback number again, or another".into(),
        Format::Alias { filled: false } => "digits, where they are not the callback number".into(),
        Format::Code => "a status code".into(),
        Format::Bool(BoolForm::Capitalised) => "`True`, `False`".into(),
        Format::Bool(BoolForm::Upper) => "`TRUE`, `FALSE`".into(),
        Format::Time(form) => code(match form {
            Form::Iso => "2024-08-01T09:30:00+09:00",
            Form::DayFirst => "01-08-2024 09:30:00",
            Form::Compact => "20240801093000",
            Form::Rfc2822 => "Thu, 1 Aug 2024 09:30:00 +0900",
            Form::Rfc2822Sample => "Fri,  01 Aug 2024 09:30:00 +0900",
            Form::Rfc2822Korean => "목, 1 8월 2024 09:30:00 +0900",
        }),
        Format::BareNumber => "a number, bare".into(),
        Format::Address => "one address, in `Number`, `RFC2822Address` or `ShortCode`".into(),
        Format::BareAddress => "one address; a number is bare".into(),
        Format::Addresses => "addresses, each in `Number`, `RFC2822Address` or `ShortCode`".into(),
        Format::Href => "`cid:` and a Content-ID".into(),
        Format::FaultCode => "`Client` or `Server`, with SOAP's prefix".into(),
    }
}

// --- deviations

/// The code of a kind, with those of its catalogue ids that are this carrier's or everybody's.
fn named(kind: DeviationKind, carrier: Carrier) -> String {
    let own = carrier.code().to_uppercase();
    let of_carrier = |id: &&&str| id.starts_with(&own) || id.starts_with('X');
    let link = |id: &&str| {
        let section = if id.starts_with('X') { "x-common-to-all-carriers".to_owned() } else { own.to_lowercase() };
        format!("[{id}](../catalogue.md#{section})")
    };
    let ids: Vec<_> = kind.catalogue().iter().filter(of_carrier).map(link).collect();
    if ids.is_empty() { code(kind.code()) } else { format!("{} ({})", code(kind.code()), ids.join(", ")) }
}

const SITES: [(Site, &str); 7] = [
    (Site::Entity, "entity"),
    (Site::RootPart, "root part"),
    (Site::Container, "multipart of the content"),
    (Site::TextPart, "text"),
    (Site::ScenePart, "SMIL"),
    (Site::MediaPart, "media"),
    (Site::Envelope, "envelope"),
];

/// What is expected where the dialect writes every operation, with all its fields and with none.
fn expected(dialect: DialectId) -> BTreeSet<DeviationKind> {
    let codec = dialect.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    let full = |operation: &Operation| messages::full(operation.code(), dialect.code());
    let messages = Operation::ALL.iter().flat_map(|operation| full(operation).into_iter().chain([operation.empty()]));
    let mut kinds = BTreeSet::new();
    for message in messages {
        let entity = codec.encode(&message).expect("every message can be written").entity;
        let decoded = codec.decode(&entity).expect("our own output");
        kinds.extend(decoded.deviations.iter().filter(|found| found.expected).map(|found| found.kind));
    }
    kinds
}

fn deviations(carrier: Carrier, dialects: &[&Dialect]) -> String {
    let written: Vec<_> = dialects.iter().map(|dialect| expected(dialect.id)).collect();
    let cell = |kind: DeviationKind, dialect: &Dialect, written: &BTreeSet<DeviationKind>| {
        let sites: Vec<_> = SITES.iter().filter(|(site, _)| dialect.prescribes(kind, *site)).collect();
        let quirk = dialect.quirks.iter().find(|(known, _)| *known == kind);
        match quirk {
            Some((_, [])) => "wherever there is occasion".into(),
            Some((_, names)) => format!("at {}", names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")),
            None if !sites.is_empty() => sites.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", "),
            None if written.contains(&kind) => "operations".into(),
            None if kind.observed().contains(&carrier) => "on record".into(),
            None => "–".to_owned(),
        }
    };
    let rows = DeviationKind::ALL.iter().filter_map(|&kind| {
        let of = |(dialect, written): (&&Dialect, _)| cell(kind, dialect, written);
        let cells: Vec<_> = dialects.iter().zip(&written).map(of).collect();
        let says = cells.iter().any(|cell| cell != "–");
        says.then(|| [named(kind, carrier)].into_iter().chain(cells).collect())
    });
    markdown(&head(&["deviation"], dialects), rows)
}

// --- status codes

fn status(dialects: &[&Dialect]) -> String {
    let dialect = dialects[0];
    assert!(dialects.iter().all(|other| other.codes == dialect.codes), "a carrier has one table of codes");
    let meaning = |operation: Operation, number: u32| {
        let mut message = operation.empty();
        assert!(message.set(Slot::StatusCode, FieldValue::Code(number.into())));
        let (outcome, reason) = (dialect.classify)(&message).expect("it has a code");
        (outcome.as_str(), reason.map_or("", |reason| reason.as_str()))
    };
    let rows = dialect.codes.iter().map(|&(number, outcome, reasons)| {
        let (answered, report) = (meaning(Operation::SubmitRsp, number), meaning(Operation::DeliveryReportReq, number));
        assert_eq!(answered, (outcome.as_str(), reasons.first().map_or("", |reason| reason.as_str())));
        let same = if report.1 == answered.1 { String::new() } else { format!(" ({})", code(report.1)) };
        let reason = reasons.iter().map(|reason| code(reason.as_str())).collect::<Vec<_>>().join(", ");
        Vec::from([number.to_string(), code(answered.0), reason, code(report.0) + &same])
    });
    markdown(&head(&["code", "answer to a submit", "reason", "report"], &[]), rows)
}

fn generic(dialects: &[&Dialect]) -> String {
    let codes = dialects[0].generic_codes;
    assert!(dialects.iter().all(|other| other.generic_codes == codes), "a carrier has one table of codes");
    let rows = codes.iter().map(|(outcome, number)| Vec::from([code(outcome.as_str()), number.to_string()]));
    markdown(&head(&["outcome", "code"], &[]), rows)
}

// --- samples

/// Dialect, name and message of each payload that a page shows.
fn samples(carrier: Carrier) -> Vec<(DialectId, &'static str, Value)> {
    let submit = |sender: Value, more: Value| {
        let mut message = json!({
            "operation": "submit_req", "transaction_id": "00042", "sender": sender,
            "recipients": { "to": [{ "number": "01000000002" }] }, "timestamp": "2024-08-01T15:30:00+09:00",
            "delivery_report": true, "read_reply": false, "subject": "예약 안내",
            "content": { "text": "8월 3일 14시에 예약되었습니다", "media": [
                { "media_type": "image/jpeg", "name": "map.jpeg", "data": "/9j/2Q==" }] },
        });
        message.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        message
    };
    let answer = |operation: &str, version: &str, code: u32, text: &str| {
        json!({ "operation": operation, "transaction_id": "00042", "mm7_version": version,
                "status": { "code": code, "text": text } })
    };
    let report = |version: &str, more: Value| {
        let mut message = json!({
            "operation": "delivery_report_req", "transaction_id": "7", "mm7_version": version,
            "recipient": { "number": "01000000002" }, "timestamp": "2024-08-01T15:31:00+09:00",
        });
        message.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        message
    };
    match carrier {
        Carrier::S => {
            let sender = json!({ "vasp_id": "99", "vas_id": "1", "cp_id": "1000000001", "relay_id": "0000",
                                 "origin_code": "100000000", "callback": "01000000001" });
            let message =
                submit(sender, json!({ "mm7_version": "5.3.0", "priority": "Normal", "distribution": false }));
            let mut refused = answer("submit_rsp", "5.3.0", 2101, "Invalid Content");
            refused["message_id"] = json!("aB3_xY9zQ1k");
            let delivered = json!({ "message_id": "aB3_xY9zQ1k", "from": { "number": "01000000001" },
                                    "status": { "code": 1000, "text": "Success" } });
            Vec::from([
                (DialectId::SLive, "submit_req", message.clone()),
                (DialectId::STest, "submit_req", message.clone()),
                (DialectId::SMalformed, "submit_req", without_media(message)),
                (DialectId::SLive, "submit_rsp", refused),
                (DialectId::SLive, "delivery_report_req", report("5.3.0", delivered)),
            ])
        }
        Carrier::K => {
            let sender = json!({ "vasp_id": "hub01", "vas_id": "sub01", "cp_id": "hub01_02_001",
                                 "origin_code": "100000000", "billing": "01000000009", "callback": "01000000001" });
            let own = json!({ "mm7_version": "1.0", "service_type": "MMSMT1", "message_class": "GENERAL" });
            let message = submit(sender, own);
            let delivered = json!({ "message_id": "00000001_20240801153000000", "from": { "number": "01000000009" },
                                    "status": { "code": 1000 } });
            Vec::from([
                (DialectId::K, "submit_req text", without_media(message.clone())),
                (DialectId::K, "submit_req", message),
                (DialectId::K, "rs_error_rsp", answer("rs_error_rsp", "1.0", 4202, "HUB_OVER_INTRAFFIC")),
                (DialectId::K, "delivery_report_req", report("1.0", delivered)),
            ])
        }
        _ => {
            let sender = json!({ "vasp_id": "vasp01", "cp_id": "1000000001", "origin_code": "100000000",
                                 "billing": "01000000009", "callback": "01000000001" });
            let mut message = submit(sender, json!({ "mm7_version": "5.3.0", "transaction_id": "tid" }));
            message["content"]["fee_code"] = json!("000000000000");
            let delivered = json!({ "message_id": "hUQXqFNi", "from": { "number": "01000000009" },
                                    "relay_server_id": "LGT-MMS-Relay", "mm_status": "Retrieved",
                                    "status": { "text": "OK" } });
            Vec::from([
                (DialectId::L, "submit_req", message),
                (DialectId::L, "rs_error_rsp", answer("rs_error_rsp", "5.3.0", 6102, "SUBS is ported")),
                (DialectId::L, "delivery_report_req", report("5.3.0", delivered)),
            ])
        }
    }
}

fn without_media(mut message: Value) -> Value {
    message["content"].as_object_mut().expect("an object").remove("media");
    message
}

/// What the dialect writes, as text of this page: without the CR of its line ends, and 8-bit bytes as the characters
/// that they are. The carrier takes all of it.
fn sample(dialect: DialectId, message: Value) -> String {
    let message: Message = serde_json::from_value(message).expect("a message");
    let encoded = dialect.codec(Config::default()).encode(&message).expect("every message can be written");
    assert_eq!((&encoded.losses[..], &encoded.violations[..]), (&[][..], &[][..]), "{dialect}");
    let file = encoded.entity.to_http();
    let (text, ..) = encoding_rs::EUC_KR.decode_without_bom_handling(&file);
    format!("```text\n{}\n```\n", text.replace('\r', "").trim_end())
}
