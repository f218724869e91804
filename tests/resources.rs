//! Memory and allocations of hostile input: so many a byte at any size, and a constant where a limit stops it.
//!
//! What is linear in what it allocates is told by counting. The large run goes to 64 MiB, and there what is linear in time
//! shows too: it takes no more of its thread's time by the byte at the greater size.
//! `TONGSA_LARGE=1 cargo test --release --test resources -- --nocapture` takes a quarter of an hour of one core and up to
//! 12 GiB, and prints each shape as it is done; `TONGSA_SHAPE=recipients` chooses shapes by a part of their names. The table
//! of `docs/limits.md` is what the test prints without either.

mod allocations;
mod hostile;
#[path = "harness/work.rs"]
mod work;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use allocations::{Usage, measure};
use bytes::Bytes;
use hostile::{Shape, shapes};
use tongsa::{
    Carrier, Config, Decoded, Entity, Limits, Tolerance, TranslateOptions, decode, detect, translate_message,
};

/// As far as a caller can raise them, but for the depths, which time is multiplied by.
fn raised() -> Limits {
    let most = usize::MAX >> 1;
    Limits { body: most, parts: most, mime_depth: 64, xml_depth: 1024, fields: most, field_len: most, attributes: most }
}

/// Bytes at once, bytes in all, allocations in all.
type Cost = [f64; 3];

/// What a byte of input may cost, by layer: read by one carrier, and what was read written to two.
const PER_BYTE: &[(&str, Cost, Cost)] = &[
    ("http", [24.0, 40.0, 0.6], [1.0, 1.0, 0.01]),
    ("mime", [110.0, 170.0, 2.0], [200.0, 800.0, 9.0]),
    ("base64", [3.0, 4.0, 0.01], [2.0, 3.0, 0.01]),
    ("quoted-printable", [5.0, 8.0, 0.01], [6.0, 14.0, 0.01]),
    ("xml", [50.0, 500.0, 2.0], [160.0, 250.0, 5.0]),
    ("soap", [60.0, 160.0, 2.5], [90.0, 250.0, 1.0]),
    ("mm7", [110.0, 1200.0, 4.0], [110.0, 300.0, 1.0]),
    ("text", [8.0, 12.0, 0.01], [20.0, 70.0, 1.3]),
    ("html", [15.0, 25.0, 0.01], [70.0, 250.0, 3.0]),
    ("smil", [35.0, 70.0, 0.4], [55.0, 140.0, 1.0]),
    ("xt", [60.0, 120.0, 0.5], [20.0, 65.0, 0.7]),
];

/// What a deviation may cost besides, which has a path; a layer keeps no more than 4,096.
const PER_DEVIATION: Cost = [1200.0, 3000.0, 16.0];

/// What an entity costs that holds nothing.
const BASE: Cost = [24_000.0, 100_000.0, 800.0];

/// How much longer a byte may take at a greater size: what is quadratic takes eight times as long at eight times the size.
const SLOWER: f64 = 5.0;

/// Nanoseconds a byte that can be told from none.
const MEASURABLE: f64 = 5.0;

/// What is done with an input.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Read(Carrier),
    /// As three carriers read.
    Detect,
    /// The same, and once more.
    Decode,
    /// What was read is written by the same carrier, and by another.
    Write(Carrier),
}

impl Act {
    /// What it may cost by the byte.
    fn allowed(self, shape: &Shape) -> Cost {
        let layer = shape.name.split(':').next().unwrap_or_default();
        let (_, read, write) = PER_BYTE.iter().find(|(known, ..)| *known == layer).expect("a layer");
        match self {
            Self::Read(_) => *read,
            Self::Detect => [read[0], 3.5 * read[1], 3.5 * read[2]],
            Self::Decode => [read[0], 5.5 * read[1], 5.5 * read[2]],
            Self::Write(_) => *write,
        }
    }
}

fn config(limits: Limits) -> Config {
    Config { tolerance: Tolerance::Lenient, limits, ..Config::default() }
}

const CARRIERS: [Carrier; 3] = [Carrier::S, Carrier::K, Carrier::L];

/// An act, what it allocated, and how long it took.
struct Done {
    act: Act,
    usage: Usage,
    spent: Duration,
    deviations: usize,
}

impl Done {
    /// The cost of a byte of the input, all told.
    #[allow(clippy::cast_precision_loss, reason = "a ratio to read")]
    fn whole(&self, len: usize) -> Cost {
        [self.usage.peak, self.usage.total, self.usage.count].map(|cost| cost as f64 / len as f64)
    }

    /// The same without what deviations cost, and an entity that holds nothing.
    #[allow(clippy::cast_precision_loss, reason = "a ratio to read")]
    fn per_byte(&self, len: usize) -> Cost {
        let whole = self.whole(len);
        let besides = |which: usize| PER_DEVIATION[which] * self.deviations as f64 + BASE[which];
        core::array::from_fn(|which| (whole[which] - besides(which) / len as f64).max(0.0))
    }
}

