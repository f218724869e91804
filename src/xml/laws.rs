//! What holds of the reader and the writer together, for any tree and any bytes.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::{Element, Namespace, Writer, parse};
use crate::charset::{Charset, Repertoire};
use crate::deviation::{DeviationKind, Flags, QuirkSet, Quirks};
use crate::laws::WRITTEN;
use crate::limits::Limits;

const QUIRKS: [DeviationKind; 10] = [
    DeviationKind::XmlPadding,
    DeviationKind::XmlDeclarationBlank,
    DeviationKind::QuoteTypographic,
    DeviationKind::QuoteMissing,
    DeviationKind::AttributeSeparator,
    DeviationKind::AttributeLt,
    DeviationKind::EndTagBlank,
    DeviationKind::EndTagRepeatedStart,
    DeviationKind::EndTagMismatch,
    DeviationKind::TextAfterRoot,
];

/// A tree to write.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    name: String,
    attributes: Vec<(String, String)>,
    items: Vec<Item>,
    operation: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Item {
    Text(String),
    Comment,
    Element(Tree),
}

/// A tree as it is read: text joined.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Shape>,
}

/// Few short names, so that ancestors share them; `X` is what a foreign end tag ends in.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[ab]{1,2}X?", 1 => "[A-Za-z_][A-Za-z0-9_.-]{0,6}", 1 => "p:[ab]", 1 => Just("이름".to_string())]
        .prop_filter("reserved", |name| !name.starts_with("xml"))
}

