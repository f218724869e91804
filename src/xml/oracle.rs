//! The reader and the writer against roxmltree, on well-formed documents of a generator of its own, and on documents that
//! one mutation took their form from.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use encoding_rs::EUC_KR;
use proptest::prelude::*;
use roxmltree::{Node, NodeType};

use super::{Document, Element, Item, Namespace, declared_encoding, laws, parse};
use crate::charset::{self, Charset, Repertoire};
use crate::deviation::{Flags, QuirkSet};
use crate::limits::Limits;
use crate::tape::{Tally, Tape, for_any_tape};

/// White space that may stand in a tag.
const GAPS: [&str; 6] = [" ", "\n", "\t", "\r\n", "  ", "\r"];
/// White space that may be left out.
const BLANKS: [&str; 4] = ["", " ", "\n", "\t\r\n"];

const NAMES: [&str; 8] = ["a", "b", "c.d-e_1", "Envelope", "이름", "_x", "é", "똠"];
const PREFIXES: [&str; 3] = ["p", "q", "접두"];
const NAMESPACES: [&str; 5] = ["urn:a", "urn:b", "urn:a&amp;b", "urn:&#98;", " urn:c\t"];

/// What text and values are made of, as the wire has it.
const PIECES: [&str; 44] = [
    "a",
    "b ",
    "0",
    "가",
    "나다",
    "똠",
    "漢",
    "—",
    "😀",
    "\n",
    "\r",
    "\r\n",
    "\t",
    " ",
    "&amp;",
    "&lt;",
    "&gt;",
    "&quot;",
    "&apos;",
    "&#13;",
    "&#xD;",
    "&#10;",
    "&#9;",
    "&#46624;",
    "&#xb620;",
    "&#x1F600;",
    "&#000065;",
    "=",
    ";",
    ",",
    "/",
    "?",
    "--",
    "]",
    "]]",
    "!",
    "“",
    "” a=",
    "«",
    "»",
    "‘",
    "’",
    "x=1",
    "\u{7F}",
];

/// A document in the making.
struct Generator<'t, 'a, 's> {
    tape: &'t mut Tape<'a>,
    tally: &'s Tally,
    out: String,
    /// The prefixes in scope, innermost last; how many an element found is what it leaves.
    scope: Vec<&'static str>,
    deepest: usize,
}

/// A well-formed document.
struct Written {
    text: String,
    /// The encoding it declares.
    encoding: Option<&'static str>,
    /// Where its declaration ends.
    declaration_end: usize,
}

fn document(tape: &mut Tape<'_>, tally: &Tally) -> Written {
    let mut generator = Generator { tape, tally, out: String::new(), scope: Vec::new(), deepest: 0 };
    let encoding = generator.declaration();
    let declaration_end = generator.out.len();
    generator.misc();
    let depth = 3 + generator.tape.below(20);
    generator.element(depth);
    generator.misc();
    tally.note_if("depth of 12", generator.deepest >= 12);
    Written { text: generator.out, encoding, declaration_end }
}

