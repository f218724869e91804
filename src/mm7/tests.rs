//! The accounting of the tables: a leaf that is missing in one direction, or in both, does not pass unnoticed.

use std::boxed::Box;
use std::collections::BTreeSet;
use std::string::String;
use std::vec::Vec;

use super::table::{Body, Node, Role, Shape};
use super::{Dialect, SlotSet};
use crate::carrier::l;
use crate::model::{Operation, Slot};
use crate::{Codec, Config, L, Message};

#[path = "../../tests/harness/mod.rs"]
mod harness;

/// Every leaf of a table that is both read and written, as the indices that lead to it.
fn leaves(nodes: &'static [Node]) -> Vec<Vec<usize>> {
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
fn changed(nodes: &'static [Node], path: &[usize], role: Option<Role>) -> &'static [Node] {
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

fn with_table(operation: Operation, table: &'static [Node]) -> &'static Dialect {
    let changed =
        |known: &Shape| Shape { nodes: if known.operation == operation { table } else { known.nodes }, ..*known };
    let operations: Vec<Shape> = l::DIALECT.operations.iter().map(changed).collect();
    Box::leak(Box::new(Dialect { operations: Box::leak(operations.into_boxed_slice()), ..l::DIALECT }))
}

fn full(operation: Operation) -> Vec<Message> {
    harness::messages::full(operation.code(), "l")
}

fn says_all(dialect: &'static Dialect, operation: Operation) -> harness::Law {
    let codecs =
        |config: Config| -> Box<dyn Codec> { Box::new(L::with_dialects(config, Box::leak(Box::new([dialect])))) };
    full(operation).iter().try_for_each(|message| harness::says(&codecs, message))
}

#[test]
fn says_everything_that_the_coverage_table_claims() {
    for &operation in Operation::ALL {
        says_all(&l::DIALECT, operation).unwrap_or_else(|error| panic!("{operation}: {error}"));
    }
}

#[test]
fn notices_a_leaf_that_one_direction_or_both_lack() {
    let mut count = 0;
    for &Shape { operation, nodes: table, .. } in l::DIALECT.operations {
        for path in leaves(table) {
            for role in [Some(Role::Read), Some(Role::Write), None] {
                let dialect = with_table(operation, changed(table, &path, role));
                assert!(says_all(dialect, operation).is_err(), "{operation} {path:?} {role:?}");
                count += 1;
            }
        }
    }
    assert!(count > 300, "{count} leaves tried");
}

/// The slots that a table and the content have a place for.
fn slots(operation: Operation) -> SlotSet {
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
    collect(l::DIALECT.shape(operation).nodes, &mut slots);
    if operation.empty().content().is_some() {
        for slot in [Slot::ContentText, Slot::ContentMedia, Slot::ContentFields, Slot::ContentFeeCode, Slot::TextId] {
            slots.insert(slot);
        }
    }
    slots
}

#[test]
fn agrees_with_the_coverage_table_written_by_hand() {
    for &operation in Operation::ALL {
        let written = slots(operation);
        let in_model: BTreeSet<&str> =
            Slot::ALL.iter().filter(|&&slot| operation.empty().has(slot)).map(|slot| slot.path()).collect();
        let in_table: BTreeSet<&str> = harness::messages::fields(operation.code()).into_iter().collect();
        assert_eq!(in_model, in_table, "{operation}: fields of the model and rows of tests/coverage.tsv");
        for slot in Slot::ALL.iter().filter(|&&slot| operation.empty().has(slot)) {
            let claimed = harness::messages::coverage(operation.code(), slot.path(), "l").map(String::from);
            let claimed = claimed.unwrap_or_else(|| panic!("{operation} {}: no row", slot.path()));
            assert!(["carried", "limited", "lost"].contains(&&*claimed), "{operation} {}: {claimed}", slot.path());
            assert_eq!(claimed != "lost", written.contains(*slot), "{operation} {}", slot.path());
        }
    }
}

#[test]
fn reaches_every_slot_of_some_operation() {
    for slot in Slot::ALL {
        assert!(Operation::ALL.iter().any(|operation| operation.empty().has(*slot)), "{slot:?}");
    }
}
