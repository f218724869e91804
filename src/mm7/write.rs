//! From the message to an operation's element: the same table, walked by what is set.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::extensions::{ElementId, Tree};
use super::fields::Fields;
use super::read::href_reads_as;
use super::table::{Body, Declaration, Format, Frame, Node, Presence, Shape};
use super::{Dialect, SOAP_NAMESPACE};
use crate::carrier_id::DialectId;
use crate::charset::{self, Charset, Repertoire};
use crate::datetime::{self, TimeText, Timestamp};
use crate::deviation::{DeviationKind, Flags, Quirks};
use crate::loss::Loss;
use crate::model::{Address, Code, FieldRef, Message, Operation, Slot, SlotSet, Value};
use crate::violation::{Violation, ViolationKind};
use crate::xml::{self, Tags};

/// Writes the root part.
pub(crate) struct Writer<'m> {
    xml: xml::Writer,
    /// Where the envelope begins.
    begin: usize,
    shape: Shape,
    namespace: &'m str,
    transaction_id_raw: Option<&'m str>,
    charset: Charset,
    operation: Operation,
    fields: &'m Fields<'m>,
    /// `None` where the message has none.
    extensions: Option<Tree<'m>>,
    /// Which extensions have been written, in the order they stand on the wire.
    order: Vec<usize>,
    written: SlotSet,
    losses: Vec<Loss>,
}

/// What is echoed from a request, or written by default.
#[derive(Clone, Copy, Default)]
pub(crate) struct Echo<'a> {
    /// The MM7 namespace, where it is not the dialect's own.
    pub(crate) namespace: Option<&'a str>,
    /// The text of TransactionID as it stood.
    pub(crate) transaction_id_raw: Option<&'a str>,
}

/// A finished root part.
pub(crate) struct Root {
    /// The envelope, behind what stood before it.
    pub(crate) bytes: Vec<u8>,
    pub(crate) quirks: Quirks,
    pub(crate) losses: Vec<Loss>,
}

impl<'m> Writer<'m> {
    /// A writer of the message's envelope behind what has been written. Slots that are carried have a place outside it.
    pub(crate) fn new(
        dialect: &'static Dialect,
        message: &'m Message,
        fields: &'m Fields<'m>,
        carried: SlotSet,
        echo: Echo<'m>,
        (out, quirks): (Vec<u8>, Quirks),
    ) -> Self {
        let shape = dialect.shape(message.operation());
        let namespace = echo.namespace.unwrap_or(shape.frame.namespace);
        // syllables of CP949 as they are, under the label of EUC-KR.
        let extended =
            quirks.wanted.contains(DeviationKind::Cp949Extension) && dialect.repertoire == Repertoire::KsX1001;
        let repertoire = if extended { Repertoire::Cp949 } else { dialect.repertoire };
        let list = message.extensions();
        let tree = || Tree::new(list, fields, shape, dialect.repertoire, namespace);
        Self {
            begin: out.len(),
            xml: xml::Writer::behind(out, repertoire, quirks, "Envelope"),
            shape,
            namespace,
            transaction_id_raw: echo.transaction_id_raw,
            charset: dialect.repertoire.charset(),
            operation: message.operation(),
            fields,
            extensions: (!list.is_empty()).then(tree),
            order: Vec::new(),
            written: carried,
            losses: Vec::new(),
        }
    }

    /// The envelope with header, body and operation.
    pub(crate) fn envelope(mut self, encoding_label: &str) -> Root {
        let Frame { prefix, declaration, tags, .. } = self.shape.frame;
        match declaration {
            Declaration::Absent => {}
            form => self.xml.declaration(encoding_label, *form == Declaration::Blank),
        }
        self.xml.start_tagged(&tags.envelope);
        let slash = self.xml.quirks.take(DeviationKind::SoapNamespaceSlash);
        let namespace = if slash { SOAP_NAMESPACE.trim_end_matches('/') } else { SOAP_NAMESPACE };
        self.xml.constant_in("xmlns", prefix, namespace);
        self.header();
        self.xml.start_tagged(&tags.body);
        self.operation();
        self.xml.end();
        self.xml.end();
        self.account_extensions();
        for slot in self.fields.present().without(self.written).iter() {
            let before = self.fields.get(slot).map(FieldRef::to_value);
            self.losses.extend(before.map(|before| Loss::dropped(slot.path(), before)));
        }
        self.xml.end_document();
        let (bytes, mut quirks) = self.xml.finish();
        if quirks.wanted.contains(DeviationKind::Cp949Extension) {
            let mut flags = Flags::default();
            charset::choose(bytes.get(self.begin..).unwrap_or_default(), Some(self.charset), 0, &mut flags);
            if flags.iter().any(|flag| flag.kind == DeviationKind::Cp949Extension) {
                quirks.take(DeviationKind::Cp949Extension);
            }
        }
        Root { bytes, quirks, losses: self.losses }
    }

