//! What the decoder found, under the bytes where it found it.

use std::collections::BTreeSet;

use tongsa::{Carrier, Deviation, DeviationKind, HttpFile, Tolerance};

use super::common;
use super::picture::Role;
use super::rows::{Mark, Row};

/// A deviation as the picture names it, with its ids in the catalogue: `xml/attribute-lt S-08`. Where this carrier has none,
/// those of others stand in brackets; of nobody's payload, all.
pub fn name(kind: DeviationKind, carrier: Option<Carrier>) -> String {
    let is_own = |id: &&&str| match carrier {
        Some(carrier) => id.starts_with('X') || id.to_ascii_lowercase().starts_with(carrier.code()),
        None => true,
    };
    let ids: Vec<_> = kind.catalogue().iter().filter(is_own).copied().collect();
    match (kind.catalogue(), &ids[..]) {
        ([], _) => kind.code().into(),
        (others, []) => format!("{} ({})", kind.code(), others.join(" ")),
        (_, own) => format!("{} {}", kind.code(), own.join(" ")),
    }
}

/// The same, with the name of what is not there to be underlined.
pub fn named(deviation: &Deviation, carrier: Option<Carrier>) -> String {
    let name = name(deviation.kind, carrier);
    match (deviation.kind, deviation.at.path.as_str().rsplit('/').next()) {
        (DeviationKind::ElementMissing, Some(missing)) => format!("{name}, no {missing}"),
        _ => name,
    }
}

/// Puts each deviation under the row in which it stands; `refused` is the one that the tolerance does not accept. What is
/// no part of the dialect is explained once.
pub fn deviations(
    file: &[u8],
    rows: &mut [Row],
    found: &[Deviation],
    http: &HttpFile,
    carrier: Option<Carrier>,
    refused: Option<(usize, Tolerance)>,
) {
    let mut said = BTreeSet::new();
    for (index, deviation) in found.iter().enumerate() {
        let at = common::offset(&deviation.at, http);
        let (role, word) = match (refused, deviation.expected) {
            (Some((refused, tolerance)), _) if refused == index => (Role::Fatal, format!("refused under {tolerance}")),
            (_, true) => (Role::Expected, "expected".into()),
            (_, false) => (Role::Surprise, "surprise".into()),
        };
        let label = format!("{word}: {}", named(deviation, carrier));
        let explains = role > Role::Expected && said.insert(deviation.kind);
        let note = explains.then(|| deviation.kind.summary().to_owned());
        put(file, rows, at, extent(file, at, deviation.kind), Mark { span: 0..0, role, label, note });
    }
}

/// Puts a mark under the row in which it stands, or under the last.
pub fn put(file: &[u8], rows: &mut [Row], at: usize, len: usize, mark: Mark) {
    let Some(row) = row_at(rows, at).and_then(|index| rows.get_mut(index)) else { return };
    let shown = file[row.range.clone()].trim_ascii_end().len();
    row.mark(at - row.range.start..at - row.range.start + len, shown, mark);
}

/// How many bytes a person would underline for a deviation there.
pub fn extent(file: &[u8], at: usize, kind: DeviationKind) -> usize {
    use DeviationKind as D;
    let Some(rest) = file.get(at..).filter(|rest| !rest.is_empty()) else { return 0 };
    let line = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
    let rest = &rest[..line];
    let up_to = |ends: &[u8]| rest.iter().position(|byte| ends.contains(byte)).unwrap_or(rest.len());
    match kind {
        // One character, whatever stands behind it.
        D::QuoteTypographic
        | D::AttributeSeparator
        | D::AttributeLt
        | D::CharsetConflict
        | D::CharsetUndecodable
        | D::CharsetDamaged
        | D::Cp949Extension
        | D::ControlCharacter
        | D::EncodingUndeclared
        | D::FieldEightBit
        | D::FieldNbsp
        | D::FieldUnderscore
        | D::MarkupStray
        | D::DateTimeSpacing => 1,
        D::FieldComment | D::TextAfterRoot | D::TextStray => rest.trim_ascii_end().len(),
        _ if rest.starts_with(b"</") || rest.starts_with(b"<!") => up_to(b">") + 1,
        D::EndTagRepeatedStart => up_to(b">") + 1,
        _ if rest.starts_with(b"<") => {
            let name = rest[1..].iter().position(|byte| b" \t/>".contains(byte)).map_or(rest.len(), |len| len + 1);
            name + usize::from(rest.get(name) == Some(&b'>'))
        }
        _ => {
            let before = at.checked_sub(1).and_then(|before| file.get(before));
            match before {
                Some(quote @ (b'"' | b'\'')) => up_to(&[*quote]),
                Some(b'>') => rest[..up_to(b"<")].trim_ascii_end().len(),
                _ => rest[..up_to(b"<>;\"'\t")].trim_ascii_end().len(),
            }
        }
    }
    .max(1)
}

/// Where the decoder took a start tag for an end tag.
pub fn repeated_starts(found: &[Deviation], http: &HttpFile) -> BTreeSet<usize> {
    let is_end = |found: &&Deviation| found.kind == DeviationKind::EndTagRepeatedStart;
    found.iter().filter(is_end).map(|found| common::offset(&found.at, http)).collect()
}

/// Which row shows a place of the file.
pub fn row_at(rows: &[Row], at: usize) -> Option<usize> {
    let behind = rows.partition_point(|row| row.range.start <= at);
    rows[..behind].iter().rposition(|row| !row.is_decoded)
}
