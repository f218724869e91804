//! `docs/catalogue.md`, the code and the vectors say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tongsa::{Carrier, DeviationKind};

struct Row {
    id: String,
    covered_by: String,
    vectors: Vec<String>,
}

fn rows() -> Vec<Row> {
    let text = include_str!("../docs/catalogue.md");
    let is_row = |line: &&str| line.starts_with("| ") && line.as_bytes().get(3) == Some(&b'-');
    text.lines()
        .filter(is_row)
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            assert_eq!(cells.len(), 4, "{line}");
            let vectors = cells[3].trim_end_matches('|').split(',').map(str::trim).filter(|path| !path.is_empty());
            Row { id: cells[0].into(), covered_by: cells[2].into(), vectors: vectors.map(String::from).collect() }
        })
        .collect()
}

fn codes(row: &Row) -> BTreeSet<String> {
    row.covered_by.split('`').skip(1).step_by(2).map(String::from).collect()
}

fn is_kinds(row: &Row) -> bool {
    row.covered_by.starts_with('`')
}

#[test]
fn lists_all_ids_in_order() {
    let count = [("X", 16), ("S", 56), ("K", 32), ("L", 24)];
    let all = count.into_iter().flat_map(|(letter, last)| (1..=last).map(move |n| format!("{letter}-{n:02}")));
    let listed: Vec<_> = rows().into_iter().map(|row| row.id).collect();
    assert_eq!(listed, all.collect::<Vec<_>>());
}

#[test]
fn names_exactly_the_kinds_that_name_the_id() {
    let mut by_id: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for kind in DeviationKind::ALL {
        for id in kind.catalogue() {
            by_id.entry(id).or_default().insert(kind.code().into());
        }
    }
    for row in rows() {
        let kinds = by_id.remove(row.id.as_str()).unwrap_or_default();
        if is_kinds(&row) {
            assert_eq!(codes(&row), kinds, "{}", row.id);
        } else {
            assert!(kinds.is_empty(), "{} is covered by {kinds:?}, and the list says {}", row.id, row.covered_by);
            let reasons = ["legal: ", "value: ", "outside the codec: "];
            assert!(reasons.iter().any(|reason| row.covered_by.starts_with(reason)), "{}: {}", row.id, row.covered_by);
        }
    }
    assert!(by_id.is_empty(), "ids that the list does not have: {by_id:?}");
}

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// What the vectors of each carrier expect, as one text.
fn expected() -> BTreeMap<Carrier, String> {
    let mut expected = BTreeMap::new();
    for carrier in [Carrier::S, Carrier::K, Carrier::L] {
        let mut shown = String::new();
        for operation in fs::read_dir(vectors().join(carrier.code())).unwrap() {
            for case in fs::read_dir(operation.unwrap().path()).unwrap() {
                let path = case.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    shown += &fs::read_to_string(path).unwrap();
                }
            }
        }
        expected.insert(carrier, shown);
    }
    expected
}

fn shows(expected: &str, kind: DeviationKind) -> bool {
    expected.contains(&format!("\"code\": \"{kind}\""))
}

#[test]
fn shows_each_id_in_its_vectors() {
    for row in rows() {
        let letter = row.id.split('-').next().unwrap_or_default().to_lowercase();
        let outside = row.covered_by.starts_with("outside the codec");
        let shown_there = |vector: &String| letter == "x" || vector.starts_with(&format!("{letter}/"));
        assert!(outside || row.vectors.iter().any(shown_there), "{} has no vector of its own", row.id);
        let mut shown = BTreeSet::new();
        for vector in &row.vectors {
            let path = vectors().join(vector).with_extension("json");
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {}: {error}", row.id, path.display()));
            shown.extend(codes(&row).into_iter().filter(|code| text.contains(&format!("\"{code}\""))));
        }
        if is_kinds(&row) && !row.vectors.is_empty() {
            assert!(!shown.is_empty(), "{}: none of its vectors shows {}", row.id, row.covered_by);
        }
    }
}

#[test]
fn shows_each_kind_that_is_on_record_for_a_carrier() {
    for (carrier, expected) in expected() {
        for &kind in DeviationKind::ALL.iter().filter(|kind| kind.observed().contains(&carrier)) {
            assert!(shows(&expected, kind), "no vector of {carrier} shows {kind}");
        }
    }
}

/// Those that are on record for nobody too.
#[test]
fn shows_each_kind_somewhere() {
    let expected = expected();
    for &kind in DeviationKind::ALL {
        assert!(expected.values().any(|expected| shows(expected, kind)), "no vector shows {kind}");
    }
}