    fn header(&mut self) {
        let extension = self.extensions.as_ref().map(|_| Tree::HEADER);
        self.xml.start_tagged(&self.shape.frame.tags.header);
        match self.fields.get(Slot::TransactionId) {
            Some(FieldRef::Text(id)) => {
                self.transaction_id_start();
                let child = self.child(extension, "TransactionID", 1);
                self.extension_attributes(child);
                match self.transaction_id_raw {
                    Some(raw) => self.xml.text(raw),
                    None => self.scalar(id),
                }
                self.extension_children(child);
                self.xml.end();
                self.written.insert(Slot::TransactionId);
            }
            _ if self.shape.frame.empty_transaction_id || self.xml.quirks.take(DeviationKind::ElementEmpty) => {
                self.transaction_id_start();
                self.xml.end();
            }
            _ => {}
        }
        let written = usize::from(self.written.contains(Slot::TransactionId));
        self.further_children(extension, |name| if name == "TransactionID" { written } else { 0 });
        self.xml.end();
    }

    fn transaction_id_start(&mut self) {
        static TAGS: Tags = Tags::in_namespace("mm7", "TransactionID");
        let prefix = self.shape.frame.prefix;
        self.xml.start_tagged(&TAGS);
        let first = self.shape.frame.must_understand_first;
        let understood = !self.xml.quirks.take(DeviationKind::MustUnderstandMissing);
        if understood && first {
            self.xml.constant_in(prefix, "mustUnderstand", "1");
        }
        self.xml.attribute_in("xmlns", "mm7", self.namespace);
        if understood && !first {
            self.xml.constant_in(prefix, "mustUnderstand", "1");
        }
    }

    fn operation(&mut self) {
        let operation = self.operation;
        let frame = self.shape.frame;
        if operation == Operation::Fault {
            self.xml.start_in(frame.prefix, "Fault");
        } else {
            let mut name = operation.local_name();
            if operation == Operation::DeliveryReportReq && self.xml.quirks.take(DeviationKind::OperationAlias) {
                name = "DeliverReportReq";
            } else if matches!(operation, Operation::RsErrorRsp | Operation::VaspErrorRsp)
                && self.xml.quirks.take(DeviationKind::OperationCase)
            {
                name = if operation == Operation::RsErrorRsp { "RsErrorRsp" } else { "VaspErrorRsp" };
            }
            let has_child = |node: &Node| !node.is_attribute() && (node.empty || self.fields.will_write(node));
            let has_children = || self.shape.nodes.iter().any(|node| node.writes() && has_child(node));
            let wanted = self.xml.quirks.wanted.contains(DeviationKind::ElementUnqualified);
            let unqualified =
                wanted && frame.qualified && has_children() && self.xml.quirks.take(DeviationKind::ElementUnqualified);
            if frame.qualified && !unqualified {
                self.xml.start_in("", name);
                self.xml.attribute_in("", "xmlns", self.namespace);
            } else {
                self.xml.start_in("mm7", name);
                self.xml.attribute_in("xmlns", "mm7", self.namespace);
            }
        }
        let extension = self.extensions.as_ref().map(|_| Tree::OPERATION);
        self.inside(self.shape.nodes, extension);
        self.xml.end_operation();
    }

