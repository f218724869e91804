//! The extensions of a message as the tree they are written as.
//!
//! The list is in document order and its paths have no closing tags, so the tree is rebuilt first; what cannot be
//! written so that the reader gives the same entry again (its place is a known field's, its element's predecessor is
//! missing) is taken out of it, and what is out of it in the end is a loss.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::fields::Fields;
use super::table::{Body, Format, Node, Shape};
use crate::charset::{Repertoire, can_encode};
use crate::model::{Address, Extension, FieldRef, Segment, Slot};
use crate::xml::NAMESPACE_MAX;

/// An element of the tree, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ElementId(usize);

#[derive(Debug, Default)]
pub(crate) struct ElementNode {
    /// Name and n-th of that name; empty for the two roots.
    pub(crate) name: String,
    nth: usize,
    /// Which extension is its text.
    pub(crate) text: Option<usize>,
    /// Which extensions are its attributes.
    pub(crate) attributes: Vec<usize>,
    children: Vec<ElementId>,
}

/// Two trees, one below the SOAP header, one below the operation.
#[derive(Debug)]
pub(crate) struct Tree<'m> {
    pub(crate) list: &'m [Extension],
    elements: Vec<ElementNode>,
}

impl<'m> Tree<'m> {
    pub(crate) const HEADER: ElementId = ElementId(0);
    pub(crate) const OPERATION: ElementId = ElementId(1);

    /// The tree of all that can be written, below header and operation as they will be for these fields.
    pub(crate) fn new(
        list: &'m [Extension],
        fields: &Fields<'m>,
        shape: Shape,
        repertoire: Repertoire,
        namespace: &str,
    ) -> Self {
        let mut tree = Self { list, elements: alloc::vec![ElementNode::default(), ElementNode::default()] };
        let mut places = BTreeMap::new();
        for (index, extension) in list.iter().enumerate() {
            let no_uri = extension.ns.as_ref().is_some_and(|ns| {
                ns.as_str().len() > NAMESPACE_MAX || !ns.as_str().bytes().all(super::read::is_uri_byte)
            });
            let own_namespace = extension.ns.as_ref().is_some_and(|ns| {
                let ns = ns.as_str();
                ns == namespace || ns == super::SOAP_NAMESPACE
            });
            let writable = |segment: Segment<'_>| segment.name.chars().all(|c| can_encode(c, repertoire));
            if !own_namespace && !no_uri && extension.path.segments().all(writable) {
                tree.insert(index, extension, &mut places);
            }
        }
        tree.prune(Self::HEADER, Known::Group(shape.frame.header(), true), fields);
        tree.prune(Self::OPERATION, Known::Group(shape.nodes, true), fields);
        tree
    }

    pub(crate) fn element(&self, id: ElementId) -> &ElementNode {
        &self.elements[id.0]
    }

    /// The child that extends a known element of this name.
    pub(crate) fn child(&self, id: ElementId, name: &str, nth: usize) -> Option<ElementId> {
        self.element(id).children.iter().copied().find(|&child| {
            let child = self.element(child);
            child.nth == nth && child.name == name
        })
    }

    pub(crate) fn children(&self, id: ElementId) -> impl Iterator<Item = (ElementId, &str, usize)> {
        self.element(id).children.iter().map(|&child| {
            let element = self.element(child);
            (child, element.name.as_str(), element.nth)
        })
    }

