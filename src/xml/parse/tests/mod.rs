use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::deviation::DeviationKind as K;
use crate::laws::work;
use crate::xml::{Element, Namespace};

mod streams;
mod tags;

/// `name{attribute=value}[text|child child]`: what the tree says.
fn outline(element: &Element<'_, '_>, charset: Charset) -> String {
    let mut out = String::from_utf8_lossy(element.name()).into_owned();
    let mut flags = Flags::default();
    for attribute in element.attributes() {
        let name = String::from_utf8_lossy(attribute.name());
        let value = attribute.value(charset, &mut flags);
        out.extend(["{", &name, "=", &value, "}"]);
    }
    let text = element.text(charset, &mut flags);
    let children: Vec<_> = element.children().map(|child| outline(&child, charset)).collect();
    if !text.is_empty() || !children.is_empty() {
        out.extend(["[", &text, "|", &children.join(" "), "]"]);
    }
    assert_eq!(flags.iter().count(), 0, "the text is clean");
    out
}

fn read_in(input: &[u8], charset: Charset) -> (Result<String, Fatal>, Vec<(K, usize)>) {
    crate::laws::xml(input);
    let mut flags = Flags::default();
    let tree =
        parse(input, 0, charset, &Limits::default(), &mut flags).map(|document| outline(&document.root(), charset));
    (tree, flags.iter().map(|flag| (flag.kind, flag.offset)).collect())
}

#[track_caller]
fn reads(input: &str, tree: &str, flags: &[(K, usize)]) {
    let (found, flagged) = read_in(input.as_bytes(), Charset::Utf8);
    assert_eq!(found.as_deref(), Ok(tree), "{input}");
    assert_eq!(flagged, flags, "{input}");
}

fn fatal(input: &str, limits: &Limits) -> Fatal {
    parse(input.as_bytes(), 100, Charset::Utf8, limits, &mut Flags::default())
        .map(|document| outline(&document.root(), Charset::Utf8))
        .expect_err("fatal")
}

#[test]
fn reads_well_formed_documents_without_flags() {
    reads("<a/>", "a", &[]);
    reads("\u{FEFF}<?xml version='1.0' encoding = \"utf-8\" ?>\r\n<!-- c --><a />\n<!-- d --><?p q?>", "a", &[]);
    reads("\n<a b = 'x\"y' c=\"it's\">t</a\n>", "a{b=x\"y}{c=it's}[t|]", &[]);
    reads("<a>1<b>2</b>3<b/>4</a>", "a[134|b[2|] b]", &[]);
    reads("<a>x &lt;&#46624;&#xB620;&amp;&gt;</a>", "a[x <똠똠&>|]", &[]);
    reads("<a><![CDATA[<b>&amp;]]]]><![CDATA[>]]></a>", "a[<b>&amp;]]>|]", &[]);
    reads("<a>00042  <!-- five digits --> <?p?></a>", "a[00042   |]", &[]);
    reads("<a b='x>y' c='“z” d=' />", "a{b=x>y}{c=“z” d=}", &[]);
    reads("<b><b><b></b></b></b>", "b[|b[|b]]", &[]);
    reads("<a><b><b> <!-- --></b></b></a>", "a[|b[|b[ |]]]", &[]);
    reads("<a xml:lang='ko'/>", "a{xml:lang=ko}", &[]);
    reads("<한글 이름='값'>글</한글>", "한글{이름=값}[글|]", &[]);
}

#[test]
fn keeps_line_ends_and_white_space_as_xml_says() {
    reads("<a>1\r\n2\r3\n4&#13;\n5\t</a>", "a[1\n2\n3\n4\r\n5\t|]", &[]);
    reads("<a><![CDATA[1\r\n2&#13;]]></a>", "a[1\n2&#13;|]", &[]);
    reads("<a b='1\r\n2\r3\n4\t5&#13;&#10;&#9;'/>", "a{b=1 2 3 4 5\r\n\t}", &[]);
}

