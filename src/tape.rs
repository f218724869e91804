//! Choices on a tape: how the oracle tests generate documents.
//!
//! A generator is an ordinary function that asks the tape what to write next. The tape is arbitrary bytes, so proptest
//! shrinks it; past its end every choice is the first, so each generator puts the plainest first, and ends.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};

/// The choices that are left.
pub(crate) struct Tape<'a>(&'a [u8]);

impl<'a> Tape<'a> {
    /// Choices for a generator that proptest gives more than a tape.
    pub(crate) const fn new(tape: &'a [u8]) -> Self {
        Self(tape)
    }

    /// A number below `count`, which is 256 at most.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let Some((&choice, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(choice) % count
    }

    /// Whether something happens that does so once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// One of these.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A number, of any size.
    pub(crate) fn number(&mut self) -> u64 {
        (0..8).fold(0, |number, _| number << 8 | self.below(256) as u64)
    }

    /// Up to `count - 1` pieces, one behind the other.
    pub(crate) fn text(&mut self, count: usize, pieces: &[&str]) -> String {
        (0..self.below(count)).map(|_| self.pick(pieces)).collect()
    }
}

/// How often something came up in a run.
#[derive(Default)]
pub(crate) struct Tally(RefCell<BTreeMap<&'static str, u32>>);

impl Tally {
    /// It came up.
    pub(crate) fn note(&self, what: &'static str) {
        *self.0.borrow_mut().entry(what).or_default() += 1;
    }

    /// It came up, if it did.
    pub(crate) fn note_if(&self, what: &'static str, came_up: bool) {
        if came_up {
            self.note(what);
        }
    }

    /// How often it came up.
    pub(crate) fn count(&self, what: &str) -> u32 {
        self.0.borrow().get(what).copied().unwrap_or(0)
    }

    /// Fails unless each of these came up that often in the cases that proptest runs by default, 256, and nothing that is
    /// not among them.
    #[track_caller]
    pub(crate) fn assert_at_least(&self, wanted: &[(&str, u32)]) {
        let told = Config::default().cases;
        let is_rare = |&&(what, least): &&(&str, u32)| self.count(what) < least * told / 256;
        let rare: Vec<_> = wanted.iter().filter(is_rare).collect();
        assert!(rare.is_empty(), "wanted {rare:?}, found {:?}", self.0);
        let unlisted = self.0.borrow().keys().find(|key| wanted.iter().all(|(what, _)| what != *key)).copied();
        assert_eq!(unlisted, None, "not listed");
    }
}

/// Runs a test on arbitrary tapes of up to `len` bytes, `times` as often as proptest is told to (`PROPTEST_CASES`).
#[track_caller]
pub(crate) fn for_any_tape(times: u32, len: usize, test: impl Fn(&mut Tape<'_>)) {
    let told = Config::default();
    let config = Config { cases: told.cases * times, failure_persistence: None, max_shrink_iters: 4000, ..told };
    let tapes = prop::collection::vec(any::<u8>(), 0..len);
    let result = TestRunner::new(config).run(&tapes, |tape| {
        test(&mut Tape::new(&tape));
        Ok(())
    });
    if let Err(TestError::Fail(reason, tape)) = result {
        panic!("{reason}\non the tape {tape:?}");
    } else if let Err(TestError::Abort(reason)) = result {
        panic!("{reason}");
    }
}
