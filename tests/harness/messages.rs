//! Arbitrary canonical messages, built through their JSON so that the contract is tried as well.

use std::panic;
use std::prelude::rust_2024::*;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tongsa::{DeviationKind, Message, QuirkSet};

/// `operation<TAB>field<TAB>…`: every field of every operation.
const COVERAGE: &str = include_str!("../coverage.tsv");

/// Every field of an operation, as paths of keys.
pub fn fields(operation: &str) -> Vec<&'static str> {
    let rows = COVERAGE.lines().skip(1).map(|line| line.split('\t'));
    rows.filter_map(|mut row| (row.next()? == operation).then(|| row.next())?).collect()
}

/// Every operation of the table, in its order.
pub fn operations() -> Vec<&'static str> {
    let mut operations: Vec<&str> = COVERAGE.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
    operations.dedup();
    operations
}

/// A message of any operation; each field may be absent.
pub fn message() -> impl Strategy<Value = Message> {
    proptest::sample::select(operations()).prop_flat_map(|operation| message_of(operation, 0.4))
}

/// A message of one operation in which each field stands with this probability.
pub fn message_of(operation: &'static str, density: f64) -> impl Strategy<Value = Message> {
    let fields: Vec<_> = fields(operation)
        .into_iter()
        .map(|path| option::weighted(density, value(path)).prop_map(move |value| value.map(|value| (path, value))))
        .collect();
    (fields, option::weighted(density / 2.0, vec(extension(), 1..5))).prop_filter_map(
        "not a message",
        move |(fields, extensions)| {
            let mut object = json!({ "operation": operation });
            for (path, value) in fields.into_iter().flatten() {
                insert(&mut object, path, value);
            }
            if let Some(extensions) = extensions {
                object["extensions"] = Value::Array(extensions);
            }
            serde_json::from_value(object).ok()
        },
    )
}

/// What a row of the table says of a field.
pub fn coverage(operation: &str, field: &str, dialect: &str) -> Option<&'static str> {
    let column = COVERAGE.lines().next()?.split('\t').position(|name| name == dialect)?;
    let row =
        COVERAGE.lines().map(|line| line.split('\t').collect::<Vec<_>>()).find(|row| row[..2] == [operation, field])?;
    row.get(column).copied()
}

/// Messages in which every field that the dialect carries stands once at least: in most operations one, in those where
/// a field excludes another one more.
pub fn full(operation: &str, dialect: &str) -> Vec<Message> {
    let variants: &[(&[&str], Option<&str>)] = match operation {
        // S has one element for the time of a report and for the network.
        "delivery_report_req" if dialect.starts_with('s') => &[(&["called_net"], None), (&["timestamp"], None)],
        "delivery_report_req" | "read_reply_req" => &[(&["status.code"], None), (&["mm_status"], None)],
        "fault" => &[(&[], Some("rs_error_rsp")), (&[], Some("vasp_error_rsp")), (&["detail"], None)],
        _ => &[(&[], None)],
    };
    let build = |(except, detail): &(&[&str], Option<&str>)| {
        let mut object = json!({ "operation": operation });
        for path in fields(operation) {
            if !except.contains(&path) && coverage(operation, path, dialect) != Some("lost") {
                insert(&mut object, path, plain(path));
            }
        }
        if let Some(detail) = detail {
            object["detail"] = json!(detail);
        }
        serde_json::from_value(object).unwrap_or_else(|error| panic!("{operation}: {error}"))
    };
    variants.iter().map(build).collect()
}

/// Any set of quirks, small ones more often.
pub fn quirks() -> impl Strategy<Value = QuirkSet> {
    let all: Vec<DeviationKind> = QuirkSet::all().iter().collect();
    prop_oneof![
        3 => proptest::sample::subsequence(all.clone(), 1),
        2 => proptest::sample::subsequence(all.clone(), 2..6),
        1 => proptest::sample::subsequence(all.clone(), 0..=all.len()),
    ]
    .prop_map(|kinds| kinds.into_iter().collect())
}

fn insert(object: &mut Value, path: &str, value: Value) {
    let mut at = object;
    for key in path.split('.') {
        at = at.as_object_mut().unwrap().entry(key).or_insert_with(|| Value::Object(Map::new()));
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
    }
    *at = value;
}

