//! Real payloads, where they are present beside the project: read to the values that a person reads in them.
#![cfg(feature = "serde")]

mod harness;

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::{Value, json};
use tongsa::{Carrier, Codec, Config, DeviationKind, Entity, L, Limits, Tolerance};

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    if !folder.is_dir() {
        eprintln!("skipped: no captures beside the project");
        return None;
    }
    Some(folder)
}

fn entity(folder: &Path, name: &str) -> tongsa::HttpFile {
    let bytes = fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    Entity::parse_http(Bytes::from(bytes), &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The message that a carrier's codec reads under the default tolerance, and the codes of its surprises.
fn read_as(carrier: Carrier, folder: &Path, name: &str) -> (Value, Vec<&'static str>) {
    let decoded = carrier.codec(Config::default()).decode(&entity(folder, name).entity);
    let decoded = decoded.unwrap_or_else(|error| panic!("{name}: {error}"));
    let surprises = decoded.surprises().map(|deviation| deviation.kind.code()).collect();
    (serde_json::to_value(&decoded.message).unwrap(), surprises)
}

/// The same as carrier L's codec reads it.
fn read(folder: &Path, name: &str) -> (Value, Vec<&'static str>) {
    read_as(Carrier::L, folder, name)
}

fn gateway() -> Value {
    json!({
        "operation": "submit_req", "transaction_id": "tid", "mm7_version": "5.3.0",
        "sender": { "vasp_id": "vasp01", "cp_id": "1000000001", "origin_code": "100000000",
                    "billing": "01000000009", "callback": "0200000000" },
        "recipients": { "to": [{ "number": "01000000002" }] },
        "timestamp": "2024-08-01T09:30:00+09:00",
        "subject": "제목 똠 & <x> €",
        "content": { "text": "안녕하세요 테스트입니다.\n2줄 <a> & b", "fee_code": "800100000000" }
    })
}

#[test]
fn reads_a_submit_of_the_relay() {
    let Some(folder) = folder() else { return };
    let (message, surprises) = read(&folder, "gateway-l-0.http");
    assert_eq!(message, gateway());
    assert_eq!(surprises, [""; 0]);

    let (mut message, surprises) = read(&folder, "gateway-l-1.http");
    let media = message["content"].as_object_mut().unwrap().remove("media").unwrap();
    assert_eq!(message, gateway());
    assert_eq!(surprises, [""; 0]);
    assert_eq!(media[0]["media_type"], "image/jpeg");
    assert_eq!(media[0]["name"], "IMG0");
    assert_eq!(
        media[0]["fields"],
        json!({ "X-Kmms-redistribution": "TRUE", "Content-Category": "Photo", "X-Kmms-SVCCODE": "800100000000" })
    );
    assert_eq!(media[0]["data"].as_str().unwrap().len(), 160, "120 bytes");
}

#[test]
fn points_at_the_bytes_of_the_relays_irregularities() {
    let Some(folder) = folder() else { return };
    let bytes = fs::read(folder.join("gateway-l-0.http")).unwrap();
    let file = entity(&folder, "gateway-l-0.http");
    let decoded = L::new(Config::default()).decode(&file.entity).unwrap();
    let at = |kind: DeviationKind| {
        let found = decoded.deviations.iter().find(|deviation| deviation.kind == kind);
        let at = &found.unwrap_or_else(|| panic!("no {kind}")).at;
        &bytes[file.file_offset(at.space, at.offset)..]
    };
    assert!(at(DeviationKind::ContentIdDoubled).starts_with(b"<</tnn-200102/mm7-submit>>"), "L-13");
    assert!(at(DeviationKind::EncodingUndeclared).starts_with(b"\xbe\xc8\xb3\xe7"), "L-14: the first 8-bit byte");
    assert!(at(DeviationKind::ContentTypeMissing).starts_with(b"\r\n\xbe\xc8\xb3\xe7"), "L-14: the end of the header");
    assert!(at(DeviationKind::CharsetOnMultipart).starts_with(b"charset=\"EUC-KR\""), "X-02");
    assert!(at(DeviationKind::VendorElement).starts_with(b"<CallBack>"), "L-18");
    assert!(at(DeviationKind::DateTimeDayFirst).starts_with(b"01-08-2024 09:30:00"), "T5");
}

#[test]
fn reads_what_the_lossy_relay_left() {
    let Some(folder) = folder() else { return };
    let (message, surprises) = read(&folder, "gateway-l-lossy.http");
    assert_eq!(
        message,
        json!({ "operation": "submit_req", "transaction_id": "tid", "mm7_version": "5.3.0", "subject": "제목",
                "content": { "text": "???????? ????", "fee_code": "800100000000" } })
    );
    assert_eq!(surprises, ["mm7/element-missing", "mm7/element-missing"]);
}

#[test]
fn reads_the_samples_of_the_interface_document() {
    let Some(folder) = folder() else { return };
    let (message, surprises) = read(&folder, "lgt-1.txt");
    assert_eq!(
        message,
        json!({ "operation": "delivery_report_req", "transaction_id": "01010004_20050611105724121", "mm7_version": "5.3.0",
                "message_id": "01010004_20050611105724121", "recipient": { "number": "0190000001" },
                "from": { "number": "0190000002" }, "timestamp": "2005-06-04T10:55:59+09:00", "called_net": "01990",
                "mm_status": "Expired", "status": { "outcome": "rejected", "reason": "expired" } })
    );
    assert!(surprises.contains(&"datetime/one-digit") && surprises.contains(&"mm7/scalar-padded"), "{surprises:?}");

    let (message, surprises) = read(&folder, "lgt-3.txt");
    assert_eq!(message["sender"]["callback"], "01000000002");
    assert_eq!(message["sender"]["cp_id"], "1528800827");
    assert_eq!(message["timestamp"], "2024-07-02T20:46:43+09:00");
    assert!(message["subject"].as_str().unwrap().starts_with("MCMP "), "{message}");
    assert_eq!(surprises, [""; 0], "its text is damaged before it was encoded, and decodes");

    let (message, surprises) = read(&folder, "lgt-4.txt");
    assert_eq!(
        message,
        json!({ "operation": "submit_rsp", "transaction_id": "23088", "mm7_version": "5.3.0", "message_id": "hUQXqFNi",
                "status": { "code": 1000, "text": "Success", "outcome": "success" } })
    );
    assert_eq!(surprises, ["mm7/scalar-padded"]);
}

#[test]
fn reads_a_submit_of_ks_relay() {
    let Some(folder) = folder() else { return };
    let submit = json!({
        "operation": "submit_req", "transaction_id": "20240701000000:KTF:1", "mm7_version": "1.0", "service_type": "MMSMT1",
        "sender": { "vasp_id": "hub01", "vas_id": "sub01", "cp_id": "hub01_02_001", "origin_code": "100000000",
                    "billing": "01000000009", "callback": "0200000000" },
        "recipients": { "to": [{ "number": "01000000002" }] },
        "message_class": "GENERAL", "timestamp": "2024-08-01T09:30:00+09:00", "delivery_report": true, "read_reply": false,
        "subject": "제목 똠 & <x> €",
        "content": { "text": "안녕하세요 테스트입니다.\n2줄 <a> & b" }
    });
    let (message, surprises) = read_as(Carrier::K, &folder, "gateway-k-0.http");
    assert_eq!(message, submit);
    assert_eq!(surprises, [""; 0]);

    let (mut message, surprises) = read_as(Carrier::K, &folder, "gateway-k-1.http");
    let content = message["content"].as_object_mut().unwrap();
    let (media, shown) = (content.remove("media").unwrap(), content.remove("presentation").unwrap());
    assert_eq!(message, submit);
    assert_eq!(surprises, [""; 0]);
    assert_eq!(media[0]["media_type"], "image/jpeg");
    assert_eq!((&media[0]["content_id"], &media[0]["name"]), (&json!("a.jpeg"), &json!("a.jpeg")));
    assert_eq!(media[0]["data"].as_str().unwrap().len(), 160, "120 bytes");
    assert_eq!(
        shown,
        json!({ "frame": { "before": "<HTML><HEAD></HEAD></HTML><IMG SRC=\"IMG0\">", "after": "</BODY></HTML>" } })
    );
}

#[test]
fn reads_the_samples_of_ks_interface_document() {
    let Some(folder) = folder() else { return };
    let read = |name| read_as(Carrier::K, &folder, name);
    assert_eq!(
        read("kt-1.txt"),
        (
            json!({ "operation": "rs_error_rsp", "mm7_version": "1.0",
                    "status": { "code": 2150, "text": "MIME_ERROR", "outcome": "rejected", "reason": "format_invalid" } }),
            vec![]
        )
    );
    assert_eq!(
        read("kt-3.txt"),
        (
            json!({ "operation": "delivery_report_req", "transaction_id": "c9131c:10822bc0263:-7c16t-uapl-05/10.0.0.1",
                    "mm7_version": "1.0", "message_id": "01210005_20051215130409809", "recipient": { "number": "0180000001" },
                    "from": { "number": "0160000002" }, "timestamp": "2005-12-15T13:04:27+09:00",
                    "status": { "code": 1000, "outcome": "success" } }),
            vec!["mm7/scalar-padded"]
        )
    );
    assert_eq!(
        read("kt-4.txt"),
        (
            json!({ "operation": "delivery_report_rsp", "transaction_id": "b76fa:10945acbcd1:2985t-uapl-05/10.0.0.1",
                    "mm7_version": "1.0", "status": { "code": 1000, "text": "OK", "outcome": "success" } }),
            vec!["mm7/scalar-padded"]
        )
    );
    assert_eq!(
        read("kt-7.txt"),
        (
            json!({ "operation": "submit_rsp", "transaction_id": "23088", "mm7_version": "1.0",
                    "message_id": "01210006_20051215103126269",
                    "status": { "code": 1000, "text": "SUCCESS", "outcome": "success" } }),
            vec!["mm7/scalar-padded"]
        )
    );
    assert_eq!(
        read("kt-8.txt"),
        (
            json!({ "operation": "submit_req", "transaction_id": "23088", "mm7_version": "1.6", "service_type": "MMSMT1",
                    "sender": { "vasp_id": "testhub", "vas_id": "testhub", "cp_id": "testhub_01_001",
                                "origin_code": "123456789", "billing": "0160000001", "callback": "0900000001" },
                    "recipients": { "to": [{ "number": "0160000002" }] }, "message_class": "GENERAL",
                    "timestamp": "2003-09-24T14:11:28+09:00", "delivery_report": true, "read_reply": true,
                    "subject": "LTS TEST",
                    "content": { "text": "안녕하세요. ~~ 반갑습니다. ", "presentation": { "frame": {
                        "before": "<HTML><HEAD></HEAD><BODY>", "after": "</BODY></HTML>\n" } } } }),
            vec![
                "mime/line-end-lf",
                "mime/blank-line-missing",
                "charset/label-conflict",
                "soap/namespace-slash",
                "mm7/scalar-padded",
                "mime/blank-line-missing",
                "charset/conflict",
                "mime/close-delimiter-dash",
            ]
        ),
        "K-01 to K-05, K-08"
    );
}

/// The message that carrier S's codec reads, the dialects that it reads best in, and the codes of its surprises.
fn read_s(folder: &Path, name: &str) -> (Value, Vec<&'static str>, Vec<&'static str>) {
    let decoded = Carrier::S.codec(Config::default()).decode(&entity(folder, name).entity);
    let decoded = decoded.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(decoded.candidates[0], decoded.dialect, "{name}");
    let candidates = decoded.candidates.iter().map(|dialect| dialect.code()).collect();
    let surprises = decoded.surprises().map(|deviation| deviation.kind.code()).collect();
    (serde_json::to_value(&decoded.message).unwrap(), candidates, surprises)
}

/// What every logged submit of S says alike.
fn submit_of_s(id: &str, vas_id: &str, origin_code: &str, times: [&str; 2]) -> Value {
    json!({
        "operation": "submit_req", "transaction_id": id, "mm7_version": "5.3.0",
        "sender": { "vasp_id": "99", "vas_id": vas_id, "cp_id": "1000000001", "relay_id": "0009",
                    "origin_code": origin_code, "callback": "01000000001" },
        "recipients": { "to": [{ "number": "01000000001" }] },
        "message_class": "Personal", "timestamp": times[0], "expiry": times[1],
        "delivery_report": true, "read_reply": false, "priority": "Normal", "distribution": false, "adaptations": true
    })
}

/// Its part fields.
fn fields_of_s(cidsid: &str, service_type: &str) -> Value {
    json!({ "X-SKT-Content-Usage": "0", "X-SKT-CIDSID": cidsid, "X-SKT-Service-Type": service_type })
}

#[test]
fn reads_a_submit_of_ss_relay() {
    let Some(folder) = folder() else { return };
    let times = ["2024-07-05T03:51:54+09:00", "2024-07-12T03:51:54+09:00"];
    let mut submit = submit_of_s("00001", "1", "100000000", times);
    submit["recipients"] = json!({ "to": [{ "number": "01000000002" }] });
    submit["subject"] = json!("제목 똠 & <x> €");
    let fields = fields_of_s("1000000000", "0");
    // No scene: it is the dialect's own.
    submit["content"] = json!({
        "text": "안녕하세요 테스트입니다.\n2줄 <a> & b", "href": "cid:123456789010000000000", "fields": fields,
        "presentation": { "scene_name": "s.smi", "scene_fields": fields,
                          "text_id": "123456789010000000001", "text_name": "x.xt" }
    });
    assert_eq!(read_s(&folder, "gateway-s-0.http"), (submit.clone(), vec!["s-live"], vec![]));

    let (mut message, candidates, surprises) = read_s(&folder, "gateway-s-2.http");
    let media = message["content"].as_object_mut().unwrap().remove("media").unwrap();
    submit["content"]["presentation"]["text_id"] = json!("123456789010000000003");
    assert_eq!((message, candidates, surprises), (submit, vec!["s-live"], vec![]));
    assert_eq!(media.as_array().unwrap().len(), 2);
    for (n, media) in media.as_array().unwrap().iter().enumerate() {
        assert_eq!(media["media_type"], "image/jpeg");
        assert_eq!(media["name"], format!("IMG{n}.jpeg"));
        assert_eq!(media["content_id"], format!("12345678901000000000{n}"), "S-38: the first is the scene's too");
        assert_eq!(media["fields"], fields);
        assert_eq!(media["data"].as_str().unwrap().len(), 160, "120 bytes");
    }
}

#[test]
fn reads_the_submit_of_ss_interface_document() {
    let Some(folder) = folder() else { return };
    let (mut message, candidates, surprises) = read_s(&folder, "skt-1.txt");
    let content = message.as_object_mut().unwrap().remove("content").unwrap();
    let times = ["2009-03-04T01:34:50+09:00", "2009-03-11T01:34:50+09:00"];
    let mut submit = submit_of_s("57889", "02", "100000001", times);
    submit["sender"]["cp_id"] = json!("1000000002");
    submit["sender"]["relay_id"] = json!("0002");
    submit["sender"]["callback"] = json!("0110000001");
    submit["sender"]["alias"] = json!("1004");
    submit["recipients"] = json!({ "to": [{ "number": "0110000002" }, { "email": "0110000002@vmg.nate.com" }] });
    submit["subject"] = json!("메시지제목");
    assert_eq!(message, submit);
    assert_eq!(candidates, ["s-malformed"]);
    assert_eq!(
        surprises,
        [
            "mime/line-end-lf",
            "charset/conflict",
            "mm7/scalar-padded",
            "mm7/scalar-padded",
            "charset/conflict",
            "mm7/href-colon-missing",
        ]
    );

    assert_eq!(content["text"], "새로운 컨텐츠인 애니티콘입니다");
    assert_eq!(content["href"], "cid:CID_A");
    let fields = fields_of_s("123456789012", "1");
    assert_eq!(content["fields"], fields);
    let icon = |n: usize, name: &str| json!({ "icon": { "content_id": format!("CID_B{n}"), "name": name } });
    assert_eq!(
        content["presentation"],
        json!({
            "scene_fields": fields, "text_id": "CID_B",
            "runs": [{ "text": { "chars": 16 } }, icon(1, "히히.sis"), icon(2, "생긋.sis"), icon(3, "윙크.sis"),
                     icon(4, "두근2.sis")]
        }),
        "and no scene: it is the dialect's own"
    );
    let text = |data: &str| {
        use base64::Engine as _;
        String::from_utf8(base64::engine::general_purpose::STANDARD.decode(data).unwrap()).unwrap()
    };
    let media: Vec<_> = content["media"]
        .as_array()
        .unwrap()
        .iter()
        .map(|media| {
            let of = |key: &str| media[key].as_str().unwrap_or_default().to_owned();
            let service = media["fields"]["X-SKT-Service-Type"].as_str().unwrap().to_owned();
            [of("media_type"), of("content_id"), of("name"), service, text(&of("data"))]
        })
        .collect();
    assert_eq!(
        media,
        [
            ["image/sis", "CID_B1", "히히.sis", "6", "SIS DATA\n"],
            ["image/sis", "CID_B2", "생긋.sis", "6", "SIS DATA …\n"],
            ["image/sis", "CID_B3", "윙크.sis", "6", "SIS DATA …\n"],
            ["image/sis", "CID_B4", "두근2.sis", "6", "SIS DATA\n"],
            ["image/jpeg", "CID_C", "image1.jpg", "1", "JPEG DATA\n"],
            ["image/jpeg", "CID_D", "image2.jpg", "1", "JPEG DATA\n"],
            ["image/jpeg", "CID_E", "image3.jpg", "1", "JPEG DATA …\n"],
            ["application/x-mm-dmf", "CID_F", "웃음.dmf", "7", "Flashcon DATA\n"],
            ["audio/sktm", "CID_G", "audio.skm", "1", "AUDIO DATA\n"],
            ["video/sktm", "CID_H", "", "1", "VIDEO DATA …\n"],
        ]
    );
    let attributes = |n: usize| content["media"][n]["fields"]["X-SKT-Video-Attributes"].as_str();
    assert_eq!(attributes(8), Some("제목, 저작권자, 10, 1000, FF, 2010-01-01"));
    assert_eq!(attributes(9), Some("제목, 저작권자, 30, 300000, FF, 2012-02-25"));
}

#[test]
fn reads_the_submits_that_ss_gateways_logged() {
    let Some(folder) = folder() else { return };
    // An excerpt: the envelope, padding, the tail of an older one (S-42).
    let mut excerpt =
        submit_of_s("73501", "1", "123456789", ["2024-07-04T03:11:38+09:00", "2024-07-11T03:11:38+09:00"]);
    excerpt["subject"] = json!("▒~L스▒~J▒ ▒~\\송");
    excerpt["content"] = json!({ "href": "cid:1000000000123456789000" });
    let surprises = vec!["mm7/scalar-padded", "charset/damaged", "xml/text-after-root"];
    assert_eq!(read_s(&folder, "skt-3.txt"), (excerpt, vec!["s-live", "s-malformed"], surprises));

    let scene = |head: &str, body: &str| format!("<smil><head>{head}</head><body>{body}</body></smil>");
    let region = |id: &str, height: &str, top: &str| {
        format!("<region height=\"{height}\" id=\"{id}\" left=\"0%\" top=\"{top}\" width=\"100%\" z-index=\"0\"/>")
    };
    let scroll = "<param name=\"style\" value=\"scroll\" valuetype=\"data\"/>";
    let text = |region: &str, src: &str| {
        format!(
            "<par repeatCount=\"indefinite\"><text begin=\"0\" dur=\"indefinite\" region=\"{region}\" \
             repeatCount=\"indefinite\" src=\"{src}\">{scroll}</text></par>"
        )
    };

    let mut intermediate =
        submit_of_s("00001", "01", "100000000", ["2024-07-05T01:39:08+09:00", "2043-09-04T01:39:08+09:00"]);
    intermediate["subject"] = json!("▒׽▒Ʈ ▒߼▒");
    let fields = fields_of_s("1000000000", "0");
    let layout = format!(
        "<layout background-color=\"#E7E3E7\"><root-layout>{}</root-layout></layout>",
        region("vendo_text", "100%", "0%")
    );
    intermediate["content"] = json!({
        "text": "?????????? ▒????▒▒?? ?▒건", "href": "cid:467955295110000000000", "fields": fields,
        "presentation": { "scene": scene(&layout, &text("vendo_text", "467955295110000000001")),
                          "scene_name": "vendo_smil.smi", "scene_fields": fields,
                          "text_id": "467955295110000000001", "text_name": "vendo_xhtml.xt" }
    });
    let (message, candidates, surprises) = read_s(&folder, "skt-4.txt");
    assert_eq!((message, candidates), (intermediate, vec!["s-live", "s-malformed"]));
    for kind in ["datetime/korean-names", "datetime/expiry-far", "charset/damaged", "mime/fold-lost"] {
        assert!(surprises.contains(&kind), "{kind}: S-12, S-14, S-43, S-24");
    }

    let mut old = submit_of_s("91619", "1", "100000000", ["2024-07-05T12:08:26+09:00", "2024-07-12T12:08:26+09:00"]);
    old["subject"] = json!("▒~L스▒~J▒ ▒~\\송");
    let fields = fields_of_s("1000000003", "0");
    let layout =
        format!("<layout><root-layout background-color=\"#E7E3E7\"/>{}</layout>", region("text", "100%", "0%"));
    old["content"] = json!({
        "text": "9", "href": "cid:1000000003123456789000", "fields": fields,
        "presentation": { "scene": scene(&layout, &text("text", "1000000003123456789001")),
                          "scene_name": "vendo_smil.smi", "scene_fields": fields,
                          "text_id": "1000000003123456789001", "text_name": "vendo_xt.xt", "background": "#E7E3E7" }
    });
    let surprises = vec![
        "mime/line-end-lf",
        "charset/conflict",
        "charset/damaged",
        "mm7/name-misspelled",
        "mime/fold-lost",
        // Counted with CRLF, and logged with LF.
        "mime/part-length-mismatch",
        "mime/part-length-mismatch",
    ];
    assert_eq!(read_s(&folder, "skt-6.txt"), (old, vec!["s-live", "s-malformed"], surprises));

    let layout = format!(
        "<meta content=\"4.0\" name=\"mms_skt_version\"/><layout><root-layout background-color=\"#FFFFFF\" \
         height=\"377\" width=\"220\">{}</root-layout></layout>",
        region("vendo_text", "21%", "79%")
    );
    let test_scene = |src: &str| {
        let text = format!(
            "<par repeatCount=\"indefinite\"/><text region=\"vendo_text\" repeatCount=\"indefinite\" src=\"{src}\">\
             {scroll}</text>"
        );
        scene(&layout, &text)
    };
    let (mut message, candidates, surprises) = read_s(&folder, "skt-7.txt");
    let damaged = ["/subject", "/content/text"].map(|path| message.pointer_mut(path).unwrap().take());
    let mut test =
        submit_of_s("tid", "vendo_vasId", "100000000", ["2024-07-03T21:02:41+09:00", "2043-09-02T21:02:41+09:00"]);
    test["sender"]["vasp_id"] = json!("vaspmms0");
    test["sender"]["cp_id"] = json!("vaspmms0_02_004");
    test["subject"] = Value::Null;
    let fields = fields_of_s("047203210241", "0");
    test["content"] = json!({
        "text": null, "href": "cid:20240703210241_8560700", "fields": fields,
        "presentation": { "scene": test_scene("20240703210241_3576321"), "scene_fields": fields,
                          "text_id": "20240703210241_3576321", "text_name": "vendo_xhtml.smi" }
    });
    assert_eq!((message, candidates), (test, vec!["s-test"]));
    for damaged in damaged {
        let damaged = damaged.as_str().unwrap();
        assert!(damaged.contains(" LMS/MMS ") && damaged.contains('\u{FFFD}'), "S-43: {damaged}");
    }
    assert!(surprises.contains(&"charset/damaged") && surprises.contains(&"datetime/expiry-far"), "{surprises:?}");

    let mut test = submit_of_s("00001", "01", "123456789", ["2024-07-04T14:47:29+09:00", "2043-09-03T14:47:29+09:00"]);
    test["subject"] = json!("▒׽▒Ʈ ▒߼▒");
    let fields = fields_of_s("074704144729", "0");
    test["content"] = json!({
        "text": "9", "href": "cid:20240704144728_9352135", "fields": fields,
        "presentation": { "scene": test_scene("20240704144728_0022307"), "scene_fields": fields,
                          "text_id": "20240704144728_0022307", "text_name": "vendo_xhtml.smi" }
    });
    let surprises = vec!["mime/line-end-lf", "datetime/expiry-far", "charset/conflict", "charset/damaged"];
    assert_eq!(read_s(&folder, "skt-8.txt"), (test, vec!["s-test"], surprises));
}

#[test]
fn reads_what_subscribers_of_s_sent_and_its_answer() {
    let Some(folder) = folder() else { return };
    let all = || vec!["s-live", "s-test", "s-malformed"];
    assert_eq!(
        read_s(&folder, "emay-1.txt"),
        (
            json!({ "operation": "deliver_req", "transaction_id": "AABBCCDDEE", "mm7_version": "1", "relay_server_id": "1",
                    "from": { "number": "1" }, "recipients": { "to": [{ "short_code": "#3030" }] }, "timestamp": "1",
                    "subject": "1", "content": { "text": "1" } }),
            all(),
            vec!["mm7/value-not-enumerated", "mm7/value-unreadable", "mm7/content-inline"]
        )
    );
    assert_eq!(
        read_s(&folder, "skt-10.txt"),
        (
            json!({ "operation": "deliver_rsp", "transaction_id": "I_r28992897", "mm7_version": "5.3.0", "service_code": "0",
                    "status": { "code": 1000, "text": "Delivered", "outcome": "success" } }),
            all(),
            vec![]
        )
    );
}

#[test]
fn writes_the_relays_bytes_again() {
    let Some(folder) = folder() else { return };
    let names = [
        (Carrier::S, "gateway-s-0.http"),
        (Carrier::S, "gateway-s-2.http"),
        (Carrier::K, "gateway-k-0.http"),
        (Carrier::K, "gateway-k-1.http"),
        (Carrier::L, "gateway-l-0.http"),
        (Carrier::L, "gateway-l-1.http"),
    ];
    for (carrier, name) in names {
        let captured = entity(&folder, name).entity;
        let message = carrier.codec(Config::default()).decode(&captured).unwrap().message;
        let encoded = carrier.codec(Config::default()).encode(&message).unwrap();
        assert!(encoded.losses.is_empty() && encoded.violations.is_empty(), "{encoded:?}");
        let named = |entity: &Entity| {
            let media_type = entity.header("content-type").unwrap().to_vec();
            (
                without_boundaries(&media_type, &media_type, &entity.body),
                without_boundaries(&entity.body, &media_type, &entity.body),
            )
        };
        assert!(named(&encoded.entity) == named(&captured), "{name}");
    }
}

/// The bytes with each boundary of the message replaced by a number, in the order of their occurrence.
fn without_boundaries(bytes: &[u8], media_type: &[u8], body: &[u8]) -> Vec<u8> {
    let mut boundaries: Vec<Vec<u8>> = Vec::new();
    for source in [media_type, body] {
        let mut rest = source;
        while let Some(at) = memchr::memmem::find(rest, b"boundary=\"") {
            rest = &rest[at + 10..];
            let end = rest.iter().position(|&b| b == b'"').unwrap();
            boundaries.push(rest[..end].to_vec());
        }
    }
    let mut bytes = bytes.to_vec();
    for (index, boundary) in boundaries.iter().enumerate() {
        while let Some(at) = memchr::memmem::find(&bytes, boundary) {
            bytes.splice(at..at + boundary.len(), format!("{{boundary {index}}}").into_bytes());
        }
    }
    bytes
}

#[test]
fn survives_every_capture_and_damage_to_it() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = Bytes::from(fs::read(&path).unwrap());
        if path.extension().is_some_and(|extension| extension == "md") {
            continue;
        }
        count += 1;
        let step = (bytes.len() / 40).max(1);
        for &dialect in harness::DIALECTS {
            for end in (0..bytes.len()).step_by(step).chain([bytes.len()]) {
                let Ok(file) = Entity::parse_http(bytes.slice(..end), &Limits::default()) else { continue };
                harness::survives(&harness::codecs(dialect), &file.entity)
                    .unwrap_or_else(|error| panic!("{} cut at {end}, {dialect}: {error}", path.display()));
            }
            let Ok(file) = Entity::parse_http(bytes.clone(), &Limits::default()) else { continue };
            let lenient = dialect.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
            if let Err(error) = lenient.decode(&file.entity) {
                assert!(error.at().offset <= file.entity.body.len(), "{}: {error}", path.display());
            }
        }
    }
    assert!(count > 50, "{count} captures");
}

