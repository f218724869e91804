//! What each operation allocates: counted, so that a change that costs more shows without a clock.
//!
//! `costs.tsv` holds the figures, and none may rise. `TONGSA_WRITE_COSTS=1 cargo test --test allocations_per_operation`
//! writes them anew; then `git diff` says what became dearer and what cheaper. Counting is exact, but what the standard
//! library asks for at once is its own affair: another toolchain may need another table.
#![cfg(feature = "serde")]

mod allocations;
#[allow(dead_code, reason = "the benchmarks use the rest")]
#[path = "../benches/src/samples.rs"]
mod samples;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use allocations::measure;
use samples::{Kind, steps};
use tongsa::DialectId;

const HEAD: &str = "operation\tallocations\tbytes\tpeak";

/// Allocations, bytes in all, bytes at once.
type Cost = [usize; 3];

/// Every operation, in order.
fn found() -> Vec<(String, Cost)> {
    let samples = DialectId::ALL.iter().flat_map(|&dialect| Kind::ALL.map(|kind| (dialect, kind)));
    let steps = samples.flat_map(|(dialect, kind)| steps(dialect, kind));
    steps
        .map(|step| {
            // What is made once in a program's life does not count.
            step.run();
            let (usage, ()) = measure(|| step.run());
            (step.name, [usage.count, usage.total, usage.peak])
        })
        .collect()
}

fn table(costs: &[(String, Cost)]) -> String {
    let mut table = format!("{HEAD}\n");
    for (name, [count, total, peak]) in costs {
        let _ = writeln!(table, "{name}\t{count}\t{total}\t{peak}");
    }
    table
}

fn read(table: &str) -> BTreeMap<&str, Cost> {
    let (head, rows) = table.split_once('\n').expect("a table");
    assert_eq!(head, HEAD);
    rows.lines()
        .map(|row| {
            let cells: Vec<&str> = row.split('\t').collect();
            let [name, count, total, peak] = cells[..] else { panic!("no row of costs: {row}") };
            (name, [count, total, peak].map(|figure| figure.parse().expect(row)))
        })
        .collect()
}

#[test]
fn allocates_no_more_than_it_did() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/costs.tsv");
    let found = found();
    assert!(found.len() >= 5 * 6 * 3, "only {} operations", found.len());
    if std::env::var_os("TONGSA_WRITE_COSTS").is_some() {
        std::fs::write(&path, table(&found)).expect("a writable file");
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let known = read(&text);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    let rows: Vec<&str> = text.lines().skip(1).filter_map(|row| row.split('\t').next()).collect();
    assert_eq!(rows, names, "the table has other operations; {HINT}");

    let mut wrong = String::new();
    for (name, cost) in &found {
        let was = known[name.as_str()];
        if (0..3).any(|which| cost[which] > was[which]) {
            let _ = writeln!(wrong, "{name}: {cost:?} after {was:?}");
        } else if *cost != was {
            println!("{name}: {cost:?}, less than {was:?}");
        }
    }
    assert!(wrong.is_empty(), "allocations, bytes and bytes at once of\n{wrong}{HINT}");
}

const HINT: &str = "if that is meant, TONGSA_WRITE_COSTS=1 cargo test --test allocations_per_operation";
