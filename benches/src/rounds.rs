//! A clock for a machine that others use too: all contenders take turns in many short rounds, and the fastest turn of
//! each counts. What disturbs one disturbs the next as well, and the least disturbed turns are compared.

use std::collections::BTreeMap;
use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Something to time.
pub struct Contender<'a> {
    /// Its name.
    pub id: String,
    run: Box<dyn FnMut(u32) + 'a>,
    batch: u32,
}

impl fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contender").field("id", &self.id).field("batch", &self.batch).finish_non_exhaustive()
    }
}

impl<'a> Contender<'a> {
    /// Times the function together with the drop of what it gives: a service pays for both.
    pub fn new<T>(id: impl Into<String>, mut run: impl FnMut() -> T + 'a) -> Self {
        let run = move |times| {
            for _ in 0..times {
                black_box(run());
            }
        };
        Self { id: id.into(), run: Box::new(run), batch: 1 }
    }

    fn time(&mut self, times: u32) -> Duration {
        let start = Instant::now();
        (self.run)(times);
        start.elapsed()
    }

    /// As many at once as take this long.
    fn calibrate(&mut self, at_least: Duration) {
        while self.time(self.batch).min(self.time(self.batch)) < at_least && self.batch < 1 << 20 {
            self.batch *= 2;
        }
    }

    /// One turn, in nanoseconds an operation. The caches are warmed first: others ran in between.
    fn turn(&mut self) -> f64 {
        self.time(self.batch.div_ceil(8));
        self.time(self.batch).as_secs_f64() * 1e9 / f64::from(self.batch)
    }
}

/// The fastest turn of each contender, in nanoseconds an operation.
pub type Fastest = BTreeMap<String, f64>;

/// How long a turn is at the least.
const TURN: Duration = Duration::from_micros(150);

/// Rounds until `long` is over, in so many blocks: the fastest turns of each block, by which one sees how well the figures
/// repeat.
pub fn run(contenders: &mut [Contender<'_>], long: Duration, blocks: u32) -> Vec<Fastest> {
    for contender in &mut *contenders {
        contender.calibrate(TURN);
    }
    let block = |_| {
        let mut fastest = Fastest::new();
        let start = Instant::now();
        let mut first = 0;
        while start.elapsed() < long / blocks || fastest.is_empty() {
            for turn in 0..contenders.len() {
                // Each has another neighbour in the next round.
                let index = (first + turn) % contenders.len();
                let contender = &mut contenders[index];
                let time = contender.turn();
                fastest.entry(contender.id.clone()).and_modify(|known| *known = known.min(time)).or_insert(time);
            }
            first += 1;
        }
        fastest
    };
    (0..blocks).map(block).collect()
}

/// The fastest of all blocks.
pub fn fastest(blocks: &[Fastest]) -> Fastest {
    let mut all = Fastest::new();
    for (id, &time) in blocks.iter().flatten() {
        all.entry(id.clone()).and_modify(|known| *known = known.min(time)).or_insert(time);
    }
    all
}
