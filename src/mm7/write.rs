//! From the message to an operation's element: the same table, walked by what is set.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::extensions::{ElementId, Tree, value_of, will_be_written};
use super::read::href_reads_as;
use super::table::{Body, Declaration, Format, Node, Presence, Shape};
use super::{Dialect, SOAP_NAMESPACE};
use crate::carrier_id::DialectId;
use crate::charset::{self, Charset, Repertoire};
use crate::datetime;
use crate::deviation::{DeviationKind, Flags, Quirks};
use crate::loss::{Loss, unwritten};
use crate::model::{Address, Code, FieldRef, Message, Operation, Slot, SlotSet, Value};
use crate::violation::{Violation, ViolationKind};
use crate::xml;

/// Writes the root part.
pub(crate) struct Writer<'m> {
    xml: xml::Writer,
    shape: Shape,
    namespace: &'m str,
    transaction_id_raw: Option<&'m str>,
    charset: Charset,
    message: &'m Message,
    extensions: Tree<'m>,
    /// Which extensions have been written, in the order they stand on the wire.
    order: Vec<usize>,
    written: SlotSet,
    pub(crate) losses: Vec<Loss>,
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
pub(crate) struct Written {
    pub(crate) bytes: Vec<u8>,
    pub(crate) quirks: Quirks,
    pub(crate) losses: Vec<Loss>,
}

impl<'m> Writer<'m> {
    pub(crate) fn new(dialect: &'static Dialect, message: &'m Message, quirks: Quirks, echo: Echo<'m>) -> Self {
        let shape = dialect.shape(message.operation());
        let namespace = echo.namespace.unwrap_or(shape.frame.namespace);
        // syllables of CP949 as they are, under the label of EUC-KR.
        let extended =
            quirks.wanted.contains(DeviationKind::Cp949Extension) && dialect.repertoire == Repertoire::KsX1001;
        let repertoire = if extended { Repertoire::Cp949 } else { dialect.repertoire };
        Self {
            xml: xml::Writer::new(repertoire, quirks, "Envelope"),
            shape,
            namespace,
            transaction_id_raw: echo.transaction_id_raw,
            charset: dialect.repertoire.charset(),
            message,
            extensions: Tree::new(message, shape, dialect.repertoire, namespace),
            order: Vec::new(),
            written: SlotSet::default(),
            losses: Vec::new(),
        }
    }

    /// The envelope with header, body and operation.
    ///
    /// `carried` are the slots that the content has a place for outside the envelope.
    pub(crate) fn envelope(mut self, encoding_label: &str, carried: SlotSet) -> Written {
        let prefix = self.shape.frame.prefix;
        let soap = |local: &str| alloc::format!("{prefix}:{local}");
        match self.shape.frame.declaration {
            Declaration::Absent => {}
            form => self.xml.declaration(encoding_label, form == Declaration::Blank),
        }
        self.xml.start(&soap("Envelope"));
        let slash = self.xml.quirks.take(DeviationKind::SoapNamespaceSlash);
        let namespace = if slash { SOAP_NAMESPACE.trim_end_matches('/') } else { SOAP_NAMESPACE };
        self.xml.attribute(&alloc::format!("xmlns:{prefix}"), namespace);
        self.header(&soap("Header"), &soap("mustUnderstand"));
        self.xml.start(&soap("Body"));
        self.operation();
        self.xml.end();
        self.xml.end();
        self.account_extensions();
        let mut written = self.written;
        for slot in Slot::ALL.iter().copied().filter(|&slot| carried.contains(slot)) {
            written.insert(slot);
        }
        self.losses.extend(unwritten(self.message, written));
        let (bytes, mut quirks) = self.xml.finish();
        if quirks.wanted.contains(DeviationKind::Cp949Extension) {
            let mut flags = Flags::default();
            charset::choose(&bytes, Some(self.charset), 0, &mut flags);
            if flags.iter().any(|flag| flag.kind == DeviationKind::Cp949Extension) {
                quirks.take(DeviationKind::Cp949Extension);
            }
        }
        Written { bytes, quirks, losses: self.losses }
    }

