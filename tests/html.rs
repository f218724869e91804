//! K's text and HTML on the wire, and what becomes of a frame in which the text does not stand.
#![cfg(feature = "serde")]

use serde_json::{Value, json};
use tongsa::{Codec, Config, Encoded, K, Message, OnUnmappable, Tolerance, Value as Said};

fn submit(content: &Value) -> Message {
    serde_json::from_value(json!({ "operation": "submit_req", "content": content })).expect("a canonical message")
}

fn encode(content: &Value) -> Encoded {
    K::default().encode(&submit(content)).expect("nothing is refused")
}

fn losses(encoded: &Encoded) -> Vec<String> {
    encoded.losses.iter().map(ToString::to_string).collect()
}

/// What stands behind the envelope's part, up to the last delimiter.
fn behind_the_root(encoded: &Encoded) -> String {
    let body = String::from_utf8_lossy(&encoded.entity.body).into_owned();
    let (_, rest) = body.split_once("</env:Envelope>\r\n").expect("an envelope");
    let (_, rest) = rest.split_once("\r\n").expect("a delimiter");
    rest.rsplit_once("\r\n").expect("a delimiter").0.into()
}

fn image(id: &str, name: &str) -> Value {
    json!({ "media_type": "image/jpeg", "content_id": id, "name": name, "data": "/9j/2Q==" })
}

#[test]
fn writes_text_alone_as_one_flat_part() {
    let encoded = encode(&json!({ "text": "1 < 2 & <a>" }));
    assert_eq!(
        behind_the_root(&encoded),
        "Content-Type: text/plain; charset=\"euc-kr\"\r\nContent-ID: <text/plain>\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n1 < 2 & <a>"
    );
}

#[test]
fn writes_text_with_a_frame_as_the_document_does() {
    let frame = json!({ "before": "<HTML><HEAD></HEAD><BODY>", "after": "</BODY></HTML>" });
    let encoded = encode(&json!({ "text": "a", "presentation": { "frame": frame } }));
    assert_eq!(losses(&encoded), [""; 0]);
    assert_eq!(
        behind_the_root(&encoded),
        "Content-Type: text/html; charset=\"euc-kr\"\r\nContent-ID: <text/html>\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n<HTML><HEAD></HEAD><BODY>a</BODY></HTML>"
    );
}

#[test]
fn writes_images_behind_a_page_that_names_each() {
    let media = [
        image("1@a", "a.jpg"),
        image("뷁", "가.jpg"),
        json!({ "media_type": "image/jpeg", "name": "c d.jpg", "data": "" }),
    ];
    let encoded = encode(&json!({ "text": "a", "media": media }));
    let wire = behind_the_root(&encoded);
    assert!(wire.starts_with("Content-Type: multipart/related; \r\n\tboundary=\"----=_Part_"), "{wire}");
    assert!(
        wire.contains(
            "\r\nContent-Type: text/html; charset=euc-kr\r\nContent-Transfer-Encoding: 8bit\r\n\
             Content-ID: <text/html>\r\n\r\n<HTML><HEAD></HEAD></HTML><IMG SRC=\"1@a\"><IMG SRC=\"IMG1\">\
             <IMG SRC=\"c d.jpg\">a</BODY></HTML>\r\n"
        ),
        "{wire}"
    );
    assert_eq!(losses(&encoded), ["content.media[1].content_id: unmappable U+BDC1 at 0"]);
}

#[test]
fn keeps_any_text_in_its_own_frame() {
    for text in ["<B>a</B>", "a<BR>b", "</BODY></HTML>", " ", "<!-- a", "&amp;", "<IMG>", "\r\n"] {
        assert_eq!(losses(&encode(&json!({ "text": text, "media": [image("1@a", "a")] }))), [""; 0], "{text:?}");
    }
}

#[test]
fn cuts_an_image_off_that_a_text_begins_with() {
    let content = json!({ "text": "<IMG SRC=\"뷁\"><IMG SRC=\"b\">뷁", "media": [image("1@a", "a")] });
    let encoded = encode(&content);
    assert_eq!(losses(&encoded), ["content.text: narrowed"]);
    assert_eq!(encoded.losses[0].after, Some(Said::Text("?".into())));
    let encoded = encode(&json!({ "text": "<IMG SRC=\"b\">", "media": [image("1@a", "a")] }));
    assert_eq!(losses(&encoded), ["content.text: dropped"]);
}

