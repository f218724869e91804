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
    pub(super) fn see(&mut self, nodes: &'static [Node], index: usize, offset: usize) {
        let node = &nodes[index];
        let written = written(nodes, index);
        let in_dialect_order = written.is_some_and(|index| index >= self.index);
        if let Some(index) = written {
            self.index = self.index.max(index);
        }
        let Some(rank) = node.ranks.within(self.sequence) else { return };
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

/// Where the name of a node is written: alternatives stand side by side, and the first of them that is written counts.
fn written(nodes: &'static [Node], index: usize) -> Option<usize> {
    let name = nodes[index].name;
    let first = nodes[..index].iter().rposition(|node| node.name != name).map_or(0, |before| before + 1);
    let same = nodes[first..].iter().take_while(|node| node.name == name);
    same.enumerate().find(|(_, node)| node.writes()).map(|(nth, _)| first + nth)
}