    /// Attributes, text, known children, then the others.
    fn inside(&mut self, nodes: &'static [Node], extension: Option<ElementId>) {
        // They stand before the elements.
        let (attributes, elements) = nodes.split_at(nodes.partition_point(Node::is_attribute));
        for node in attributes {
            self.attribute(node);
        }
        self.extension_attributes(extension);
        self.extension_text(extension);
        for (index, node) in elements.iter().enumerate() {
            if !node.writes() {
                continue;
            }
            if !self.fields.meets(node) {
                self.empty_node(node, elements);
                continue;
            }
            if self.is_alternative(index, elements) {
                continue;
            }
            match &node.body {
                // Most are texts that stand as they are, in elements that nothing extends.
                Body::Leaf(slot, format) if extension.is_none() && format.is_verbatim() => {
                    match self.fields.get(*slot) {
                        Some(FieldRef::Text(text)) => {
                            self.scalar_element(&node.tags, text, None);
                            self.written.insert(*slot);
                        }
                        _ => self.element(node, elements, extension),
                    }
                }
                _ => self.element(node, elements, extension),
            }
        }
        let fields = self.fields;
        self.further_children(extension, |name| usize::from(fields.will_write_any(nodes, name)));
    }

    /// A node of which something may be written.
    #[inline(never)]
    fn element(&mut self, node: &'static Node, siblings: &'static [Node], extension: Option<ElementId>) {
        match node.body {
            Body::Group(inner) if self.fields.will_write(node) => self.group(node, inner, siblings, extension),
            Body::Group(_) => self.empty_node(node, siblings),
            Body::Leaf(slot, format) => match self.fields.written_in(slot, format) {
                Some(value) => self.leaf(node, (slot, format, value), siblings, extension),
                None => self.empty_node(node, siblings),
            },
        }
    }

    fn attribute(&mut self, node: &'static Node) {
        let Body::Leaf(slot, format) = node.body else { return };
        if !node.writes() || !self.fields.meets(node) {
            return;
        }
        let value = self.fields.value_of(slot, format);
        if let Some(text) = value.and_then(|value| self.text_of(value, slot, format)) {
            let misspelled = slot == Slot::Adaptations && self.xml.quirks.take(DeviationKind::NameMisspelled);
            let name = if misspelled { "allowAdaptatiions" } else { &node.name[1..] };
            self.xml.attribute_in("", name, &text);
            self.written.insert(slot);
        }
    }

    /// Of alternatives, which stand side by side, the first with a value is written; whether one before this has been.
    fn is_alternative(&self, index: usize, nodes: &'static [Node]) -> bool {
        let before = nodes[..index].iter().rev().take_while(|other| other.name == nodes[index].name);
        before.filter(|other| other.writes()).any(|other| self.fields.will_write(other))
    }

    fn group(
        &mut self,
        node: &'static Node,
        inner: &'static [Node],
        siblings: &'static [Node],
        extension: Option<ElementId>,
    ) {
        if self.flattens(node, inner, siblings, extension) {
            return self.inside(inner, None);
        }
        let child = self.child(extension, node.name, 1);
        if node.when.is_some() {
            self.xml.start_in("mm7", node.name);
            self.xml.attribute_in("xmlns", "mm7", self.namespace);
            self.written.insert(Slot::FaultDetail);
        } else {
            self.start(node);
        }
        self.inside(inner, child);
        self.xml.end();
    }