#[test]
fn drops_a_frame_in_which_the_text_would_be_another() {
    let frame = json!({ "frame": { "before": "<HTML><BODY>", "after": "</BODY></HTML>" } });
    for text in ["<B>a", "a<BR>b", "a</B>"] {
        let encoded = encode(&json!({ "text": text, "presentation": frame }));
        assert_eq!(losses(&encoded), ["content.presentation.frame: dropped"], "{text}");
        assert!(behind_the_root(&encoded).ends_with(&format!("\r\n\r\n{text}")));
    }
    // Its own frame is what it writes of itself.
    let own = json!({ "before": "<HTML><HEAD></HEAD></HTML>", "after": "</BODY></HTML>" });
    let encoded = encode(&json!({ "text": "a", "presentation": { "frame": own, "text_id": "text/plain" } }));
    assert_eq!(losses(&encoded), ["content.presentation.frame: dropped", "content.presentation.text_id: dropped"]);
}

#[test]
fn narrows_a_frame_that_is_divided_otherwise() {
    let encoded = encode(&json!({ "presentation": { "frame": { "before": "<HTML><BODY></BODY></HTML>" } } }));
    assert_eq!(losses(&encoded), ["content.presentation.frame: narrowed"]);
    let encoded = encode(&json!({ "text": "a", "presentation": { "frame": { "before": "<B TITLE='😀'>" } } }));
    assert_eq!(losses(&encoded), ["content.presentation.frame: narrowed"]);
    assert!(behind_the_root(&encoded).ends_with("\r\n\r\n<B TITLE='?'>a"));
}

#[test]
fn refuses_characters_of_a_frame_when_asked() {
    let codec = K::new(Config { on_unmappable: OnUnmappable::Refuse, ..Config::default() });
    let content = json!({ "text": "a", "presentation": { "frame": { "before": "<B TITLE='😀'>" } } });
    let error = codec.encode(&submit(&content)).unwrap_err();
    assert_eq!(error.to_string(), "content.presentation.frame: the charset has no U+1F600 (character 10)");
}

#[test]
fn lists_what_k_will_refuse() {
    let message: Message = serde_json::from_value(json!({
        "operation": "submit_req", "transaction_id": "1", "sender": { "origin_code": "1" },
        "recipients": { "to": [{ "number": "01000000002" }], "cc": [{ "number": "01000000003" }] },
        "content": { "media": [image("a@b", "a"), image("a@b", "a"), { "media_type": "image/png", "data": "" }, image("c", "c")],
                     "presentation": { "text_id": "/tnn-200102/mm7-submit" } }
    }))
    .expect("a canonical message");
    let found: Vec<_> = K::default().check(&message).iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "service_type: missing (k)",
            "mm7_version: missing (k)",
            "sender.vasp_id: missing (k)",
            "sender.vas_id: missing (k)",
            "sender.cp_id: missing (k)",
            "sender.billing: missing (k)",
            "sender.callback: missing (k)",
            "message_class: missing (k)",
            "timestamp: missing (k)",
            "subject: missing (k)",
            "delivery_report: missing (k)",
            "read_reply: missing (k)",
            "recipients: 2 found, 1 allowed (k)",
            "sender.origin_code: expected nine digits (k)",
            "content.media: 4 found, 3 allowed (k)",
            "content.media[2].media_type: expected image/jpeg (k)",
            "content.presentation.text_id: expected an id that no other part has (k)",
        ]
    );
}

