//! The tree: elements, attributes and text as spans of the input, in flat arenas linked by index.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::ops::Range;

use super::emit::is_plain_value;
use super::grammar::{from, is_plain, is_space, resolve, skip_space, stray_ampersands};
use crate::charset::{self, Charset};
use crate::deviation::Flags;
use crate::location::push_names;

/// No index.
pub(super) const NIL: u32 = u32::MAX;

/// A stretch of the input. Inputs of 4 GiB and more are refused, so that the arenas stay small.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

/// The position or index in the width the arenas store: no input is so long that it does not fit.
#[allow(
    clippy::cast_possible_truncation,
    reason = "`parse` refuses an input of 4 GiB, and nothing is more than its bytes"
)]
#[inline]
pub(super) const fn narrow(at: usize) -> u32 {
    debug_assert!(at <= NIL as usize);
    at as u32
}

impl Span {
    pub(super) fn new(range: Range<usize>) -> Self {
        Self { start: narrow(range.start), end: narrow(range.end) }
    }

    pub(super) const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    #[inline]
    pub(super) fn of(self, input: &[u8]) -> &[u8] {
        input.get(self.range()).unwrap_or_default()
    }

    pub(super) const fn len(self) -> u32 {
        self.end - self.start
    }
}

/// A qualified name in the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    span: Span,
    /// Where the local name begins: behind the last colon.
    local: u32,
}

impl Name {
    pub(super) const ABSENT: Self = Self { span: Span { start: 0, end: 0 }, local: 0 };

    /// The name that begins at `start` and has `len` bytes there, `prefix` of them up to the last colon.
    pub(super) fn new(start: usize, (len, prefix): (usize, usize)) -> Self {
        Self { span: Span::new(start..start + len), local: narrow(start + prefix) }
    }

    pub(super) const fn span(self) -> Span {
        self.span
    }

    pub(super) const fn start(self) -> usize {
        self.span.start as usize
    }

    pub(super) const fn end(self) -> usize {
        self.span.end as usize
    }

    pub(super) fn of(self, input: &[u8]) -> &[u8] {
        self.span.of(input)
    }

    /// What stands behind the last colon.
    pub(super) fn local(self, input: &[u8]) -> &[u8] {
        Span { start: self.local, end: self.span.end }.of(input)
    }

    /// What stands before the last colon.
    pub(super) fn prefix(self, input: &[u8]) -> Option<&[u8]> {
        let end = self.local.checked_sub(1).filter(|&end| end > self.span.start)?;
        Some(Span { start: self.span.start, end }.of(input))
    }
}

/// The name of a namespace, references resolved.
#[derive(Debug)]
pub(super) enum NamespaceName {
    /// As it stands in the input.
    Wire(Span),
    Resolved(Vec<u8>),
}

impl NamespaceName {
    pub(super) fn of<'n>(&'n self, input: &'n [u8]) -> &'n [u8] {
        match self {
            Self::Wire(span) => span.of(input),
            Self::Resolved(name) => name,
        }
    }
}

/// The most bytes of a namespace's name, references resolved. The longest on record has 85; every element of a namespace
/// is compared with others by it, and every extension that keeps it has it once more.
pub(crate) const NAMESPACE_MAX: usize = 256;

/// What a name's prefix stands for, as an attribute or element stores it: the index of the
/// declared namespace, or one of the constants.
pub(super) mod scope {
    /// In no namespace.
    pub(in super::super) const NONE: u32 = u32::MAX;
    /// A prefix without a declaration in scope.
    pub(in super::super) const UNDECLARED: u32 = u32::MAX - 1;
    /// The prefix `xml` (Namespaces in XML 1.0 section 3).
    pub(in super::super) const XML: u32 = u32::MAX - 2;
}

/// An element as it stands in the arena.
#[derive(Debug)]
pub(super) struct Node {
    /// Start tag, `<` included, and whatever belongs to the element.
    pub(super) span: Span,
    pub(super) name: Name,
    /// The text directly behind the start tag: the only one that most elements have.
    pub(super) text: Span,
    /// Of all its text.
    pub(super) class: TextClass,
    pub(super) parent: u32,
    /// The next element inside the same one; while this one is open, the last inside it.
    pub(super) next: u32,
    pub(super) first_child: u32,
    /// The first of its runs of text; while it is open, the last, which is followed by the first.
    pub(super) run: u32,
    /// Indices of attributes, not bytes.
    pub(super) attributes: Span,
    pub(super) namespace: u32,
}

