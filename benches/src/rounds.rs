//! A clock for a machine that others use too: all contenders take turns in many short rounds, and the fastest turn of
//! each counts. What disturbs one disturbs the next as well, and the least disturbed turns are compared. On Linux it is the
//! thread's own time that counts, without the time in which others had the processor.

use std::collections::BTreeMap;
use std::fmt;
use std::hint::black_box;
use std::time::Duration;

/// Something to time.
pub struct Contender<'a> {
    /// Its name.
    pub id: String,
    run: Box<dyn FnMut(u32) + 'a>,
    batch: u32,
    /// How long that takes.
    turn: Duration,
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
                // By reference: to hand over a message would be to copy it.
                black_box(&run());
            }
        };
        Self { id: id.into(), run: Box::new(run), batch: 1, turn: Duration::ZERO }
    }

    fn time(&mut self, times: u32) -> Duration {
        let start = now();
        (self.run)(times);
        now().saturating_sub(start)
    }

    /// As many at once as take this long.
    fn calibrate(&mut self, at_least: Duration) {
        self.turn = self.time(self.batch);
        while self.turn < at_least && self.batch < 1 << 20 {
            self.batch *= 2;
            self.turn = self.time(self.batch);
        }
    }

    /// One turn, in nanoseconds an operation. The caches are warmed first, for others ran in between; what takes long by
    /// itself does not fit into them.
    fn turn(&mut self) -> f64 {
        self.time(self.batch / 8);
        self.time(self.batch).as_secs_f64() * 1e9 / f64::from(self.batch)
    }
}

/// The time that this thread has had.
#[cfg(target_os = "linux")]
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a clock that began at zero")
}

/// The time since the first call.
#[cfg(not(target_os = "linux"))]
fn now() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
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
    // Short turns are disturbed by as little as long ones, and a round of long ones is the time of many.
    let longest = contenders.iter().map(|contender| contender.turn).max().unwrap_or_default();
    let turns = |turn: Duration| (longest.as_nanos() / turn.as_nanos().max(1)).clamp(1, 8);
    let block = |_| {
        let mut fastest = Fastest::new();
        let end = now() + long / blocks;
        let mut first = 0;
        while now() < end || fastest.is_empty() {
            for turn in 0..contenders.len() {
                // Each has another neighbour in the next round.
                let index = (first + turn) % contenders.len();
                let contender = &mut contenders[index];
                for _ in 0..turns(contender.turn) {
                    let time = contender.turn();
                    fastest.entry(contender.id.clone()).and_modify(|known| *known = known.min(time)).or_insert(time);
                }
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
