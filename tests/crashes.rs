//! What the fuzzer once broke a law with: every input in `tests/crashes/<target>` through its target again.
//!
//! The targets of the layers (`mime`, `xml`, `charset_datetime`) are replayed inside the crate, in `src/laws.rs`.
#![cfg(feature = "serde")]

mod harness;
#[path = "harness/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

#[test]
fn holds_the_laws_for_every_saved_crash() {
    let mut count = 0;
    for (name, target) in targets::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crashes").join(name);
        for file in fs::read_dir(&folder).into_iter().flatten() {
            let path = file.expect("a readable folder").path();
            println!("{}", path.display());
            assert!(target(&fs::read(&path).expect("a file")), "{}: no input of {name}", path.display());
            count += 1;
        }
    }
    assert!(count > 0, "no saved crash found");
}