/// An element of which no more is known than where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// Start tag, `<` included, and whatever belongs to the element.
    pub(super) span: Span,
    pub(super) name: Name,
    pub(super) parent: u32,
}

/// What tells which element holds a byte.
pub(super) trait Placed {
    fn mark(&self) -> Mark;
}

impl Placed for Mark {
    #[inline]
    fn mark(&self) -> Mark {
        *self
    }
}

impl Placed for Node {
    #[inline]
    fn mark(&self) -> Mark {
        Mark { span: self.span, name: self.name, parent: self.parent }
    }
}

/// What is known of a text once it has been passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextClass(u8);

impl TextClass {
    /// No text: white, and it stands for itself.
    pub(super) const NOTHING: Self = Self(0);
    /// Something that is no white space stands in it; a reference to white space does too.
    pub(super) const INKED: Self = Self(1);
    /// Something other than printable ASCII stands in it, or a reference.
    pub(super) const ODD: Self = Self(2);
    /// All that a text can be.
    pub(super) const ANY: Self = Self(1 | 2);

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Node {
    const ABSENT: Self = Self {
        span: Span { start: 0, end: 0 },
        name: Name::ABSENT,
        text: Span { start: 0, end: 0 },
        class: TextClass::NOTHING,
        parent: NIL,
        next: NIL,
        first_child: NIL,
        run: NIL,
        attributes: Span { start: 0, end: 0 },
        namespace: scope::NONE,
    };

    /// How many bytes the name has.
    pub(super) const fn name_len(&self) -> u32 {
        self.name.span.len()
    }
}

/// An attribute as it stands in the arena; namespace declarations are there too.
#[derive(Clone, Copy, Debug)]
pub(super) struct AttributeNode {
    pub(super) name: Name,
    pub(super) value: Span,
    pub(super) namespace: u32,
}

/// A stretch of text of one element between two pieces of markup.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) span: Span,
    /// The element's next run.
    pub(super) next: u32,
    /// From a CDATA section: no references.
    pub(super) literal: bool,
}

/// The prefix that a `PrefixedAttName` or `DefaultAttName` declares (Namespaces in XML 1.0 section
/// 3): empty for `xmlns`.
pub(super) fn declared_prefix(name: &[u8]) -> Option<&[u8]> {
    match name.strip_prefix(b"xmlns")? {
        [] => Some(&[]),
        [b':', prefix @ ..] if !prefix.is_empty() => Some(prefix),
        _ => None,
    }
}

/// A declaration in scope: a prefix, the index of its namespace, and, where there are many, the one it replaced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// The element that has it.
    pub(super) node: u32,
    pub(super) prefix: Span,
    pub(super) namespace: u32,
    pub(super) outer: u32,
}

/// What a document is stored in: the documents of one message are read one after the other into the same.
#[derive(Debug, Default)]
pub(crate) struct Arenas {
    pub(super) nodes: Vec<Node>,
    /// The elements of a stream.
    pub(super) marks: Vec<Mark>,
    pub(super) attributes: Vec<AttributeNode>,
    pub(super) runs: Vec<Run>,
    /// The names of the namespaces that the attributes declare.
    pub(super) namespaces: Vec<NamespaceName>,
    /// While it is read: the declarations of the open elements.
    pub(super) scopes: Vec<Scope>,
    #[cfg(any(test, fuzzing))]
    /// Which of both readings is to be done without.
    pub(super) without: Without,
}

#[cfg(any(test, fuzzing))]
/// A reading that a test does without, to hold the other against it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Without {
    /// Both are there.
    #[default]
    Nothing,
    /// No element is given as it comes.
    Streams,
    /// No document is parsed.
    Trees,
}

#[cfg(any(test, fuzzing))]
impl Without {
    /// A place that has one reading alone.
    pub(crate) fn arenas(self) -> Arenas {
        Arenas { without: self, ..Arenas::default() }
    }
}

