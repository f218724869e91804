//! From an operation's element to the message: the table walked by what stands on the wire.

mod order;
mod unknown;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use order::Order;
pub(crate) use unknown::is_uri_byte;
use unknown::{EXTENSIONS_MAX, Names};

use super::table::{Body, BoolForm, Format, Node, Presence, Role, Shape};
use super::{Dialect, Site};
use crate::carrier_id::Carrier;
use crate::charset::Charset;
use crate::datetime::{self, DateTime};
use crate::deviation::{DeviationKind, Flags};
use crate::error::Fatal;
use crate::model::text::trim;
use crate::model::{Address, Code, FieldRef, Flag, Message, Operation, Slot, SlotSet, Value};
use crate::xml::{Element, Namespace};

/// A deviation on its way to the gate: everything but its path, which only a reported one needs.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) kind: DeviationKind,
    pub(crate) offset: usize,
    pub(crate) expected: bool,
    /// What the path ends in, where that is not the element at the offset: an absent child, say.
    pub(crate) suffix: Option<&'static str>,
}

/// What the reader noticed in the root part; bounded as [`Flags`] is.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) list: Vec<Note>,
    /// Where the first note stood that found no room.
    pub(crate) overflow: Option<usize>,
}

impl Notes {
    fn push(&mut self, kind: DeviationKind, offset: usize, expected: bool) {
        self.push_under(kind, offset, expected, None);
    }

    fn push_under(&mut self, kind: DeviationKind, offset: usize, expected: bool, suffix: Option<&'static str>) {
        if self.list.len() < Flags::MAX {
            self.list.push(Note { kind, offset, expected, suffix });
        } else {
            self.overflow.get_or_insert(offset);
        }
    }
}

pub(crate) struct Reader {
    dialect: &'static Dialect,
    shape: Shape,
    pub(crate) charset: Charset,
    pub(crate) message: Message,
    pub(crate) notes: Notes,
    /// Damage found while text was decoded.
    pub(crate) flags: Flags,
    /// The namespace of the operation: what its children have is no news.
    namespace: Vec<u8>,
    /// Path of the group being read, as extensions write it.
    path: String,
    unqualified_noted: bool,
    /// Times whose half of the day was not written (S-11).
    twelve_hour: SlotSet,
    overflow: Option<usize>,
}

impl Reader {
    pub(crate) fn new(dialect: &'static Dialect, operation: Operation, charset: Charset, namespace: &[u8]) -> Self {
        Self {
            dialect,
            shape: dialect.shape(operation),
            charset,
            message: operation.empty(),
            notes: Notes::default(),
            flags: Flags::default(),
            namespace: namespace.into(),
            path: String::new(),
            unqualified_noted: false,
            twelve_hour: SlotSet::default(),
            overflow: None,
        }
    }

    /// The SOAP header; its entries' paths begin with `/`.
    pub(crate) fn header(&mut self, header: Element<'_, '_>) {
        self.path.push('/');
        self.group(header, self.shape.frame.header(), "Header");
        self.path.clear();
    }

    /// The operation.
    pub(crate) fn operation(&mut self, element: Element<'_, '_>) -> Result<(), Fatal> {
        let name = self.message.operation().local_name();
        self.group(element, self.shape.nodes, name);
        self.note_far_expiry(element);
        // S-17: an alias that is the callback number says nothing.
        if let (Some(FieldRef::Text(alias)), Some(FieldRef::Text(callback))) =
            (self.message.get(Slot::Alias), self.message.get(Slot::Callback))
            && alias == callback
        {
            self.message.clear(Slot::Alias);
        }
        match self.overflow {
            Some(offset) => Err(Fatal::limit("elements that no table knows", EXTENSIONS_MAX, offset)),
            None => Ok(()),
        }
    }

    fn group(&mut self, element: Element<'_, '_>, nodes: &'static [Node], parent: &'static str) {
        self.attributes(element, nodes);
        self.stray_text(element, nodes);
        let mut order = Order::new(parent);
        let mut names = Names::default();
        for child in element.children() {
            self.note_unqualified(child);
            let prescribed = nodes.iter().any(|node| node.empty && node.name.as_bytes() == child.local());
            let Some(nth) = self.present(child, &mut names, prescribed) else { continue };
            let Some(node) = self.choose(nodes, child) else {
                self.unknown(child, nth);
                continue;
            };
            if nth == 1 {
                order.see(node, nodes, child.offset());
            }
            self.child(node, child, nth);
        }
        if let Some((offset, expected)) = order.finding {
            self.notes.push(DeviationKind::ElementOrder, offset, expected);
        }
        self.note_missing(element, nodes);
    }

