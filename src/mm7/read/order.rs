//! The order of children: the schema's, the dialect's, and what stands on the wire.

use super::super::table::{Node, Sequence};

/// Whether children stand in the schema's order, and if not, whether in the dialect's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    sequence: Sequence,
    rank: u8,
    index: usize,
    /// Where the first departure stands that matters most: a surprising one, else an expected one.
    pub(super) finding: Option<(usize, bool)>,
}

impl Order {
    pub(super) const fn new(sequence: Sequence) -> Self {
        Self { sequence, rank: 0, index: 0, finding: None }
    }

    /// The first element of a name: the node at `index` of the dialect's table is read from it.
    #[inline]
    pub(super) fn see(&mut self, nodes: &'static [Node], index: usize, offset: usize) {
        let node = &nodes[index];
        let in_dialect_order = index >= self.index;
        let written = is_written(nodes, index);
        if written {
            self.index = self.index.max(index);
        }
        let Some(rank) = node.ranks.within(self.sequence) else { return };
        if rank >= self.rank {
            self.rank = rank;
            return;
        }
        let expected = written && in_dialect_order;
        match self.finding {
            None => self.finding = Some((offset, expected)),
            Some((_, true)) if !expected => self.finding = Some((offset, false)),
            Some(_) => {}
        }
    }
}

/// Whether the name of a node is written there: by it, or by one of the alternatives, which stand side by side.
fn is_written(nodes: &'static [Node], index: usize) -> bool {
    let name = nodes[index].name;
    let same = |node: &&Node| node.name == name;
    nodes[index].writes()
        || nodes[index + 1..].iter().take_while(same).any(Node::writes)
        || nodes[..index].iter().rev().take_while(same).any(Node::writes)
}
