//! The tables walked by a stream of elements, of which the tables say what mostly comes next.
//!
//! What is read here is read as [`Reader::header`] and [`Reader::operation`] do, and by the same steps. Where more stands on
//! the wire than that, an element or attribute that no table knows, one too many, text between elements, the answer is
//! `None`: all is to be read again from the tree.

use alloc::vec::Vec;

use super::super::table::{Body, Format, Node, Sequence};
use super::{Nodes, Progress, Reader, Tables, find, find_by, is_known_attribute};
use crate::deviation::{DeviationKind, Flags};
use crate::model::{Address, Slot, Value};
use crate::xml::{Ahead, Inside, Start, Stream, is_named, name_len};

impl Reader<'_> {
    /// The SOAP header, whose one entry may have been read.
    pub(crate) fn stream_header<'a>(
        &mut self,
        stream: &mut Stream<'a, '_>,
        header: &Start<'a>,
        entry: Option<&Start<'a>>,
    ) -> Option<()> {
        self.in_header = true;
        let tables = self.shapes.map(|shape| shape.frame.header());
        let mut progress = Progress::new(self.dialects.len(), tables, Sequence::of("Header"));
        if let Some(entry) = entry {
            progress.go_to(entry.local);
            self.stream_child(stream, &mut progress, entry)?;
        }
        self.close(&progress, header.offset);
        self.in_header = false;
        Some(())
    }

    /// The operation.
    pub(crate) fn stream_operation(&mut self, stream: &mut Stream<'_, '_>, start: &Start<'_>) -> Option<()> {
        let name = self.message.operation().local_name();
        self.stream_group(stream, start, self.shapes.map(|shape| shape.nodes), Sequence::of(name))?;
        if super::super::expiry_is_far(self.message) {
            return None;
        }
        self.drop_alias();
        Some(())
    }

    fn stream_group(
        &mut self,
        stream: &mut Stream<'_, '_>,
        start: &Start<'_>,
        tables: Tables,
        sequence: Sequence,
    ) -> Option<()> {
        for attribute in stream.attributes(start) {
            self.attribute(&attribute, tables).then_some(())?;
        }
        let mut progress = Progress::new(self.dialects.len(), tables, sequence);
        match start.inside {
            Inside::Text(..) => start.is_blank().then_some(())?,
            Inside::Elements => {
                while let Ahead::Start(tag) = stream.ahead()? {
                    let Some((place, name)) = expected(tables[0], progress.next(), tag) else {
                        if stream.repeated_start().is_some() {
                            break;
                        }
                        let child = stream.start(name_len(tag))?;
                        self.stream_unknown(stream, &mut progress, &child)?;
                        continue;
                    };
                    // Not moved: it is large, and has just been written.
                    let Some(child) = &stream.start(name) else { return None };
                    progress.places[0] = Some(place);
                    progress.go_along(child.local);
                    self.stream_child(stream, &mut progress, child)?;
                }
            }
        }
        self.close(&progress, start.offset);
        Some(())
    }

    /// A child that no table knows, of one text: kept under its path.
    fn stream_unknown<'a>(
        &mut self,
        stream: &mut Stream<'a, '_>,
        progress: &mut Progress<'a>,
        child: &Start<'a>,
    ) -> Option<()> {
        let (Inside::Text(..), None) = (child.inside, stream.attributes(child).next()) else { return None };
        self.note_unqualified(child.namespace.is_none(), child.offset);
        progress.go_to(child.local);
        if child.is_blank() || self.is_full() {
            return None;
        }
        let nth = progress.nth(child.local);
        let name = self.name(child.local);
        let outer = self.enter(&name, nth);
        let text = child.text(self.charset, &mut self.flags);
        let ns = self.foreign(child.namespace);
        self.push_text_extension(&text, ns, child.offset);
        self.path.truncate(outer);
        self.overflow.is_none().then_some(())
    }

    /// A child of a group, to which `progress` has gone.
    fn stream_child<'a>(
        &mut self,
        stream: &mut Stream<'a, '_>,
        progress: &mut Progress<'a>,
        child: &Start<'a>,
    ) -> Option<()> {
        self.note_unqualified(child.namespace.is_none(), child.offset);
        if child.is_blank() && stream.attributes(child).next().is_none() {
            self.note_nothing(progress, child.offset);
            return Some(());
        }
        let chosen = self.choose(progress, |charset| child.text(charset, &mut Flags::default()))?;
        let nodes = self.nodes(progress.tables, chosen);
        let node = nodes.first;
        let nth = progress.nth(child.local);
        if self.is_taken(node, nth) {
            return None;
        }
        if nth == 1 {
            progress.see(chosen, child.offset);
        } else {
            self.note(DeviationKind::ElementRepeated, child.offset);
        }
        self.note_child(&nodes, child.namespace, child.offset);
        match node.body {
            Body::Group(first) => {
                let outer = self.depth;
                *self.known.get_mut(outer)? = node.name;
                self.depth += 1;
                self.stream_group(stream, child, nodes.inner(first), node.sequence)?;
                self.depth = outer;
                Some(())
            }
            Body::Leaf(slot, format) => self.stream_leaf(stream, child, &nodes, slot, format),
        }
    }

    fn stream_leaf(
        &mut self,
        stream: &mut Stream<'_, '_>,
        start: &Start<'_>,
        nodes: &Nodes<'_>,
        slot: Slot,
        format: Format,
    ) -> Option<()> {
        if !stream.attributes(start).all(|attribute| is_known_attribute(slot, &attribute)) {
            return None;
        }
        match format {
            Format::Addresses => return self.stream_addresses(stream, start, slot),
            Format::Address | Format::BareAddress => {
                let found = self.stream_address(stream, start, nodes)?;
                self.set(slot, Value::Address(found));
                return Some(());
            }
            _ => {}
        }
        let Inside::Text(..) = start.inside else { return None };
        let direct = start.text(self.charset, &mut self.flags);
        if matches!(format, Format::BareNumber) {
            // What is blank is nothing, and has been told from this.
            self.bare_text(nodes, slot, &direct, start.text_offset());
            return Some(());
        }
        let text = self.scalar(&direct, start.text_offset());
        if text.is_empty() {
            self.note_empty(nodes, start.offset);
        } else {
            self.value(nodes, slot, format, text, start.text_offset());
        }
        Some(())
    }

    /// Exactly one address: the one child, that in a `To` (L-09), or bare text.
    fn stream_address(&mut self, stream: &mut Stream<'_, '_>, start: &Start<'_>, nodes: &Nodes<'_>) -> Option<Address> {
        if let Inside::Text(..) = start.inside {
            let direct = start.text(self.charset, &mut self.flags);
            let bare = self.scalar(&direct, start.text_offset());
            self.notes.push(DeviationKind::AddressBare, start.text_offset(), nodes.bare_address());
            return Address::from_element("Number", bare);
        }
        let Ahead::Start(tag) = stream.ahead()? else { return None };
        let child = stream.start(name_len(tag))?;
        let found = if child.local == b"To" && !child.is_blank() {
            let (Inside::Elements, None) = (child.inside, stream.attributes(&child).next()) else { return None };
            let Ahead::Start(tag) = stream.ahead()? else { return None };
            let inner = stream.start(name_len(tag))?;
            let found = self.stream_one_address(stream, &inner)?;
            let Ahead::End(_) = stream.ahead()? else { return None };
            found
        } else {
            self.stream_one_address(stream, &child)?
        };
        let Ahead::End(_) = stream.ahead()? else { return None };
        Some(found)
    }

    fn stream_addresses(&mut self, stream: &mut Stream<'_, '_>, start: &Start<'_>, slot: Slot) -> Option<()> {
        let Inside::Elements = start.inside else { return None };
        let mut list = Vec::with_capacity(1);
        while let Ahead::Start(tag) = stream.ahead()? {
            let child = stream.start(name_len(tag))?;
            list.push(self.stream_one_address(stream, &child)?);
        }
        self.message.append(slot, list).then(|| self.filled.insert(slot))
    }

    fn stream_one_address(&mut self, stream: &Stream<'_, '_>, child: &Start<'_>) -> Option<Address> {
        let (Inside::Text(..), None) = (child.inside, stream.attributes(child).next()) else { return None };
        let name = core::str::from_utf8(child.local).ok()?;
        Address::kind(name)?;
        let text = child.text(self.charset, &mut self.flags);
        let text = self.scalar(&text, child.text_offset());
        Address::from_element(name, text)
    }
}

/// The place of the first node that has the name which `tag` begins with, and the length of that name and of its prefix.
fn expected(nodes: &'static [Node], next: usize, tag: &[u8]) -> Option<(usize, (usize, usize))> {
    if let Some(place) = find_by(nodes, next, |node| is_named(tag, node.name.as_bytes())) {
        return Some((place, (nodes[place].name.len(), 0)));
    }
    let (len, prefix) = name_len(tag);
    let local = tag.get(prefix..len).filter(|_| prefix > 0)?;
    find(nodes, local, next).map(|place| (place, (len, prefix)))
}