    fn header(&mut self, name: &str, must_understand: &str) {
        self.xml.start(name);
        match self.message.get(Slot::TransactionId) {
            Some(FieldRef::Text(id)) => {
                self.transaction_id_start(must_understand);
                let child = self.extensions.child(Tree::HEADER, "TransactionID", 1);
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
                self.transaction_id_start(must_understand);
                self.xml.end();
            }
            _ => {}
        }
        let written = usize::from(self.written.contains(Slot::TransactionId));
        self.further_children(Tree::HEADER, |name| if name == "TransactionID" { written } else { 0 });
        self.xml.end();
    }

    fn transaction_id_start(&mut self, must_understand: &str) {
        self.xml.start("mm7:TransactionID");
        let first = self.shape.frame.must_understand_first;
        let understood = !self.xml.quirks.take(DeviationKind::MustUnderstandMissing);
        if understood && first {
            self.xml.attribute(must_understand, "1");
        }
        self.xml.attribute("xmlns:mm7", self.namespace);
        if understood && !first {
            self.xml.attribute(must_understand, "1");
        }
    }

    fn operation(&mut self) {
        let operation = self.message.operation();
        let frame = self.shape.frame;
        if operation == Operation::Fault {
            self.xml.start(&alloc::format!("{}:Fault", frame.prefix));
        } else {
            let mut name = operation.local_name();
            if operation == Operation::DeliveryReportReq && self.xml.quirks.take(DeviationKind::OperationAlias) {
                name = "DeliverReportReq";
            } else if matches!(operation, Operation::RsErrorRsp | Operation::VaspErrorRsp)
                && self.xml.quirks.take(DeviationKind::OperationCase)
            {
                name = if operation == Operation::RsErrorRsp { "RsErrorRsp" } else { "VaspErrorRsp" };
            }
            let has_child = |node: &Node| !node.is_attribute() && (node.empty || will_be_written(node, self.message));
            let has_children = self.shape.nodes.iter().any(|node| node.writes() && has_child(node));
            let unqualified =
                has_children && frame.qualified && self.xml.quirks.take(DeviationKind::ElementUnqualified);
            if frame.qualified && !unqualified {
                self.xml.start(name);
                self.xml.attribute("xmlns", self.namespace);
            } else {
                self.xml.start(&alloc::format!("mm7:{name}"));
                self.xml.attribute("xmlns:mm7", self.namespace);
            }
        }
        self.inside(self.shape.nodes, Some(Tree::OPERATION));
        self.xml.end_operation();
    }

    /// Attributes, text, known children, then the others.
    fn inside(&mut self, nodes: &'static [Node], extension: Option<ElementId>) {
        for node in nodes.iter().filter(|node| node.is_attribute() && node.writes()) {
            if let Body::Leaf(slot, format) = node.body {
                let mut name = &node.name[1..];
                if let Some(text) = self.text_of(slot, format) {
                    if slot == Slot::Adaptations && self.xml.quirks.take(DeviationKind::NameMisspelled) {
                        name = "allowAdaptatiions";
                    }
                    self.xml.attribute(name, &text);
                    self.written.insert(slot);
                }
            }
        }
        self.extension_attributes(extension);
        self.extension_text(extension);
        for (index, node) in nodes.iter().enumerate() {
            if node.is_attribute() || !node.writes() {
                continue;
            }
            // Alternatives of one name: the first with a value has been written.
            let repeated = nodes[..index]
                .iter()
                .any(|other| other.name == node.name && other.writes() && will_be_written(other, self.message));
            if !repeated {
                self.node(node, nodes, extension);
            }
        }
        if let Some(extension) = extension {
            let message = self.message;
            self.further_children(extension, |name| {
                usize::from(
                    nodes.iter().any(|node| node.name == name && node.writes() && will_be_written(node, message)),
                )
            });
        }
    }