/// A value that every dialect can say.
fn plain(path: &str) -> Value {
    match path {
        "recipients.to" | "recipients.cc" | "recipients.bcc" => json!([{ "number": "01000000002" }]),
        "recipient" | "from" => json!({ "number": "01000000003" }),
        "timestamp" | "earliest_delivery" | "expiry" => json!("2024-08-01T09:30:00+09:00"),
        "delivery_report" | "read_reply" | "distribution" | "adaptations" => json!(true),
        "status.code" => json!(1000),
        "mm7_version" => json!("5.3.0"),
        "message_class" => json!("Personal"),
        "priority" => json!("Normal"),
        "charged_party" => json!("Sender"),
        "mm_status" => json!("Indeterminate"),
        "reply_charging" => json!({ "size": 100 }),
        "delivery_condition" => json!([1]),
        "detail" => json!("vasp_error_rsp"),
        "sender.origin_code" => json!("100000000"),
        "content.text" => json!("안녕하세요"),
        "subject" | "status.text" => json!("제목 똠"),
        "content.fee_code" => json!("000000000000"),
        "content.media" => json!([{ "media_type": "image/jpeg", "content_id": "1@a", "name": "IMG0001.jpeg",
                                   "fields": { "X-Note": "b" }, "data": "/9j/2Q==" }]),
        "content.fields" => json!({ "X-Note": "a" }),
        "content.href" => json!("cid:a"),
        "sender.alias" => json!("1004"),
        "sender.relay_id" => json!("0000"),
        "content.presentation.scene" => json!("<smil><body><img src=\"a\"/></body></smil>"),
        "content.presentation.runs" => json!([{ "text": { "color": 2, "chars": 5 } }]),
        "content.presentation.scene_fields" => json!({ "X-Note": "c" }),
        "content.presentation.frame" => {
            json!({ "before": "<HTML><HEAD></HEAD><BODY><B>", "after": "</B></BODY></HTML>" })
        }
        _ => json!("01000000004"),
    }
}

/// A character: plain, of markup, of each repertoire, and the ones that mean trouble.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        6 => proptest::char::range('a', 'z'),
        3 => proptest::char::range('0', '9'),
        3 => proptest::sample::select("<>&\"';=-/!?[]:,%#_. ".chars().collect::<Vec<_>>()),
        4 => proptest::sample::select("가나다안녕하세요제목한글€①「」".chars().collect::<Vec<_>>()),
        1 => proptest::sample::select("똠뷁펲햏".chars().collect::<Vec<_>>()),
        1 => proptest::sample::select("😀é–—•₩\u{A0}\u{85}\u{2028}ｱ».“”‘’„«".chars().collect::<Vec<_>>()),
        1 => proptest::sample::select("\t\r\n".chars().collect::<Vec<_>>()),
        1 => proptest::sample::select("\u{2592}\u{FFFD}\u{7F}\u{FEFF}".chars().collect::<Vec<_>>()),
    ]
}

/// Text, at times of the wire's own tokens.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => vec(character(), 1..12).prop_map(|chars| chars.into_iter().collect()),
        1 => proptest::sample::select(vec![
            "cid:a", "cid:a<b", "cid:> a", "cid a", "cid:<a>", "<a>", "5.3.0", "Personal", "Normal", "1000", "0000", "true", "2024-08-01",
            "<!-- a -->", "a <-- b", "&amp;", "&#46624;", "]]>", "--a", "\r\n--a\r\n", "------=_Part_0_1.2", "env:Server",
            "<?xml?>", "</env:Envelope>", "/9j/4AAQ", "Content-Type: a/b", "=?euc-kr?B?sKE=?=",
            "<IMG SRC=\"a\">b", "<IMG SRC=\"뷁\"><IMG SRC=\"a\">", "a<BR>b", "<B>a</B>", " a ", "</BODY></HTML>", "text/html", "text/plain",
            "/tnn-200102/mm7-submit", "a@b",
            "1 < 2 & 3 > 2", "<a", "a\r", "<!--", "<TITLE>",
        ])
        .prop_map(String::from),
    ]
}

/// HTML before and after a text: as carriers write it, broken, or none.
fn frame() -> impl Strategy<Value = Value> {
    let before = prop_oneof![
        4 => proptest::sample::select(vec![
            "<HTML><HEAD></HEAD></HTML>", "<HTML><HEAD></HEAD></HTML><IMG SRC=\"IMG0\">",
            "<HTML><HEAD></HEAD></HTML><IMG SRC=\"1\"><IMG SRC=\"2\">", "<HTML><HEAD></HEAD><BODY>", "<html>\r\n<body>\r\n",
            "<HTML><HEAD><TITLE>a</TITLE></HEAD><BODY><IMG SRC='a@b'>", "<B>", "<BODY><!-- 가 -->", "<P", "<HTML></HTML>",
        ]).prop_map(String::from),
        1 => text(),
    ];
    let after = prop_oneof![
        4 => proptest::sample::select(vec![
            "</BODY></HTML>", "</BODY></HTML>\r\n", "\r\n</body>\r\n</html>", "</B>", "</BODY>", "<BR></BODY>", "</x>",
        ]).prop_map(String::from),
        1 => text(),
    ];
    (option::weighted(0.9, before), option::weighted(0.9, after)).prop_map(|(before, after)| {
        let mut frame = Map::new();
        for (key, side) in [("before", before), ("after", after)] {
            if let Some(side) = side {
                frame.insert(key.into(), side.into());
            }
        }
        Value::Object(frame)
    })
}

