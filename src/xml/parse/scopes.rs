//! Which namespace a prefix stands for.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// So many declarations are looked through one by one, without allocating more.
const FEW: usize = 16;

/// The declarations of the open elements, each a prefix and the index of its namespace; the default namespace is the empty
/// prefix.
#[derive(Default)]
pub(super) struct Scopes<'a> {
    /// In the order of the document; behind the prefix, what it stood for before where there are many.
    stack: Vec<(&'a [u8], u32, Option<u32>)>,
    /// The innermost of each prefix; filled only while there are many.
    many: BTreeMap<&'a [u8], u32>,
}

impl<'a> Scopes<'a> {
    /// How many are in scope.
    pub(super) fn len(&self) -> usize {
        self.stack.len()
    }

    /// A declaration of the element just begun.
    pub(super) fn push(&mut self, prefix: &'a [u8], index: u32) {
        if self.stack.len() == FEW {
            for (prefix, index, outer) in &mut self.stack {
                *outer = self.many.insert(prefix, *index);
            }
        }
        let outer = if self.stack.len() >= FEW { self.many.insert(prefix, index) } else { None };
        self.stack.push((prefix, index, outer));
    }

    /// What the prefix stands for.
    pub(super) fn get(&self, prefix: &[u8]) -> Option<u32> {
        if self.stack.len() > FEW {
            return self.many.get(prefix).copied();
        }
        self.stack.iter().rev().find(|(known, ..)| *known == prefix).map(|&(_, index, _)| index)
    }

    /// The declarations of elements that have ended go.
    pub(super) fn truncate(&mut self, len: usize) {
        while self.stack.len() > len.max(FEW)
            && let Some((prefix, _, outer)) = self.stack.pop()
        {
            match outer {
                Some(index) => self.many.insert(prefix, index),
                None => self.many.remove(prefix),
            };
        }
        if self.stack.len() <= FEW {
            self.many.clear();
            self.stack.truncate(len);
        }
    }
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
            let names: [&[u8]; 6] = [b"", b"a", b"b", b"env", b"mm7", b"x"];
            let mut scopes = Scopes::default();
            let mut plain: Vec<(&[u8], u32)> = Vec::new();
            for (index, (grows, name, len)) in (0_u32..).zip(steps) {
                if grows || plain.len() < len {
                    scopes.push(names[name], index);
                    plain.push((names[name], index));
                } else {
                    scopes.truncate(len);
                    plain.truncate(len);
                }
                prop_assert_eq!(scopes.len(), plain.len());
                for name in names {
                    let innermost = plain.iter().rev().find(|(known, _)| *known == name).map(|&(_, index)| index);
                    prop_assert_eq!(scopes.get(name), innermost);
                }
            }
        }
    }
}