    fn leaf(
        &mut self,
        node: &'static Node,
        (slot, format, value): (Slot, Format, FieldRef<'m>),
        siblings: &'static [Node],
        extension: Option<ElementId>,
    ) {
        let child = self.child(extension, node.name, 1);
        let other = if child.is_none() { self.other_name(slot, siblings, extension) } else { None };
        self.value(other.unwrap_or(node), (slot, format, value), child);
    }

    /// A node that has no value.
    #[inline]
    fn empty_node(&mut self, node: &'static Node, siblings: &'static [Node]) {
        if !node.empty && !self.xml.quirks.wanted.contains(DeviationKind::ElementEmpty) {
            return;
        }
        let alternative = siblings.iter().any(|other| other.name == node.name && self.fields.will_write(other));
        if !alternative && (node.empty || self.xml.quirks.take(DeviationKind::ElementEmpty)) {
            self.start(node);
            self.xml.end();
        }
    }

    /// Whether the fields of a status are to be written without its element (L-11): the table has them beside it, and no
    /// extension would be read as the group.
    fn flattens(
        &mut self,
        node: &'static Node,
        nodes: &'static [Node],
        siblings: &'static [Node],
        extension: Option<ElementId>,
    ) -> bool {
        let beside = |inner: &Node| siblings.iter().any(|node| node.name == inner.name && node.reads());
        self.xml.quirks.wanted.contains(DeviationKind::StatusFlat)
            && node.name == "Status"
            && nodes.iter().all(beside)
            && !self.has_child(extension, node.name)
            && self.xml.quirks.take(DeviationKind::StatusFlat)
    }

    /// The recipient under the name that only L gives it (L-09).
    fn other_name(
        &mut self,
        slot: Slot,
        siblings: &'static [Node],
        extension: Option<ElementId>,
    ) -> Option<&'static Node> {
        if slot != Slot::Recipient || !self.xml.quirks.wanted.contains(DeviationKind::RecipientElement) {
            return None;
        }
        let is_other = |other: &&Node| other.notes.contains(&DeviationKind::RecipientElement) && !other.writes();
        let other = siblings.iter().find(is_other)?;
        let free = !self.has_child(extension, "Recipients") && self.xml.quirks.take(DeviationKind::RecipientElement);
        free.then_some(other)
    }

    fn start(&mut self, node: &'static Node) {
        self.xml.start_tagged(&node.tags);
        if let Some((prefix, uri)) = node.ns {
            self.xml.constant_in("xmlns", prefix, uri);
        }
    }