/// What each act allocates; reading by these carriers alone where not `all` is asked for.
fn acts(entity: &Entity, carriers: &[Carrier], all: bool) -> Vec<Done> {
    let config = config(raised());
    let mut done = Vec::new();
    let mut found_by_all = 0;
    let mut messages = Vec::new();
    for &carrier in carriers {
        let codec = carrier.codec(config.clone());
        let (spent, (usage, result)) = work::spent(|| measure(|| codec.decode(entity)));
        let deviations = match &result {
            Ok(decoded) => decoded.deviations.len(),
            Err(error) => error.deviations().len(),
        };
        found_by_all += deviations;
        done.push(Done { act: Act::Read(carrier), usage, spent, deviations });
        messages.extend(result.ok().filter(|_| all).map(|Decoded { message, .. }| (carrier, message)));
    }
    if !all {
        return done;
    }
    let (spent, (usage, _)) = work::spent(|| measure(|| detect(entity, &raised())));
    done.push(Done { act: Act::Detect, usage, spent, deviations: found_by_all });
    let (spent, (usage, _)) = work::spent(|| measure(|| decode(entity, &config)));
    done.push(Done { act: Act::Decode, usage, spent, deviations: 2 * found_by_all });
    for (carrier, message) in messages {
        let other = if carrier == Carrier::S { Carrier::K } else { Carrier::S };
        let (own, other) = (carrier.codec(config.clone()), other.codec(config.clone()));
        let write = || {
            drop(own.encode(&message).expect("an entity"));
            drop(translate_message(&*own, &*other, &message, &TranslateOptions::default()).expect("an entity"));
        };
        let (spent, (usage, ())) = work::spent(|| measure(write));
        done.push(Done { act: Act::Write(carrier), usage, spent, deviations: 0 });
    }
    done
}

/// Calls `check` with each shape that was asked for, on so many threads; what it answers, in the order of the shapes.
fn each<T: Send>(threads: usize, check: impl Fn(&Shape) -> T + Sync) -> Vec<T> {
    let wanted = std::env::var("TONGSA_SHAPE").unwrap_or_default();
    let shapes: Vec<Shape> = shapes().into_iter().filter(|shape| shape.name.contains(&wanted)).collect();
    assert!(!shapes.is_empty(), "no shape has {wanted:?} in its name");
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(shape) = shapes.get(index) else { return done };
            done.push((index, check(shape)));
        }
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, found)| found).collect()
}

/// What a shape costs at several sizes: what is found wrong, and what is to be printed.
#[derive(Default)]
struct Findings {
    wrong: String,
    /// The dearest reading.
    worst: Cost,
    /// Each act's cost at 64 KiB, where what every message costs no longer counts.
    before: Vec<(Act, Cost)>,
    /// Each act's nanoseconds a byte, by size.
    times: Vec<(usize, Act, f64)>,
}

impl Findings {
    fn add(&mut self, shape: &Shape, log: u32, done: &Done) {
        let len = 1 << log;
        let (allowed, cost, whole) = (done.act.allowed(shape), done.per_byte(len), done.whole(len));
        // What is linear costs no more by the byte at a greater size.
        let known = self.before.iter().find(|(act, _)| *act == done.act).map_or(whole, |(_, known)| *known);
        let grows = |which: usize| whole[which] > 1.25 * known[which] + allowed[which] / 50.0;
        if (0..3).any(|which| cost[which] > allowed[which] || grows(which)) {
            let name = shape.name;
            self.wrong += &format!(
                "{name} {:?} at {len}: {cost:.2?} of {allowed:?}, in all {whole:.2?} after {known:.2?}\n",
                done.act
            );
        }
        if log == 16 {
            self.before.push((done.act, whole));
        }
        if matches!(done.act, Act::Read(_)) {
            self.worst = core::array::from_fn(|which| f64::max(self.worst[which], cost[which]));
        }
    }

    /// What is linear takes no longer by the byte either, but where the caches end: not of 8 MiB after 64 KiB or 1 MiB, nor
    /// of 64 MiB after 8 MiB.
    #[allow(clippy::cast_precision_loss, reason = "a ratio to read")]
    fn add_time(&mut self, shape: &Shape, log: u32, done: &Done) {
        let time = done.spent.as_secs_f64() * 1e9 / (1_usize << log) as f64;
        let smaller = self.times.iter().filter(|(_, act, _)| *act == done.act).map(|(_, _, time)| *time);
        let least = smaller.reduce(f64::min).unwrap_or(time);
        if time > SLOWER * least.max(MEASURABLE) {
            self.wrong +=
                &format!("{} {:?} at {}: {time:.0} ns a byte after {least:.0}\n", shape.name, done.act, 1 << log);
        }
        self.times.push((1 << log, done.act, time));
    }
}

