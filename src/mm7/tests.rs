//! The accounting of the tables: a leaf that is missing in one direction, or in both, does not pass unnoticed.

use std::boxed::Box;
use std::collections::BTreeSet;
use std::vec::Vec;

use super::table::{Body, Format, Node, Presence, Role, Shape};
use super::{Dialect, SlotSet};
use crate::carrier::{k, l, s};
use crate::content;
use crate::model::{Operation, Slot};
use crate::{Carrier, Codec, Config, DialectId, K, L};

#[path = "../../tests/harness/mod.rs"]
pub(crate) mod harness;

/// Every dialect whose tables are held against the coverage table.
pub(crate) const DIALECTS: &[&Dialect] = &[&s::LIVE, &s::TEST, &s::MALFORMED, &k::DIALECT, &l::DIALECT];

/// Every leaf of a table that is both read and written, as the indices that lead to it.
pub(crate) fn leaves(nodes: &'static [Node]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        match node.body {
            _ if node.role != Role::Both => {}
            Body::Leaf(..) => found.push(Vec::from([index])),
            Body::Group(inner) => found.extend(leaves(inner).into_iter().map(|mut path| {
                path.insert(0, index);
                path
            })),
        }
    }
    found
}

/// The table with one leaf changed.
pub(crate) fn changed(nodes: &'static [Node], path: &[usize], role: Option<Role>) -> &'static [Node] {
    let (index, rest) = path.split_first().expect("a path of a leaf");
    let mut copy = nodes.to_vec();
    match (&mut copy[*index].body, role) {
        (Body::Group(inner), _) if !rest.is_empty() => *inner = changed(inner, rest, role),
        (_, Some(role)) => copy[*index].role = role,
        (_, None) => {
            copy.remove(*index);
        }
    }
    Box::leak(copy.into_boxed_slice())
}

pub(crate) fn with_table(dialect: &'static Dialect, operation: Operation, table: &'static [Node]) -> &'static Dialect {
    let changed =
        |known: &Shape| Shape { nodes: if known.operation == operation { table } else { known.nodes }, ..*known };
    let operations: Vec<Shape> = dialect.operations.iter().map(changed).collect();
    Box::leak(Box::new(Dialect { operations: Box::leak(operations.into_boxed_slice()), ..*dialect }))
}

fn says_all(dialect: &'static Dialect, operation: Operation) -> harness::Law {
    let codecs = |config: Config| -> Box<dyn Codec> {
        let dialects = Box::leak(Box::new([dialect]));
        match dialect.id.carrier() {
            Carrier::K => Box::new(K::with_dialects(config, dialects)),
            _ => Box::new(L::with_dialects(config, dialects)),
        }
    };
    let messages = harness::messages::full(operation.code(), dialect.id.code());
    messages.iter().try_for_each(|message| harness::says(&codecs, message))
}

/// What the reader makes of a node, whichever of its carrier's dialects it is of: all but where and how it is written.
fn reading(node: &Node) -> impl PartialEq + std::fmt::Debug {
    let body = match node.body {
        Body::Group(_) => None,
        Body::Leaf(slot, format) => Some((
            slot,
            match format {
                // A form is how it is written.
                Format::Time(_) => Format::Time(crate::datetime::Form::Iso),
                Format::Alias { .. } => Format::Alias { filled: true },
                other => other,
            },
        )),
    };
    (body, node.notes, node.presence == Presence::Mandatory, node.when, node.instead, node.ns)
}

fn read_alike(one: &'static [Node], other: &'static [Node], path: &str) {
    let names = |nodes: &'static [Node]| nodes.iter().map(|node| node.name).collect::<BTreeSet<_>>();
    assert_eq!(names(one), names(other), "{path}");
    for name in names(one) {
        let of = |nodes: &'static [Node]| nodes.iter().filter(move |node| node.name == name);
        assert!(of(one).map(reading).eq(of(other).map(reading)), "{path}/{name}");
        for (one, other) in of(one).zip(of(other)) {
            if let (Body::Group(one), Body::Group(other)) = (one.body, other.body) {
                read_alike(one, other, &format!("{path}/{name}"));
            }
        }
    }
}

#[test]
fn reads_the_same_by_every_dialect_of_a_carrier() {
    for dialect in [&s::TEST, &s::MALFORMED] {
        for &operation in Operation::ALL {
            let (one, other) = (s::LIVE.shape(operation), dialect.shape(operation));
            read_alike(one.nodes, other.nodes, &format!("{} {operation}", dialect.id));
            read_alike(one.frame.header(), other.frame.header(), &format!("{} {operation} header", dialect.id));
        }
    }
}

