//! How a payload differs from what a dialect would have written for the same message: compared by structure, not by text.
//!
//! Both are taken apart in the same way. Boundaries, ids that look generated, lengths and the white space between elements
//! are no differences; what the decoder, fixed to that dialect, did not expect is one wherever it stands.

mod align;
mod documents;
mod fields;

use std::collections::BTreeSet;
use std::ops::Range;

use align::{Step, align};
use documents::local;

use super::outline::{Document, Elements, Outline, Part};
use super::wire::{Charset, Holds, MAGIC};

/// Digits in a row that an id has when it was generated.
const GENERATED: usize = 6;

/// A stretch of either payload, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How they become characters.
    pub charset: Charset,
    /// Where it stands in its file, or the part that it is encoded in.
    pub start: usize,
    /// It stands in its file as it is.
    pub is_verbatim: bool,
}

impl Piece {
    /// Whether a byte of its file is in it.
    pub fn contains(&self, at: usize) -> bool {
        self.is_verbatim && (self.start..self.start + self.bytes.len().max(1)).contains(&at)
    }
}

/// Something that the payload has otherwise than the dialect would write it.
#[derive(Debug)]
pub struct Difference {
    /// Where in the payload; where something is missing, behind what.
    pub at: usize,
    /// Part and element, or header field.
    pub path: String,
    /// What the payload has.
    pub has: Option<Piece>,
    /// What the dialect would write.
    pub writes: Option<Piece>,
    /// What differs: which bytes of `has`, and in what; nothing is said where the two together tell.
    pub points: Vec<(Range<usize>, String)>,
}

/// What was compared.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The differences, in the order of the payload.
    pub differences: Vec<Difference>,
    /// What stands for what: a stretch of the payload, its path, and what the dialect would write there.
    pub pairs: Vec<(Piece, String, Piece)>,
}

impl Comparison {
    /// What in the payload surrounds a place most closely, with its path and what the dialect would write there.
    pub fn around(&self, at: usize) -> Option<&(Piece, String, Piece)> {
        self.pairs.iter().filter(|(piece, ..)| piece.contains(at)).min_by_key(|(piece, ..)| piece.bytes.len())
    }
}

/// A payload taken apart.
struct Side<'f> {
    file: &'f [u8],
    outline: &'f Outline,
    /// Start tags that the decoder takes for end tags.
    ends: BTreeSet<usize>,
}

impl<'f> Side<'f> {
    fn children(&self, parent: usize) -> Vec<usize> {
        (1..self.outline.parts.len()).filter(|&part| self.outline.parts[part].parent == parent).collect()
    }

    fn part(&self, part: usize) -> &'f Part {
        &self.outline.parts[part]
    }

    fn document(&self, part: usize) -> Option<Document<'f>> {
        Document::of(self.file, self.part(part))
    }

    /// The part that holds the envelope: the first that is no multipart.
    fn root(&self) -> usize {
        let mut part = 0;
        while self.part(part).is_multipart {
            let Some(&first) = self.children(part).first() else { break };
            part = first;
        }
        part
    }

    fn elements(&self, document: &Document<'_>) -> Elements {
        let ends = self.ends.iter().filter_map(|end| end.checked_sub(document.start));
        let ends = if document.is_verbatim { ends.collect() } else { BTreeSet::new() };
        Elements::of(&document.bytes, &ends)
    }

    fn piece(&self, range: Range<usize>) -> Piece {
        let bytes = self.file[range.clone()].trim_ascii_end().to_vec();
        Piece { charset: Charset::of(&bytes, None), bytes, start: range.start, is_verbatim: true }
    }

    /// What a part is, for finding the one that stands for it.
    fn class(&self, part: usize) -> String {
        if self.part(part).is_multipart {
            return "multipart".into();
        }
        let Some(document) = self.document(part) else { return String::new() };
        match document.holds {
            Holds::Text(_) => "text".into(),
            Holds::Markup(_) => {
                let elements = self.elements(&document);
                elements.list.first().map_or_else(String::new, |root| local(&document.bytes, root))
            }
            Holds::Media => {
                let magic = MAGIC.iter().position(|magic| document.bytes.starts_with(magic));
                format!("media {magic:?}")
            }
        }
    }
}

/// Compares a payload with what was written for the same message: each a file, its outline, and the start tags in it that the
/// decoder takes for end tags.
pub fn compare(
    has: (&[u8], &Outline, BTreeSet<usize>),
    writes: (&[u8], &Outline, BTreeSet<usize>),
    dialect: &str,
) -> Comparison {
    let has = Side { file: has.0, outline: has.1, ends: has.2 };
    let writes = Side { file: writes.0, outline: writes.1, ends: writes.2 };
    let mut comparer = Comparer { has, writes, dialect, ids: BTreeSet::new(), found: Comparison::default() };
    comparer.entity();
    comparer.found.differences.sort_by_key(|found| found.at);
    comparer.found
}

struct Comparer<'f> {
    has: Side<'f>,
    writes: Side<'f>,
    dialect: &'f str,
    /// Ids of parts that stand for one another.
    ids: BTreeSet<(Vec<u8>, Vec<u8>)>,
    found: Comparison,
}