#[test]
fn costs_so_many_bytes_a_byte_whatever_the_size() {
    let large = std::env::var_os("TONGSA_LARGE").is_some();
    let sizes: &[u32] = if large { &[16, 20, 23, 26] } else { &[10, 13, 16, 19] };
    // Beyond these all is not done, and not by every carrier.
    let (all_to, every_to) = if large { (23, 26) } else { (13, 16) };
    let threads = if large { 1 } else { thread::available_parallelism().map_or(1, usize::from) };
    let found = each(threads, |shape| {
        let mut findings = Findings::default();
        for &log in sizes {
            let one = [CARRIERS[shape.name.len() % 3]];
            let carriers = if log <= every_to { &CARRIERS[..] } else { &one };
            for done in acts(&shape.entity(1 << log), carriers, log <= all_to) {
                findings.add(shape, log, &done);
                if large {
                    findings.add_time(shape, log, &done);
                }
            }
        }
        let [peak, total, count] = findings.worst;
        let row = format!("| {} | {peak:.1} | {total:.1} | {count:.2} |\n", shape.name);
        if large {
            print!("{row}{}", findings.wrong);
            for log in sizes {
                let times = findings.times.iter().filter(|(len, ..)| *len == 1 << log);
                let times: Vec<String> = times.map(|(_, act, time)| format!("{act:?} {time:.0}")).collect();
                println!("    at {}: {} ns a byte", 1 << log, times.join(", "));
            }
        }
        (row, findings.wrong)
    });
    let (table, wrong): (String, String) = found.into_iter().unzip();
    println!("{table}");
    assert!(wrong.is_empty(), "{wrong}");
}

/// What the default limits refuse, and the error. Nothing here depends on how much more of it there is.
const REFUSED: &[(&str, &str)] = &[
    ("http: fields", "more than 128 header fields"),
    ("http: fields without a name", "more than 128 header fields"),
    ("http: parameters", "more than 8192 bytes in a header field"),
    ("http: one long boundary", "more than 8192 bytes in a header field"),
    ("mime: parts", "more than 64 MIME parts"),
    ("mime: parts without anything", "more than 64 MIME parts"),
    ("mime: nested", "more than 16 multiparts inside one another"),
    ("mime: fields", "more than 128 header fields"),
    ("mime: lines that are no field", "more than 128 header fields"),
    ("mime: one long field", "more than 8192 bytes in a header field"),
    ("mime: a folded field", "more than 8192 bytes in a header field"),
    ("mime: semicolons", "more than 8192 bytes in a header field"),
    ("xml: nested", "more than 64 elements inside one another"),
    ("xml: nested, then references", "more than 64 elements inside one another"),
    ("xml: attributes", "more than 1024 attributes of one element"),
    ("xml: attributes of one name", "more than 1024 attributes of one element"),
    ("xml: namespaces", "more than 1024 attributes of one element"),
];

#[test]
fn refuses_early_what_a_limit_is_for() {
    for (name, expected) in REFUSED {
        let shapes = shapes();
        let shape = shapes.iter().find(|shape| shape.name == *name).expect("a shape");
        for carrier in CARRIERS {
            let codec = carrier.codec(config(Limits::default()));
            let [small, large] = [1 << 17, 1 << 22].map(|len| {
                let entity = shape.entity(len);
                let (usage, result) = measure(|| codec.decode(&entity));
                let error = result.map(drop).expect_err(name).to_string();
                assert!(error.starts_with(expected), "{name}: {error}");
                (usage.total, error)
            });
            assert_eq!(small, large, "{carrier} {name}");
            assert!(small.0 < 200_000, "{carrier} {name}: {}", small.0);
        }
    }
    let body = vec![b'<'; (16 << 20) + 1];
    let entity = Entity::new(body);
    let (usage, result) = measure(|| Carrier::L.codec(config(Limits::default())).decode(&entity));
    assert!(result.is_err() && usage.total < 10_000, "{usage:?}");
}

/// A `.http` file: what its header section costs, and what it costs to be refused.
#[test]
fn opens_a_file_at_a_cost_by_the_byte() {
    for (name, piece) in [
        (
            "fields", "A: b
",
        ),
        (
            "folded",
            "A: b
 c
 d
",
        ),
        (
            "names", ":
",
        ),
        (
            "bodies", "
",
        ),
        ("blanks", " "),
        (
            "start lines",
            "POST / HTTP/1.1
",
        ),
    ] {
        for log in [10, 14, 18, 22] {
            let len: usize = 1 << log;
            let file = Bytes::from(format!(
                "HTTP/1.1 200 OK
{}
",
                piece.repeat(len / piece.len())
            ));
            let (usage, _) = measure(|| Entity::parse_http(file.clone(), &raised()).map(drop));
            let cost = Done { act: Act::Detect, usage, spent: Duration::ZERO, deviations: 0 }.per_byte(len);
            assert!(cost[0] < 80.0 && cost[1] < 160.0 && cost[2] < 0.5, "{name} at {len}: {cost:?}");
            let (usage, _) = measure(|| Entity::parse_http(file.clone(), &Limits::default()).map(drop));
            assert!(usage.total < 100_000, "{name} at {len}: {usage:?}");
        }
    }
}
