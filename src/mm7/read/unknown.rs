//! What no table knows: kept as extensions, one a leaf, in the order of the document.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::super::DialectSet;
use super::super::table::{Body, Format, Node};
use super::{Reader, Tables, find, is_nothing};
use crate::charset;
use crate::deviation::{DeviationKind, Flags};
use crate::model::text::{TextLike as _, trim};
use crate::model::{Extension, ExtensionPath, NTH_MAX, PATH_LEN_MAX, Text};
use crate::xml::{Attribute, Element};

/// More extensions than any operation has elements.
pub(super) const EXTENSIONS_MAX: usize = 4096;

impl Reader<'_> {
    pub(super) fn attributes(&mut self, element: Element<'_, '_>, tables: Tables) {
        for attribute in element.attributes() {
            if !self.attribute(&attribute, tables) {
                self.attribute_extension(element, &attribute);
            }
        }
    }

    /// An attribute of a group; whether the tables have it.
    pub(super) fn attribute(&mut self, attribute: &Attribute<'_, '_>, tables: Tables) -> bool {
        let local = attribute.local();
        let place = |nodes: &'static [Node]| {
            let is = |node: &Node| node.reads() && node.name.as_bytes().strip_prefix(b"@") == Some(local);
            nodes.iter().position(is)
        };
        let places = tables.map(place);
        let Some(first) = places[0] else { return false };
        let nodes = self.nodes(tables, places.map(|place| place.unwrap_or(first)));
        let Body::Leaf(slot, format) = nodes.first.body else { return true };
        self.note_place(&nodes, attribute.offset());
        let text = attribute.value(self.charset, &mut self.flags);
        let text = self.scalar(&text, attribute.value_offset());
        if text.is_empty() {
            self.note(DeviationKind::ElementEmpty, attribute.offset());
        } else if !self.filled.contains(slot) {
            self.value(&nodes, slot, format, text, attribute.value_offset());
        }
        true
    }

    pub(super) fn element_attributes(&mut self, element: Element<'_, '_>) {
        for attribute in element.attributes() {
            self.attribute_extension(element, &attribute);
        }
    }

    pub(super) fn attribute_extension(&mut self, element: Element<'_, '_>, attribute: &Attribute<'_, '_>) {
        let value = attribute.value(self.charset, &mut self.flags);
        if trim(&value).is_empty() {
            return self.note(DeviationKind::ElementEmpty, attribute.offset());
        }
        let name = self.name(attribute.local());
        let ns = self.foreign(element.attribute_namespace(attribute).uri());
        let outer = self.enter("@", 1);
        self.path.push_str(&name);
        self.push_text_extension(&value, ns, attribute.offset());
        self.path.truncate(outer);
    }

    /// Text directly inside a group: a leaf named `#`, else kept under the group's path, or dropped where that would be
    /// the operation itself.
    pub(super) fn stray_text(&mut self, element: Element<'_, '_>, tables: Tables) {
        if element.is_white() {
            return;
        }
        let text = element.text(self.charset, &mut self.flags);
        let places = tables.map(|nodes| find(nodes, b"#", 0));
        if let Some(first) = places[0] {
            let nodes = self.nodes(tables, places.map(|place| place.unwrap_or(first)));
            if let Body::Leaf(slot, Format::Text) = nodes.first.body {
                let text = self.scalar(&text, element.text_offset());
                self.note_place(&nodes, element.text_offset());
                return self.value(&nodes, slot, Format::Text, text, element.text_offset());
            }
        }
        if self.depth == 0 && self.path.is_empty() {
            self.note(DeviationKind::TextStray, element.text_offset());
        } else {
            self.push_text_extension(&text, None, element.text_offset());
        }
    }

    /// Whether there is more than is taken, so that all is refused.
    pub(super) fn is_full(&self) -> bool {
        self.overflow.is_some() || self.notes.overflow.is_some()
    }

    /// Everything in an element that no table knows, as one entry a leaf, without recursion.
    pub(super) fn unknown(&mut self, element: Element<'_, '_>, nth: usize) {
        if self.is_full() {
            return;
        }
        let outermost = self.path.len();
        let mut stack = alloc::vec![(element, nth, outermost)];
        // What is refused for its number is not read to its end.
        while let Some((element, nth, outer)) = stack.pop().filter(|_| !self.is_full()) {
            self.path.truncate(outer);
            let name = self.name(element.local());
            self.enter(&name, nth);
            self.element_attributes(element);
            let text = element.text(self.charset, &mut self.flags);
            let ns = self.foreign(element.namespace().uri());
            self.push_text_extension(&text, ns, element.offset());
            if is_nothing(element) {
                self.note(DeviationKind::ElementEmpty, element.offset());
            }
            let inner = self.path.len();
            let mut names = Names::default();
            let first = stack.len();
            for child in element.children() {
                let Some(nth) = self.present(child, &mut names) else { continue };
                stack.push((child, nth, inner));
            }
            stack[first..].reverse();
        }
        self.path.truncate(outermost);
    }

    /// Which of its name a child is; `None`, and a note, for one in which nothing stands: empty is absent.
    pub(super) fn present<'a>(&mut self, child: Element<'_, 'a>, names: &mut Names<'a>) -> Option<usize> {
        if is_nothing(child) {
            self.notes.push(DeviationKind::ElementEmpty, child.offset(), DialectSet::NONE);
            return None;
        }
        Some(names.count(child.local(), None))
    }

    pub(super) fn unknown_children(&mut self, element: Element<'_, '_>) {
        let mut names = Names::default();
        for child in element.children() {
            let Some(nth) = self.present(child, &mut names) else { continue };
            self.unknown(child, nth);
        }
    }

    pub(super) fn push_text_extension(&mut self, text: &str, ns: Option<Text>, offset: usize) {
        let Some(value) = Text::from_wire(text) else { return };
        if value.as_str().len() != text.len() {
            self.note(DeviationKind::ScalarPadded, offset);
        }
        if self.message.extensions().len() >= EXTENSIONS_MAX {
            self.overflow.get_or_insert(offset);
            return;
        }
        let path = self.full_path().and_then(|path| ExtensionPath::of(path).ok());
        let Some(path) = path else {
            return self.note(DeviationKind::TextStray, offset);
        };
        let mut extension = Extension::at(path, value);
        extension.ns = ns;
        self.message.extensions_mut().push(extension);
    }

    /// The path as extensions write it: that of a SOAP header begins with `/`. Nothing where it is longer than a path may be.
    fn full_path(&self) -> Option<String> {
        let known = self.known[..self.depth].iter().copied();
        let len: usize = known.clone().map(|name| name.len() + 1).sum();
        let mut path = String::with_capacity((len + 1 + self.path.len()).min(PATH_LEN_MAX));
        for (index, name) in known.chain(Some(&*self.path).filter(|path| !path.is_empty())).enumerate() {
            if index > 0 || self.in_header {
                path.push('/');
            }
            if path.len() + name.len() > PATH_LEN_MAX {
                return None;
            }
            path.push_str(name);
        }
        Some(path)
    }

    /// Whether a namespace is another than those of the operation and the envelope.
    pub(super) fn is_foreign(&self, uri: &[u8]) -> bool {
        // Mostly of the same declaration.
        let same = core::ptr::eq(uri, self.namespace) || uri == self.namespace;
        !same && uri != crate::mm7::SOAP_NAMESPACE.as_bytes()
    }

    /// A foreign namespace, as an extension names it.
    pub(super) fn foreign(&self, namespace: Option<&[u8]>) -> Option<Text> {
        let uri = namespace?;
        if !self.is_foreign(uri) {
            return None;
        }
        // A URI is ASCII; what is not becomes what RFC 3987 section 3.1 makes of it.
        let mut text = String::with_capacity(uri.len());
        for &byte in uri {
            if is_uri_byte(byte) {
                text.push(char::from(byte));
            } else {
                use core::fmt::Write as _;
                // Writing to a String cannot fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
        Text::from_wire(&text)
    }

    /// A local name as text, fit for a path.
    pub(super) fn name(&mut self, local: &[u8]) -> String {
        let name = charset::decode(local, self.charset, 0, &mut Flags::default());
        match name.as_bytes().first() {
            Some(b) if b.is_ascii_alphabetic() || *b == b'_' || !b.is_ascii() => name.into_owned(),
            _ => alloc::format!("_{name}"),
        }
    }

    /// Goes into a child: the path grows by its segment. Returns the length to truncate it to afterwards.
    pub(super) fn enter(&mut self, name: &str, nth: usize) -> usize {
        let outer = self.path.len();
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(name);
        if nth > 1 {
            use core::fmt::Write as _;
            // Writing to a String cannot fail.
            let _ = write!(self.path, "[{}]", nth.min(NTH_MAX));
        }
        outer
    }
}

impl Extension {
    fn at(path: ExtensionPath, value: Text) -> Self {
        Self { path, ns: None, value }
    }
}

/// What may stand in the namespace of an extension.
pub(crate) const fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte == b' '
}

/// How many children of each name have been seen in one element.
#[derive(Default)]
pub(super) struct Names<'a> {
    /// Of those that the table knows, which there were: a bit for their place in it.
    seen: u32,
    /// How many there were of the others, and of what the table knows and there was again.
    counts: BTreeMap<&'a [u8], usize>,
}

impl<'a> Names<'a> {
    /// Counts one more; which of its name it is, from 1. `known` is the first place of that name in the table.
    #[inline]
    pub(super) fn count(&mut self, name: &'a [u8], known: Option<usize>) -> usize {
        let bit = known.and_then(|place| 1_u32.checked_shl(u32::try_from(place).ok()?)).unwrap_or(0);
        if self.seen & bit != bit {
            self.seen |= bit;
            return 1;
        }
        let count = self.counts.entry(name).or_insert(usize::from(bit != 0));
        *count += 1;
        *count
    }
}