#[test]
fn reads_the_six_errors_of_the_interface_document() {
    // S-02, S-05 twice, S-08, S-07, S-06; and S-09 behind the root.
    let input = concat!(
        "<?xml version=\"1.0\" encoding=\"ksc5601\"?>\n",
        "<env:Envelope xmlns:env=»http://soap.example/»>\n",
        " <env:Header><m:Id xmlns:m=\"urn:m\" env:must=»1»>\n 00042 <!-- 다섯 자리 -->\n </m:Id></env:Header>\n",
        "<env:Body>\n<SubmitReq xmlns=\"urn:m\">\n",
        " <From>01000000001</From>\t<!-- <Cc> … </Cc> -->\n",
        " <ExpiryDate> Sat,  01 Aug 2026 09:00:00 +0900</ ExpiryDate >\n",
        " <ReadReply>False</ ReadReply>\n",
        " <Content href=\"cid:<C1>\"; allowAdaptations=\"True\"/>\n",
        "<SubmitReq>\n</env:Body>\n</env:Envelope>\nMMS Body\n",
    );
    let base = 7;
    let mut flags = Flags::default();
    let document = parse(input.as_bytes(), base, Charset::Utf8, &Limits::default(), &mut flags).expect("a document");
    let at = |text: &str| base + input.find(text).expect(text);
    let expected = [
        (K::QuoteTypographic, at("»http")),
        (K::QuoteTypographic, at("»1»")),
        (K::EndTagBlank, at("</ ExpiryDate >") + 2),
        (K::EndTagBlank, at("</ ReadReply>") + 2),
        (K::AttributeLt, at("<C1>")),
        (K::AttributeSeparator, at("; allow")),
        (K::EndTagRepeatedStart, at("<SubmitReq>\n")),
        (K::TextAfterRoot, at("MMS Body")),
    ];
    let found: Vec<_> = flags.iter().map(|flag| (flag.kind, flag.offset)).collect();
    assert_eq!(found, expected);
    assert!(document.is_complete());
    assert_eq!(document.end(), at("\nMMS Body"));

    let root = document.root();
    assert_eq!(root.namespace(), Namespace::Uri(b"http://soap.example/"));
    let body = root.children().nth(1).expect("Body");
    let operation = body.children().next().expect("SubmitReq");
    assert_eq!(operation.namespace(), Namespace::Uri(b"urn:m"));
    assert_eq!(operation.end(), at("\n</env:Body>"));
    let content = operation.children().last().expect("Content");
    assert_eq!(content.offset(), at("<Content"));
    assert_eq!(content.path(), "Envelope/Body/SubmitReq/Content");
    let mut flags = Flags::default();
    let href = content.attribute(b"href").expect("href");
    assert_eq!(href.value(Charset::Utf8, &mut flags), "cid:<C1>");
    assert_eq!((href.offset(), href.value_offset()), (at("href"), at("cid:<C1>")));
    let allow = content.attribute(b"allowAdaptations").expect("allowAdaptations");
    assert_eq!(allow.value(Charset::Utf8, &mut flags), "True");
    let header = root.children().next().expect("Header");
    let id = header.children().next().expect("Id");
    assert_eq!(id.text(Charset::Utf8, &mut flags).trim(), "00042");
    assert_eq!(id.text_offset(), at("00042"));
    let must = id.attribute(b"must").expect("must");
    assert_eq!(id.attribute_namespace(&must), Namespace::Uri(b"http://soap.example/"));
    assert_eq!(document.path_at(at("; allow")), "Envelope/Body/SubmitReq/Content");
    assert_eq!(document.path_at(at("<SubmitReq>\n")), "Envelope/Body/SubmitReq");
    assert_eq!(document.path_at(at("</env:Body>")), "Envelope/Body");
    assert_eq!(document.path_at(at("MMS Body")), "");
    assert_eq!(document.path_at(0), "");
    assert_eq!(flags.iter().count(), 0);
}

#[test]
fn reports_stray_markup_once_a_run() {
    reads(
        "<a>1 < 2 && <<3 ]]> </a>",
        "a[1 < 2 && <<3 ]]> |]",
        &[(K::MarkupStray, 5), (K::MarkupStray, 9), (K::MarkupStray, 12), (K::MarkupStray, 16)],
    );
    reads(
        "<a>&nbsp;&#0;&#xD800;</a>",
        "a[&nbsp;&#0;&#xD800;|]",
        &[(K::ReferenceUnknown, 3), (K::ReferenceUnknown, 9), (K::ReferenceUnknown, 13)],
    );
    reads("<a></><!x></a>", "a[</><!x>|]", &[(K::MarkupStray, 3), (K::MarkupStray, 6)]);
}

#[test]
fn reports_what_stands_before_the_root() {
    reads("\r\n\0<?xml version='1.0'?><a/>", "a", &[(K::XmlPadding, 0)]);
    reads("<? xml version='1.0'?><a/>", "a", &[(K::XmlDeclarationBlank, 2)]);
    reads("<!-- c --><?xml version='1.0'?><a/>", "a", &[(K::XmlPadding, 0)]);
    reads("--b < \nX: y</z><?xml version='1.0'?> & <a/>", "a", &[(K::MarkupStray, 0)]);
    reads("<?xml version='1.0'><a/>", "a", &[(K::CommentMalformed, 0)]);
    reads(
        "<?xml version=»1.0»?><a><?xml version='1.0'?></a>",
        "a",
        &[(K::QuoteTypographic, 14), (K::CommentMalformed, 26)],
    );
}