    fn node(&mut self, node: &'static Node, siblings: &'static [Node], extension: Option<ElementId>) {
        let inner = extension.and_then(|extension| self.extensions.child(extension, node.name, 1));
        if !will_be_written(node, self.message) {
            let alternative =
                siblings.iter().any(|other| other.name == node.name && will_be_written(other, self.message));
            if !alternative && (node.empty || self.xml.quirks.take(DeviationKind::ElementEmpty)) {
                self.start(node);
                self.xml.end();
            }
            return;
        }
        match node.body {
            Body::Group(nodes) => {
                let flat = node.name == "Status" && self.reads_flat(node.name, nodes, siblings, extension);
                if flat && self.xml.quirks.take(DeviationKind::StatusFlat) {
                    self.inside(nodes, None);
                    return;
                }
                if node.when.is_some() {
                    self.xml.start(&alloc::format!("mm7:{}", node.name));
                    self.xml.attribute("xmlns:mm7", self.namespace);
                    self.written.insert(Slot::FaultDetail);
                } else {
                    self.start(node);
                }
                self.inside(nodes, inner);
                self.xml.end();
            }
            Body::Leaf(slot, format) => {
                let other = siblings.iter().find(|other| {
                    other.notes.contains(&DeviationKind::RecipientElement) && !other.writes() && slot == Slot::Recipient
                });
                let named = |id| self.extensions.children(id).any(|(_, child, _)| child == "Recipients");
                match other {
                    Some(other)
                        if inner.is_none()
                            && !extension.is_some_and(named)
                            && self.xml.quirks.take(DeviationKind::RecipientElement) =>
                    {
                        self.leaf(other, slot, format, None);
                    }
                    _ => self.leaf(node, slot, format, inner),
                }
            }
        }
    }

    fn start(&mut self, node: &Node) {
        match node.ns {
            Some((prefix, uri)) => {
                self.xml.start(&alloc::format!("{prefix}:{}", node.name));
                self.xml.attribute(&alloc::format!("xmlns:{prefix}"), uri);
            }
            None => self.xml.start(node.name),
        }
    }

    /// Whether the children of a group would be read as its fields without it: the table has them beside it, and no
    /// extension would be read as the group.
    fn reads_flat(
        &self,
        name: &str,
        nodes: &'static [Node],
        siblings: &'static [Node],
        extension: Option<ElementId>,
    ) -> bool {
        let named = |id| self.extensions.children(id).any(|(_, child, _)| child == name);
        let beside = |inner: &Node| siblings.iter().any(|node| node.name == inner.name && node.reads());
        nodes.iter().all(beside) && !extension.is_some_and(named)
    }

    fn leaf(&mut self, node: &Node, slot: Slot, format: Format, extension: Option<ElementId>) {
        match self.message.get(slot) {
            Some(FieldRef::Address(address)) => {
                self.start(node);
                self.extension_attributes(extension);
                self.address(address, format, extension);
                self.children_beside(extension, core::slice::from_ref(address));
            }
            Some(FieldRef::Addresses(list)) => {
                self.start(node);
                self.extension_attributes(extension);
                for (index, address) in list.iter().enumerate() {
                    let nth = list[..=index].iter().filter(|other| other.element() == address.element()).count();
                    let inner = extension.and_then(|id| self.extensions.child(id, address.element(), nth));
                    self.address_element(address, inner);
                }
                self.children_beside(extension, list);
            }
            _ => {
                let Some(text) = self.text_of(slot, format) else { return };
                self.start(node);
                self.extension_attributes(extension);
                self.scalar(&text);
                self.extension_children(extension);
            }
        }
        self.written.insert(slot);
        self.xml.end();
    }

    /// The children of an address field that are no address of its.
    fn children_beside(&mut self, extension: Option<ElementId>, written: &[Address]) {
        if let Some(extension) = extension {
            self.further_children(extension, |name| written.iter().filter(|address| address.element() == name).count());
        }
    }

    fn address(&mut self, address: &Address, format: Format, extension: Option<ElementId>) {
        let bare = matches!(address, Address::Number(_)) && extension.is_none();
        if bare && (format == Format::BareAddress || self.xml.quirks.take(DeviationKind::AddressBare)) {
            self.xml.text(address.as_str());
            return;
        }
        let inner = extension.and_then(|id| self.extensions.child(id, address.element(), 1));
        self.address_element(address, inner);
    }