impl Generator<'_, '_, '_> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn push_one_of(&mut self, from: &[&str]) {
        let text = self.tape.pick(from);
        self.push(text);
    }

    /// `XMLDecl?`, section 2.8, behind a byte order mark at times.
    fn declaration(&mut self) -> Option<&'static str> {
        if self.tape.once_in(8) {
            self.tally.note("byte order mark");
            self.push("\u{FEFF}");
        }
        let mut declared = None;
        if !self.tape.once_in(4) {
            self.tally.note("declaration");
            let quote = self.tape.pick(&["\"", "'"]);
            let gap = self.tape.pick(&GAPS);
            self.out += &["<?xml", gap, "version=", quote, "1.0", quote].concat();
            if !self.tape.once_in(4) {
                let encoding = self.tape.pick(&["euc-kr", "UTF-8", "ks_c_5601-1987"]);
                declared = Some(encoding);
                self.out += &[" encoding = ", quote, encoding, quote].concat();
            }
            if self.tape.once_in(4) {
                self.push(" standalone='yes'");
            }
            self.push_one_of(&BLANKS);
            self.push("?>");
        }
        declared
    }

    /// `Misc*`, section 2.7.
    fn misc(&mut self) {
        for _ in 0..self.tape.below(4) {
            match self.tape.below(3) {
                0 => self.push_one_of(&BLANKS),
                1 => self.comment(),
                _ => self.instruction(),
            }
        }
    }

    fn comment(&mut self) {
        self.tally.note("comment");
        self.push("<!--");
        let pieces = ["c ", "<a>", "</a>", "&", "&amp;", "]]>", "<?x?>", "- ", "\"", "가", "\r\n", "<![CDATA["];
        let text = self.tape.text(4, &pieces);
        self.push(&text);
        self.push("-->");
    }

    fn instruction(&mut self) {
        self.tally.note("instruction");
        self.push("<?");
        self.push_one_of(&["x", "xml-stylesheet", "처리", "xmls"]);
        if self.tape.once_in(2) {
            self.push(" ");
            let text = self.tape.text(4, &["href='a'", "<a>", "</a>", "&", "--", "-->", "? ", "가", "\n", ">"]);
            self.push(&text);
        }
        self.push("?>");
    }

    /// A name that starts with no prefix, or with one in scope.
    fn name(&mut self) -> String {
        let local = self.tape.pick(&NAMES);
        self.qualified(local)
    }

    fn qualified(&mut self, local: &str) -> String {
        if self.scope.is_empty() || !self.tape.once_in(2) {
            return local.to_string();
        }
        self.tally.note("prefix");
        let prefix = self.scope[self.tape.below(self.scope.len())];
        [prefix, ":", local].concat()
    }

    /// `element ::= EmptyElemTag | STag content ETag`, section 3.
    fn element(&mut self, depth: usize) {
        self.deepest += 1;
        let before = self.scope.len();
        let (mut attributes, mut declarations) = (Vec::new(), Vec::new());
        if self.tape.once_in(4) {
            let name = if self.tape.once_in(3) { "" } else { self.tape.pick(&NAMESPACES) };
            self.tally.note_if("default namespace taken back", name.is_empty() && before > 0);
            declarations.push(("xmlns".to_string(), name));
        }
        for prefix in PREFIXES {
            if self.tape.once_in(8) {
                self.tally.note_if("prefix shadowed", self.scope.contains(&prefix));
                self.scope.push(prefix);
                declarations.push((["xmlns:", prefix].concat(), self.tape.pick(&NAMESPACES)));
            }
        }
        for (name, namespace) in declarations {
            let quote = self.tape.pick(&["\"", "'"]);
            attributes.push([&name, "=", quote, namespace, quote].concat());
        }
        for local in NAMES {
            if self.tape.once_in(6) {
                let name = self.qualified(local);
                attributes.push(self.attribute(&name));
            }
        }
        if self.tape.once_in(16) {
            attributes.push(self.attribute("xml:lang"));
        }
        let first = self.tape.below(attributes.len().max(1));
        attributes.rotate_left(first);

        let name = self.name();
        self.push("<");
        self.push(&name);
        for attribute in attributes {
            self.push_one_of(&GAPS);
            self.push(&attribute);
        }
        self.push_one_of(&BLANKS);
        if self.tape.once_in(3) {
            self.tally.note("empty-element tag");
            self.push("/>");
        } else {
            self.push(">");
            self.content(depth);
            self.push("</");
            self.push(&name);
            self.push_one_of(&BLANKS);
            self.push(">");
        }
        self.scope.truncate(before);
    }

    /// `Attribute ::= Name Eq AttValue`, sections 3.1 and 2.3.
    fn attribute(&mut self, name: &str) -> String {
        let quote = self.tape.pick(&["\"", "'"]);
        let other = if quote == "\"" { "'" } else { "\"" };
        let mut value = String::new();
        for _ in 0..self.tape.below(6) {
            value += if self.tape.once_in(8) { other } else { self.tape.pick(&PIECES) };
            value += if self.tape.once_in(8) { ">" } else { "" };
        }
        self.tally.note_if("line break in a value", value.contains(['\r', '\n']));
        self.tally.note_if("tab in a value", value.contains('\t'));
        self.tally.note_if("other quote in a value", value.contains(other));
        self.tally.note_if("typographic quote in a value", value.contains(['“', '”', '«', '»']));
        let equals = self.tape.pick(&["=", " = ", "\n="]);
        [name, equals, quote, &value, quote].concat()
    }

    /// `content`, section 3.1. One element in two goes deep rather than wide.
    fn content(&mut self, depth: usize) {
        let mut elements = 0;
        for _ in 0..self.tape.below(6) {
            match self.tape.below(8) {
                0..=2 => {
                    let text = self.tape.text(8, &PIECES);
                    self.tally.note_if("carriage return in text", text.contains('\r'));
                    self.tally.note_if("text beside an element", elements > 0);
                    self.push(&text.replace("\r&", "\r.&"));
                    // See `DIFFERENCES` for the carriage return.
                    self.push(if text.ends_with('\r') { "." } else { "" });
                    // Never behind `]]`: section 2.4.
                    self.push_one_of(&["", "", "", "a>"]);
                }
                3 => self.character_data(),
                4 => self.comment(),
                5 => self.instruction(),
                _ if depth > 0 => {
                    elements += 1;
                    self.element(depth - 1);
                }
                _ => {}
            }
        }
        if elements == 0 && depth > 0 && !self.tape.once_in(5) {
            self.element(depth - 1);
        }
    }

    fn character_data(&mut self) {
        self.tally.note("CDATA");
        // No piece that begins with `>`: behind `]]` it would end the section.
        let pieces = ["<a>", "&", "&amp;", "]", " > ", "\r\n", "\r", "가", "<!--", "</a>", "&#65;", "<"];
        let text = self.tape.text(6, &pieces);
        self.out += &["<![CDATA[", &text, "]]>"].concat();
    }
}