#[test]
fn reports_a_declaration_of_other_attributes_than_its_own() {
    reads("<?xml version='1.0' encoding='euc-kr' standalone='yes'?><a/>", "a", &[]);
    for (declaration, at) in [
        ("<?xml?>", 0),
        ("<?xml encoding='euc-kr'?>", 0),
        ("<?xml versio='1.0'?>", 0),
        ("<?xml version='1.0' encodin='euc-kr'?>", 20),
        ("<?xml version='1.0' standalone='yes' encoding='euc-kr'?>", 37),
    ] {
        reads(&format!("{declaration}<a/>"), "a", &[(K::AttributeMalformed, at)]);
    }
}

#[test]
fn reports_what_stands_behind_the_root() {
    reads("<a/> \0\n<!-- --><?p?>\0", "a", &[]);
    reads("<a/>   ons=\"x\"/></a>^", "a", &[(K::TextAfterRoot, 7)]);
    reads("<a/><b/>", "a", &[(K::TextAfterRoot, 4)]);
    reads("<a/><!-- ", "a", &[(K::CommentMalformed, 4)]);
}

#[test]
fn reports_malformed_comments_and_sections() {
    reads("<a><!-- b -- c --->x</a>", "a[x|]", &[(K::CommentMalformed, 10)]);
    reads("<a><!-- b --->x</a>", "a[x|]", &[(K::CommentMalformed, 10)]);
    reads("<a>x<!-- b", "a[x|]", &[(K::CommentMalformed, 4), (K::ElementUnclosed, 0)]);
    reads("<a>x<![CDATA[y", "a[xy|]", &[(K::CommentMalformed, 4), (K::ElementUnclosed, 0)]);
    reads("<a>x<?y", "a[x|]", &[(K::CommentMalformed, 4), (K::ElementUnclosed, 0)]);
}

#[test]
fn resolves_namespaces_and_reports_the_first_undeclared_prefix() {
    let input = "<a xmlns='u:1' xmlns:p='u&amp;2' q:x='' p:y='' z=''>\
                 <p:b/><c xmlns='' xmlns:p='u3'><p:d/><e/></c><p:f/><q:g/></a>";
    let mut flags = Flags::default();
    let document = parse(input.as_bytes(), 10, Charset::Utf8, &Limits::default(), &mut flags).expect("a document");
    let flags: Vec<_> = flags.iter().map(|flag| (flag.kind, flag.offset)).collect();
    assert_eq!(flags, [(K::PrefixUndeclared, 10 + input.find("q:x").expect("q:x"))]);
    let root = document.root();
    let uri = |uri: &'static str| Namespace::Uri(uri.as_bytes());
    let of = |element: &Element<'_, '_>| format!("{:?}", element.namespace());
    assert_eq!(root.namespace(), uri("u:1"));
    let attributes: Vec<_> = root.attributes().map(|a| root.attribute_namespace(&a)).collect();
    assert_eq!(attributes, [Namespace::Undeclared, uri("u&2"), Namespace::None]);
    let children: Vec<_> = root.children().map(|child| of(&child)).collect();
    let expected = [uri("u&2"), Namespace::None, uri("u&2"), Namespace::Undeclared];
    assert_eq!(children, expected.map(|namespace| format!("{namespace:?}")));
    let inner = root.children().nth(1).expect("c");
    let inner: Vec<_> = inner.children().map(|child| of(&child)).collect();
    assert_eq!(inner, [uri("u3"), Namespace::None].map(|namespace| format!("{namespace:?}")));
}

#[test]
fn tells_blank_elements_and_text_places() {
    let input = "<a> <b> <!-- x -->&#32;</b><c>  &amp;</c><d><e/></d><f x='y'/></a>";
    let document =
        parse(input.as_bytes(), 3, Charset::Utf8, &Limits::default(), &mut Flags::default()).expect("a document");
    let children: Vec<_> = document.root().children().collect();
    let blank: Vec<_> = children.iter().map(Element::is_blank).collect();
    assert_eq!(blank, [true, false, false, true]);
    let parents: Vec<_> = children.iter().map(Element::has_children).collect();
    assert_eq!(parents, [false, false, true, false]);
    assert_eq!(children[1].text_offset(), 3 + input.find("&amp;").expect("&amp;"));
    assert_eq!(children[3].text_offset(), 3 + input.find("</a>").expect("</a>"));
}