    fn address_element(&mut self, address: &Address, extension: Option<ElementId>) {
        self.xml.start(address.element());
        self.extension_attributes(extension);
        self.scalar(address.as_str());
        self.extension_children(extension);
        self.xml.end();
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
    fn text_of(&mut self, slot: Slot, format: Format) -> Option<Cow<'m, str>> {
        let value = value_of(self.message, slot, format)?;
        match (value, format) {
            (FieldRef::Text(text), Format::Alias { .. }) => {
                let callback = self.message.get(Slot::Callback);
                let named = self.message.get(slot).is_some();
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
            (FieldRef::Timestamp(time), Format::Time(_) | Format::Stamp) => {
                let form = if let Format::Time(form) = format { form } else { datetime::Form::Compact };
                let written = datetime::write(time, form, &mut self.xml.quirks)?;
                if let Some(after) = written.reads_as {
                    let (before, after) = (Value::Timestamp(time.clone()), Value::Timestamp(after));
                    self.losses.push(Loss::narrowed(slot.path(), before, after));
                }
                Some(Cow::Owned(written.text))
            }
            _ => None,
        }
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

    fn extension_attributes(&mut self, extension: Option<ElementId>) {
        let Some(extension) = extension else { return };
        for (count, &index) in self.extensions.element(extension).attributes.iter().enumerate() {
            let entry = &self.extensions.list[index];
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
        if let Some(index) = extension.and_then(|extension| self.extensions.element(extension).text) {
            self.xml.text(self.extensions.list[index].value.as_str());
            self.order.push(index);
        }
    }

    fn extension_children(&mut self, extension: Option<ElementId>) {
        if let Some(extension) = extension {
            self.further_children(extension, |_| 0);
        }
    }

    /// The children of an element that the table has not written: of each name all but the first `written`.
    fn further_children(&mut self, extension: ElementId, written: impl Fn(&str) -> usize) {
        // Depth is bounded by that of a path, which `ExtensionPath` bounds; the stack is explicit all the same.
        let mut stack: Vec<Step> = self
            .extensions
            .children(extension)
            .filter(|&(_, name, nth)| nth > written(name))
            .map(|(id, _, _)| Step::Open(id))
            .collect();
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
            stack.extend(self.extensions.children(id).map(|(child, _, _)| Step::Open(child)));
            stack[first..].reverse();
        }
    }

    fn extension_start(&mut self, id: ElementId) {
        let (list, element) = (self.extensions.list, self.extensions.element(id));
        let name: &str = &element.name;
        match element.text.and_then(|index| list[index].ns.as_ref()) {
            Some(ns) => {
                self.xml.start(&alloc::format!("x:{name}"));
                self.xml.attribute("xmlns:x", ns.as_str());
            }
            None => self.xml.start(name),
        }
    }

    /// Extensions that were not written are dropped; if the others changed places, the list as a whole is narrowed.
    fn account_extensions(&mut self) {
        let list = self.extensions.list;
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
pub(crate) fn violations(dialect: &Dialect, message: &Message, out: &mut Vec<Violation>) {
    if dialect.refused.contains(&message.operation()) {
        out.push(violation("operation".into(), ViolationKind::NotSupported, dialect.id));
    }
    let shape = dialect.shape(message.operation());
    check_nodes(dialect.id, shape.frame.header(), message, out);
    check_nodes(dialect.id, shape.nodes, message, out);
    for extension in message.extensions() {
        check_repeated(dialect, extension, message, out);
    }
}

pub(crate) fn violation(path: String, kind: ViolationKind, required_by: DialectId) -> Violation {
    Violation { path, kind, required_by }
}

fn check_nodes(id: DialectId, nodes: &'static [Node], message: &Message, out: &mut Vec<Violation>) {
    for (index, node) in nodes.iter().enumerate() {
        if !node.writes() {
            continue;
        }
        match node.body {
            // What is required inside an element that may be absent is required only if it is there.
            Body::Group(inner) => {
                let requires = |node: &Node| node.presence != Presence::Optional;
                if requires(node) && !will_be_written(node, message) && !inner.iter().any(requires) {
                    out.push(violation(record_of(inner).into(), ViolationKind::Missing, id));
                }
                if requires(node) || will_be_written(node, message) {
                    check_nodes(id, inner, message, out);
                }
            }
            Body::Leaf(slot, format) => {
                let first = !nodes[..index].iter().any(|other| other.name == node.name && other.writes());
                let alternative = |other: &&Node| other.name == node.name && other.writes();
                let written = nodes.iter().filter(alternative).any(|other| will_be_written(other, message));
                if node.presence != Presence::Optional && first && !written {
                    out.push(violation(slot.path().into(), ViolationKind::Missing, id));
                }
                if let Some(expected) = message.get(slot).and_then(|value| bad_format(value, format)) {
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
