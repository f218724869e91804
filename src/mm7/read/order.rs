//! The order of children: the schema's, the dialect's, and what stands on the wire.

use super::super::table::{Node, schema_sequence};

/// Whether children stand in the schema's order, and if not, whether in the dialect's.
pub(super) struct Order {
    sequence: &'static [&'static str],
    rank: usize,
    index: usize,
    /// Where the first departure stands that matters most: a surprising one, else an expected one.
    pub(super) finding: Option<(usize, bool)>,
}

impl Order {
    pub(super) fn new(parent: &str) -> Self {
        Self { sequence: schema_sequence(parent), rank: 0, index: 0, finding: None }
    }

    pub(super) fn see(&mut self, node: &Node, nodes: &'static [Node], offset: usize) {
        let written = nodes.iter().position(|known| known.name == node.name && known.writes());
        let in_dialect_order = written.is_some_and(|index| index >= self.index);
        if let Some(index) = written {
            self.index = self.index.max(index);
        }
        let Some(rank) = self.sequence.iter().position(|known| *known == node.name) else { return };
        if rank >= self.rank {
            self.rank = rank;
            return;
        }
        match self.finding {
            None => self.finding = Some((offset, in_dialect_order)),
            Some((_, true)) if !in_dialect_order => self.finding = Some((offset, false)),
            Some(_) => {}
        }
    }
}
