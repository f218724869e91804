//! Where a deviation stands, to the byte: at irregular end tags, and what the element's path is there; before the first
//! delimiter, and at a header field that stands twice.
#![cfg(feature = "serde")]

mod harness;

use tongsa::{DialectId, Entity};

/// In front of the elements of a SubmitReq that is the root part, in EUC-KR.
const HEAD: &[u8] = b"--b\r\nContent-Type: text/xml; charset=euc-kr\r\n\r\n\
    <?xml version=\"1.0\" encoding=\"euc-kr\"?><e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header/>\
    <e:Body><m:SubmitReq xmlns:m=\"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-2\">\
    <Subject>\xC1\xA6\xB8\xF1</Subject>";
const TAIL: &[u8] = b"</m:SubmitReq></e:Body></e:Envelope>\r\n--b--\r\n";

/// XML with a `^` before each byte where a deviation stands; then each deviation, and the path below the operation.
type Case = (&'static str, &'static [(&'static str, &'static str)]);

const END_TAGS: &[Case] = &[
    ("<x>1</x >", &[]),
    ("<x>1</x\r\n\t>", &[]),
    // A blank before the name.
    ("<x>1</^ x>", &[("xml/end-tag-blank", "/x")]),
    ("<x>1</^\r\n\tx>", &[("xml/end-tag-blank", "/x")]),
    ("<x>1</^ x >", &[("xml/end-tag-blank", "/x")]),
    ("<x><y>1</^ y></^ x>", &[("xml/end-tag-blank", "/x/y"), ("xml/end-tag-blank", "/x")]),
    // Something behind it.
    ("<x>1</x ^y>", &[("xml/end-tag-malformed", "/x")]),
    ("<x>1</x \t^y z >", &[("xml/end-tag-malformed", "/x")]),
    ("<x>1</x^/>", &[("xml/end-tag-malformed", "/x")]),
    ("<x>1</x ^a=\"1\">", &[("xml/end-tag-malformed", "/x")]),
    ("<x>1</^  x \t^y>", &[("xml/end-tag-blank", "/x"), ("xml/end-tag-malformed", "/x")]),
    // Another tag begins before it ends.
    ("<x>1</x^<y>2</y>", &[("xml/end-tag-malformed", "/y")]),
    ("<x>1</x ^z<y>2</y>", &[("xml/end-tag-malformed", "/x")]),
    // Of no element that is open.
    ("<x>1</x>^</y>", &[("xml/end-tag-stray", "")]),
    ("<x>1^</y>2</x>", &[("xml/end-tag-stray", "/x")]),
    ("<x>1^</>2</x>", &[("xml/markup-stray", "/x")]),
    (
        "<x>1^</^ y ^z>2</x>",
        &[("xml/end-tag-stray", "/x"), ("xml/end-tag-blank", "/x"), ("xml/end-tag-malformed", "/x")],
    ),
    // For the element that is open, under another name.
    ("<x><y>1^</z></x>", &[("xml/end-tag-mismatch", "/x/y")]),
    ("<x><y>1^</z> <!-- --> </x>", &[("xml/end-tag-mismatch", "/x/y")]),
    (
        "<x><y>1^</^ z ^a></^ x>",
        &[
            ("xml/end-tag-mismatch", "/x/y"),
            ("xml/end-tag-blank", "/x/y"),
            ("xml/end-tag-malformed", "/x/y"),
            ("xml/end-tag-blank", "/x"),
        ],
    ),
    // For one further out: those inside are open to its first byte.
    ("<x>^<y>1</x>", &[("xml/element-unclosed", "/x/y")]),
    (
        "<x>^<y>^<z>1</^ x>",
        &[("xml/element-unclosed", "/x/y"), ("xml/element-unclosed", "/x/y/z"), ("xml/end-tag-blank", "/x")],
    ),
    // A start tag in its place.
    ("<x><y>1^<y></x>", &[("xml/end-tag-repeated-start", "/x/y")]),
    (
        "<x><y>^<z>1^<y></^ x>",
        &[("xml/element-unclosed", "/x/y/z"), ("xml/end-tag-repeated-start", "/x/y"), ("xml/end-tag-blank", "/x")],
    ),
];

