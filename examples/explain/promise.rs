//! How a payload differs from the format that was promised, in lines.

use tongsa::{Config, Decoded, Deviation, DeviationKind, DialectId, HttpFile, Loss, Tolerance};

use super::against::{Comparison, Difference, Piece, compare};
use super::common::{self, Failure};
use super::marks;
use super::outline::Outline;
use super::picture::{Frame, Line, Role, cut};
use super::rows::{self, Mark, Row};
use super::summary::counted;

/// Lines of what the dialect would write that are shown of one difference.
const SHOWN: usize = 6;

/// What differs, what the dialect cannot say, and what the carrier would refuse; and the deviations that were no part of the
/// promise.
pub fn lines(
    file: &[u8],
    outline: &Outline,
    http: &HttpFile,
    decoded: &Decoded,
    dialect: DialectId,
    width: usize,
) -> Result<(Vec<Line>, Vec<Deviation>), Failure> {
    let codec = dialect.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    let encoded = codec.encode(&decoded.message).map_err(|error| Failure::input(error.to_string()))?;
    let written = encoded.entity.to_http();
    // Of another carrier's dialect, the payload may be none.
    let unexpected: Vec<Deviation> = match codec.decode(&http.entity) {
        Ok(judged) => judged.surprises().cloned().collect(),
        Err(_) => decoded.surprises().cloned().collect(),
    };
    // Written by the codec, it has the form of its own dialect.
    let own = codec.decode(&encoded.entity).map(|own| own.deviations).unwrap_or_default();
    let own_file = tongsa::Entity::parse_http(written.clone().into(), &tongsa::Limits::default())
        .map_err(|error| Failure::input(error.to_string()))?;
    let mut found = compare(
        (file, outline, marks::repeated_starts(&decoded.deviations, http)),
        (&written, &Outline::of(&written), marks::repeated_starts(&own, &own_file)),
        dialect.code(),
    );
    unexpected.iter().for_each(|deviation| attach(file, &mut found, deviation, http, dialect));
    found.differences.sort_by_key(|difference| difference.at);

    let frame = Frame::of(file, width);
    let frame = Frame { gutter: frame.gutter.max(dialect.code().len()), ..frame };
    let mut lines = vec![summary(&found, encoded.losses.len(), encoded.violations.len(), dialect)];
    let mut section = None;
    for difference in &found.differences {
        let part =
            difference.path.split(['/', ' ']).next().filter(|part| part.starts_with("part[")).unwrap_or_default();
        if section != Some(part) {
            section = Some(part);
            lines.extend([Line::default(), Line::heading(if part.is_empty() { "The entity" } else { part })]);
        }
        lines.extend(shown(difference, frame, dialect));
    }
    if !encoded.losses.is_empty() {
        lines.extend([Line::default(), Line::heading(format!("What {dialect} cannot say"))]);
        lines.extend(encoded.losses.iter().map(|loss| lost(loss, width)));
    }
    if !encoded.violations.is_empty() {
        lines.extend([
            Line::default(),
            Line::heading(format!("What carrier {} would refuse in {dialect}", dialect.carrier())),
        ]);
        lines.extend(encoded.violations.iter().map(|violation| Line::of(Role::Surprise, violation.to_string())));
    }
    Ok((lines, unexpected))
}

fn summary(found: &Comparison, losses: usize, violations: usize, dialect: DialectId) -> Line {
    let line = Line::of(Role::Plain, format!("Against {dialect}: "));
    let line = match found.differences.len() {
        0 => line.with(Role::Expected, "no difference"),
        differences => line.with(Role::Surprise, counted(differences, "difference")),
    };
    let losses = if losses == 1 { "1 loss".into() } else { format!("{losses} losses") };
    line.with(Role::Plain, format!("; {losses}, {}.", counted(violations, "violation")))
}

