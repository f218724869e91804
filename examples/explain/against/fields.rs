//! Header fields and their parameters.

use std::ops::Range;

use super::super::outline::Field;
use super::super::wire::{Attribute, Charset};
use super::align::{Step, align};
use super::{Comparer, Side};

impl Comparer<'_> {
    /// `is_entity`: fields that the dialect does not write are the HTTP library's own.
    pub fn fields(&mut self, has: usize, writes: usize, is_entity: bool) {
        let (theirs, ours) = (self.has.part(has), self.writes.part(writes));
        let path = |field: &Field, side: &Side<'_>| {
            let name = String::from_utf8_lossy(&side.file[field.own.clone()]).trim().to_owned();
            if theirs.path.is_empty() { name } else { format!("{}/{name}", theirs.path) }
        };
        let named =
            |fields: &[Field]| fields.iter().enumerate().map(|(index, field)| (index, field.name.clone())).collect();
        let theirs_named: Vec<(usize, String)> = named(&theirs.fields);
        let ours_named: Vec<(usize, String)> = named(&ours.fields);
        let mut behind = theirs.delimiter.end;
        for step in align(&theirs_named, &ours_named) {
            match step {
                Step::Both { has, writes, moved } => {
                    let (field, other) = (&theirs.fields[has], &ours.fields[writes]);
                    behind = field.lines.end;
                    let path = path(field, &self.has);
                    let (piece, ours) = (self.has.piece(field.lines.clone()), self.writes.piece(other.lines.clone()));
                    self.found.pairs.push((piece.clone(), path.clone(), ours.clone()));
                    let mut points = self.field_points(field, other);
                    if moved && !is_entity {
                        let what = format!("{} writes this field in another place", self.dialect);
                        points.push((field.own.clone(), what));
                    }
                    for (range, what) in points {
                        let mark = range.start - piece.start..range.end - piece.start;
                        self.differ(&path, piece.clone(), Some(ours.clone()), mark, what);
                    }
                }
                Step::Extra(has) if !is_entity => {
                    let field = &theirs.fields[has];
                    behind = field.lines.end;
                    let piece = self.has.piece(field.lines.clone());
                    let mark = 0..piece.bytes.len();
                    let what = format!("{} writes no such field", self.dialect);
                    self.differ(&path(field, &self.has), piece, None, mark, what);
                }
                Step::Extra(_) => {}
                Step::Missing(writes) => {
                    let field = &ours.fields[writes];
                    let piece = self.writes.piece(field.lines.clone());
                    self.missing(path(field, &self.writes), behind, piece);
                }
            }
        }
    }

    /// What differs between two fields of one name, as ranges of the first.
    fn field_points(&self, field: &Field, other: &Field) -> Vec<(Range<usize>, String)> {
        let (theirs, ours) = (self.has.file, self.writes.file);
        let mut points = Vec::new();
        let (own, others) = (&theirs[field.own.clone()], &ours[other.own.clone()]);
        if own.trim_ascii() != others.trim_ascii() {
            points.push((field.own.clone(), "the name in another spelling".into()));
        }
        let (essence, others) = (field.essence(theirs), other.essence(ours));
        let is_same = match &*field.name {
            "content-length" => true,
            "content-id" => self.are_same_ids(&theirs[essence.clone()], &ours[others.clone()]),
            _ => theirs[essence.clone()].eq_ignore_ascii_case(&ours[others.clone()]),
        };
        if !is_same {
            points.push((essence.clone(), String::new()));
        }
        let (parameters, mut others) = (field.parameters(theirs), other.parameters(ours));
        for parameter in parameters {
            let name = theirs[parameter.name.clone()].to_ascii_lowercase();
            let Some(index) = others.iter().position(|other| ours[other.name.clone()].eq_ignore_ascii_case(&name))
            else {
                let what = format!("{} writes no such parameter", self.dialect);
                points.push((parameter.name.start..parameter.value.end, what));
                continue;
            };
            let other = others.remove(index);
            let (value, others) = (&theirs[parameter.value.clone()], &ours[other.value.clone()]);
            let is_same = match &*name {
                b"boundary" => true,
                b"start" => self.are_same_ids(value, others),
                b"charset" | b"type" => value.eq_ignore_ascii_case(others),
                _ => characters(value) == characters(others),
            };
            if !is_same {
                points.push((parameter.value, String::new()));
            }
        }
        for Attribute { name, .. } in others {
            let what = format!("no parameter {}", String::from_utf8_lossy(&ours[name]));
            points.push((field.value.end..field.value.end, what));
        }
        points
    }
}

/// The characters of a header's value.
fn characters(bytes: &[u8]) -> String {
    Charset::of(bytes, None).decode(bytes).trim().into()
}