impl Arenas {
    /// Empty.
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.marks.clear();
        self.attributes.clear();
        self.runs.clear();
        self.namespaces.clear();
        self.scopes.clear();
    }

    /// Empty, with room for what a document of this length mostly holds.
    pub(super) fn reset(&mut self, len: usize) {
        self.clear();
        if self.nodes.capacity() == 0 {
            let elements = (len / 32).min(64);
            self.nodes.reserve(elements);
            self.attributes.reserve(elements);
            self.runs.reserve(elements);
            self.namespaces.reserve(4);
            self.scopes.reserve(4);
        }
    }
}

/// Elements, attributes and text of one document, as spans of the input. Nothing is allocated per
/// element.
///
/// Every offset that is answered or asked for counts from the start of what `base` counts from.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    pub(super) input: &'a [u8],
    pub(super) base: usize,
    pub(super) arenas: Arenas,
    pub(super) complete: bool,
    /// What [`path_at`](Self::path_at) found last.
    pub(super) found: Cell<Found>,
}

/// An element of a document that holds a byte, if one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder(u32);

/// The element that holds a byte: findings come in the order of their places, so the search for one goes on where the
/// search for the one before it ended, and a deep nest is climbed out of once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// The last element that starts before the byte, which is at `at`.
    last: u32,
    at: usize,
    /// That element or the ancestor of it that holds the byte.
    holder: u32,
}

impl Found {
    pub(super) const NONE: Self = Self { last: NIL, at: 0, holder: NIL };
}

/// Tells what holds a byte, and the path of that.
pub(crate) trait Places {
    /// The deepest element that holds the byte at `offset`; none outside the root.
    fn holder_at(&self, offset: usize) -> Holder;

    /// Local names from the root to this element, joined by `/`, behind what `out` holds:
    /// `Envelope/Body/SubmitReq`.
    fn push_path(&self, holder: Holder, out: &mut String);

    /// The path of what holds the byte at `offset`, behind what `out` holds.
    fn push_path_at(&self, offset: usize, out: &mut String) {
        self.push_path(self.holder_at(offset), out);
    }
}

impl Places for Document<'_> {
    fn holder_at(&self, offset: usize) -> Holder {
        holder_at(&self.arenas.nodes, self.base, &self.found, offset)
    }

    fn push_path(&self, holder: Holder, out: &mut String) {
        push_path(self.input, &self.arenas.nodes, holder, out);
    }
}

/// Where the elements of a document stand that was read as it came.
#[derive(Debug)]
pub(crate) struct Outline<'d, 'a> {
    input: &'a [u8],
    base: usize,
    marks: &'d [Mark],
    /// What was odd in the markup.
    pub(crate) flags: &'d Flags,
    found: Cell<Found>,
}

impl<'d, 'a> Outline<'d, 'a> {
    pub(super) const fn new(input: &'a [u8], base: usize, marks: &'d [Mark], flags: &'d Flags) -> Self {
        Self { input, base, marks, flags, found: Cell::new(Found::NONE) }
    }
}

impl Places for Outline<'_, '_> {
    fn holder_at(&self, offset: usize) -> Holder {
        holder_at(self.marks, self.base, &self.found, offset)
    }

    fn push_path(&self, holder: Holder, out: &mut String) {
        push_path(self.input, self.marks, holder, out);
    }
}

/// So many elements are looked at one by one before a search by halves.
const FEW: usize = 8;

fn holder_at<P: Placed>(elements: &[P], base: usize, last_found: &Cell<Found>, offset: usize) -> Holder {
    let Some(at) = offset.checked_sub(base) else {
        return Holder(NIL);
    };
    // Start tags stand in the order of the arena: what holds the byte is the last element that
    // starts before it, or an ancestor of that one. Mostly that is near to where the search before this one ended.
    let found = last_found.get();
    let near = found.last.checked_add(1).filter(|_| found.at <= at).unwrap_or(0) as usize;
    let has_started = |element: &P| element.mark().span.range().start <= at;
    let behind = elements.get(near..).unwrap_or_default();
    let few = behind.iter().take(FEW).take_while(|element| has_started(element)).count();
    let started = near + if few < FEW { few } else { behind.partition_point(has_started) };
    let last = started.checked_sub(1).map_or(NIL, narrow);
    // What the search before this one passed over has ended here too.
    let mut candidate = if found.last == last && found.at <= at { found.holder } else { last };
    while let Some(element) = elements.get(candidate as usize).map(Placed::mark)
        && at >= element.span.range().end
    {
        candidate = element.parent;
    }
    last_found.set(Found { last, at, holder: candidate });
    Holder(candidate)
}

