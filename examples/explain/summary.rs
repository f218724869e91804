//! What is said of a payload as a whole.

use std::collections::{BTreeMap, BTreeSet};

use tongsa::{Carrier, DecodeError, DecodeErrorKind, Decoded, Deviation, DeviationKind, HttpFile, Tolerance};

use super::picture::{Frame, Line, Role, wrapped};
use super::{common, marks};

/// What the payload is.
pub fn title(name: &str, decoded: &Decoded) -> Line {
    Line::heading(format!(
        "{name}: {} of carrier {}, dialect {}",
        decoded.message.operation().code(),
        decoded.dialect.carrier(),
        decoded.candidates.iter().map(|dialect| dialect.code()).collect::<Vec<_>>().join(" or "),
    ))
}

/// How many deviations there are.
pub fn count(decoded: &Decoded) -> Line {
    let (all, surprises) = (decoded.deviations.len(), decoded.surprises().count());
    let expected = format!("{} expected of {}", all - surprises, decoded.dialect);
    match (all, surprises) {
        (0, _) => Line::of(Role::Plain, "No deviation from the standards."),
        (_, 0) => Line::of(Role::Plain, format!("{}: no surprise, ", counted(all, "deviation")))
            .with(Role::Expected, expected + "."),
        _ => Line::of(Role::Plain, format!("{}: ", counted(all, "deviation")))
            .with(Role::Surprise, counted(surprises, "surprise"))
            .with(Role::Plain, ", ")
            .with(Role::Expected, expected + "."),
    }
}

pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Under which tolerance the payload is accepted, and where the stricter stop.
pub fn acceptance(refusal: &dyn Fn(Tolerance) -> Option<DecodeError>, http: &HttpFile) -> Vec<Line> {
    let all = [Tolerance::Strict, Tolerance::Observed, Tolerance::Lenient];
    let refused: Vec<_> = all.into_iter().map_while(|tolerance| Some((tolerance, refusal(tolerance)?))).collect();
    let accepting = all.get(refused.len()).map_or("no tolerance", |tolerance| tolerance.code());
    let mut lines = vec![Line::of(Role::Plain, format!("Accepted under {accepting}."))];
    // What two of them stop at is said once.
    let is_same =
        |a: &(Tolerance, DecodeError), b: &(Tolerance, DecodeError)| a.1.at() == b.1.at() && a.1.kind() == b.1.kind();
    for group in refused.chunk_by(is_same) {
        let Some((_, error)) = group.first() else { continue };
        let kind = match error.kind() {
            DecodeErrorKind::Refused(kind) => kind.code().to_owned(),
            other => other.to_string(),
        };
        let at = common::offset(error.at(), http);
        let names: Vec<_> = group.iter().map(|(tolerance, _)| tolerance.code()).collect();
        lines.push(Line::of(Role::Plain, format!("Refused under {} at byte {at}, {kind}.", names.join(" and "))));
    }
    lines
}

/// The surprises in a list: where, what, and in what.
pub fn surprises(decoded: &Decoded, http: &HttpFile, frame: Frame) -> Vec<Line> {
    let carrier = Some(decoded.dialect.carrier());
    let name = |found: &Deviation| marks::name(found.kind, carrier);
    let width = decoded.surprises().map(|found| name(found).len()).max().unwrap_or(0);
    let mut said = BTreeSet::new();
    let mut lines = Vec::new();
    for found in decoded.surprises() {
        let line = Line::default().with_offset(common::offset(&found.at, http), frame.gutter);
        let line = line.with(Role::Surprise, format!("   {:width$}", name(found)));
        lines.push(line.with(Role::Gutter, format!("  {}", found.at.path)));
        if said.insert(found.kind) {
            let texts = wrapped(found.kind.summary(), frame.room());
            let indent = " ".repeat(frame.gutter + 3);
            lines.extend(texts.into_iter().map(|text| Line::of(Role::Plain, format!("{indent}{text}"))));
        }
    }
    headed("Surprises", lines)
}

/// What the names mean, each once.
pub fn kinds(found: &[Deviation], carrier: Option<Carrier>, frame: Frame) -> Vec<Line> {
    let mut counts: BTreeMap<DeviationKind, [usize; 2]> = BTreeMap::new();
    for found in found {
        counts.entry(found.kind).or_default()[usize::from(found.expected)] += 1;
    }
    let counted = |[surprises, expected]: [usize; 2]| match (surprises, expected) {
        (surprises, 0) => format!("{surprises} surprising"),
        (0, expected) => format!("{expected} expected"),
        (surprises, expected) => format!("{surprises} surprising, {expected} expected"),
    };
    let cells: Vec<_> = counts
        .into_iter()
        .map(|(kind, counts)| (kind, marks::name(kind, carrier), counts[0] > 0, counted(counts)))
        .collect();
    let names = cells.iter().map(|(_, name, ..)| name.len()).max().unwrap_or(0);
    let amounts = cells.iter().map(|(.., counted)| counted.len()).max().unwrap_or(0);
    let room = frame.width.saturating_sub(names + amounts + 4).max(30);
    let mut lines = Vec::new();
    for (kind, name, surprises, counted) in &cells {
        let role = if *surprises { Role::Surprise } else { Role::Expected };
        for (index, text) in wrapped(kind.summary(), room).into_iter().enumerate() {
            let [name, counted] = if index == 0 { [&**name, counted] } else { ["", ""] };
            let line = Line::of(role, format!("{name:names$}")).with(Role::Gutter, format!("  {counted:amounts$}"));
            lines.push(line.with(Role::Plain, format!("  {text}")));
        }
    }
    headed("What the names mean", lines)
}

/// Lines under a heading, if there are any.
fn headed(heading: &str, mut lines: Vec<Line>) -> Vec<Line> {
    if !lines.is_empty() {
        lines.splice(0..0, [Line::default(), Line::heading(heading)]);
    }
    lines
}
