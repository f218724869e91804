//! What a message says, as a table asks for it that is to be written.

use super::table::{Body, Format, Node};
use crate::model::{FaultDetail, FieldRef, FieldRefs, Message, Slot, SlotSet};

/// The fields of a message.
pub(crate) struct Fields<'m> {
    refs: FieldRefs<'m>,
}

impl<'m> Fields<'m> {
    pub(crate) fn of(message: &'m Message) -> Self {
        Self { refs: message.fields() }
    }

    /// Adds the reference to the presentation that the dialect writes of itself.
    pub(crate) fn refer_to(&mut self, href: &'static str) {
        self.refs.put(Slot::ContentHref, FieldRef::Text(href));
    }

    #[inline]
    pub(crate) fn get(&self, slot: Slot) -> Option<FieldRef<'m>> {
        self.refs.get(slot)
    }

    /// The fields that hold something.
    pub(crate) const fn present(&self) -> SlotSet {
        self.refs.present()
    }

    /// Whether there is anything from which a node may be written.
    #[inline]
    pub(crate) const fn meets(&self, node: &Node) -> bool {
        node.sources.meets(self.refs.present())
    }

    /// What a place of this format is written from.
    #[inline]
    pub(crate) fn value_of(&self, slot: Slot, format: Format) -> Option<FieldRef<'m>> {
        let filled = matches!(format, Format::Alias { filled: true });
        self.get(slot).or_else(|| if filled { self.get(Slot::Callback) } else { None })
    }

    /// What is written in a place of this format, if it can hold the value at all.
    #[inline]
    pub(crate) fn written_in(&self, slot: Slot, format: Format) -> Option<FieldRef<'m>> {
        self.value_of(slot, format).filter(|value| !format.excludes_values() || can_be_written(*value, format))
    }

    /// Whether the writer will open this node for the fields that are set.
    pub(crate) fn will_write(&self, node: &Node) -> bool {
        self.meets(node) && self.can_open(node)
    }

    /// The same where something is set from which the node may be written.
    fn can_open(&self, node: &Node) -> bool {
        match node.body {
            Body::Leaf(slot, format) => self.can_write(slot, format),
            Body::Group(nodes) => {
                self.has_detail(node) && nodes.iter().any(|node| node.writes() && self.will_write(node))
            }
        }
    }

    /// Whether a node that stands for one detail of a fault stands for that of the message: the carrier's where it names none.
    fn has_detail(&self, node: &Node) -> bool {
        let named = || match self.get(Slot::FaultDetail) {
            Some(FieldRef::FaultDetail(named)) => named,
            _ => FaultDetail::CARRIERS,
        };
        node.when.is_none_or(|detail| detail == named())
    }

    /// Whether one of the alternatives of this name will be written. They stand side by side.
    pub(crate) fn will_write_any(&self, nodes: &[Node], name: &str) -> bool {
        nodes.iter().any(|node| node.name == name && node.writes() && self.will_write(node))
    }

    /// Whether [`written_in`](Self::written_in) gives anything.
    fn can_write(&self, slot: Slot, format: Format) -> bool {
        match format {
            _ if format.excludes_values() => self.written_in(slot, format).is_some(),
            Format::Alias { filled: true } => self.present().contains(slot) || self.present().contains(Slot::Callback),
            _ => self.present().contains(slot),
        }
    }
}

/// Whether a place of this format can hold the value at all.
fn can_be_written(value: FieldRef<'_>, format: Format) -> bool {
    match (value, format) {
        (FieldRef::Code(code), Format::Digits) => code.number().is_some(),
        (FieldRef::Timestamp(time), Format::Time(form)) => crate::datetime::can_write(time, form),
        (FieldRef::Timestamp(time), Format::Stamp) => {
            time.date_time().is_some() && crate::datetime::can_write(time, crate::datetime::Form::Compact)
        }
        (FieldRef::Text(text), Format::NoStamp) => !super::read::is_stamp(text),
        (FieldRef::Text(text), Format::Href) => !super::read::href_reads_as(text).0.is_empty(),
        _ => true,
    }
}