fn push_path(input: &[u8], elements: &[impl Placed], Holder(index): Holder, out: &mut String) {
    let element = |index: u32| elements.get(index as usize).map(Placed::mark);
    let outwards = core::iter::successors(element(index), |inner| element(inner.parent));
    push_names(out, outwards.map(|element| Cow::Borrowed(element.name.local(input))), b'/');
}

impl<'a> Document<'a> {
    /// The outermost element.
    pub(crate) fn root(&self) -> Element<'_, 'a> {
        // There is one: `parse` answers no document without.
        Element { document: self, node: self.arenas.nodes.first().unwrap_or(&Node::ABSENT) }
    }

    #[cfg(any(test, fuzzing))]
    /// Whether the root's end tag was read.
    pub(crate) const fn is_complete(&self) -> bool {
        self.complete
    }

    #[cfg(any(test, fuzzing))]
    /// The offset of the byte behind the root element.
    pub(crate) fn end(&self) -> usize {
        self.root().end()
    }

    #[cfg(any(test, fuzzing))]
    /// [`push_path_at`](Self::push_path_at) by itself.
    pub(crate) fn path_at(&self, offset: usize) -> String {
        let mut path = String::new();
        self.push_path_at(offset, &mut path);
        path
    }

    /// What it was stored in, for another document.
    pub(crate) fn into_arenas(self) -> Arenas {
        self.arenas
    }

    /// Every element's begin and end, in the order of the document.
    pub(crate) fn walk<'d>(&'d self, mut step: impl FnMut(Step<'d, 'a>)) {
        let element = |node| Element { document: self, node };
        let mut inside = NIL;
        // The arena has the elements in the order of their start tags.
        for (index, node) in (0..).zip(&self.arenas.nodes) {
            while inside != node.parent
                && let Some(ended) = self.node(inside)
            {
                step(Step::Close(element(ended)));
                inside = ended.parent;
            }
            step(Step::Open(element(node)));
            inside = index;
        }
        while let Some(ended) = self.node(inside) {
            step(Step::Close(element(ended)));
            inside = ended.parent;
        }
    }

    fn node(&self, index: u32) -> Option<&Node> {
        self.arenas.nodes.get(index as usize)
    }

    fn run(&self, index: u32) -> Option<Run> {
        self.arenas.runs.get(index as usize).copied()
    }

    fn namespace(&self, scope: u32) -> Namespace<'_> {
        match scope {
            scope::NONE => Namespace::None,
            scope::UNDECLARED => Namespace::Undeclared,
            scope::XML => Namespace::Uri(XML_NAMESPACE),
            declared => match self.arenas.namespaces.get(declared as usize) {
                Some(name) => Namespace::Uri(name.of(self.input)),
                None => Namespace::None,
            },
        }
    }
}

/// Namespaces in XML 1.0 section 3.
pub(super) const XML_NAMESPACE: &[u8] = b"http://www.w3.org/XML/1998/namespace";

/// What an element or attribute name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Namespace<'d> {
    /// No namespace.
    None,
    /// The namespace with this name, references resolved, otherwise as it stands.
    Uri(&'d [u8]),
    /// The prefix has no declaration in scope.
    Undeclared,
}

impl<'d> Namespace<'d> {
    /// The name of the namespace, if it is one.
    pub(crate) const fn uri(self) -> Option<&'d [u8]> {
        match self {
            Self::Uri(uri) => Some(uri),
            Self::None | Self::Undeclared => None,
        }
    }
}

/// One element of a [`Document`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'d, 'a> {
    document: &'d Document<'a>,
    node: &'d Node,
}