/// An element as both readers show it; places are offsets of the UTF-8 text.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    /// The name as it stands.
    name: String,
    local: String,
    namespace: Option<String>,
    place: (usize, usize),
    attributes: Vec<NamedValue>,
    children: Vec<Child>,
}

/// An attribute: its local name, its namespace, its value, and where name and value begin.
#[derive(Debug, PartialEq, Eq)]
struct NamedValue {
    local: String,
    namespace: Option<String>,
    text: String,
    name_place: usize,
    value_place: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Child {
    Text(String),
    Element(Shape),
}

/// Adds text to what stands before it; neither reader shows what is between two stretches, so they are one.
fn push_text(children: &mut Vec<Child>, text: &str) {
    match children.last_mut() {
        Some(Child::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => children.push(Child::Text(text.to_string())),
    }
}

/// A default namespace that was taken back is one with an empty name to roxmltree, and none to us (Namespaces in XML 1.0
/// section 6.2).
fn their_namespace(name: Option<&str>) -> Option<String> {
    name.filter(|name| !name.is_empty()).map(String::from)
}

/// What roxmltree says of an element.
fn their_shape(node: Node<'_, '_>) -> Shape {
    let range = node.range();
    let text = &node.document().input_text()[range.start + 1..];
    let name_end = text.find([' ', '\t', '\r', '\n', '/', '>']).expect("a start tag ends");
    let attribute = |one: roxmltree::Attribute<'_, '_>| NamedValue {
        local: one.name().to_string(),
        namespace: their_namespace(one.namespace()),
        text: one.value().to_string(),
        name_place: one.range_qname().start,
        value_place: one.range_value().start,
    };
    let mut children = Vec::new();
    for child in node.children() {
        match child.node_type() {
            NodeType::Element => children.push(Child::Element(their_shape(child))),
            NodeType::Text => push_text(&mut children, child.text().unwrap_or_default()),
            NodeType::Root | NodeType::PI | NodeType::Comment => {}
        }
    }
    Shape {
        name: text[..name_end].to_string(),
        local: node.tag_name().name().to_string(),
        namespace: their_namespace(node.tag_name().namespace()),
        place: (range.start, range.end),
        attributes: node.attributes().map(attribute).collect(),
        children,
    }
}

/// Our reading of a document, whose offsets `places` takes to those of the UTF-8 text.
struct Ours<'p> {
    charset: Charset,
    places: &'p dyn Fn(usize) -> usize,
}

impl Ours<'_> {
    fn decoded(&self, bytes: &[u8]) -> String {
        charset::decode(bytes, self.charset, 0, &mut Flags::default()).into_owned()
    }

    fn namespace(&self, namespace: Namespace<'_>) -> Option<String> {
        match namespace {
            Namespace::None => None,
            Namespace::Uri(name) => Some(self.decoded(name)),
            Namespace::Undeclared => Some("(undeclared)".to_string()),
        }
    }

