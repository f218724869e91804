//! Contenders, rows of a table over their times, and the table.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use tongsa_benches::fit::{Point, exponent};
use tongsa_benches::rivals;
use tongsa_benches::rounds::{self, Contender, Fastest};
use tongsa_benches::samples::{Sample, steps};

/// What the command line says.
pub struct Arguments {
    seconds: f64,
    check: bool,
    times: bool,
    words: Vec<String>,
}

impl Arguments {
    /// Reads `[--seconds N] [--times] [--check] [WORD…]`.
    pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self { seconds: 20.0, check: false, times: false, words: Vec::new() };
        while let Some(argument) = arguments.next() {
            match &*argument {
                // What cargo passes to every benchmark.
                "--bench" => {}
                "--check" => read.check = true,
                "--times" => read.times = true,
                "--seconds" => {
                    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok());
                    read.seconds = seconds.filter(|seconds| (0.0..=3600.0).contains(seconds)).ok_or("--seconds N")?;
                }
                option if option.starts_with('-') => return Err(format!("unknown option: {option}")),
                _ => read.words.push(argument),
            }
        }
        Ok(read)
    }

    /// Whether a row is asked for.
    pub fn want(&self, what: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| what.contains(word.as_str()))
    }

    /// Whether every row is asked for.
    pub fn want_all(&self) -> bool {
        self.words.is_empty()
    }

    /// How long a clock runs at the least.
    fn long(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

/// Times of contenders, each so often.
pub type Terms = Vec<(f64, String)>;

/// One contender's time, once.
pub fn one(id: &str) -> (f64, String) {
    (1.0, id.to_owned())
}

/// What a row says.
pub enum Figure {
    /// What the terms take, by what the others take.
    Ratio(Terms, Terms),
    /// The exponent of growth over lengths and times; beside another contender, that of the growth over it and one more.
    Exponent(Vec<(f64, String, Option<String>)>),
    /// Something counted, the same in every run.
    Count(usize),
}

/// What is wanted of a figure.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// Not more.
    AtMost(f64),
    /// Not farther away than the second.
    Near(f64, f64),
}

impl Wanted {
    fn by(self, found: f64) -> bool {
        match self {
            Self::AtMost(most) => found <= most,
            Self::Near(middle, off) => (found - middle).abs() <= off,
        }
    }
}

/// One line of the table.
pub struct Row {
    /// What is measured.
    pub what: String,
    /// Beside what.
    pub against: String,
    /// The figure.
    pub figure: Figure,
    /// A row without is there to be read.
    pub wanted: Option<Wanted>,
}

impl Row {
    #[allow(clippy::cast_precision_loss, reason = "a count of allocations")]
    fn value(&self, times: &Fastest) -> f64 {
        let sum = |terms: &Terms| terms.iter().map(|(factor, id)| factor * times[id]).sum::<f64>();
        match &self.figure {
            Figure::Ratio(of, by) => sum(of) / sum(by),
            Figure::Exponent(points) => {
                let points = points.iter().map(|(len, id, floor)| {
                    let least = floor.as_ref().map_or(*len, |floor| times[floor]);
                    Point { len: *len, time: times[id], least }
                });
                exponent(&points.collect::<Vec<_>>())
            }
            Figure::Count(count) => *count as f64,
        }
    }

    fn reached(&self, times: &Fastest) -> bool {
        self.wanted.is_none_or(|wanted| wanted.by(self.value(times)))
    }

    /// The first cells.
    fn cells(&self, all: &Fastest, blocks: &[Fastest]) -> String {
        let Self { what, against, .. } = self;
        if let Figure::Count(count) = self.figure {
            return format!("| {what} | {against} | {count} | |");
        }
        let found = blocks.iter().map(|block| self.value(block));
        let (least, most) =
            found.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
        format!("| {what} | {against} | {:.2} | {least:.2} to {most:.2} |", self.value(all))
    }
}

/// So often the rounds are cut, to see how well a figure repeats.
const BLOCKS: u32 = 5;

/// All that is timed and printed.
#[derive(Default)]
pub struct Bench {
    contenders: Vec<Contender<'static>>,
    blocks: Vec<Fastest>,
    rows: Vec<Row>,
}

impl Bench {
    /// A contender of the next [`time`](Self::time).
    pub fn add<T>(&mut self, id: &str, run: impl FnMut() -> T + 'static) {
        if !self.knows(id) {
            self.contenders.push(Contender::new(id, run));
        }
    }

