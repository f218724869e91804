//! Which namespace a prefix stands for.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::super::tree::{NIL, Scope, Span};

/// So many declarations are looked through one by one, without allocating more.
const FEW: usize = 48;

/// The declarations of the open elements; the default namespace is the empty prefix.
pub(super) struct Scopes<'a> {
    input: &'a [u8],
    /// In the order of the document.
    pub(super) stack: Vec<Scope>,
    /// The innermost of each prefix; filled only while there are many.
    many: BTreeMap<&'a [u8], u32>,
}

impl<'a> Scopes<'a> {
    /// None yet, in a place that is empty.
    pub(super) fn new(input: &'a [u8], stack: Vec<Scope>) -> Self {
        Self { input, stack, many: BTreeMap::new() }
    }

    #[cfg(test)]
    /// How many are in scope.
    fn len(&self) -> usize {
        self.stack.len()
    }

    /// A declaration of this element, the innermost.
    pub(super) fn push(&mut self, node: u32, prefix: Span, namespace: u32) {
        if self.stack.len() == FEW {
            for scope in &mut self.stack {
                scope.outer = self.many.insert(scope.prefix.of(self.input), scope.namespace).unwrap_or(NIL);
            }
        }
        let outer = if self.stack.len() >= FEW { self.many.insert(prefix.of(self.input), namespace) } else { None };
        self.stack.push(Scope { node, prefix, namespace, outer: outer.unwrap_or(NIL) });
    }

    /// What the prefix stands for.
    pub(super) fn get(&self, prefix: &[u8]) -> Option<u32> {
        if self.stack.len() > FEW {
            return self.many.get(prefix).copied();
        }
        let innermost = self.stack.iter().rev().find(|scope| is_same(scope.prefix.of(self.input), prefix));
        innermost.map(|scope| scope.namespace)
    }

    /// The declarations of the innermost element go, which has ended. Whether there were any.
    pub(super) fn pop(&mut self, node: u32) -> bool {
        let own = self.stack.iter().rev().take_while(|scope| scope.node == node).count();
        if own > 0 {
            self.truncate(self.stack.len() - own);
        }
        own > 0
    }

    fn truncate(&mut self, len: usize) {
        while self.stack.len() > len.max(FEW)
            && let Some(Scope { prefix, outer, .. }) = self.stack.pop()
        {
            let prefix = prefix.of(self.input);
            if outer == NIL {
                self.many.remove(prefix);
            } else {
                self.many.insert(prefix, outer);
            }
        }
        if self.stack.len() <= FEW {
            self.many.clear();
            self.stack.truncate(len);
        }
    }
}

/// Whether two prefixes are the same; mostly there is none, and to compare nothing by its place in memory can cost much.
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && (one.is_empty() || one == other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn gives_the_innermost_of_few_and_of_many(
            steps in prop::collection::vec((any::<bool>(), 0_usize..6, 0_usize..40), 0..200),
        ) {
            let input = b"a b env mm7 x";
            let spans = [0..0, 0..1, 2..3, 4..7, 8..11, 12..13];
            let mut scopes = Scopes::new(input, Vec::new());
            let mut plain: Vec<(&[u8], u32)> = Vec::new();
            for (index, (grows, name, len)) in (0_u32..).zip(steps) {
                if grows || plain.len() < len {
                    scopes.push(index, Span::new(spans[name].clone()), index);
                    plain.push((&input[spans[name].clone()], index));
                } else {
                    scopes.truncate(len);
                    plain.truncate(len);
                }
                prop_assert_eq!(scopes.len(), plain.len());
                for span in spans.clone() {
                    let name = &input[span];
                    let innermost = plain.iter().rev().find(|(known, _)| *known == name).map(|&(_, index)| index);
                    prop_assert_eq!(scopes.get(name), innermost);
                }
            }
        }
    }
}