fn time() -> impl Strategy<Value = String> {
    let digits = |range: std::ops::Range<u32>| range;
    prop_oneof![
        4 => (1..=9999u32, 1..=12u32, digits(1..29), digits(0..24), digits(0..60), digits(0..60), proptest::sample::select(vec!["Z", "+09:00", "+00:00", "-03:30", "+14:00", ".5+09:00"]))
            .prop_map(|(y, mo, d, h, mi, s, zone)| format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}{zone}")),
        1 => proptest::sample::select(vec!["P7D", "-P1Y2M", "PT0.5S", "P1DT2H"]).prop_map(String::from),
        1 => text(),
    ]
}

fn address() -> impl Strategy<Value = Value> {
    (proptest::sample::select(vec!["number", "email", "short_code"]), text())
        .prop_map(|(kind, text)| json!({ kind: text }))
}

fn part_fields() -> impl Strategy<Value = Value> {
    let name = proptest::sample::select(vec![
        "X-Kmms-SVCCODE",
        "X-Kmms-redistribution",
        "Content-Category",
        "X_Odd",
        "Foo",
        "x-note",
        "Content-Location",
    ]);
    vec((name, text()), 0..4)
        .prop_map(|fields| Value::Object(fields.into_iter().map(|(k, v)| (k.into(), v.into())).collect()))
}

/// A Content-ID: any, and those that a dialect gives its own parts.
fn content_id() -> impl Strategy<Value = String> {
    let id = text().prop_map(|id| id.replace(['<', '>', '\r', '\n', '\t', '\u{A0}'], ""));
    prop_oneof![
        3 => id,
        1 => proptest::sample::select(vec![
            "a@b", "/tnn-200102/mm7-submit", "start_MM7_SOAP", "1000000000100000000000", "1000000000100000000001",
            "1000000000100000000002", "cid:a", "cid a", "a",
        ])
        .prop_map(String::from),
    ]
}

/// A scene: canonical, nearly so, or no SMIL at all.
fn scene() -> impl Strategy<Value = String> {
    let value = || text().prop_map(|text| text.replace(['<', '>', '&', '"', '\r', '\n', '\t'], ""));
    prop_oneof![
        2 => (value(), value()).prop_map(|(a, b)| {
            format!("<smil><body><par id=\"{a}\"><img region=\"r\" src=\"{b}\"/></par>{a}<text src=\"a\"/></body></smil>")
        }),
        1 => proptest::sample::select(vec![
            "<smil/>", "<smil><head/><body/></smil>", "<smil xmlns=\"urn:a\"><x:body xmlns:x=\"urn:b\"/></smil>",
            "<smil b=\"1\" a=\"2\"/>", "<smil><body><img src=\"cid:a\"/><img src=\"cid:&lt;b&gt;\"/></body></smil>",
            "<smil><a src=\"http://a/b\"/><b src=\"\"/><c src=\"cid\"/></smil>", "<smil>", "<html/>", "<smil><이름 뷁=\"1\"/></smil>",
            "<smil><meta content=\"a b\"/> x </smil>",
        ])
        .prop_map(String::from),
        1 => text(),
    ]
}

fn run() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => (any::<u8>(), 0..4usize).prop_map(|(color, chars)| json!({ "text": { "color": color % 18, "chars": chars } })),
        1 => (option::of(content_id()), option::of(text())).prop_map(|(id, name)| {
            let mut icon = json!({});
            if let Some(id) = id {
                icon["content_id"] = id.into();
            }
            if let Some(name) = name {
                icon["name"] = name.into();
            }
            json!({ "icon": icon })
        }),
    ]
}

fn media() -> impl Strategy<Value = Value> {
    let media_type = proptest::sample::select(vec![
        "image/jpeg",
        "image/jpeg; name=\"a b\"",
        "text/plain",
        "text/plain; charset=utf-8",
        "application/octet-stream",
        "IMAGE/PNG",
        "text/html",
        "application/smil",
        "text/x-sktxt",
        "audio/sktm",
        "video/sktm",
        "image/sis",
        "application/x-mm-dmf",
        "a/b; c=가; d=\"\\\"\"",
        "a/b; charset=\"😀\"",
    ]);
    let data = prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(b"\xFF\xD8\xFF".to_vec()),
        Just(b"\r\n------=_Part".to_vec()),
        Just(Vec::new()),
    ];
    (media_type, option::of(content_id()), option::of(text()), part_fields(), data).prop_map(
        |(media_type, id, name, fields, data)| {
            let mut media = json!({ "media_type": media_type, "fields": fields, "data": base64(&data) });
            if let Some(id) = id {
                media["content_id"] = id.into();
            }
            if let Some(name) = name {
                media["name"] = name.into();
            }
            media
        },
    )
}

