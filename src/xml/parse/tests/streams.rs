//! What is read as it comes, and what is left to the tree. That both readings are the same is a law (`src/laws.rs`).

use super::*;
use crate::laws;

fn comes(input: &[u8], charset: Charset) -> bool {
    laws::xml(input);
    laws::as_it_comes(input, 0, charset).is_some()
}

#[track_caller]
fn streams(input: &str) {
    assert!(comes(input.as_bytes(), Charset::Utf8), "{input}");
}

#[track_caller]
fn leaves_to_the_tree(input: &str) {
    assert!(!comes(input.as_bytes(), Charset::Utf8), "{input}");
}

#[test]
fn streams_plain_documents() {
    streams("<a/>");
    streams("<a></a>");
    streams("\u{FEFF}<?xml version=\"1.0\" encoding=\"euc-kr\" ?>\r\n<!-- c --><a>\r\n  <b>c</b>\r\n</a> <!-- d -->");
    streams("<a b='c'><d e=\"f&amp;g\" h=''/><i>k &lt;l&#32;m&gt;</i></a>");
    streams("<a><b> </b><c>]</c><d>]]</d><e>가나다</e></a>");
    streams("<p:a xmlns:p=\"u\" xmlns=\"v\"><b xmlns=\"w\"><p:c/></b><b p:d=\"e\" xml:lang=\"ko\"/></p:a>");
    streams("<a><b><c><d><e><f><g><h><i>k</i></h></g></f></e></d></c></b></a>");
}

#[test]
fn streams_what_is_odd_where_it_stands() {
    // S-02, S-07, S-08, S-05, S-06, S-09.
    streams("<a xmlns=“u”; b=\"<c>\"><d>e</ d></a>");
    streams("<a><b><c>d</c><b></a>");
    streams("<a><b><c>d</c><b>\r\n </a>");
    streams("<a>b</a >c");
    // References to nothing, and angles that are none.
    streams("<a>&b; & c</a>");
    assert!(comes(b"<a b=\xA1\xB0c\xA1\xB1>\xB0\xA1</a>", Charset::EucKr));
    assert!(comes(b"<a>\xFF</a>", Charset::EucKr));
}

#[test]
fn leaves_to_the_tree_what_wants_a_look_back() {
    for content in [
        "b<c/>",
        "<c/>b",
        "<!-- b -->",
        "b<!-- c -->d",
        "<![CDATA[b]]>",
        "<?b c?>",
        "<b>c",
        "<b></c></b>",
        "</b>",
        "]]>",
        "b < c",
        "<a/><a>",
        "<b><a></b>",
        "<p:b/>",
        "<b p:c=\"d\"/>",
    ] {
        leaves_to_the_tree(&format!("<a>{content}</a>"));
    }
    for document in [
        "",
        "b",
        "b<a/>",
        "<a",
        "<a>",
        "<a>b",
        "<a b=\"c\"",
        "<!DOCTYPE a><a/>",
        "<a xmlns=\"\"/>",
        "<a xmlns:p=\"&amp;\"/>",
        "<a><a>b</a><a></a>",
        "<a><b><b></a>",
        "<a><b> <b></a>",
    ] {
        leaves_to_the_tree(document);
    }
    let deep = |depth: usize| format!("{}<c/>{}", "<b>".repeat(depth), "</b>".repeat(depth));
    leaves_to_the_tree(&deep(2));
    let nested = |depth: usize| {
        let names = || (0..depth).map(|nth| format!("b{nth}"));
        let begin: Vec<_> = names().map(|name| format!("<{name}>")).collect();
        let end: Vec<_> = names().rev().map(|name| format!("</{name}>")).collect();
        format!("{}<c/>{}", begin.concat(), end.concat())
    };
    streams(&nested(9));
    leaves_to_the_tree(&nested(10));
    let declaring = |count: usize| (0..count).map(|nth| format!(" xmlns:p{nth}=\"u\"")).collect::<Vec<_>>().concat();
    streams(&format!("<a{}/>", declaring(6)));
    leaves_to_the_tree(&format!("<a{}/>", declaring(7)));
}