/// Puts a deviation that the dialect does not prescribe where it belongs: to a difference, or to what surrounds it.
fn attach(file: &[u8], found: &mut Comparison, deviation: &Deviation, http: &HttpFile, dialect: DialectId) {
    let at = common::offset(&deviation.at, http);
    let name = marks::named(deviation, Some(dialect.carrier()));
    let extent = marks::extent(file, at, deviation.kind);
    let at_piece = |piece: &Piece| at - piece.start..at - piece.start + extent;
    let around = |difference: &&mut Difference| difference.has.as_ref().is_some_and(|piece| piece.contains(at));
    let known = found.differences.iter_mut().filter(around);
    let closest = known.min_by_key(|difference| difference.has.as_ref().map_or(0, |piece| piece.bytes.len()));
    if let Some(difference) = closest {
        if let Some(piece) = &difference.has {
            difference.points.push((at_piece(piece), name));
        }
        return;
    }
    let path = deviation.at.path.as_str();
    // What stands between parts and their headers has nothing in its place.
    let is_between = matches!(
        deviation.kind,
        DeviationKind::BlankLineMissing | DeviationKind::EncodingUndeclared | DeviationKind::ContentTypeMissing
    );
    let pair = found.around(at).filter(|_| !is_between).cloned();
    let line = || {
        let start = file[..at.min(file.len())].iter().rposition(|&byte| byte == b'\n').map_or(0, |start| start + 1);
        let len = file[start..].iter().position(|&byte| byte == b'\n').unwrap_or(file.len() - start);
        let bytes = file[start..start + len].trim_ascii_end().to_vec();
        let charset = super::wire::Charset::of(&bytes, None);
        Piece { bytes, charset, start, is_verbatim: true }
    };
    let (has, writes) = match pair {
        Some((has, _, writes)) => (has, Some(writes)),
        None => (line(), None),
    };
    let points = vec![(at_piece(&has), name)];
    found.differences.push(Difference { at, path: path.into(), has: Some(has), writes, points });
}

/// A difference: where, what the payload has, what the dialect would write.
fn shown(difference: &Difference, frame: Frame, dialect: DialectId) -> Vec<Line> {
    let line = Line::default().with_offset(difference.at, frame.gutter);
    let path = if difference.path.is_empty() { "the entity" } else { &difference.path };
    let missing = if difference.has.is_some() { "" } else { ": missing" };
    let mut lines = vec![Line::default(), line.with(Role::Heading, format!("   {path}{missing}"))];
    if let Some(piece) = &difference.has {
        let mut rows = rows_of(piece, frame);
        for (mark, what) in &difference.points {
            let index = rows.iter().rposition(|row| row.range.start <= piece.start + mark.start).unwrap_or(0);
            let Some(row) = rows.get_mut(index) else { continue };
            let offset = row.range.start - piece.start;
            let end = row.range.end.min(piece.start + piece.bytes.len()) - piece.start;
            let visible = piece.bytes[offset..end].trim_ascii_end().len();
            let bytes = mark.start.saturating_sub(offset)..mark.end.saturating_sub(offset);
            let mark = Mark { span: 0..0, role: Role::Surprise, label: what.clone(), note: None };
            row.mark(bytes, visible, mark);
        }
        // How it begins, and where it differs.
        let told = rows.iter().enumerate().filter(|(index, row)| *index == 0 || !row.marks.is_empty());
        lines.extend(told.flat_map(|(_, row)| frame.row(row, None)));
    }
    if let Some(piece) = &difference.writes {
        let rows = rows_of(piece, frame);
        for (index, row) in rows.iter().filter(|row| !row.view.text.trim().is_empty()).take(SHOWN).enumerate() {
            let mut drawn = frame.row(row, Some(if index == 0 { dialect.code() } else { "" }));
            for run in drawn.iter_mut().flat_map(|line| &mut line.runs).filter(|run| run.role == Role::Plain) {
                run.role = Role::Slot;
            }
            drawn.iter_mut().for_each(|line| line.anchor = None);
            lines.extend(drawn);
        }
    }
    lines
}

fn rows_of(piece: &Piece, frame: Frame) -> Vec<Row> {
    let mut rows = rows::of_stretch(&piece.bytes, piece.charset, piece.start, frame.room());
    rows.iter_mut().for_each(|row| row.is_decoded = !piece.is_verbatim);
    if rows.is_empty() {
        rows.push(Row { range: piece.start..piece.start, ..Row::default() });
    }
    rows
}

/// A loss: what was to be said, and what is left of it.
fn lost(loss: &Loss, width: usize) -> Line {
    let json = |value| serde_json::to_string(value).unwrap_or_default();
    let after = loss.after.as_ref().map(|value| format!(", read back as {}", json(value))).unwrap_or_default();
    let text = format!(": {}{after}", cut(&json(&loss.before), width / 2));
    Line::of(Role::Surprise, loss.to_string())
        .with(Role::Plain, cut(&text, width.saturating_sub(loss.to_string().len()).max(20)))
}