/// Whether the nodes of each name stand side by side, and not more of them in a table than the reader counts.
fn is_in_order(nodes: &'static [Node]) -> bool {
    let runs = nodes.chunk_by(|one, other| one.name == other.name).count();
    let inside = nodes.iter().all(|node| !matches!(node.body, Body::Group(inner) if !is_in_order(inner)));
    runs == nodes.iter().map(|node| node.name).collect::<BTreeSet<_>>().len() && nodes.len() <= 32 && inside
}

#[test]
fn keeps_alternatives_side_by_side() {
    for dialect in DIALECTS {
        for shape in dialect.operations {
            assert!(is_in_order(shape.nodes), "{} {}", dialect.id, shape.operation);
        }
    }
}

#[test]
fn tries_every_dialect() {
    assert!(DIALECTS.iter().map(|dialect| &dialect.id).eq(DialectId::ALL));
}

#[test]
fn says_everything_that_the_coverage_table_claims() {
    for dialect in DIALECTS {
        for &operation in Operation::ALL {
            says_all(dialect, operation).unwrap_or_else(|error| panic!("{} {operation}: {error}", dialect.id));
        }
    }
}

#[test]
fn notices_a_leaf_that_one_direction_or_both_lack() {
    for dialect in DIALECTS {
        let mut count = 0;
        for &Shape { operation, nodes: table, .. } in dialect.operations {
            for path in leaves(table) {
                for role in [Some(Role::Read), Some(Role::Write), None] {
                    let changed = with_table(dialect, operation, changed(table, &path, role));
                    assert!(says_all(changed, operation).is_err(), "{} {operation} {path:?} {role:?}", dialect.id);
                    count += 1;
                }
            }
        }
        assert!(count > 250, "{}: {count} leaves tried", dialect.id);
    }
}

/// The slots that a table and the content have a place for.
fn slots(dialect: &Dialect, operation: Operation) -> SlotSet {
    fn collect(nodes: &'static [Node], slots: &mut SlotSet) {
        for node in nodes.iter().filter(|node| node.writes()) {
            match node.body {
                Body::Leaf(slot, _) => slots.insert(slot),
                Body::Group(inner) => collect(inner, slots),
            }
            if node.when.is_some() {
                slots.insert(Slot::FaultDetail);
            }
        }
    }
    let mut slots = SlotSet::default();
    slots.insert(Slot::TransactionId);
    collect(dialect.shape(operation).nodes, &mut slots);
    if operation.empty().content().is_some() {
        content::carried(dialect.content).iter().for_each(|slot| slots.insert(slot));
    }
    slots
}

#[test]
fn has_alternatives_of_one_name_side_by_side() {
    fn check(nodes: &'static [Node]) {
        for (index, node) in nodes.iter().enumerate().filter(|(_, node)| node.writes()) {
            let is_other = |other: &&Node| other.name == node.name && other.writes();
            let anywhere = nodes[..index].iter().filter(is_other).count();
            let beside = nodes[..index].iter().rev().take_while(|other| other.name == node.name).filter(is_other);
            assert_eq!(beside.count(), anywhere, "{}", node.name);
        }
        for node in nodes {
            if let Body::Group(inner) = node.body {
                check(inner);
            }
        }
    }
    DIALECTS.iter().flat_map(|dialect| dialect.operations).for_each(|shape| check(shape.nodes));
}

#[test]
fn agrees_with_the_coverage_table_written_by_hand() {
    for &operation in Operation::ALL {
        let in_model: BTreeSet<&str> =
            Slot::ALL.iter().filter(|&&slot| operation.empty().has(slot)).map(|slot| slot.path()).collect();
        let in_table: BTreeSet<&str> = harness::messages::fields(operation.code()).into_iter().collect();
        assert_eq!(in_model, in_table, "{operation}: fields of the model and rows of tests/coverage.tsv");
        for dialect in DIALECTS {
            let written = slots(dialect, operation);
            for slot in Slot::ALL.iter().filter(|&&slot| operation.empty().has(slot)) {
                let at = format!("{} {operation} {}", dialect.id, slot.path());
                let claimed = harness::messages::coverage(operation.code(), slot.path(), dialect.id.code());
                let claimed = claimed.unwrap_or_else(|| panic!("{at}: no row"));
                assert!(["carried", "limited", "lost"].contains(&claimed), "{at}: {claimed}");
                assert_eq!(claimed != "lost", written.contains(*slot), "{at}");
            }
        }
    }
}

#[test]
fn reaches_every_slot_of_some_operation() {
    for slot in Slot::ALL {
        assert!(Operation::ALL.iter().any(|operation| operation.empty().has(*slot)), "{slot:?}");
    }
}