    fn shape(&self, element: &Element<'_, '_>, flags: &mut Flags) -> Shape {
        let mut children = Vec::new();
        let mut text = String::new();
        for item in element.items() {
            match item {
                Item::Text(piece) => {
                    let piece = piece.read(self.charset, &mut Flags::default());
                    text += &piece;
                    push_text(&mut children, &piece);
                }
                Item::Element(child) => children.push(Child::Element(self.shape(&child, flags))),
            }
        }
        assert_eq!(element.text(self.charset, flags), text);
        let white = text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
        assert_eq!(element.is_blank(), !element.has_children() && white);
        let attributes = element.attributes().map(|one| NamedValue {
            local: self.decoded(one.local()),
            namespace: self.namespace(element.attribute_namespace(&one)),
            text: one.value(self.charset, flags).into_owned(),
            name_place: (self.places)(one.offset()),
            value_place: (self.places)(one.value_offset()),
        });
        Shape {
            attributes: attributes.collect(),
            name: self.decoded(element.name()),
            local: self.decoded(element.local()),
            namespace: self.namespace(element.namespace()),
            place: ((self.places)(element.offset()), (self.places)(element.end())),
            children,
        }
    }
}

/// Parses, and shows the document and the kinds flagged.
fn our_shape(bytes: &[u8], charset: Charset, places: &dyn Fn(usize) -> usize) -> Result<(Shape, Flags), ()> {
    let mut flags = Flags::default();
    let document: Document<'_> = parse(bytes, 0, charset, &Limits::default(), &mut flags).map_err(|_| ())?;
    let shape = Ours { charset, places }.shape(&document.root(), &mut flags);
    Ok((shape, flags))
}

/// The document in EUC-KR, if it can be, and where each of its bytes stands in the UTF-8 text.
fn in_euc_kr(text: &str) -> Option<(Vec<u8>, Vec<usize>)> {
    let (mut bytes, mut places) = (Vec::new(), Vec::new());
    for (at, c) in text.char_indices() {
        let (encoded, _, unmappable) = EUC_KR.encode(text.get(at..at + c.len_utf8())?);
        if unmappable {
            return None;
        }
        places.extend(encoded.iter().map(|_| at));
        bytes.extend_from_slice(&encoded);
    }
    places.push(text.len());
    Some((bytes, places))
}

#[test]
fn reads_well_formed_documents_as_roxmltree_does() {
    let tally = Tally::default();
    for_any_tape(2, 500, |tape| {
        let Written { text, encoding: declared, .. } = document(tape, &tally);
        let theirs = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let theirs = their_shape(theirs.root_element());
        let mut readings = Vec::from([(Charset::Utf8, Cow::Borrowed(text.as_bytes()), None)]);
        if let Some((bytes, places)) = in_euc_kr(&text) {
            tally.note("EUC-KR");
            readings.push((Charset::Cp949, Cow::Owned(bytes), Some(places)));
        }
        for (charset, bytes, places) in readings {
            let place = |at: usize| places.as_ref().map_or(at, |places| places[at]);
            let (ours, flags) = our_shape(&bytes, charset, &place).expect("a document");
            assert_eq!(ours, theirs, "{charset:?} {text}");
            assert_eq!(flags.iter().collect::<Vec<_>>(), [], "{charset:?} {text}");
            let encoding = declared_encoding(&bytes).map(|(encoding, _)| encoding);
            assert_eq!(encoding, declared.map(str::as_bytes), "{text}");
        }
    });
    tally.assert_at_least(&[
        ("CDATA", 60),
        ("EUC-KR", 40),
        ("byte order mark", 20),
        ("carriage return in text", 40),
        ("comment", 200),
        ("declaration", 200),
        ("default namespace taken back", 5),
        ("depth of 12", 40),
        ("empty-element tag", 100),
        ("instruction", 200),
        ("line break in a value", 100),
        ("other quote in a value", 40),
        ("prefix", 100),
        ("prefix shadowed", 20),
        ("tab in a value", 20),
        ("text beside an element", 40),
        ("typographic quote in a value", 40),
    ]);
}

/// What roxmltree makes of a document that the laws' writer wrote.
fn laws_shape(node: Node<'_, '_>) -> laws::Shape {
    let theirs = their_shape(node);
    let text = |child: &Child| match child {
        Child::Text(text) => Some(text.clone()),
        Child::Element(_) => None,
    };
    let qualified = |one: roxmltree::Attribute<'_, '_>| {
        let name = &node.document().input_text()[one.range_qname()];
        (name.to_string(), one.value().to_string())
    };
    laws::Shape {
        name: theirs.name,
        attributes: node.attributes().map(qualified).collect(),
        text: theirs.children.iter().filter_map(text).collect(),
        children: node.children().filter(Node::is_element).map(laws_shape).collect(),
    }
}