    /// `places` has what stands in the tree already: elements by parent, name and n-th, attributes as the 0th.
    fn insert(
        &mut self,
        index: usize,
        extension: &'m Extension,
        places: &mut BTreeMap<(usize, &'m str, usize), ElementId>,
    ) {
        let mut at = if extension.path.in_header() { Self::HEADER } else { Self::OPERATION };
        for segment in extension.path.segments() {
            if segment.attribute {
                if places.insert((at.0, segment.name, 0), at).is_none() {
                    self.elements[at.0].attributes.push(index);
                }
                return;
            }
            at = *places.entry((at.0, segment.name, segment.nth)).or_insert_with(|| self.push_child(at, segment));
        }
        // A second text of one element would be read as a second element.
        self.elements[at.0].text.get_or_insert(index);
    }

    fn push_child(&mut self, parent: ElementId, segment: Segment<'_>) -> ElementId {
        let id = ElementId(self.elements.len());
        self.elements.push(ElementNode { name: segment.name.into(), nth: segment.nth, ..ElementNode::default() });
        self.elements[parent.0].children.push(id);
        id
    }

    /// Takes out of an element what the reader would not give back. Recursion goes down the tables and then stops.
    fn prune(&mut self, id: ElementId, known: Known, fields: &Fields<'_>) {
        if let Known::Group(nodes, _) = known {
            let list = self.list;
            self.elements[id.0].attributes.retain(|&index| {
                let name = list[index].path.segments().last().map_or("", |segment| segment.name);
                !nodes.iter().any(|node| node.name.strip_prefix('@') == Some(name))
            });
        }
        if matches!(known, Known::Group(_, true)) || matches!(known, Known::Leaf(..)) {
            // The text of a root is between elements, that of a leaf is the field's own.
            self.elements[id.0].text = None;
        }
        if matches!(known, Known::Group(..)) {
            // A known element is in the namespace that the dialect writes it in.
            let foreign = self.element(id).text.is_some_and(|index| self.list[index].ns.is_some());
            let taken = matches!(known, Known::Group(nodes, _) if nodes.iter().any(|node| node.name == "#"));
            if foreign || taken {
                self.elements[id.0].text = None;
            }
        }
        if matches!(known, Known::Leaf(Slot::TransactionId, _)) {
            let list = self.list;
            self.elements[id.0].attributes.retain(|&index| !list[index].path.as_str().ends_with("/@mustUnderstand"));
        }
        let mut kept: Vec<ElementId> = Vec::new();
        // How many of a name are kept that no table writes.
        let mut beyond: BTreeMap<String, usize> = BTreeMap::new();
        for child in core::mem::take(&mut self.elements[id.0].children) {
            let (name, nth) = (self.element(child).name.clone(), self.element(child).nth);
            let written = known.count(&name, fields);
            let inside = if nth <= written { known.inside(&name, nth) } else { Known::Nothing };
            let before = beyond.get(&name).copied().unwrap_or_default();
            // A known name that is not written keeps its first place: what stood there would be taken for the field.
            let possible = written > 0 || !known.reads(&name);
            let in_turn = possible && (nth <= written || nth == written + before + 1);
            if !in_turn || known.merges(&name) && nth > written || matches!(inside, Known::Closed) {
                continue;
            }
            self.prune(child, inside, fields);
            if !self.is_bare(child) {
                kept.push(child);
                if nth > written {
                    *beyond.entry(name).or_default() += 1;
                }
            }
        }
        self.elements[id.0].children = kept;
    }

    /// Whether nothing is left of it.
    fn is_bare(&self, id: ElementId) -> bool {
        let element = self.element(id);
        element.text.is_none() && element.attributes.is_empty() && element.children.is_empty()
    }
}

/// What the reader knows of an element.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// A group of the table; true for the header and the operation.
    Group(&'static [Node], bool),
    /// A field's own element.
    Leaf(Slot, Format),
    /// Read somewhere, written nowhere: nothing can be put there.
    Closed,
    /// Nothing: whatever stands there is an extension.
    Nothing,
}

impl Known {
    /// How many elements of this name the tables write here for these fields.
    fn count(self, name: &str, fields: &Fields<'_>) -> usize {
        match self {
            Self::Group(nodes, _) => usize::from(fields.will_write_any(nodes, name)),
            Self::Leaf(slot, Format::Address | Format::BareAddress | Format::Addresses) => match fields.get(slot) {
                Some(FieldRef::Address(address)) => usize::from(address.element() == name),
                Some(FieldRef::Addresses(list)) => list.iter().filter(|address| address.element() == name).count(),
                _ => 0,
            },
            Self::Leaf(..) | Self::Closed | Self::Nothing => 0,
        }
    }

    /// Whether the reader takes elements of this name for a field.
    fn reads(self, name: &str) -> bool {
        match self {
            Self::Group(nodes, _) => nodes.iter().any(|node| node.name == name),
            Self::Leaf(_, Format::Address | Format::BareAddress | Format::Addresses) => Address::kind(name).is_some(),
            Self::Leaf(..) | Self::Closed | Self::Nothing => false,
        }
    }

    /// Whether every further element of this name is read into the field too.
    fn merges(self, name: &str) -> bool {
        match self {
            Self::Group(nodes, _) => {
                nodes.iter().any(|node| node.name == name && matches!(node.body, Body::Leaf(_, Format::Addresses)))
            }
            Self::Leaf(_, Format::Addresses) => Address::kind(name).is_some(),
            Self::Leaf(..) | Self::Closed | Self::Nothing => false,
        }
    }

    /// What the reader knows of the n-th child of this name, one that is written.
    fn inside(self, name: &str, nth: usize) -> Self {
        match self {
            Self::Group(nodes, _) if nth == 1 => {
                match nodes.iter().find(|node| node.name == name && node.writes()).map(|node| node.body) {
                    Some(Body::Group(nodes)) => Self::Group(nodes, false),
                    Some(Body::Leaf(slot, format)) => Self::Leaf(slot, format),
                    None => Self::Closed,
                }
            }
            Self::Leaf(slot, Format::Address | Format::BareAddress | Format::Addresses) => {
                Self::Leaf(slot, Format::Text)
            }
            Self::Group(..) | Self::Leaf(..) | Self::Closed | Self::Nothing => Self::Nothing,
        }
    }
}
