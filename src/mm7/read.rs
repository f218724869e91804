//! From an operation's element to the message: the table walked by what stands on the wire.
//!
//! An entity is read once, whatever the number of dialects it is judged by: those of one carrier read the same places into the
//! same fields (`mm7::tests` holds them to it), and what is noticed says by which of them it is prescribed.

mod order;
mod stream;
mod unknown;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use order::Order;
pub(crate) use unknown::is_uri_byte;
use unknown::{EXTENSIONS_MAX, Names};

use super::table::{Body, BoolForm, Format, Node, Presence, Role, Sequence, Shape};
use super::{DIALECTS_MAX, Dialect, DialectSet, Site};
use crate::charset::Charset;
use crate::datetime::{self, DateTime};
use crate::deviation::{DeviationKind, Flags};
use crate::error::Fatal;
use crate::model::text::trim;
use crate::model::{Address, Code, FieldRef, Flag, Message, Operation, Slot, SlotSet, Value};
use crate::xml::{Attribute, Element};

/// A deviation on its way to the gate: everything but its path, which only a reported one needs.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) kind: DeviationKind,
    pub(crate) offset: usize,
    /// The dialects by which it is one: what they say of the order of elements differs.
    pub(crate) noticed: DialectSet,
    /// Those that prescribe it.
    pub(crate) expected: DialectSet,
    /// What the path ends in, where that is not the element at the offset: an absent child, say.
    pub(crate) suffix: Option<&'static str>,
}

/// What the reader noticed in the root part; bounded as [`Flags`] is.
#[derive(Debug)]
pub(crate) struct Notes {
    pub(crate) list: Vec<Note>,
    /// Where the first note stood that found no room.
    pub(crate) overflow: Option<usize>,
    /// All dialects that the entity is judged by.
    all: DialectSet,
}

impl Notes {
    fn push(&mut self, kind: DeviationKind, offset: usize, expected: DialectSet) {
        self.push_note(Note { kind, offset, noticed: self.all, expected, suffix: None });
    }

    fn push_note(&mut self, note: Note) {
        if self.list.len() < Flags::MAX {
            if self.list.capacity() == 0 {
                self.list.reserve(16);
            }
            self.list.push(note);
        } else {
            self.overflow.get_or_insert(note.offset);
        }
    }
}

/// The tables for one element, of each dialect; the first decides what the values are.
type Tables = [&'static [Node]; DIALECTS_MAX];

/// Where the tables have one child.
type Places = [Option<usize>; DIALECTS_MAX];

/// What each dialect has at one place.
#[derive(Clone, Copy)]
struct Nodes<'r> {
    first: &'static Node,
    all: [&'static Node; DIALECTS_MAX],
    dialects: &'r [&'static Dialect],
}

impl Nodes<'_> {
    /// The dialects of whose node something holds.
    fn of(&self, holds: impl Fn(&'static Node) -> bool) -> DialectSet {
        DialectSet::of(self.dialects.iter().zip(self.all), |(_, node)| holds(node))
    }

    /// The dialects that write at this place.
    fn writing(&self) -> DialectSet {
        self.of(Node::writes)
    }

    /// Those that write an address here as bare text.
    fn bare_address(&self) -> DialectSet {
        self.of(|node| matches!(node.body, Body::Leaf(_, Format::BareAddress)) && node.writes())
    }

    /// The tables inside, the first of which is given.
    fn inner(&self, first: &'static [Node]) -> Tables {
        self.all.map(|node| if let Body::Group(inner) = node.body { inner } else { first })
    }
}

/// How far a group has been read.
struct Progress<'a> {
    /// How many dialects there are.
    count: usize,
    tables: Tables,
    /// Where the tables have the child that is being read, or that was read last.
    places: Places,
    orders: [Order; DIALECTS_MAX],
    /// How many children of each name there were.
    names: Names<'a>,
}