impl<'d, 'a> Element<'d, 'a> {
    #[cfg(any(test, fuzzing))]
    /// The qualified name as it stands.
    pub(crate) fn name(&self) -> &'a [u8] {
        self.node.name.of(self.document.input)
    }

    /// The name behind the last colon.
    pub(crate) fn local(&self) -> &'a [u8] {
        self.node.name.local(self.document.input)
    }

    /// The name before the last colon.
    pub(crate) fn prefix(&self) -> Option<&'a [u8]> {
        self.node.name.prefix(self.document.input)
    }

    /// The namespace of the name.
    pub(crate) fn namespace(&self) -> Namespace<'d> {
        self.document.namespace(self.node.namespace)
    }

    /// Whether the name is in no namespace.
    pub(crate) const fn is_unqualified(&self) -> bool {
        self.node.namespace == scope::NONE
    }

    /// The offset of the start tag's `<`.
    pub(crate) const fn offset(&self) -> usize {
        self.document.base + self.node.span.range().start
    }

    #[cfg(any(test, fuzzing))]
    /// The offset of the byte behind the element.
    pub(crate) const fn end(&self) -> usize {
        self.document.base + self.node.span.range().end
    }

    /// The attributes in the order of the wire, without namespace declarations.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'d, 'a>> + use<'d, 'a> {
        let document = self.document;
        own_attributes(document.input, document.base, &document.arenas.attributes, self.node.attributes)
    }

    /// The first attribute with this local name.
    pub(crate) fn attribute(&self, local: &[u8]) -> Option<Attribute<'d, 'a>> {
        self.attributes().find(|attribute| attribute.local() == local)
    }

    /// The namespace of an attribute of this element.
    pub(crate) fn attribute_namespace(&self, attribute: &Attribute<'_, 'a>) -> Namespace<'d> {
        self.document.namespace(attribute.node.namespace)
    }

    /// The element that it stands in.
    pub(crate) fn parent(&self) -> Option<Self> {
        let document = self.document;
        document.node(self.node.parent).map(|node| Self { document, node })
    }

    /// The elements directly inside, in the order of the wire.
    pub(crate) fn children(&self) -> impl Iterator<Item = Element<'d, 'a>> + use<'d, 'a> {
        let document = self.document;
        let element = move |node| Element { document, node };
        let first = document.node(self.node.first_child);
        core::iter::successors(first, move |node| document.node(node.next)).map(element)
    }

    /// Whether an element is directly inside.
    pub(crate) const fn has_children(&self) -> bool {
        self.node.first_child != NIL
    }

    /// Whether there is neither an element nor anything but white space inside; a reference to
    /// white space is white.
    pub(crate) fn is_blank(&self) -> bool {
        !self.has_children() && self.is_white()
    }

    /// Whether nothing but white space stands directly inside; a reference to white space is white.
    pub(crate) fn is_white(&self) -> bool {
        let input = self.document.input;
        !self.node.class.has(TextClass::INKED) || self.runs().all(|run| is_white(run.span.of(input), run.literal))
    }

    /// The direct text, CDATA sections included and comments left out (S-04): references resolved,
    /// lines ended by LF (XML 1.0 section 2.11; a CR survives as a reference only), untrimmed.
    /// Borrowed when it is one clean run.
    ///
    /// Flags damaged characters only: odd references are flagged once, by `parse`.
    pub(crate) fn text(&self, charset: Charset, flags: &mut Flags) -> Cow<'a, str> {
        let document = self.document;
        if !self.node.class.has(TextClass::ODD)
            && self.node.run == NIL
            && let Ok(text) = core::str::from_utf8(self.node.text.of(document.input))
        {
            return Cow::Borrowed(text);
        }
        let mut text = Cow::Borrowed("");
        for run in self.runs() {
            let piece = Text { document, run }.read(charset, flags);
            if text.is_empty() {
                text = piece;
            } else {
                text.to_mut().push_str(&piece);
            }
        }
        text
    }

    /// Text and elements directly inside, in the order of the document.
    pub(crate) fn items(&self) -> Items<'d, 'a> {
        let document = self.document;
        Items { document, child: document.node(self.node.first_child), run: self.first_run() }
    }

    /// The offset of the first byte of text that is no white space; without one, that of the byte
    /// behind the start tag.
    pub(crate) fn text_offset(&self) -> usize {
        let first = self.runs().find_map(|run| {
            let bytes = run.span.of(self.document.input);
            let skipped = bytes.iter().position(|&byte| !is_space(byte))?;
            Some(run.span.range().start + skipped)
        });
        self.document.base + first.unwrap_or(self.node.text.range().start)
    }

    #[cfg(any(test, fuzzing))]
    /// The same by itself.
    pub(crate) fn path(&self) -> String {
        let document = self.document;
        let outwards = core::iter::successors(Some(self.node), |node| document.node(node.parent));
        let mut path = String::new();
        push_names(&mut path, outwards.map(|node| Cow::Borrowed(node.name.local(document.input))), b'/');
        path
    }

    fn runs(&self) -> impl Iterator<Item = Run> + use<'d, 'a> {
        let document = self.document;
        core::iter::successors(self.first_run(), move |last| document.run(last.next))
    }

    fn first_run(&self) -> Option<Run> {
        let Node { text, run, .. } = *self.node;
        if text.len() == 0 { self.document.run(run) } else { Some(Run { span: text, next: run, literal: false }) }
    }
}