fn base64(data: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(data)
}

/// An extension: of unknown names, of known ones where they do not belong, in the header, in groups.
fn extension() -> impl Strategy<Value = Value> {
    let segment = prop_oneof![
        4 => proptest::sample::select(vec!["A", "B", "이름", "뷁", "x-y.z"]).prop_map(String::from),
        3 => proptest::sample::select(vec![
            "Subject", "SenderIdentification", "Recipients", "To", "Number", "Status", "StatusCode", "Content", "Sender",
            "MMStatus", "MessageID", "TransactionID", "TimeStamp", "VASPID", "detail", "SenderAddress", "RFC2822Address",
        ])
        .prop_map(String::from),
    ];
    let nth = prop_oneof![6 => Just(String::new()), 1 => Just("[2]".to_owned()), 1 => Just("[3]".to_owned())];
    let segment = (segment, nth).prop_map(|(name, nth)| name + &nth);
    let attribute = proptest::sample::select(vec!["", "", "", "/@a", "/@b", "/@href", "/@mustUnderstand", "/@이"]);
    let head = proptest::sample::select(vec!["", "", "", "/"]);
    let ns = option::weighted(
        0.3,
        proptest::sample::select(vec![
            "urn:a",
            "urn:b\"<&",
            "http://schemas.xmlsoap.org/soap/envelope/",
            "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2",
        ]),
    );
    (head, vec(segment, 1..4), attribute, ns, text()).prop_map(|(head, segments, attribute, ns, value)| {
        let mut extension = json!({ "path": format!("{head}{}{attribute}", segments.join("/")), "value": value });
        if let Some(ns) = ns {
            extension["ns"] = ns.into();
        }
        extension
    })
}

/// An arbitrary value for a field.
fn value(path: &'static str) -> BoxedStrategy<Value> {
    let words = |known: &'static [&'static str]| {
        prop_oneof![3 => proptest::sample::select(known).prop_map(Value::from), 1 => text().prop_map(Value::from)]
            .boxed()
    };
    match path {
        "recipients.to" | "recipients.cc" | "recipients.bcc" => vec(address(), 1..4).prop_map(Value::Array).boxed(),
        "recipient" | "from" => address().boxed(),
        "timestamp" | "earliest_delivery" | "expiry" => time().prop_map(Value::from).boxed(),
        "delivery_report" | "read_reply" | "distribution" | "adaptations" => {
            prop_oneof![3 => any::<bool>().prop_map(Value::from), 1 => text().prop_map(Value::from)].boxed()
        }
        "status.code" => prop_oneof![
            3 => proptest::sample::select(vec![1000u32, 1100, 4030, 6102, 7103, 0, 9999]).prop_map(Value::from),
            1 => any::<u32>().prop_map(Value::from),
            1 => text().prop_map(Value::from),
        ]
        .boxed(),
        "mm7_version" => words(&["5.3.0", "6.8.0", "1.0"]),
        "message_class" => words(&["Personal", "Auto", "137"]),
        "priority" => words(&["Low", "High"]),
        "charged_party" => words(&["Sender", "Both"]),
        "mm_status" => words(&["Retrieved", "Expired", "Read", "Forwarded"]),
        "reply_charging" => json_time("deadline").boxed(),
        "delivery_condition" => vec(any::<u32>(), 1..3).prop_map(Value::from).boxed(),
        "detail" => proptest::sample::select(vec!["rs_error_rsp", "vasp_error_rsp"]).prop_map(Value::from).boxed(),
        "content.media" => vec(media(), 1..5).prop_map(Value::Array).boxed(),
        "content.fields" | "content.presentation.scene_fields" => part_fields().boxed(),
        "content.presentation.scene" => scene().prop_map(Value::from).boxed(),
        "content.presentation.scene_id" | "content.presentation.text_id" => content_id().prop_map(Value::from).boxed(),
        "content.presentation.runs" => vec(run(), 1..5).prop_map(Value::Array).boxed(),
        "content.presentation.frame" => frame().boxed(),
        _ => text().prop_map(Value::from).boxed(),
    }
}

fn json_time(key: &'static str) -> impl Strategy<Value = Value> {
    time().prop_map(move |time| json!({ key: time, "size": 10 }))
}