impl<'a> Progress<'a> {
    fn new(count: usize, tables: Tables, sequence: Sequence) -> Self {
        let orders = [Order::new(sequence); DIALECTS_MAX];
        Self { count, tables, places: [None; DIALECTS_MAX], orders, names: Names::default() }
    }

    /// Goes to the child of this name.
    fn go_to(&mut self, local: &[u8]) {
        self.places[0] = find(self.tables[0], local, self.next());
        self.go_along(local);
    }

    /// The same in all tables but the first.
    fn go_along(&mut self, local: &[u8]) {
        for index in 1..self.count.min(DIALECTS_MAX) {
            let next = self.places[index].map_or(0, |last| last + 1);
            self.places[index] = find(self.tables[index], local, next);
        }
    }

    /// Where in the first table the next child is likely to be.
    fn next(&self) -> usize {
        self.places[0].map_or(0, |last| last + 1)
    }

    /// Counts the child, which is none of nothing: which of its name it is.
    fn nth(&mut self, local: &'a [u8]) -> usize {
        self.names.count(local, self.places[0])
    }

    /// The child is the first of its name; the nodes it is read by are given.
    #[inline]
    fn see(&mut self, chosen: [usize; DIALECTS_MAX], offset: usize) {
        for (dialect, order) in self.orders.iter_mut().enumerate().take(self.count) {
            order.see(self.tables[dialect], chosen[dialect], offset);
        }
    }
}

/// Whether a field's element has an attribute that says nothing of the field.
fn is_known_attribute(slot: Slot, attribute: &Attribute<'_, '_>) -> bool {
    slot == Slot::TransactionId && attribute.local() == b"mustUnderstand"
}

pub(crate) struct Reader<'r> {
    dialects: &'r [&'static Dialect],
    shapes: [Shape; DIALECTS_MAX],
    pub(crate) charset: Charset,
    message: &'r mut Message,
    pub(crate) notes: Notes,
    /// Damage found while text was decoded.
    pub(crate) flags: Flags,
    /// The namespace of the operation: what its children have is no news.
    namespace: &'r [u8],
    /// What has a value.
    filled: SlotSet,
    /// Whether the SOAP header is being read.
    in_header: bool,
    /// The known elements around the one being read, from the operation or the SOAP header on.
    known: [&'static str; KNOWN_DEPTH],
    depth: usize,
    /// The path below them, as extensions write it.
    path: String,
    unqualified_noted: bool,
    /// Times whose half of the day was not written (S-11).
    twelve_hour: SlotSet,
    overflow: Option<usize>,
}

/// As many groups do the tables have inside one another.
const KNOWN_DEPTH: usize = 8;