#[test]
fn answers_a_report_in_its_namespace() {
    let codec = K::new(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    for revision in ["1-0", "1-2"] {
        let report = format!(
            "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><m:DeliveryReportReq \
             xmlns:m=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-{revision}\">\
             <MM7Version>1.0</MM7Version></m:DeliveryReportReq></e:Body></e:Envelope>"
        );
        let decoded = codec.decode(&tongsa::Entity::new(report)).expect("a report");
        let reply = decoded.reply(tongsa::Status::new(1000, "Success").expect("a text")).expect("a request");
        let answer = codec.encode_reply(&reply).expect("ASCII").entity;
        let wire = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(wire.contains(&format!("DeliveryReportRsp xmlns:mm7=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-{revision}\"><Status>")), "{wire}");
    }
}

#[test]
fn stops_where_there_are_more_deviations_than_are_kept() {
    let codec = K::new(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    let page = |count: usize| {
        let content = json!({ "text": "a", "presentation": { "frame": { "before": "<BODY>", "after": "</BODY>" } } });
        let entity = encode(&content).entity;
        let body =
            String::from_utf8_lossy(&entity.body).replace("<BODY>a", &format!("<BODY>a{}", "<B>b</B>".repeat(count)));
        codec.decode(
            &tongsa::Entity::new(body).with_header("Content-Type", entity.header("Content-Type").unwrap().to_vec()),
        )
    };
    assert!(page(2000).is_ok());
    let error = page(4000).unwrap_err().to_string();
    assert!(error.starts_with("more than 4096 deviations at byte "), "{error}");
}

/// A page in place of the one that the dialect writes, and the body that it stands in.
fn read(page: &[u8]) -> (tongsa::Decoded, Vec<u8>) {
    let own = b"<HTML><HEAD></HEAD><BODY>a</BODY></HTML>";
    let frame = json!({ "before": "<HTML><HEAD></HEAD><BODY>", "after": "</BODY></HTML>" });
    let entity = encode(&json!({ "text": "a", "presentation": { "frame": frame } })).entity;
    let at = memchr::memmem::find(&entity.body, own).expect("the page");
    let body = [&entity.body[..at], page, &entity.body[at + own.len()..]].concat();
    let entity = tongsa::Entity { body: body.clone().into(), ..entity };
    let codec = K::new(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    (codec.decode(&entity).expect("a message"), body)
}

/// What deviates in a page: the code, and the bytes at its place.
fn deviations(page: &[u8]) -> Vec<(&'static str, String)> {
    let (decoded, body) = read(page);
    let shown = |offset: usize| String::from_utf8_lossy(body.get(offset..offset + 4).unwrap_or_default()).into_owned();
    decoded.deviations.iter().map(|found| (found.kind.code(), shown(found.at.offset))).collect()
}

#[test]
fn ends_a_tag_outside_its_quotes() {
    for (page, text) in [
        ("<FONT FACE=\">\">b</FONT>", "b"),
        ("<FONT FACE='\">' SIZE=\"'>\">b</FONT>", "b"),
        ("<FONT FACE=\"x>b</FONT>", "b"),
        ("a<FONT FACE=\"x\">b</FONT>c>d", "abc>d"),
    ] {
        let (decoded, _) = read(format!("<HTML><BODY>{page}</BODY></HTML>").as_bytes());
        let message = serde_json::to_value(&decoded.message).expect("JSON");
        assert_eq!(message["content"]["text"], text, "{page}");
    }
}

#[test]
fn notes_the_first_tag_that_does_not_match() {
    let structure = |page: &str| -> Vec<String> {
        let found = deviations(format!("<HTML><BODY>{page}</BODY></HTML>").as_bytes());
        found.into_iter().filter(|(code, _)| *code == "content/html-structure").map(|(_, at)| at).collect()
    };
    for fine in ["a<B>b</B>c", "a<B><P>b</B>c", "a<LI>b<P>c</LI>d", "a<BR>b<P>c"] {
        assert_eq!(structure(fine), [""; 0], "{fine}");
    }
    for (page, at) in [
        ("a<B>b<I>c</B>d</I>e", "</B>"),
        ("a<P>b<B>c</P>d</B>e", "</P>"),
        ("a</B>b<B>c</B>", "</B>"),
        ("a<I>b</I>c<B>d", "</BO"),
        ("a<B>b<B>c</B>d", "</BO"),
    ] {
        assert_eq!(structure(page), [at], "{page}");
    }
    // Open to the end: what may be left open, and what may not.
    let to_the_end = |page: &str| -> Vec<String> {
        let found = deviations(page.as_bytes()).into_iter();
        found.filter(|(code, _)| *code == "content/html-structure").map(|(_, at)| at).collect()
    };
    assert_eq!(to_the_end("a<P>b<LI>c"), [""; 0]);
    assert_eq!(to_the_end("a<P>b<B>c<I>d"), ["<B>c"]);
}

#[test]
fn says_where_the_text_of_a_page_is_damaged() {
    let page = b"<HTML><BODY>a<B>b</B>c<B>d\xFF\xFFef</B>gh</BODY></HTML>";
    let found = deviations(page);
    let damaged: Vec<_> = found.iter().filter(|(code, _)| *code == "charset/undecodable").collect();
    assert_eq!(damaged.len(), 1, "{found:?}");
    assert_eq!(damaged[0].1, "\u{FFFD}\u{FFFD}ef");
}