#[test]
fn borrows_one_clean_run() {
    let document = parse("<a>가나</a>".as_bytes(), 0, Charset::Utf8, &Limits::default(), &mut Flags::default())
        .expect("a document");
    let text = document.root().text(Charset::Utf8, &mut Flags::default());
    assert!(matches!(text, alloc::borrow::Cow::Borrowed("가나")));
}

#[test]
fn refuses_what_is_no_document() {
    let limits = Limits { xml_depth: 3, attributes: 2, ..Limits::default() };
    let at = |kind, offset| Fatal::new(kind, offset);
    assert_eq!(fatal("", &limits), at(DecodeErrorKind::NoElement, 100));
    assert_eq!(fatal("  text & < </b>", &limits), at(DecodeErrorKind::NoElement, 100));
    assert_eq!(fatal(" <!DOCTYPE a><a/>", &limits), at(DecodeErrorKind::Doctype, 101));
    assert_eq!(fatal("<a><!doctype a></a>", &limits), at(DecodeErrorKind::Doctype, 103));
    let what = "elements inside one another";
    assert_eq!(fatal("<a><b><c><d/>", &limits), Fatal::limit(what, 3, 109));
    assert!(read_in(b"<a><b><c/></b></a>", Charset::Utf8).0.is_ok());
    let what = "attributes of one element";
    assert_eq!(fatal("<a><b c='' d='' e=''/>", &limits), Fatal::limit(what, 2, 103));
}

#[test]
fn finds_the_declared_encoding() {
    for (input, expected) in [
        (&b"<?xml version=\"1.0\" encoding=\"euc-kr\" ?><a/>"[..], Some((&b"euc-kr"[..], 30))),
        (b"\xEF\xBB\xBF<?xml version ='1.0'  encoding = 'ks_c_5601-1987'?>", Some((b"ks_c_5601-1987", 37))),
        (b"\n\0<? xml encoding=utf-8?><!DOCTYPE a>", Some((b"utf-8", 18))),
        (b"junk <?xml version='1.0' encoding=\xA1\xB0ksc5601\xA1\xB1?>", Some((b"ksc5601", 36))),
        ("<?xml encoding=»ksc5601»?>".as_bytes(), Some((b"ksc5601", 17))),
        (b"<?xml version='1.0'?><a encoding='x'/>", None),
        (b"<a encoding='x'/>", None),
        (b"<!DOCTYPE a><?xml encoding='x'?>", None),
        (b"<?xml encoding=''?>", None),
        (b"", None),
    ] {
        assert_eq!(declared_encoding(input), expected, "{}", String::from_utf8_lossy(input));
    }
}

#[test]
fn reads_hostile_shapes_in_linear_time() {
    const LEN: usize = 1 << 14;
    let heads = ["", "<r>", "<r a=\"", "<r a='", "<r ", "<r a=“", "<r>\u{201C}"];
    let units = [
        "<",
        "<a ",
        "</a>",
        "</",
        "</ ",
        "\"",
        "'",
        "&",
        "&a",
        "&#",
        "]",
        "]]>",
        "<a b=\">",
        "<a b='“/>",
        "<a b=\"“ c=\"",
        "<a/>",
        "<a>x</a>",
        "<a></b>",
        "<r><!-- -->",
        "</a><!-- -->",
        "<!--",
        "<!",
        "<?",
        "<? ",
        "<?xml ",
        "<![CDATA[",
        "a=b ",
        "a=x”",
        "a ",
        ";",
        "=",
        "“",
        "“ “",
        " “x=",
        "a=“ b='",
        "<a b=“>",
        "<p:a xmlns:p='u'/>",
        "<a b=c<d>",
        " ",
        "\0",
        "\r",
        "<a b=<",
        "a=\"<“/>",
        "<a b=\"”/>t",
    ];
    for head in heads {
        for unit in units {
            let read = |len: usize| {
                let input = format!("{head}{}", unit.repeat(len / unit.len()));
                let work = || {
                    let mut flags = Flags::default();
                    if let Ok(document) = parse(input.as_bytes(), 0, Charset::Utf8, &Limits::default(), &mut flags) {
                        let _ = document.root().text(Charset::Utf8, &mut flags);
                        let _ = (document.path_at(len / 2), document.root().is_blank());
                    }
                    let _ = declared_encoding(input.as_bytes());
                };
                work::spent(work).0
            };
            let growth = work::growth(read, LEN);
            assert!(growth <= work::LINEAR, "{head}{unit}…: {growth:.0} times as long");
        }
    }
}