    /// The node for a child: of several alternatives the first whose format takes the text.
    fn choose(&mut self, nodes: &'static [Node], child: Element<'_, '_>) -> Option<&'static Node> {
        let mut named = nodes.iter().filter(|node| node.reads() && node.name.as_bytes() == child.local());
        let first = named.next()?;
        let Some(second) = named.next() else { return Some(first) };
        let text = child.text(self.charset, &mut Flags::default());
        Some(if accepts(first, trim(&text)) { first } else { second })
    }

    fn child(&mut self, node: &'static Node, child: Element<'_, '_>, nth: usize) {
        let merges = matches!(node.body, Body::Leaf(_, Format::Addresses));
        let taken = match node.body {
            Body::Leaf(slot, _) => !merges && (nth > 1 || self.message.get(slot).is_some()),
            // A fault has one error: the second of either name is one too many.
            Body::Group(_) => nth > 1 || (node.when.is_some() && self.message.get(Slot::FaultDetail).is_some()),
        };
        if taken || (merges && nth > 1) {
            self.note(DeviationKind::ElementRepeated, child.offset());
        }
        if taken {
            self.unknown(child, nth);
            return;
        }
        if let Namespace::Uri(uri) = child.namespace()
            && self.is_foreign(uri)
            && !super::is_mm7_namespace(uri)
            && node.ns.is_none_or(|(_, own)| own.as_bytes() != uri)
        {
            self.note(DeviationKind::NamespaceUnknown, child.offset());
        }
        for &kind in node.notes {
            self.notes.push(kind, child.offset(), node.role == Role::Both);
        }
        if let Some(detail) = node.when {
            self.message.set(Slot::FaultDetail, Value::FaultDetail(detail));
        }
        let outer = self.enter(node.name, 1);
        match node.body {
            Body::Group(nodes) => self.group(child, nodes, node.name),
            Body::Leaf(slot, format) => self.leaf(node, slot, format, child),
        }
        self.path.truncate(outer);
    }

    fn leaf(&mut self, node: &Node, slot: Slot, format: Format, element: Element<'_, '_>) {
        match format {
            Format::Addresses => return self.addresses(slot, element),
            Format::Address | Format::BareAddress => {
                return self.address(slot, element, format == Format::BareAddress && node.writes());
            }
            _ => {}
        }
        for attribute in element.attributes() {
            let known = slot == Slot::TransactionId && attribute.local() == b"mustUnderstand";
            if !known {
                self.attribute_extension(element, &attribute);
            }
        }
        let direct = element.text(self.charset, &mut self.flags);
        if format == Format::BareNumber {
            return self.bare_number(node, slot, element, &direct);
        }
        self.unknown_children(element);
        let text = self.scalar(&direct, element.text_offset());
        if !text.is_empty() {
            self.value(node, slot, format, text, element.text_offset());
        } else if !element.has_children() {
            self.notes.push(DeviationKind::ElementEmpty, element.offset(), node.empty);
        }
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
    fn value(&mut self, node: &Node, slot: Slot, format: Format, text: &str, offset: usize) {
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
                    self.notes.push(DeviationKind::ValueNotEnumerated, offset, open && node.writes());
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
            Format::Bool(form) => {
                let Some(flag) = Flag::from_wire(text) else { return };
                match flag.as_bool() {
                    None => self.note(DeviationKind::ValueUnreadable, offset),
                    Some(_) if matches!(text, "true" | "false" | "1" | "0") => {}
                    Some(value) => {
                        self.notes.push(DeviationKind::BooleanForm, offset, text == form.text(value));
                    }
                }
                Value::Flag(flag)
            }
            Format::Time(_) | Format::Stamp => {
                let form = if let Format::Time(form) = format { form } else { datetime::Form::Compact };
                let mut flags = Flags::default();
                let Some(time) = datetime::read(text, &mut flags) else { return };
                // S-11: only S's relays write hours of a 12-hour clock, and only in this form.
                let rfc2822 = flags.iter().any(|flag| flag.kind == DeviationKind::DateTimeRfc2822);
                if rfc2822
                    && self.dialect.id.carrier() == Carrier::S
                    && time.date_time().is_some_and(|time| datetime::may_be_twelve_hour(&time))
                {
                    self.twelve_hour.insert(slot);
                    let expected = node.writes() && form.is_rfc2822();
                    self.notes.push(DeviationKind::DateTimeTwelveHour, offset, expected);
                }
                for flag in flags.iter() {
                    let expected = node.writes() && form.flags().contains(&flag.kind);
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
        self.message.set(slot, value);
    }

    fn text(&mut self, slot: Slot, text: &str) {
        self.message.set_text(slot, text);
    }

    /// How many bytes a text takes on the wire, where no reference or comment stands in it.
    fn wire_len(&self, text: &str) -> usize {
        match self.charset {
            Charset::Utf8 => text.len(),
            _ => text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum(),
        }
    }

    /// A number as bare text, or in the standard's child element.
    fn bare_number(&mut self, node: &Node, slot: Slot, element: Element<'_, '_>, direct: &str) {
        let mut bare = !trim(direct).is_empty();
        let mut names = Names::default();
        if bare {
            let text = self.scalar(direct, element.text_offset());
            self.notes.push(DeviationKind::AddressBare, element.text_offset(), node.writes());
            self.value(node, slot, Format::Text, text, element.text_offset());
        }
        for child in element.children() {
            let nth = names.count(child.local());
            if !bare && nth == 1 && child.local() == b"Number" && !child.is_blank() {
                bare = true;
                self.scalar_child(node, slot, child);
            } else {
                self.unknown(child, nth);
            }
        }
    }

    fn scalar_child(&mut self, node: &Node, slot: Slot, child: Element<'_, '_>) {
        let text = child.text(self.charset, &mut self.flags);
        let text = self.scalar(&text, child.text_offset());
        self.value(node, slot, Format::Text, text, child.text_offset());
        self.address_inner(child, 1);
    }

    /// Exactly one address: the first child that is one, or bare text. A report's `Recipients` may hold a `To` (L-09).
    fn address(&mut self, slot: Slot, element: Element<'_, '_>, prescribed: bool) {
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
            Some(address) => {
                self.message.set(slot, Value::Address(address));
            }
            None => self.note(DeviationKind::ElementEmpty, element.offset()),
        }
    }

    /// The first address among the children, or in a `To` among them; what else they hold is kept.
    fn first_address(&mut self, element: Element<'_, '_>, or_in_to: bool) -> Option<Address> {
        let mut found = None;
        let mut names = Names::default();
        for child in element.children() {
            let nth = names.count(child.local());
            if found.is_some() {
                self.unknown(child, nth);
            } else if or_in_to && child.local() == b"To" && !child.is_blank() {
                let outer = self.enter("To", nth);
                self.element_attributes(child);
                self.stray_text(child, &[]);
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
            let Some(nth) = self.present(child, &mut names, false) else { continue };
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
        if !self.message.append(slot, list) {
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
        let Some(sent) = time_of(&self.message, Slot::Timestamp).filter(|_| self.twelve_hour.contains(Slot::Timestamp))
        else {
            return;
        };
        let resolved = sent.nearer_half(received_at);
        if resolved == sent {
            return;
        }
        self.message.set(Slot::Timestamp, Value::Timestamp(resolved.into()));
        if let Some(expiry) = time_of(&self.message, Slot::Expiry)
            && self.twelve_hour.contains(Slot::Expiry)
            && expiry.hour() == sent.hour()
        {
            self.message.set(Slot::Expiry, Value::Timestamp(expiry.other_half().into()));
        }
    }

    /// S-14: milliseconds were taken for seconds.
    fn note_far_expiry(&mut self, element: Element<'_, '_>) {
        if super::expiry_is_far(&self.message) {
            let child = element.children().find(|child| child.local() == b"ExpiryDate");
            self.note(DeviationKind::ExpiryFar, child.map_or(element.offset(), |child| child.text_offset()));
        }
    }

    fn note(&mut self, kind: DeviationKind, offset: usize) {
        let expected = self.dialect.prescribes(kind, Site::Envelope);
        self.notes.push(kind, offset, expected);
    }

    /// The first child in no namespace: the schema qualifies them all (K-07).
    fn note_unqualified(&mut self, child: Element<'_, '_>) {
        if self.unqualified_noted || self.path.starts_with('/') || self.message.operation() == Operation::Fault {
            return;
        }
        if matches!(child.namespace(), Namespace::None) {
            self.unqualified_noted = true;
            self.notes.push(DeviationKind::ElementUnqualified, child.offset(), !self.shape.frame.qualified);
        }
    }

    fn note_missing(&mut self, element: Element<'_, '_>, nodes: &'static [Node]) {
        for node in nodes.iter().filter(|node| node.presence == Presence::Mandatory) {
            if !is_set(&self.message, node, nodes) {
                self.notes.push_under(DeviationKind::ElementMissing, element.offset(), false, Some(node.name));
            }
        }
    }
}

/// Whether a node, an alternative of the same name, or what may stand instead has a value in the message.
fn is_set(message: &Message, node: &Node, siblings: &'static [Node]) -> bool {
    let does = |sibling: &&Node| sibling.name == node.name || sibling.name == node.instead;
    siblings.iter().filter(does).any(|sibling| has_value(message, sibling))
}

fn has_value(message: &Message, node: &Node) -> bool {
    match node.body {
        Body::Leaf(slot, _) => message.get(slot).is_some(),
        Body::Group(nodes) => nodes.iter().any(|node| has_value(message, node)),
    }
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