#[test]
fn keeps_the_limits_for_known_tags_too() {
    const KNOWN: Known = Known { names: &[], tags: &[KnownTag::new(b" b=\"c\" d=\"e\">")] };
    for (attributes, xml_depth, is_read) in [(2, 1, true), (1, 1, false), (2, 0, false)] {
        let (mut arenas, mut flags) = (Arenas::default(), Flags::default());
        let limits = Limits { xml_depth, attributes, ..Limits::default() };
        let input = b"<a b=\"c\" d=\"e\"></a>";
        let mut stream = Stream::new(&mut arenas, input, 7, Charset::Utf8, &limits, &mut flags).expect("an element");
        let root = stream.root(&KNOWN);
        assert_eq!(root.is_some(), is_read, "{attributes}, {xml_depth}");
        let Some(root) = root else { continue };
        let told: Vec<_> = stream.attributes(&root).map(|found| (found.offset(), found.local(), found.raw())).collect();
        assert_eq!(told, [(10, &b"b"[..], &b"c"[..]), (16, b"d", b"e")]);
        assert!(stream.finish().is_some());
    }
}

#[test]
fn goes_into_whole_tags_as_into_any() {
    const EMPTY: WholeTag = WholeTag::new("<b a=\"1\" c=\"2\"/>");
    const OPEN: WholeTag = WholeTag::new("<b a=\"1\" c=\"2\">");
    const PLAIN: WholeTag = WholeTag::new("<b>");
    assert!(OPEN.has(b"a") && OPEN.has(b"c") && !OPEN.has(b"1") && !OPEN.has(b"b") && !PLAIN.has(b"b"));
    assert_eq!([EMPTY, OPEN, PLAIN].map(|tag| tag.inside()), [&b"b a=\"1\" c=\"2\""[..], b"b a=\"1\" c=\"2\"", b"b"]);
    let go = |document: &str, whole: &WholeTag, limits: &Limits| {
        let (mut arenas, mut flags) = (Arenas::default(), Flags::default());
        let stream = &mut Stream::new(&mut arenas, document.as_bytes(), 7, Charset::Utf8, limits, &mut flags);
        let stream = stream.as_mut().expect("an element");
        stream.root(&Known { names: &[], tags: &[] })?;
        let Ahead::Start(tag) = stream.ahead()? else { return None };
        assert!(whole.is(tag), "{document}");
        let start = stream.start_whole(whole)?;
        assert_eq!((start.offset, start.local, start.namespace), (20, &b"b"[..], Some(&b"u"[..])), "{document}");
        assert_eq!(stream.attributes(&start).count(), 0, "{document}");
        if let Inside::Elements = start.inside {
            let Ahead::Start(tag) = stream.ahead()? else { return None };
            stream.start(name_len(tag))?;
            assert!(matches!(stream.ahead()?, Ahead::End(b"b")), "{document}");
        }
        assert!(matches!(stream.ahead()?, Ahead::End(b"a")), "{document}");
        stream.finish().map(|_| start.is_blank())
    };
    let limits = Limits::default();
    for (content, whole, expected) in [
        ("<b a=\"1\" c=\"2\"/>", &EMPTY, Some(true)),
        ("<b a=\"1\" c=\"2\"></b>", &OPEN, Some(true)),
        ("<b a=\"1\" c=\"2\">d</b>", &OPEN, Some(false)),
        ("<b a=\"1\" c=\"2\"><d/></b>", &OPEN, Some(false)),
        ("<b><d/></b>", &PLAIN, Some(false)),
        // An end tag that is missing wants a look back, and so does one that is a start tag.
        ("<b a=\"1\" c=\"2\"><d/>", &OPEN, None),
        ("<b>d", &PLAIN, None),
        ("<b><b></b></b>", &PLAIN, None),
    ] {
        let document = format!("<a xmlns=\"u\">{content}</a>");
        assert_eq!(go(&document, whole, &limits), expected, "{document}");
    }
    let document = "<a xmlns=\"u\"><b a=\"1\" c=\"2\">d</b></a>";
    for (attributes, xml_depth, is_read) in [(2, 2, true), (1, 2, false), (2, 1, false)] {
        let limits = Limits { xml_depth, attributes, ..Limits::default() };
        assert_eq!(go(document, &OPEN, &limits).is_some(), is_read, "{attributes}, {xml_depth}");
    }
}
