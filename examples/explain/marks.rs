//! What the decoder found, under the bytes where it found it.

use std::collections::BTreeSet;

use tongsa::{Carrier, Deviation, DeviationKind, HttpFile};

use super::common;
use super::picture::Role;
use super::rows::{Mark, Row};

/// A deviation as the picture names it, with its ids in the catalogue: `xml/attribute-lt S-08`. Where this carrier has none,
/// those of others stand in brackets.
pub fn name(kind: DeviationKind, carrier: Carrier) -> String {
    let own = |id: &&&str| id.starts_with('X') || id.to_ascii_lowercase().starts_with(carrier.code());
    let ids: Vec<_> = kind.catalogue().iter().filter(own).copied().collect();
    match (kind.catalogue(), &ids[..]) {
        ([], _) => kind.code().into(),
        (others, []) => format!("{} ({})", kind.code(), others.join(" ")),
        (_, own) => format!("{} {}", kind.code(), own.join(" ")),
    }
}

/// Puts each deviation under the row in which it stands. What a surprise means is said once.
pub fn deviations(file: &[u8], rows: &mut [Row], found: &[Deviation], http: &HttpFile, carrier: Carrier) {
    let mut said = BTreeSet::new();
    for deviation in found {
        let at = common::offset(&deviation.at, http);
        let role = if deviation.expected { Role::Expected } else { Role::Surprise };
        let word = if deviation.expected { "expected" } else { "surprise" };
        let label = format!("{word}: {}", name(deviation.kind, carrier));
        let explains = !deviation.expected && said.insert(deviation.kind);
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