    /// Everything that tongsa and the rivals do with a sample.
    pub fn sample(&mut self, sample: &Sample) {
        for step in steps(sample.dialect, sample.kind).into_iter().chain(rivals::steps(sample)) {
            let id = step.name.clone();
            self.add(&id, move || step.run());
        }
    }

    /// Whether there is such a contender.
    pub fn knows(&self, id: &str) -> bool {
        self.contenders.iter().any(|known| known.id == id)
    }

    /// A row: one contender by others.
    pub fn ratio(&mut self, what: &str, of: &str, against: &str, by: Terms, most: Option<f64>) {
        self.row(what, against, Figure::Ratio(vec![one(of)], by), most.map(Wanted::AtMost));
    }

    /// A row: allocations.
    pub fn count(&mut self, what: &str, count: usize, most: Option<f64>) {
        self.row(what, "allocations", Figure::Count(count), most.map(Wanted::AtMost));
    }

    /// Any row.
    pub fn row(&mut self, what: &str, against: &str, figure: Figure, wanted: Option<Wanted>) {
        self.rows.push(Row { what: what.to_owned(), against: against.to_owned(), figure, wanted });
    }

    /// Times the contenders that the rows need which are asked for, and forgets them.
    pub fn time(&mut self, arguments: &Arguments) {
        self.rows.retain(|row| arguments.want(&row.what));
        let mut contenders = std::mem::take(&mut self.contenders);
        contenders.retain(|contender| {
            self.rows.iter().any(|row| match &row.figure {
                Figure::Ratio(of, by) => of.iter().chain(by).any(|(_, id)| *id == contender.id),
                // Has a clock of its own.
                Figure::Exponent(_) | Figure::Count(_) => false,
            })
        });
        self.time_all(contenders, arguments, 1);
    }

    /// Times these, for a part of the seconds that were asked for.
    pub fn time_all(&mut self, mut contenders: Vec<Contender<'static>>, arguments: &Arguments, part: u32) {
        if contenders.is_empty() {
            return;
        }
        let blocks = rounds::run(&mut contenders, arguments.long() / part, BLOCKS);
        self.blocks.resize_with(blocks.len(), Fastest::new);
        for (known, block) in self.blocks.iter_mut().zip(blocks) {
            known.extend(block);
        }
    }

    /// The fastest of all.
    pub fn fastest(&self) -> Fastest {
        rounds::fastest(&self.blocks)
    }

    /// The rows with what is wanted, then the others.
    pub fn print(&self, arguments: &Arguments) -> ExitCode {
        let all = self.fastest();
        if arguments.times {
            for (id, time) in &all {
                eprintln!("{time:>12.0} ns  {id}");
            }
        }
        print!("{}", table(&self.rows, &all, &self.blocks));
        let missed = self.rows.iter().filter(|row| !row.reached(&all)).count();
        let targets = self.rows.iter().filter(|row| row.wanted.is_some()).count();
        println!("\n{} of {targets} reached.", targets - missed);
        if arguments.check && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

fn table(rows: &[Row], all: &Fastest, blocks: &[Fastest]) -> String {
    let mut out = String::new();
    let head = "| what | against | found | in five blocks |";
    if rows.iter().any(|row| row.wanted.is_some()) {
        let _ = writeln!(out, "{head} wanted | reached |\n|---|---|---:|---:|---:|---|");
    }
    for row in rows {
        let wanted = match (row.wanted, &row.figure) {
            (Some(Wanted::AtMost(most)), Figure::Count(_)) => format!("≤ {most}"),
            (Some(Wanted::AtMost(most)), _) => format!("≤ {most:.2}"),
            (Some(Wanted::Near(middle, off)), _) => format!("{middle:.2} ± {off:.2}"),
            (None, _) => continue,
        };
        let reached = if row.reached(all) { "yes" } else { "**no**" };
        let _ = writeln!(out, "{} {wanted} | {reached} |", row.cells(all, blocks));
    }
    if rows.iter().any(|row| row.wanted.is_none()) {
        let _ = writeln!(out, "\n{head}\n|---|---|---:|---:|");
    }
    for row in rows.iter().filter(|row| row.wanted.is_none()) {
        let _ = writeln!(out, "{}", row.cells(all, blocks));
    }
    out
}