proptest! {
    #[test]
    fn writes_what_roxmltree_reads(tree in laws::tree()) {
        for repertoire in [Repertoire::KsX1001, Repertoire::Cp949, Repertoire::Utf8] {
            let (bytes, _) = laws::write(&tree, repertoire, QuirkSet::EMPTY);
            let (text, _, damaged) = match repertoire {
                Repertoire::Utf8 => encoding_rs::UTF_8.decode(&bytes),
                Repertoire::KsX1001 | Repertoire::Cp949 => EUC_KR.decode(&bytes),
            };
            prop_assert!(!damaged);
            let document = roxmltree::Document::parse(&text);
            let document = document.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            prop_assert_eq!(laws_shape(document.root_element()), laws::shape(&tree), "{}", &text);
        }
    }
}

/// A document that one of the two refuses or reports and the other takes as it is, or that they read differently: the name,
/// an example, whether a document is such a one, and why.
type Difference = (&'static str, &'static str, fn(&str) -> bool, &'static str);

const DIFFERENCES: [Difference; 14] = [
    // What we do not report.
    (
        "control character that is passed over",
        "<a><!--\u{1}--></a>",
        |text| text.contains('\u{1}') && !without_misc(text).contains('\u{1}'),
        "comments and instructions are not decoded, and nothing of them is kept",
    ),
    (
        "control character in the name of a namespace",
        "<a xmlns:p='urn:\u{1}'/>",
        |text| namespace_names(text).any(|name| name.contains('\u{1}')),
        "such a name is compared and not shown, and equals none that is known",
    ),
    (
        "colon at an edge of a name, or a second one",
        "<a xmlns::p='urn:a'/>",
        has_odd_colon,
        "a prefix ends at the last colon, and nothing is asked of either side (Namespaces in XML section 3)",
    ),
    (
        "letters of a name",
        "<a><×/></a>",
        |text| text.contains('×'),
        "names are bytes: of a character above ASCII nothing is asked (section 2.3)",
    ),
    (
        "attribute that stands twice under two prefixes",
        "<a xmlns:p='urn:a' xmlns:q='urn:a' p:b='' q:b=''/>",
        |text| matches!(roxmltree::Document::parse(text), Err(roxmltree::Error::DuplicatedAttribute(..))),
        "attributes are compared by their names as they stand (Namespaces in XML section 6.3)",
    ),
    (
        "reserved prefix bound otherwise",
        "<a xmlns:xml='urn:a'/>",
        |text| matches!(roxmltree::Document::parse(text), Err(roxmltree::Error::InvalidXmlPrefixUri(_))),
        "`xml` keeps its meaning, whatever is declared (Namespaces in XML section 3)",
    ),
    (
        "element under the prefix `xml` that declares another",
        "<xml:a xmlns:p='urn:a'/>",
        |text| text.contains("<xml:"),
        "`xml` need not be declared (Namespaces in XML section 3); roxmltree does not find it there",
    ),
    // What roxmltree does not report.
    ("declaration", "<?xml version='1.&0'?><a/>", |_| false, "roxmltree does not look into its values"),
    (
        "reference beyond Unicode",
        "<a>&#x1F6000;</a>",
        |text| text.contains("&#"),
        "roxmltree drops it; section 4.1 makes it an error",
    ),
    ("colon before the name of an element", "<a><:b></b></a>", has_odd_colon, "roxmltree reads the name without it"),
    (
        "instruction called xml",
        "<a><?xml?></a>",
        |text| text.match_indices("<?xml").any(|(at, xml)| !text[at + xml.len()..].starts_with(['-', 's'])),
        "section 2.6 reserves the name; roxmltree takes it",
    ),
    (
        "default namespace that is declared twice",
        "<a xmlns='urn:a' xmlns='urn:b'/>",
        declares_default_twice,
        "section 3.1: no attribute stands twice; roxmltree asks that of declarations with a prefix",
    ),
    // What they read differently.
    (
        "attribute `xmlns` under a prefix",
        "<a xmlns:p='urn:a' p:xmlns='urn:b'/>",
        |text| text.contains(":xmlns"),
        "roxmltree takes it for the declaration of the default namespace; only `xmlns` itself is (Namespaces in XML section 3)",
    ),
    (
        "carriage return beside a reference",
        "<a>&amp;\r</a>",
        |text| text.contains('\r') && text.contains('&'),
        "roxmltree keeps it where no character follows; it is a line end (section 2.11)",
    ),
];

/// Whether a colon stands where no name is before it, or one with a colon, or none begins behind it.
fn has_odd_colon(text: &str) -> bool {
    let odd = |(at, _): (usize, &str)| {
        let (before, behind) = (text[..at].chars().next_back(), text[at + 1..].chars().next());
        let begins = behind.is_some_and(|c| c.is_alphabetic() || c == '_');
        let name_start =
            text[..at].rfind(|c: char| !c.is_alphanumeric() && !"_-.:".contains(c)).map_or(0, |last| last + 1);
        let second = text.get(name_start..at).is_some_and(|name| name.contains(':'));
        second || !begins || before.is_none_or(|c| matches!(c, '<' | '/' | ' ' | '\t' | '\r' | '\n'))
    };
    text.match_indices(':').any(odd)
}

/// Whether a tag declares the default namespace twice.
fn declares_default_twice(text: &str) -> bool {
    let declares = |behind: &&str| behind.trim_start().starts_with('=');
    text.split('<').any(|tag| tag.split("xmlns").skip(1).filter(declares).count() > 1)
}

/// What the namespace declarations of a text say.
fn namespace_names(text: &str) -> impl Iterator<Item = &str> {
    text.split("xmlns").skip(1).filter_map(|behind| {
        let (_, value) = behind.split_once(['"', '\''])?;
        value.split(['"', '\'']).next()
    })
}

/// The text without comments and instructions, and without the declaration.
fn without_misc(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some(at) = rest.find("<!--").into_iter().chain(rest.find("<?")).min() {
        let end = if rest[at..].starts_with("<?") { "?>" } else { "-->" };
        kept += &rest[..at];
        rest = rest[at..].split_once(end).map_or("", |(_, behind)| behind);
    }
    kept + rest
}

/// What the two make of a document that need not be well-formed.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Both refuse or report it.
    Told,
    /// Both read it, as the same.
    Read,
    /// One of them does not see what the other sees; or sees something else.
    Different(String),
}