/// Those of an element, whose indices are given, without namespace declarations.
#[inline]
pub(super) fn own_attributes<'d, 'a>(
    input: &'a [u8],
    base: usize,
    all: &'d [AttributeNode],
    own: Span,
) -> impl Iterator<Item = Attribute<'d, 'a>> + use<'d, 'a> {
    let nodes = all.get(own.range()).unwrap_or_default();
    let own = nodes.iter().filter(move |node| declared_prefix(node.name.of(input)).is_none());
    own.map(move |node| Attribute { input, base, node })
}

/// What stands in an element.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'d, 'a> {
    Text(Text<'d, 'a>),
    Element(Element<'d, 'a>),
}

/// The items of an element, in their order.
#[derive(Clone, Debug)]
pub(crate) struct Items<'d, 'a> {
    document: &'d Document<'a>,
    child: Option<&'d Node>,
    run: Option<Run>,
}

impl<'d, 'a> Iterator for Items<'d, 'a> {
    type Item = Item<'d, 'a>;

    fn next(&mut self) -> Option<Item<'d, 'a>> {
        let document = self.document;
        let start = |span: Span| span.range().start;
        let text = match (self.child, self.run) {
            (Some(child), Some(run)) => start(run.span) < start(child.span),
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if text {
            let run = self.run?;
            self.run = document.run(run.next);
            return Some(Item::Text(Text { document, run }));
        }
        let node = self.child?;
        self.child = document.node(node.next);
        Some(Item::Element(Element { document, node }))
    }
}

/// A stretch of text between two pieces of markup.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'d, 'a> {
    document: &'d Document<'a>,
    run: Run,
}

impl<'a> Text<'_, 'a> {
    /// Whether it is white space.
    pub(crate) fn is_white(&self) -> bool {
        is_white(self.run.span.of(self.document.input), self.run.literal)
    }

    /// The characters, as [`Element::text`] gives them.
    pub(crate) fn read(&self, charset: Charset, flags: &mut Flags) -> Cow<'a, str> {
        let base = self.document.base + self.run.span.range().start;
        let kind = if self.run.literal { Kind::Literal } else { Kind::Text };
        unescape(self.run.span.of(self.document.input), kind, charset, base, flags)
    }
}

/// A step on the way through a document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'d, 'a> {
    Open(Element<'d, 'a>),
    Close(Element<'d, 'a>),
}

/// One attribute of an [`Element`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute<'d, 'a> {
    pub(super) input: &'a [u8],
    pub(super) base: usize,
    pub(super) node: &'d AttributeNode,
}