fn text() -> impl Strategy<Value = String> {
    let one_of = |texts: &'static [&'static str]| prop::sample::select(texts).prop_map(String::from);
    let piece = prop_oneof![
        4 => "[ -~]",
        2 => "[a-z:./]{1,4}",
        3 => one_of(&["&", "<", ">", "\"", "'", "\r", "\n", "\t", " ", "\r\n", "]]>", "="]),
        1 => one_of(&["&amp;", "&#13;", "/>", "-->"]),
        2 => one_of(&["«", "»", "“", "”", "„", "‘", "’", "“ a=", "”>"]),
        3 => one_of(&["가", "나다", "똠", "뷁", "😀", "€", "—", "漢"]),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

pub(super) fn tree() -> impl Strategy<Value = Tree> {
    let attributes = || prop::collection::btree_map(name(), text(), 0..4);
    let leaf = (name(), attributes(), any::<bool>(), text()).prop_map(|(name, attributes, operation, text)| Tree {
        name,
        attributes: attributes.into_iter().collect(),
        items: [Item::Text(text)].into(),
        operation,
    });
    leaf.prop_recursive(5, 24, 4, move |inner| {
        let item = prop_oneof![
            1 => text().prop_map(Item::Text),
            1 => Just(Item::Comment),
            3 => inner.prop_map(Item::Element),
        ];
        let items = prop::collection::vec(item, 0..4);
        (name(), attributes(), items, any::<bool>()).prop_map(|(name, attributes, items, operation)| Tree {
            name,
            attributes: attributes.into_iter().collect(),
            items,
            operation,
        })
    })
}

fn quirks() -> impl Strategy<Value = QuirkSet> {
    prop_oneof![
        Just(QuirkSet::EMPTY),
        prop::sample::select(QUIRKS.to_vec()).prop_map(|kind| [kind].into_iter().collect()),
        prop::sample::subsequence(QUIRKS.to_vec(), 0..QUIRKS.len()).prop_map(|kinds| kinds.into_iter().collect()),
    ]
}

fn write_element(writer: &mut Writer, tree: &Tree, root: bool) {
    writer.start(&tree.name);
    if root {
        writer.attribute("xmlns:p", "urn:p");
    }
    for (name, value) in &tree.attributes {
        writer.attribute(name, value);
    }
    for item in &tree.items {
        match item {
            Item::Text(text) => writer.text(text),
            Item::Comment => writer.raw(b" <!-- c --> "),
            Item::Element(child) => write_element(writer, child, false),
        }
    }
    if tree.operation {
        writer.end_operation();
    } else {
        writer.end();
    }
}

pub(super) fn write(tree: &Tree, repertoire: Repertoire, wanted: QuirkSet) -> (Vec<u8>, Quirks) {
    let mut writer = Writer::new(repertoire, Quirks::new(wanted, &[]), "");
    writer.declaration("any", true);
    write_element(&mut writer, tree, true);
    writer.finish()
}

pub(super) fn shape(tree: &Tree) -> Shape {
    let mut shape = Shape {
        name: tree.name.clone(),
        attributes: tree.attributes.clone(),
        text: String::new(),
        children: Vec::new(),
    };
    for item in &tree.items {
        match item {
            Item::Text(text) => shape.text += text,
            Item::Comment => shape.text += "  ",
            Item::Element(child) => shape.children.push(self::shape(child)),
        }
    }
    shape
}

fn read_shape(element: &Element<'_, '_>, charset: Charset) -> Shape {
    let mut flags = Flags::default();
    let decoded = |bytes: &[u8]| crate::charset::decode(bytes, charset, 0, &mut Flags::default()).into_owned();
    if element.prefix() == Some(b"p") {
        assert_eq!(element.namespace(), Namespace::Uri(b"urn:p"));
    }
    let attribute =
        |one: super::Attribute<'_, '_>| (decoded(one.name()), one.value(charset, &mut Flags::default()).into_owned());
    let shape = Shape {
        name: decoded(element.name()),
        attributes: element.attributes().map(attribute).collect(),
        text: element.text(charset, &mut flags).into_owned(),
        children: element.children().map(|child| read_shape(&child, charset)).collect(),
    };
    assert_eq!(flags.iter().count(), 0);
    shape
}

fn kinds(flags: &Flags) -> Vec<DeviationKind> {
    let mut kinds: Vec<_> = flags.iter().map(|flag| flag.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Pieces of markup in any order, and any bytes between them.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&[u8]] = &[
        b"<a>",
        b"<b>",
        b"</a>",
        b"</b>",
        b"</ a",
        b"<a",
        b"<p:b",
        b"/>",
        b">",
        b"<",
        b" b=",
        b"b='",
        b" c=\"",
        b"\"",
        b"'",
        b" ",
        b";",
        b"&amp;",
        b"&#65;",
        b"&x;",
        b"&",
        b"<!--",
        b"-->",
        b"--",
        b"<![CDATA[",
        b"]]>",
        b"<?",
        b"?>",
        b"<?xml ",
        b"xmlns='u'",
        b" xmlns:p=",
        b"\xA1\xB0",
        b"\xA1",
        b"\xB0",
        b"\xC2\xBB",
        b"\xE2\x80\x9C",
        b"\r\n",
        b"\0",
        b"a",
        b"</",
        b"<!DOCTYPE",
    ];
    let piece = prop_oneof![
        12 => prop::sample::select(PIECES).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    (any::<bool>(), prop::collection::vec(piece, 0..40)).prop_map(|(root, pieces)| {
        let mut soup = if root { b"<a><b>".to_vec() } else { Vec::new() };
        soup.extend(pieces.concat());
        soup
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn reads_what_was_written_and_flags_what_was_wanted(tree in tree(), wanted in quirks()) {
        for (repertoire, charset) in WRITTEN {
            let (bytes, quirks) = write(&tree, repertoire, wanted);
            let mut flags = Flags::default();
            let document = parse(&bytes, 0, charset, &Limits::default(), &mut flags).expect("a document");
            let shown = String::from_utf8_lossy(&bytes);
            prop_assert_eq!(read_shape(&document.root(), charset), shape(&tree), "{}", &shown);
            let written: Vec<_> = quirks.written.iter().collect();
            prop_assert_eq!(kinds(&flags), written, "{}", &shown);
            prop_assert!(document.is_complete());
        }
    }

    #[test]
    fn reports_every_truncation(tree in tree(), wanted in quirks()) {
        for (repertoire, charset) in WRITTEN {
            let (bytes, _) = write(&tree, repertoire, wanted);
            let limits = Limits::default();
            let end = parse(&bytes, 0, charset, &limits, &mut Flags::default()).map(|document| document.end());
            for len in 0..end.expect("a document") {
                let mut flags = Flags::default();
                let cut = parse(&bytes[..len], 0, charset, &limits, &mut flags);
                // The quirks of what is left are flagged too; one more says that the root is open.
                let open = flags.iter().any(|flag| flag.kind == DeviationKind::ElementUnclosed);
                let told = cut.map_or(true, |document| !document.is_complete() && open);
                prop_assert!(told, "{}", String::from_utf8_lossy(&bytes[..len]));
            }
        }
    }

    #[test]
    fn holds_its_laws_for_any_bytes(soup in soup()) {
        crate::laws::xml(&soup);
    }
}