fn verdict(text: &str) -> Verdict {
    let ours = our_shape(text.as_bytes(), Charset::Utf8, &|at| at);
    let silent = ours.ok().filter(|(_, flags)| flags.iter().count() == 0);
    match (roxmltree::Document::parse(text), silent) {
        (Err(_), None) => Verdict::Told,
        (Err(error), Some(_)) => Verdict::Different(error.to_string()),
        (Ok(_), None) => Verdict::Different("only we report it".to_string()),
        (Ok(theirs), Some((ours, _))) if ours == their_shape(theirs.root_element()) => Verdict::Read,
        (Ok(_), Some(_)) => Verdict::Different("two readings".to_string()),
    }
}

#[test]
fn reports_what_roxmltree_refuses() {
    let tally = Tally::default();
    for_any_tape(8, 160, |tape| {
        let text = mutated(tape);
        match verdict(&text) {
            Verdict::Told => tally.note("told"),
            Verdict::Read => tally.note("read"),
            Verdict::Different(how) => {
                let listed = DIFFERENCES.iter().any(|(_, _, is, _)| is(&text));
                assert!(listed, "{how}: {text:?}");
                tally.note("different");
            }
        }
    });
    tally.assert_at_least(&[("told", 400), ("read", 200), ("different", 0)]);
    assert!(tally.count("different") * 20 < tally.count("told"), "the list takes in too much");
}

#[test]
fn differs_from_roxmltree_still_as_listed() {
    for (name, example, ..) in DIFFERENCES {
        assert!(matches!(verdict(example), Verdict::Different(_)), "{name}: {:?}", verdict(example));
    }
}

/// A document with one mutation behind its declaration.
fn mutated(tape: &mut Tape<'_>) -> String {
    let (kind, place, with) = (tape.below(5), tape.number(), tape.pick(&MARKUP));
    let Written { mut text, declaration_end, .. } = document(tape, &Tally::default());
    let last = place % (text.len() - declaration_end) as u64;
    let behind = text[declaration_end..].char_indices();
    let characters = behind.map(|(at, c)| declaration_end + at..declaration_end + at + c.len_utf8());
    let range = characters.take_while(|range| (range.start - declaration_end) as u64 <= last).last();
    let range = range.expect("a document has a root");
    let c = text[range.clone()].to_string();
    let put = match kind {
        0 => String::new(),
        1 => [&*c, &*c].concat(),
        2 => with.to_string(),
        3 => [with, &*c].concat(),
        _ => [&*c, with].concat(),
    };
    text.replace_range(range, &put);
    text
}

/// What a mutation may put in.
const MARKUP: [&str; 25] = [
    "<", ">", "/", "\"", "'", "=", "&", ";", "!", "?", "-", "[", "]", " ", ":", "xmlns", "xml", "a", "1", "\u{1}",
    "</a>", "<a>", "a=''", "]]>", "×",
];