impl Comparer<'_> {
    fn differ(&mut self, path: &str, has: Piece, writes: Option<Piece>, mark: Range<usize>, what: String) {
        let same = |known: &&mut Difference| known.path == path && known.has.as_ref() == Some(&has);
        if let Some(known) = self.found.differences.iter_mut().find(same) {
            known.points.push((mark, what));
            return;
        }
        let at = if has.is_verbatim { has.start + mark.start } else { has.start };
        self.found.differences.push(Difference {
            at,
            path: path.into(),
            has: Some(has),
            writes,
            points: vec![(mark, what)],
        });
    }

    fn missing(&mut self, path: String, at: usize, writes: Piece) {
        self.found.differences.push(Difference { at, path, has: None, writes: Some(writes), points: Vec::new() });
    }

    fn entity(&mut self) {
        self.gather_ids(0, 0);
        // A file that is a bare body says nothing of its header.
        if !self.has.part(0).fields.is_empty() {
            self.fields(0, 0, true);
        }
        let is_multipart = |side: &Side<'_>| side.part(0).is_multipart;
        if is_multipart(&self.has) == is_multipart(&self.writes) {
            return self.parts(0, 0);
        }
        let (has, writes) = (self.has.root(), self.writes.root());
        let piece = self.has.piece(self.has.part(has).content.start..self.has.part(has).content.start);
        let what = if is_multipart(&self.has) { "a multipart; " } else { "no multipart; " };
        let writes_so = if is_multipart(&self.has) { "none" } else { "one" };
        let what = format!("{what}{} writes {writes_so}", self.dialect);
        self.differ("", piece, None, 0..0, what);
        self.document(has, writes);
    }

    /// Parts inside a multipart, or what it holds.
    fn parts(&mut self, has: usize, writes: usize) {
        if !self.has.part(has).is_multipart || !self.writes.part(writes).is_multipart {
            return self.document(has, writes);
        }
        let (theirs, ours) = (self.has.children(has), self.writes.children(writes));
        let aligned = align_parts(&self.has, &self.writes, &theirs, &ours);
        let mut behind = self.has.part(has).content.start;
        for step in aligned {
            match step {
                Step::Both { has, writes, moved } => {
                    behind = self.has.part(has).content.end;
                    if moved {
                        let piece = self.has.piece(self.has.part(has).delimiter.clone());
                        let len = piece.bytes.len();
                        let what = format!("{} writes this part in another place", self.dialect);
                        self.differ(&self.has.part(has).path.clone(), piece, None, 0..len, what);
                    }
                    self.fields(has, writes, false);
                    self.parts(has, writes);
                }
                Step::Extra(has) => {
                    let part = self.has.part(has);
                    behind = part.content.end;
                    let piece = self.has.piece(part.delimiter.start..first_line(self.has.file, part));
                    let start = piece.bytes.len() - last_line(&piece.bytes).len();
                    let what = format!("{} writes no such part", self.dialect);
                    self.differ(&part.path.clone(), piece.clone(), None, start..piece.bytes.len(), what);
                }
                Step::Missing(writes) => {
                    let part = self.writes.part(writes);
                    let piece = self.writes.piece(part.delimiter.end..first_line(self.writes.file, part));
                    self.missing(format!("{} of {}", part.path, self.dialect), behind, piece);
                }
            }
        }
    }

    /// Ids of parts that stand for one another, for the references to them.
    fn gather_ids(&mut self, has: usize, writes: usize) {
        let id = |side: &Side<'_>, part: usize| {
            let field = side.part(part).fields.iter().find(|field| field.name == "content-id")?;
            Some(id_of(&side.file[field.value.clone()]).1)
        };
        if let (Some(has), Some(writes)) = (id(&self.has, has), id(&self.writes, writes)) {
            self.ids.insert((has, writes));
        }
        let (theirs, ours) = (self.has.children(has), self.writes.children(writes));
        for step in align_parts(&self.has, &self.writes, &theirs, &ours) {
            if let Step::Both { has, writes, .. } = step {
                self.gather_ids(has, writes);
            }
        }
    }

    /// Whether two ids or references are the same in form, and name parts that stand for one another.
    fn are_same_ids(&self, has: &[u8], writes: &[u8]) -> bool {
        let ((their_form, theirs), (our_form, ours)) = (id_of(has), id_of(writes));
        let is_generated = |id: &[u8]| id.split(|byte| !byte.is_ascii_digit()).any(|run| run.len() >= GENERATED);
        their_form == our_form
            && (theirs == ours || (is_generated(&theirs) && is_generated(&ours)) || self.ids.contains(&(theirs, ours)))
    }
}

fn align_parts(has: &Side<'_>, writes: &Side<'_>, theirs: &[usize], ours: &[usize]) -> Vec<Step> {
    let named = |side: &Side<'_>, parts: &[usize]| -> Vec<(usize, String)> {
        parts.iter().map(|&part| (part, side.class(part))).collect()
    };
    let steps = align(&named(has, theirs), &named(writes, ours));
    let part = |step| match step {
        Step::Both { has, writes, moved } => Step::Both { has: theirs[has], writes: ours[writes], moved },
        Step::Extra(has) => Step::Extra(theirs[has]),
        Step::Missing(writes) => Step::Missing(ours[writes]),
    };
    steps.into_iter().map(part).collect()
}

/// An id or reference in what surrounds it, and the id.
fn id_of(value: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let head = value.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(b"cid"));
    let start = if head { 3 } else { 0 };
    let is_around = |byte: &u8| b" :<>".contains(byte);
    let start = start + value[start..].iter().take_while(|byte| is_around(byte)).count();
    let end = value.len() - value[start..].iter().rev().take_while(|byte| is_around(byte)).count();
    ([&value[..start], &value[end..]].concat(), value[start..end].to_vec())
}

/// Where the first line of what a part holds ends.
fn first_line(file: &[u8], part: &Part) -> usize {
    let content = &file[part.content.clone()];
    let blank = content.len() - content.trim_ascii_start().len();
    let line = content[blank..].iter().position(|&byte| byte == b'\n').unwrap_or(content.len() - blank);
    part.content.start + blank + line
}

fn last_line(bytes: &[u8]) -> &[u8] {
    bytes.rsplit(|&byte| byte == b'\n').next().unwrap_or_default()
}