/// Cut at every byte, and one bit of every byte flipped, as the vectors are. The carrier is found out, as for any capture.
#[test]
fn notices_every_truncation_and_survives_every_flip() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    for file in fs::read_dir(&folder).expect("a folder") {
        let path = file.expect("an entry").path();
        let bytes = fs::read(&path).expect("a file");
        let Ok(http) = Entity::parse_http(Bytes::from(bytes.clone()), &Limits::default()) else { continue };
        let Ok(detection) = tongsa::detect(&http.entity, &Limits::default()) else { continue };
        let carrier = detection.best().carrier;
        let codecs = |config: Config| carrier.codec(config);
        let lenient = codecs(Config { tolerance: Tolerance::Lenient, ..Config::default() });
        // Some were cut off before they came here.
        let cut = [DeviationKind::ElementUnclosed, DeviationKind::CloseDelimiterMissing];
        let whole = |decoded: tongsa::Decoded| !decoded.deviations.iter().any(|found| cut.contains(&found.kind));
        if lenient.decode(&http.entity).is_ok_and(whole) {
            count += 1;
            harness::notices_truncation(&codecs, &http.entity, 0..http.entity.body.len())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            let Ok(http) = Entity::parse_http(Bytes::from(damaged), &Limits::default()) else { continue };
            if let Err(error) = lenient.decode(&http.entity) {
                assert!(error.at().offset <= http.entity.body.len(), "{} byte {at}: {error}", path.display());
            }
        }
    }
    assert!(count >= 30, "{count} captures decode");
}