impl<'r> Reader<'r> {
    /// Reads into `message` by the tables of dialects of one carrier, at least one.
    pub(crate) fn new(
        dialects: &'r [&'static Dialect],
        operation: Operation,
        charset: Charset,
        namespace: &'r [u8],
        message: &'r mut Message,
    ) -> Self {
        *message = operation.empty();
        let all = DialectSet::of(dialects, |_| true);
        let mut shapes = [dialects[0].shape(operation); DIALECTS_MAX];
        for (shape, dialect) in shapes.iter_mut().zip(dialects).skip(1) {
            *shape = dialect.shape(operation);
        }
        Self {
            dialects,
            shapes,
            charset,
            message,
            notes: Notes { list: Vec::new(), overflow: None, all },
            flags: Flags::default(),
            namespace,
            filled: SlotSet::default(),
            in_header: false,
            known: [""; KNOWN_DEPTH],
            depth: 0,
            path: String::new(),
            unqualified_noted: false,
            twelve_hour: SlotSet::default(),
            overflow: None,
        }
    }

    /// The SOAP header; its entries' paths begin with `/`.
    pub(crate) fn header(&mut self, header: Element<'_, '_>) {
        self.in_header = true;
        self.group(header, self.shapes.map(|shape| shape.frame.header()), Sequence::of("Header"));
        self.in_header = false;
    }

    /// The operation.
    pub(crate) fn operation(&mut self, element: Element<'_, '_>) -> Result<(), Fatal> {
        let name = self.message.operation().local_name();
        self.group(element, self.shapes.map(|shape| shape.nodes), Sequence::of(name));
        self.note_far_expiry(element);
        self.drop_alias();
        match self.overflow {
            Some(offset) => Err(Fatal::limit("elements that no table knows", EXTENSIONS_MAX, offset)),
            None => Ok(()),
        }
    }

    /// S-17: an alias that is the callback number says nothing.
    fn drop_alias(&mut self) {
        if let (Some(FieldRef::Text(alias)), Some(FieldRef::Text(callback))) =
            (self.message.get(Slot::Alias), self.message.get(Slot::Callback))
            && alias == callback
        {
            self.message.clear(Slot::Alias);
            self.filled.remove(Slot::Alias);
        }
    }

    fn group(&mut self, element: Element<'_, '_>, tables: Tables, sequence: Sequence) {
        self.attributes(element, tables);
        self.stray_text(element, tables);
        let mut progress = Progress::new(self.dialects.len(), tables, sequence);
        // What is refused for its number is not read to its end.
        for child in element.children() {
            if self.is_full() {
                break;
            }
            self.note_unqualified(child.is_unqualified(), child.offset());
            let local = child.local();
            progress.go_to(local);
            if is_nothing(child) {
                self.note_nothing(&progress, child.offset());
                continue;
            }
            let nth = progress.nth(local);
            let Some(chosen) = self.choose(&progress, |charset| child.text(charset, &mut Flags::default())) else {
                self.unknown(child, nth);
                continue;
            };
            if nth == 1 {
                progress.see(chosen, child.offset());
            }
            self.child(self.nodes(tables, chosen), child, nth);
        }
        self.close(&progress, element.offset());
    }

    /// That a child is empty, and so as good as absent.
    fn note_nothing(&mut self, progress: &Progress<'_>, offset: usize) {
        let empty = |(nodes, place): (&'static [Node], Option<usize>)| {
            place.is_some_and(|first| alternatives(nodes, first).any(|(_, node)| node.empty))
        };
        let places = progress.tables.into_iter().zip(progress.places).take(progress.count);
        self.notes.push(DeviationKind::ElementEmpty, offset, DialectSet::of(places, empty));
    }

    /// What can be said of a group once it has ended, which begins at `offset`.
    fn close(&mut self, progress: &Progress<'_>, offset: usize) {
        self.note_order(&progress.orders);
        self.note_missing(offset, progress.tables[0]);
    }

    fn nodes(&self, tables: Tables, chosen: [usize; DIALECTS_MAX]) -> Nodes<'r> {
        let node = |index: usize| tables[index].get(chosen[index]).unwrap_or(&tables[0][chosen[0]]);
        Nodes { first: node(0), all: core::array::from_fn(node), dialects: self.dialects }
    }

    /// The nodes for a child: of several alternatives the first whose format takes the text.
    fn choose<'t>(
        &mut self,
        progress: &Progress<'_>,
        text: impl FnOnce(Charset) -> Cow<'t, str>,
    ) -> Option<[usize; DIALECTS_MAX]> {
        let first = progress.places[0]?;
        // Mostly there is one.
        let (node, others) = progress.tables[0].get(first..)?.split_first()?;
        if node.reads() && others.first().is_none_or(|other| other.name != node.name) {
            return Some(progress.places.map(|place| place.unwrap_or(first)));
        }
        let mut nth = 0;
        let mut readable = alternatives(progress.tables[0], first).filter(|(_, node)| node.reads());
        let (at, node) = readable.next()?;
        if let Some((other, _)) = readable.next() {
            nth = if accepts(node, trim(&text(self.charset))) { at } else { other } - first;
        } else if at != first {
            nth = at - first;
        }
        Some(progress.places.map(|place| place.unwrap_or(first) + nth))
    }

    fn note_order(&mut self, orders: &[Order; DIALECTS_MAX]) {
        if orders.iter().all(|order| order.finding.is_none()) {
            return;
        }
        let before = self.notes.list.len();
        for (index, order) in orders.iter().enumerate().take(self.dialects.len()) {
            let Some((offset, expected)) = order.finding else { continue };
            let own = DialectSet::only(index);
            let expected = if expected { own } else { DialectSet::NONE };
            let same = self.notes.list.iter_mut().skip(before).find(|note| note.offset == offset);
            if let Some(note) = same {
                note.noticed.insert(own);
                note.expected.insert(expected);
            } else {
                let kind = DeviationKind::ElementOrder;
                self.notes.push_note(Note { kind, offset, noticed: own, expected, suffix: None });
            }
        }
    }

    fn child(&mut self, nodes: Nodes<'r>, child: Element<'_, '_>, nth: usize) {
        let node = nodes.first;
        let taken = self.is_taken(node, nth);
        if taken || nth > 1 {
            self.note(DeviationKind::ElementRepeated, child.offset());
        }
        if taken {
            self.unknown(child, nth);
            return;
        }
        self.note_child(&nodes, child.namespace().uri(), child.offset());
        let outer = self.depth;
        if let Some(name) = self.known.get_mut(outer) {
            *name = node.name;
            self.depth += 1;
        }
        match node.body {
            Body::Group(first) => self.group(child, nodes.inner(first), node.sequence),
            Body::Leaf(slot, format) => self.leaf(&nodes, slot, format, child),
        }
        self.depth = outer;
    }

    /// Whether nothing more is read into a node, from an element that is the `nth` of its name. Addresses are added.
    fn is_taken(&self, node: &Node, nth: usize) -> bool {
        match node.body {
            Body::Leaf(_, Format::Addresses) => false,
            Body::Leaf(slot, _) => nth > 1 || self.filled.contains(slot),
            // A fault has one error: the second of either name is one too many.
            Body::Group(_) => nth > 1 || (node.when.is_some() && self.filled.contains(Slot::FaultDetail)),
        }
    }

    /// What its element says by itself of a node that is read.
    fn note_child(&mut self, nodes: &Nodes<'_>, namespace: Option<&[u8]>, offset: usize) {
        let node = nodes.first;
        if let Some(uri) = namespace
            && self.is_foreign(uri)
            && !super::is_mm7_namespace(uri)
            && node.ns.is_none_or(|(_, own)| own.as_bytes() != uri)
        {
            self.note(DeviationKind::NamespaceUnknown, offset);
        }
        self.note_place(nodes, offset);
        if let Some(detail) = node.when {
            self.set(Slot::FaultDetail, Value::FaultDetail(detail));
        }
    }

    /// That an element or attribute is itself a departure.
    fn note_place(&mut self, nodes: &Nodes<'_>, offset: usize) {
        for &kind in nodes.first.notes {
            self.notes.push(kind, offset, nodes.of(|node| node.role == Role::Both));
        }
    }

    fn leaf(&mut self, nodes: &Nodes<'_>, slot: Slot, format: Format, element: Element<'_, '_>) {
        match format {
            Format::Addresses => return self.addresses(slot, element),
            Format::Address | Format::BareAddress => return self.address(slot, element, nodes.bare_address()),
            _ => {}
        }
        for attribute in element.attributes() {
            if !is_known_attribute(slot, &attribute) {
                self.attribute_extension(element, &attribute);
            }
        }
        let direct = element.text(self.charset, &mut self.flags);
        if matches!(format, Format::BareNumber) {
            return self.bare_number(nodes, slot, element, &direct);
        }
        self.unknown_children(element);
        let text = self.scalar(&direct, element.text_offset());
        if !text.is_empty() {
            self.value(nodes, slot, format, text, element.text_offset());
        } else if !element.has_children() {
            self.note_empty(nodes, element.offset());
        }
    }

    fn note_empty(&mut self, nodes: &Nodes<'_>, offset: usize) {
        self.notes.push(DeviationKind::ElementEmpty, offset, nodes.of(|node| node.empty));
    }

    /// A trimmed scalar; what was trimmed is noted.
    fn scalar<'t>(&mut self, text: &'t str, offset: usize) -> &'t str {
        let trimmed = trim(text);
        if trimmed.len() != text.len() && !trimmed.is_empty() {
            self.note(DeviationKind::ScalarPadded, offset);
        }
        trimmed
    }

    /// Puts a non-empty value in its slot, noting where it departs from its type.
    fn value(&mut self, nodes: &Nodes<'_>, slot: Slot, format: Format, text: &str, offset: usize) {
        let value = match format {
            Format::Text
            | Format::BareNumber
            | Format::Address
            | Format::BareAddress
            | Format::Addresses
            | Format::NoStamp
            | Format::Alias { .. } => return self.text(slot, text),
            Format::Word { words, open } => {
                if !words.contains(&text) {
                    let expected = if open { nodes.writing() } else { DialectSet::NONE };
                    self.notes.push(DeviationKind::ValueNotEnumerated, offset, expected);
                }
                return self.text(slot, text);
            }
            Format::NoDigits { words } => {
                if !words.contains(&text) {
                    self.note(DeviationKind::ValueNotEnumerated, offset);
                }
                return self.text(slot, text);
            }
            Format::Code | Format::Digits => {
                let Some(code) = Code::from_wire(text) else { return };
                if code.number().is_none() {
                    self.note(DeviationKind::ValueUnreadable, offset);
                }
                Value::Code(code)
            }
            Format::Bool(_) => {
                let Some(flag) = Flag::from_wire(text) else { return };
                match flag.as_bool() {
                    None => self.note(DeviationKind::ValueUnreadable, offset),
                    Some(_) if matches!(text, "true" | "false" | "1" | "0") => {}
                    Some(value) => {
                        let writes = |node: &Node| match node.body {
                            Body::Leaf(_, Format::Bool(form)) => text == form.text(value),
                            _ => false,
                        };
                        self.notes.push(DeviationKind::BooleanForm, offset, nodes.of(writes));
                    }
                }
                Value::Flag(flag)
            }
            Format::Time(_) | Format::Stamp => {
                let mut flags = Flags::default();
                let Some(time) = datetime::read(text, &mut flags) else { return };
                // S-11: the hours of a 12-hour clock are on record in this form alone, and of S's relays.
                let rfc2822 = flags.iter().any(|flag| flag.kind == DeviationKind::DateTimeRfc2822);
                if rfc2822
                    && DeviationKind::DateTimeTwelveHour.observed().contains(&self.dialects[0].id.carrier())
                    && time.date_time().is_some_and(|time| datetime::may_be_twelve_hour(&time))
                {
                    self.twelve_hour.insert(slot);
                    let expected = nodes.of(|node| node.writes() && form_of(node).is_rfc2822());
                    self.notes.push(DeviationKind::DateTimeTwelveHour, offset, expected);
                }
                for flag in flags.iter() {
                    let expected = nodes.of(|node| node.writes() && form_of(node).flags().contains(&flag.kind));
                    let before = text.get(..flag.offset).unwrap_or(text);
                    self.notes.push(flag.kind, offset + self.wire_len(before), expected);
                }
                Value::Timestamp(time)
            }
            Format::Href => {
                let (value, finding) = href_reads_as(text);
                if let Some(kind) = finding {
                    self.note(kind, offset);
                }
                if value.is_empty() {
                    return self.note(DeviationKind::ElementEmpty, offset);
                }
                return self.text(slot, &value);
            }
            Format::FaultCode => {
                let local = text.split_once(':').map_or(text, |(_, local)| local);
                return self.text(slot, local);
            }
        };
        self.set(slot, value);
    }

    fn set(&mut self, slot: Slot, value: Value) {
        if self.message.set(slot, value) {
            self.filled.insert(slot);
        }
    }

    fn text(&mut self, slot: Slot, text: &str) {
        if self.message.set_text(slot, text) {
            self.filled.insert(slot);
        }
    }

    /// How many bytes a text takes on the wire, where no reference or comment stands in it.
    fn wire_len(&self, text: &str) -> usize {
        match self.charset {
            Charset::Utf8 => text.len(),
            _ => text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum(),
        }
    }

    /// A number as bare text, or in the standard's child element.
    fn bare_number(&mut self, nodes: &Nodes<'_>, slot: Slot, element: Element<'_, '_>, direct: &str) {
        let mut bare = !trim(direct).is_empty();
        let mut names = Names::default();
        if bare {
            self.bare_text(nodes, slot, direct, element.text_offset());
        }
        for child in element.children() {
            let nth = names.count(child.local(), None);
            if !bare && nth == 1 && child.local() == b"Number" && !child.is_blank() {
                bare = true;
                self.scalar_child(nodes, slot, child);
            } else {
                self.unknown(child, nth);
            }
        }
    }

    /// A number as bare text.
    fn bare_text(&mut self, nodes: &Nodes<'_>, slot: Slot, direct: &str, offset: usize) {
        let text = self.scalar(direct, offset);
        self.notes.push(DeviationKind::AddressBare, offset, nodes.writing());
        self.value(nodes, slot, Format::Text, text, offset);
    }

    fn scalar_child(&mut self, nodes: &Nodes<'_>, slot: Slot, child: Element<'_, '_>) {
        let text = child.text(self.charset, &mut self.flags);
        let text = self.scalar(&text, child.text_offset());
        self.value(nodes, slot, Format::Text, text, child.text_offset());
        self.address_inner(child, 1);
    }

    /// Exactly one address: the first child that is one, or bare text. A report's `Recipients` may hold a `To` (L-09).
    fn address(&mut self, slot: Slot, element: Element<'_, '_>, prescribed: DialectSet) {
        self.element_attributes(element);
        let mut found = self.first_address(element, true);
        let direct = element.text(self.charset, &mut self.flags);
        let bare = self.scalar(&direct, element.text_offset());
        if !bare.is_empty() {
            if found.is_none() {
                self.notes.push(DeviationKind::AddressBare, element.text_offset(), prescribed);
                found = Address::from_element("Number", bare);
            } else {
                self.push_text_extension(bare, None, element.text_offset());
            }
        }
        match found {
            Some(address) => self.set(slot, Value::Address(address)),
            None => self.note(DeviationKind::ElementEmpty, element.offset()),
        }
    }

    /// The first address among the children, or in a `To` among them; what else they hold is kept.
    fn first_address(&mut self, element: Element<'_, '_>, or_in_to: bool) -> Option<Address> {
        let mut found = None;
        let mut names = Names::default();
        for child in element.children() {
            let nth = names.count(child.local(), None);
            if found.is_some() {
                self.unknown(child, nth);
            } else if or_in_to && child.local() == b"To" && !child.is_blank() {
                let outer = self.enter("To", nth);
                self.element_attributes(child);
                self.stray_text(child, [&[]; DIALECTS_MAX]);
                found = self.first_address(child, false);
                self.path.truncate(outer);
            } else if let Some(address) = self.one_address(child) {
                found = Some(address);
                self.address_inner(child, nth);
            } else {
                self.unknown(child, nth);
            }
        }
        found
    }

    fn addresses(&mut self, slot: Slot, element: Element<'_, '_>) {
        self.element_attributes(element);
        let mut list = Vec::new();
        let mut names = Names::default();
        for child in element.children() {
            let Some(nth) = self.present(child, &mut names) else { continue };
            match self.one_address(child) {
                Some(address) => {
                    list.push(address);
                    self.address_inner(child, nth);
                }
                None => self.unknown(child, nth),
            }
        }
        let direct = element.text(self.charset, &mut self.flags);
        let bare = self.scalar(&direct, element.text_offset());
        if let Some(address) = Address::from_element("Number", bare) {
            self.note(DeviationKind::AddressBare, element.text_offset());
            list.push(address);
        }
        if self.message.append(slot, list) {
            self.filled.insert(slot);
        } else {
            self.note(DeviationKind::ElementEmpty, element.offset());
        }
    }

    fn one_address(&mut self, child: Element<'_, '_>) -> Option<Address> {
        let name = core::str::from_utf8(child.local()).ok()?;
        Address::kind(name)?;
        let text = child.text(self.charset, &mut self.flags);
        let text = self.scalar(&text, child.text_offset());
        Address::from_element(name, text)
    }

    /// Attributes and children of an address's element are kept.
    fn address_inner(&mut self, child: Element<'_, '_>, nth: usize) {
        let name = self.name(child.local());
        let outer = self.enter(&name, nth);
        self.element_attributes(child);
        self.unknown_children(child);
        self.path.truncate(outer);
    }

    /// S-11: of the two halves of the day that a time may mean, the one nearer to when the message came. An expiry at the same
    /// hour was counted from that time, and goes with it.
    pub(crate) fn resolve_twelve_hour(&mut self, received_at: &DateTime) {
        let time_of = |message: &Message, slot| match message.get(slot) {
            Some(FieldRef::Timestamp(time)) => time.date_time(),
            _ => None,
        };
        let Some(sent) = time_of(self.message, Slot::Timestamp).filter(|_| self.twelve_hour.contains(Slot::Timestamp))
        else {
            return;
        };
        let resolved = sent.nearer_half(received_at);
        if resolved == sent {
            return;
        }
        self.message.set(Slot::Timestamp, Value::Timestamp(resolved.into()));
        if let Some(expiry) = time_of(self.message, Slot::Expiry)
            && self.twelve_hour.contains(Slot::Expiry)
            && expiry.hour() == sent.hour()
        {
            self.message.set(Slot::Expiry, Value::Timestamp(expiry.other_half().into()));
        }
    }

    /// S-14: milliseconds were taken for seconds.
    fn note_far_expiry(&mut self, element: Element<'_, '_>) {
        if super::expiry_is_far(self.message) {
            let child = element.children().find(|child| child.local() == b"ExpiryDate");
            self.note(DeviationKind::ExpiryFar, child.map_or(element.offset(), |child| child.text_offset()));
        }
    }

    fn note(&mut self, kind: DeviationKind, offset: usize) {
        let expected = DialectSet::of(self.dialects, |dialect| dialect.prescribes(kind, Site::Envelope));
        self.notes.push(kind, offset, expected);
    }

    /// The first child in no namespace: the schema qualifies them all (K-07).
    fn note_unqualified(&mut self, unqualified: bool, offset: usize) {
        if !unqualified || self.unqualified_noted || self.in_header || self.message.operation() == Operation::Fault {
            return;
        }
        self.unqualified_noted = true;
        let expected = DialectSet::of(self.dialects.iter().zip(&self.shapes), |(_, shape)| !shape.frame.qualified);
        self.notes.push(DeviationKind::ElementUnqualified, offset, expected);
    }

    fn note_missing(&mut self, offset: usize, nodes: &'static [Node]) {
        for node in nodes.iter().filter(|node| node.presence == Presence::Mandatory) {
            if !self.is_set(node, nodes) {
                self.notes.push_note(Note {
                    kind: DeviationKind::ElementMissing,
                    offset,
                    noticed: self.notes.all,
                    expected: DialectSet::NONE,
                    suffix: Some(node.name),
                });
            }
        }
    }

    /// Whether a node, an alternative of the same name, or what may stand instead has a value in the message.
    fn is_set(&self, node: &Node, siblings: &'static [Node]) -> bool {
        let does = |sibling: &&Node| sibling.name == node.name || sibling.name == node.instead;
        self.has_value(node) || siblings.iter().filter(does).any(|sibling| self.has_value(sibling))
    }

    fn has_value(&self, node: &Node) -> bool {
        match node.body {
            Body::Leaf(slot, _) => self.filled.contains(slot),
            Body::Group(nodes) => nodes.iter().any(|node| self.has_value(node)),
        }
    }
}