#[test]
fn an_end_tag_deviates_at_this_byte() {
    for &dialect in DialectId::ALL {
        for (marked, expected) in END_TAGS {
            let marks = marked.match_indices('^').enumerate().map(|(nth, (at, _))| HEAD.len() + at - nth);
            let named = |&(code, path): &(&'static str, &str)| (code, format!("part[0]/Envelope/Body/SubmitReq{path}"));
            let expected: Vec<_> = marks.zip(expected.iter().map(named)).collect();
            let body = [HEAD, marked.replace('^', "").as_bytes(), TAIL].concat();
            let inside = HEAD.len()..body.len() - TAIL.len();
            let entity =
                Entity::new(body).with_header("Content-Type", "multipart/related; boundary=b; type=\"text/xml\"");
            let decoded = dialect.codec(harness::lenient()).decode(&entity).expect("a message");
            let found = decoded.deviations.iter().filter(|found| inside.contains(&found.at.offset));
            let found = found.map(|found| (found.at.offset, (found.kind.code(), found.at.path.to_string())));
            let found: Vec<_> = found.filter(|(_, (code, _))| code.starts_with("xml/")).collect();
            assert_eq!(found, expected, "{dialect} {marked}");
        }
    }
}

/// Blanks in front of the first delimiter are no preamble, on its own line either; and what says that there is none counts
/// from the first byte that tells.
#[test]
fn a_body_begins_behind_its_blanks() {
    let whole = |before: &[u8]| {
        let body = [before, HEAD, TAIL].concat();
        Entity::new(body).with_header("Content-Type", "multipart/related; boundary=b; type=\"text/xml\"")
    };
    for &dialect in DialectId::ALL {
        let codec = dialect.codec(harness::lenient());
        let plain = codec.decode(&whole(b"")).expect("a message");
        for before in [&b" "[..], b"\r\n", b" \t\r\n  ", b"\0\0", b"\xEF\xBB\xBF "] {
            let decoded = codec.decode(&whole(before)).unwrap_or_else(|error| panic!("{dialect} {before:?}: {error}"));
            assert_eq!(decoded.message, plain.message, "{dialect} {before:?}");
            // Nothing else is another way than without them, but for its place.
            let places = |decoded: &tongsa::Decoded, len: usize| -> Vec<_> {
                let found = decoded.deviations.iter().filter(|found| found.at.offset >= len);
                found.map(|found| (found.kind, found.at.offset - len)).collect()
            };
            assert_eq!(places(&decoded, before.len()), places(&plain, 0), "{dialect} {before:?}");
        }
        let none = Entity::new(&b"  --b"[..]).with_header("Content-Type", "multipart/related; type=\"text/xml\"");
        assert!(codec.decode(&none).is_err(), "{dialect}");
        let blank = Entity::new(&b"  a"[..]).with_header("Content-Type", "multipart/related; type=\"text/xml\"");
        assert_eq!(codec.decode(&blank).expect_err("no boundary").at().offset, 0, "{dialect}");
    }
}

/// The first of a name counts and the second is at its place, however many others stand between.
#[test]
fn a_field_deviates_that_stands_twice() {
    for count in [2, 15, 16, 17, 18, 40] {
        for twice in [0, 1, 14, 15, 16, 17, 38].into_iter().filter(|&twice| twice < count) {
            let fields = (0..count).map(|nth| format!("X-N{nth}: {nth}\r\n")).collect::<Vec<_>>().concat();
            let before = [
                HEAD,
                b"</m:SubmitReq></e:Body></e:Envelope>\r\n--b\r\nContent-Type: image/jpeg\r\n",
                fields.as_bytes(),
            ]
            .concat();
            let body = [&before[..], format!("X-n{twice}: again\r\n\r\na\r\n--b--\r\n").as_bytes()].concat();
            let entity =
                Entity::new(body).with_header("Content-Type", "multipart/related; boundary=b; type=\"text/xml\"");
            let decoded = DialectId::SLive.codec(harness::lenient()).decode(&entity).expect("a message");
            let doubled: Vec<_> = decoded
                .deviations
                .iter()
                .filter(|found| found.kind.code() == "mime/field-duplicate")
                .map(|found| found.at.offset)
                .collect();
            assert_eq!(doubled, [before.len()], "{twice} of {count}");
            let media = &decoded.message.content().expect("a submit").media[0];
            assert_eq!(media.fields.iter().count(), count);
            let (_, value) = media.fields.iter().nth(twice).expect("a field");
            assert_eq!(value.as_str(), twice.to_string());
        }
    }
}