    /// A field with its value.
    fn value(
        &mut self,
        node: &'static Node,
        (slot, format, value): (Slot, Format, FieldRef<'m>),
        extension: Option<ElementId>,
    ) {
        match value {
            FieldRef::Address(address) => {
                self.start(node);
                self.extension_attributes(extension);
                self.address(address, format, extension);
                self.children_beside(extension, core::slice::from_ref(address));
                self.xml.end();
            }
            FieldRef::Addresses(list) => {
                self.start(node);
                self.extension_attributes(extension);
                for (index, address) in list.iter().enumerate() {
                    let same = |other: &&Address| other.element() == address.element();
                    let nth = extension.map_or(1, |_| list[..=index].iter().filter(same).count());
                    let inner = self.child(extension, address.element(), nth);
                    self.scalar_element(tags_of(address), address.as_str(), inner);
                }
                self.children_beside(extension, list);
                self.xml.end();
            }
            FieldRef::Timestamp(time) => {
                let Some(text) = self.time_of(time, slot, format) else { return };
                self.scalar_element(&node.tags, &text, extension);
            }
            _ => {
                let Some(text) = self.text_of(value, slot, format) else { return };
                self.scalar_element(&node.tags, &text, extension);
            }
        }
        self.written.insert(slot);
    }

    /// An element that holds a trimmed value.
    #[inline]
    fn scalar_element(&mut self, tags: &'static Tags, text: &str, extension: Option<ElementId>) {
        if extension.is_none() && !self.xml.quirks.wanted.contains(DeviationKind::ScalarPadded) {
            return self.xml.leaf(tags, text);
        }
        self.xml.start_tagged(tags);
        self.extension_attributes(extension);
        self.scalar(text);
        self.extension_children(extension);
        self.xml.end();
    }

    /// The children of an address field that are no address of its.
    fn children_beside(&mut self, extension: Option<ElementId>, written: &[Address]) {
        self.further_children(extension, |name| written.iter().filter(|address| address.element() == name).count());
    }

    fn address(&mut self, address: &Address, format: Format, extension: Option<ElementId>) {
        let bare = matches!(address, Address::Number(_)) && extension.is_none();
        if bare && (format == Format::BareAddress || self.xml.quirks.take(DeviationKind::AddressBare)) {
            self.xml.text(address.as_str());
            return;
        }
        let inner = self.child(extension, address.element(), 1);
        self.scalar_element(tags_of(address), address.as_str(), inner);
    }

    /// A trimmed value; the one place where padding may be asked for.
    fn scalar(&mut self, text: &str) {
        if self.xml.quirks.take(DeviationKind::ScalarPadded) {
            self.xml.text("\n    ");
            self.xml.text(text);
            self.xml.text("\n  ");
        } else {
            self.xml.text(text);
        }
    }

    /// A field's value as this place writes it; what that narrows is a loss. `None` where it cannot be written.
    fn text_of(&mut self, value: FieldRef<'m>, slot: Slot, format: Format) -> Option<Cow<'m, str>> {
        match (value, format) {
            (FieldRef::Text(text), Format::Alias { .. }) => {
                let callback = self.fields.get(Slot::Callback);
                let named = self.fields.present().contains(slot);
                if named && matches!(callback, Some(FieldRef::Text(callback)) if callback == text) {
                    self.losses.push(Loss::dropped(slot.path(), Value::Text(text.into())));
                }
                Some(Cow::Borrowed(text))
            }
            (FieldRef::Text(text), Format::Href) => self.href(slot, text),
            (FieldRef::Text(text), Format::FaultCode) => {
                Some(Cow::Owned(alloc::format!("{}:{text}", self.shape.frame.prefix)))
            }
            (FieldRef::Text(text), _) => Some(Cow::Borrowed(text)),
            (FieldRef::Flag(flag), Format::Bool(form)) => match flag.as_bool() {
                Some(value) => Some(Cow::Borrowed(form.text(value))),
                None => flag.raw().map(Cow::Borrowed),
            },
            (FieldRef::Code(code), Format::Digits) => code.number().map(|_| Cow::Owned(text_of_code(code))),
            (FieldRef::Code(code), _) => Some(Cow::Owned(text_of_code(code))),
            _ => None,
        }
    }

    /// The same of a time.
    fn time_of(&mut self, time: &Timestamp, slot: Slot, format: Format) -> Option<TimeText> {
        let form = match format {
            Format::Time(form) => form,
            Format::Stamp => datetime::Form::Compact,
            _ => return None,
        };
        let written = datetime::write(time, form, &mut self.xml.quirks)?;
        if let Some(after) = written.reads_as {
            let (before, after) = (Value::Timestamp(time.clone()), Value::Timestamp(after));
            self.losses.push(Loss::narrowed(slot.path(), before, after));
        }
        Some(written.text)
    }

    /// A content reference, in the one form that reads back.
    fn href(&mut self, slot: Slot, text: &'m str) -> Option<Cow<'m, str>> {
        let (after, _) = href_reads_as(text);
        if after != text {
            if after.is_empty() {
                return None;
            }
            let (before, after) = (Value::Text(text.into()), Value::Text(after.clone().into_owned()));
            self.losses.push(Loss::narrowed(slot.path(), before, after));
        }
        match after.strip_prefix("cid:") {
            Some(id) if self.xml.quirks.prescribes(DeviationKind::HrefBracketed, "Content") => {
                Some(Cow::Owned(alloc::format!("cid:<{id}>")))
            }
            Some(id) if self.xml.quirks.take(DeviationKind::HrefColonMissing) => {
                Some(Cow::Owned(alloc::format!("cid {id}")))
            }
            Some(id) if self.xml.quirks.take(DeviationKind::HrefBracketed) => {
                Some(Cow::Owned(alloc::format!("cid:<{id}>")))
            }
            _ => Some(after),
        }
    }

    // --- extensions

    fn child(&self, extension: Option<ElementId>, name: &str, nth: usize) -> Option<ElementId> {
        self.extensions.as_ref()?.child(extension?, name, nth)
    }

    fn has_child(&self, extension: Option<ElementId>, name: &str) -> bool {
        let children = self.extensions.as_ref().zip(extension).map(|(tree, id)| tree.children(id));
        children.into_iter().flatten().any(|(_, child, _)| child == name)
    }

    fn extension_attributes(&mut self, extension: Option<ElementId>) {
        let (Some(tree), Some(extension)) = (&self.extensions, extension) else { return };
        for (count, &index) in tree.element(extension).attributes.iter().enumerate() {
            let entry = &tree.list[index];
            let name = entry.path.segments().last().map_or("", |segment| segment.name);
            match &entry.ns {
                Some(ns) => {
                    self.xml.attribute(&alloc::format!("xmlns:a{count}"), ns.as_str());
                    self.xml.attribute(&alloc::format!("a{count}:{name}"), entry.value.as_str());
                }
                None => self.xml.attribute(name, entry.value.as_str()),
            }
            self.order.push(index);
        }
    }

    fn extension_text(&mut self, extension: Option<ElementId>) {
        let (Some(tree), Some(extension)) = (&self.extensions, extension) else { return };
        if let Some(index) = tree.element(extension).text {
            self.xml.text(tree.list[index].value.as_str());
            self.order.push(index);
        }
    }

    fn extension_children(&mut self, extension: Option<ElementId>) {
        self.further_children(extension, |_| 0);
    }

    /// The children of an element that the table has not written: of each name all but the first `written`.
    fn further_children(&mut self, extension: Option<ElementId>, written: impl Fn(&str) -> usize) {
        let (Some(tree), Some(extension)) = (&self.extensions, extension) else { return };
        // Depth is bounded by that of a path, which `ExtensionPath` bounds; the stack is explicit all the same.
        let further = tree.children(extension).filter(|&(_, name, nth)| nth > written(name));
        let mut stack: Vec<Step> = further.map(|(id, _, _)| Step::Open(id)).collect();
        stack.reverse();
        while let Some(step) = stack.pop() {
            let Step::Open(id) = step else {
                self.xml.end();
                continue;
            };
            self.extension_start(id);
            self.extension_attributes(Some(id));
            self.extension_text(Some(id));
            stack.push(Step::Close);
            let first = stack.len();
            let children = self.extensions.iter().flat_map(|tree| tree.children(id));
            stack.extend(children.map(|(child, _, _)| Step::Open(child)));
            stack[first..].reverse();
        }
    }

    fn extension_start(&mut self, id: ElementId) {
        let Some(tree) = &self.extensions else { return };
        let element = tree.element(id);
        let name: &str = &element.name;
        match element.text.and_then(|index| tree.list[index].ns.as_ref()) {
            Some(ns) => {
                self.xml.start(&alloc::format!("x:{name}"));
                self.xml.attribute_in("xmlns", "x", ns.as_str());
            }
            None => self.xml.start(name),
        }
    }

    /// Extensions that were not written are dropped; if the others changed places, the list as a whole is narrowed.
    fn account_extensions(&mut self) {
        let Some(list) = self.extensions.as_ref().map(|tree| tree.list) else { return };
        if self.order.len() == list.len() && self.order.is_sorted() {
            return;
        }
        if self.order.is_sorted() {
            let mut order = self.order.iter().copied().peekable();
            for (index, extension) in list.iter().enumerate() {
                if order.next_if_eq(&index).is_none() {
                    let before = Value::Extension(extension.clone());
                    self.losses.push(Loss::dropped(alloc::format!("extensions[{index}]"), before));
                }
            }
            return;
        }
        let after = self.order.iter().map(|&index| list[index].clone()).collect();
        let before = Value::Extensions(list.to_vec());
        self.losses.push(Loss::narrowed("extensions", before, Value::Extensions(after)));
    }
}

/// The tags of the element that an address is.
fn tags_of(address: &Address) -> &'static Tags {
    static NUMBER: Tags = Tags::of(Address::NUMBER);
    static EMAIL: Tags = Tags::of(Address::EMAIL);
    static SHORT_CODE: Tags = Tags::of(Address::SHORT_CODE);
    match address {
        Address::Number(_) => &NUMBER,
        Address::Email(_) => &EMAIL,
        Address::ShortCode(_) => &SHORT_CODE,
    }
}

enum Step {
    Open(ElementId),
    Close,
}

fn text_of_code(code: &Code) -> String {
    use alloc::string::ToString as _;
    code.to_string()
}

// --- what the carrier will refuse

/// What the table itself requires: presence, and values of their types.
pub(crate) fn violations(dialect: &Dialect, message: &Message, fields: &Fields<'_>, out: &mut Vec<Violation>) {
    if !dialect.has(message.operation()) || dialect.refused.contains(&message.operation()) {
        out.push(violation("operation".into(), ViolationKind::NotSupported, dialect.id));
    }
    let shape = dialect.shape(message.operation());
    check_nodes(dialect.id, shape.frame.header(), fields, out);
    check_nodes(dialect.id, shape.nodes, fields, out);
    for extension in message.extensions() {
        check_repeated(dialect, extension, message, out);
    }
}

pub(crate) fn violation(path: String, kind: ViolationKind, required_by: DialectId) -> Violation {
    Violation { path, kind, required_by }
}

fn check_nodes(id: DialectId, nodes: &'static [Node], fields: &Fields<'_>, out: &mut Vec<Violation>) {
    for (index, node) in nodes.iter().enumerate() {
        if !node.writes() {
            continue;
        }
        match node.body {
            // What is required inside an element that may be absent is required only if it is there.
            Body::Group(inner) => {
                let requires = |node: &Node| node.presence != Presence::Optional;
                let written = fields.will_write(node);
                if requires(node) && !written && !inner.iter().any(requires) {
                    out.push(violation(record_of(inner).into(), ViolationKind::Missing, id));
                }
                if requires(node) || written {
                    check_nodes(id, inner, fields, out);
                }
            }
            Body::Leaf(slot, format) => {
                if node.presence != Presence::Optional && !fields.will_write(node) {
                    let first = !nodes[..index].iter().any(|other| other.name == node.name && other.writes());
                    if first && !fields.will_write_any(nodes, node.name) {
                        out.push(violation(slot.path().into(), ViolationKind::Missing, id));
                    }
                }
                if may_be_bad(format)
                    && let Some(expected) = fields.get(slot).and_then(|value| bad_format(value, format))
                {
                    out.push(violation(slot.path().into(), ViolationKind::BadFormat { expected }, id));
                }
            }
        }
    }
}

/// The key under which the fields of a group stand: `sender`.
fn record_of(nodes: &'static [Node]) -> &'static str {
    let path = nodes.iter().find_map(|node| match node.body {
        Body::Leaf(slot, _) => Some(slot.path()),
        Body::Group(_) => None,
    });
    path.and_then(|path| path.split('.').next()).unwrap_or_default()
}

/// Whether a place wants anything.
const fn may_be_bad(format: Format) -> bool {
    use Format::{Bool, Code, Digits, NoDigits, Time, Word};
    matches!(format, Word { open: false, .. } | NoDigits { .. } | Bool(_) | Code | Digits | Time(_))
}

/// What a place wants, where the value is not that; the reader reports the same as unreadable or not enumerated.
fn bad_format(value: FieldRef<'_>, format: Format) -> Option<&'static str> {
    match (value, format) {
        (FieldRef::Text(text), Format::Word { words, open: false } | Format::NoDigits { words }) => {
            (!words.contains(&text)).then_some("a word of the standard's enumeration")
        }
        (FieldRef::Flag(flag), Format::Bool(_)) => flag.raw().map(|_| "a boolean"),
        (FieldRef::Code(code), Format::Code | Format::Digits) => code.raw().map(|_| "a positive integer"),
        (FieldRef::Timestamp(time), Format::Time(_)) => time.raw().map(|_| "a date-time or a duration"),
        _ => None,
    }
}

/// A second element of a known name (an extension, on the wire) is one too many.
fn check_repeated(dialect: &Dialect, extension: &crate::model::Extension, message: &Message, out: &mut Vec<Violation>) {
    let shape = dialect.shape(message.operation());
    let mut nodes = if extension.path.in_header() { shape.frame.header() } else { shape.nodes };
    for segment in extension.path.segments() {
        let Some(node) = nodes.iter().find(|node| node.name == segment.name && node.writes()) else { return };
        if segment.nth > 1 {
            let path = match node.body {
                Body::Leaf(slot, _) => slot.path().into(),
                Body::Group(_) => node.name.into(),
            };
            let kind = ViolationKind::TooMany { found: segment.nth, allowed: 1 };
            out.push(violation(path, kind, dialect.id));
            return;
        }
        match node.body {
            Body::Group(inner) => nodes = inner,
            Body::Leaf(..) => return,
        }
    }
}