/// The first node with this name.
fn find(nodes: &'static [Node], name: &[u8], from: usize) -> Option<usize> {
    find_by(nodes, from, |node| node.name.as_bytes() == name)
}

/// The first node with the name that `is` takes. Elements mostly come in the order of the table: the search begins at `from`.
fn find_by(nodes: &'static [Node], from: usize, is: impl Fn(&Node) -> bool) -> Option<usize> {
    let from = from.min(nodes.len());
    let found =
        nodes[from..].iter().position(&is).map(|at| from + at).or_else(|| nodes[..from].iter().position(&is))?;
    let before = nodes[..found].iter().rposition(|node| !is(node));
    Some(before.map_or(0, |before| before + 1))
}

/// The node at `first` and those behind it that have its name, each with its index.
fn alternatives(nodes: &'static [Node], first: usize) -> impl Iterator<Item = (usize, &'static Node)> {
    let name = nodes.get(first).map_or("", |node| node.name);
    nodes.iter().enumerate().skip(first).take_while(move |(_, node)| node.name == name)
}

/// Whether nothing stands in an element: empty is absent.
fn is_nothing(element: Element<'_, '_>) -> bool {
    element.is_blank() && element.attributes().next().is_none()
}

/// The form that a dialect writes a time in.
fn form_of(node: &Node) -> datetime::Form {
    if let Body::Leaf(_, Format::Time(form)) = node.body { form } else { datetime::Form::Compact }
}

