//! Which of two lists of names stands for which of the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What stands on both sides, or on one.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Indices of both; `moved` where the others around it stand in another order.
    Both { has: usize, writes: usize, moved: bool },
    /// What the payload alone has.
    Extra(usize),
    /// What the dialect alone writes.
    Missing(usize),
}

/// The nth of a name stands for the nth of that name. Steps hold indices into the lists.
pub fn align(theirs: &[(usize, String)], ours: &[(usize, String)]) -> Vec<Step> {
    let mut unused: BTreeMap<&str, VecDeque<usize>> = BTreeMap::new();
    for (index, (_, name)) in ours.iter().enumerate() {
        unused.entry(name).or_default().push_back(index);
    }
    let partners: Vec<Option<usize>> =
        theirs.iter().map(|(_, name)| unused.get_mut(&**name).and_then(VecDeque::pop_front)).collect();
    let kept = longest_rise(&partners);
    let taken: BTreeSet<usize> = partners.iter().flatten().copied().collect();
    let missing = |from: usize| (from..ours.len()).take_while(|index| !taken.contains(index)).map(Step::Missing);
    let mut steps: Vec<Step> = missing(0).collect();
    for (has, partner) in partners.iter().enumerate() {
        match partner {
            Some(writes) => {
                steps.push(Step::Both { has, writes: *writes, moved: !kept.contains(&has) });
                steps.extend(missing(writes + 1));
            }
            None => steps.push(Step::Extra(has)),
        }
    }
    steps
}

/// Indices of the longest run of partners that rises.
fn longest_rise(partners: &[Option<usize>]) -> BTreeSet<usize> {
    // The index at which the best run of each length ends, and what stands before each index in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; partners.len()];
    for (index, partner) in partners.iter().enumerate().filter(|(_, partner)| partner.is_some()) {
        let len = ends.partition_point(|&end| partners[end] < *partner);
        before[index] = len.checked_sub(1).map(|last| ends[last]);
        ends.truncate(len.max(ends.len()));
        if len == ends.len() { ends.push(index) } else { ends[len] = index }
    }
    std::iter::successors(ends.last().copied(), |&index| before[index]).collect()
}