impl<'a> Attribute<'_, 'a> {
    #[cfg(any(test, fuzzing))]
    /// The qualified name as it stands.
    pub(crate) fn name(&self) -> &'a [u8] {
        self.node.name.of(self.input)
    }

    /// The name behind the last colon.
    pub(crate) fn local(&self) -> &'a [u8] {
        self.node.name.local(self.input)
    }

    /// The offset of the name.
    pub(crate) const fn offset(&self) -> usize {
        self.base + self.node.name.start()
    }

    /// The offset of the value, behind its quote.
    pub(crate) const fn value_offset(&self) -> usize {
        self.base + self.node.value.range().start
    }

    /// The value as it stands.
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.node.value.of(self.input)
    }

    /// Name and value as they stand, where a writer of UTF-8 would write them so: `id="a"`.
    pub(crate) fn plain(&self) -> Option<&'a [u8]> {
        let (name, value) = (self.node.name.span().range(), self.node.value.range());
        let quoted = self.input.get(name.end..value.start) == Some(b"=\"") && self.input.get(value.end) == Some(&b'"');
        let plain = quoted && self.node.name.prefix(self.input).is_none() && is_plain_value(self.raw());
        self.input.get(name.start..=value.end).filter(|_| plain)
    }

    /// The value: references resolved, white space otherwise blanks (XML 1.0 section 3.3.3).
    ///
    /// Flags damaged characters only: odd references are flagged once, by `parse`.
    pub(crate) fn value(&self, charset: Charset, flags: &mut Flags) -> Cow<'a, str> {
        unescape(self.raw(), Kind::Value, charset, self.value_offset(), flags)
    }
}

/// Where a stretch of text stands.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Literal,
    Value,
}

impl Kind {
    /// The first byte of `raw` that does not simply stand for itself.
    fn special(self, raw: &[u8]) -> Option<usize> {
        match self {
            Self::Text => memchr::memchr2(b'&', b'\r', raw),
            Self::Literal => memchr::memchr(b'\r', raw),
            Self::Value => raw.iter().position(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r')),
        }
    }

    /// What the special bytes at the start of `raw` stand for, and how many they are.
    fn meaning(self, raw: &[u8]) -> Option<(char, usize)> {
        let line = if matches!(self, Self::Value) { ' ' } else { '\n' };
        match raw {
            [b'\r', b'\n', ..] => Some((line, 2)),
            [b'\r' | b'\n' | b'\t', ..] => Some((line, 1)),
            _ => resolve(raw),
        }
    }
}

/// Decodes a stretch of text whose first byte is at `base`.
pub(super) fn unescape<'a>(
    raw: &'a [u8],
    kind: Kind,
    charset: Charset,
    base: usize,
    flags: &mut Flags,
) -> Cow<'a, str> {
    // Every charset that is read has ASCII as it is.
    if is_plain(raw)
        && let Ok(text) = core::str::from_utf8(raw)
    {
        return Cow::Borrowed(text);
    }
    let mut text = String::new();
    // `plain..at` stands for itself; no trail byte is one of the special ones, so it never ends
    // inside a character.
    let (mut plain, mut at) = (0, 0);
    while let Some(skipped) = kind.special(from(raw, at)) {
        at += skipped;
        let Some((c, len)) = kind.meaning(from(raw, at)) else {
            at += stray_ampersands(from(raw, at)).max(1);
            continue;
        };
        if text.capacity() == 0 {
            text.reserve(charset::len_max(raw.len(), charset));
        }
        charset::decode_onto(&mut text, raw.get(plain..at).unwrap_or_default(), charset, base + plain, flags);
        text.push(c);
        at += len;
        plain = at;
    }
    if plain == 0 {
        return charset::decode(raw, charset, base, flags);
    }
    charset::decode_onto(&mut text, from(raw, plain), charset, base + plain, flags);
    Cow::Owned(text)
}

/// References resolved and white space normalised, without decoding: a namespace name is compared,
/// not shown.
pub(super) fn resolve_bytes(raw: &[u8]) -> Cow<'_, [u8]> {
    if is_plain(raw) || Kind::Value.special(raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(skipped) = Kind::Value.special(rest) {
        bytes.extend_from_slice(rest.get(..skipped).unwrap_or_default());
        rest = from(rest, skipped);
        if let Some((c, len)) = Kind::Value.meaning(rest) {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            rest = from(rest, len);
        } else {
            bytes.push(b'&');
            rest = from(rest, 1);
        }
    }
    bytes.extend_from_slice(rest);
    Cow::Owned(bytes)
}

/// Whether the run is nothing but white space, once its references are resolved.
pub(super) fn is_white(raw: &[u8], literal: bool) -> bool {
    let mut rest = skip_space(raw);
    while let [b'&', ..] = rest
        && !literal
        && let Some((' ' | '\t' | '\n' | '\r', len)) = resolve(rest)
    {
        rest = skip_space(from(rest, len));
    }
    rest.is_empty()
}