fn accepts(node: &Node, text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match node.body {
        Body::Leaf(_, Format::NoDigits { .. }) => !digits,
        Body::Leaf(_, Format::Digits) => digits,
        Body::Leaf(_, Format::Stamp) => is_stamp(text),
        _ => true,
    }
}

/// Fourteen digits that are a time (S-47).
pub(crate) fn is_stamp(text: &str) -> bool {
    text.len() == 14
        && text.bytes().all(|b| b.is_ascii_digit())
        && datetime::read(text, &mut Flags::default()).is_some_and(|time| time.raw().is_none())
}

impl BoolForm {
    pub(crate) const fn text(self, value: bool) -> &'static str {
        match (self, value) {
            (Self::Capitalised, true) => "True",
            (Self::Capitalised, false) => "False",
            (Self::Upper, true) => "TRUE",
            (Self::Upper, false) => "FALSE",
        }
    }
}

/// What a reader makes of a content reference: the scheme's colon put in (L-03), brackets taken off (S-08, S-33).
pub(crate) fn href_reads_as(text: &str) -> (Cow<'_, str>, Option<DeviationKind>) {
    let Some(rest) = text.get(..3).filter(|scheme| scheme.eq_ignore_ascii_case("cid")).map(|_| &text[3..]) else {
        return (Cow::Borrowed(text), None);
    };
    let (rest, mut finding) = match rest.strip_prefix(':') {
        Some(rest) => (rest, None),
        None if rest.starts_with([' ', '\t', '\r', '\n', '<']) => (rest, Some(DeviationKind::HrefColonMissing)),
        None => return (Cow::Borrowed(text), None),
    };
    let id = rest.trim_matches(|c| crate::model::text::is_blank(c) || matches!(c, '<' | '>'));
    // Brackets around it; one inside it is part of the id.
    let padded = rest.trim_matches(crate::model::text::is_blank);
    if padded.starts_with(['<', '>']) || padded.ends_with(['<', '>']) {
        finding = finding.or(Some(DeviationKind::HrefBracketed));
    }
    if id.is_empty() {
        return (Cow::Borrowed(""), finding);
    }
    if text.strip_prefix("cid:").is_some_and(|rest| rest == id) {
        return (Cow::Borrowed(text), finding);
    }
    (Cow::Owned(alloc::format!("cid:{id}")), finding)
}
