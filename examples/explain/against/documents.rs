//! What parts hold: elements, attributes, text.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use super::super::outline::{Document, Element, Elements};
use super::super::wire::{self, Attribute, Charset, Holds, TagKind, Token};
use super::align::{Step, align};
use super::{Comparer, Piece, first_line};

/// Both sides of a document.
struct Both<'d, 'f> {
    has: &'d Document<'f>,
    writes: &'d Document<'f>,
    has_elements: &'d Elements,
    writes_elements: &'d Elements,
}

impl Comparer<'_> {
    pub fn document(&mut self, has: usize, writes: usize) {
        let path = self.has.part(has).path.clone();
        let (theirs, ours) = match (self.has.document(has), self.writes.document(writes)) {
            (Some(theirs), Some(ours)) => (theirs, ours),
            (Some(_), None) => {
                let part = self.has.part(has);
                let piece = self.has.piece(part.content.start..first_line(self.has.file, part));
                let mark = 0..piece.bytes.len();
                let what = format!("{} writes nothing here", self.dialect);
                return self.differ(&path, piece, None, mark, what);
            }
            (None, Some(_)) => {
                let part = self.writes.part(writes);
                let piece = self.writes.piece(part.content.start..first_line(self.writes.file, part));
                return self.missing(path, self.has.part(has).content.start, piece);
            }
            (None, None) => return,
        };
        match (theirs.holds, ours.holds) {
            (Holds::Markup(_), Holds::Markup(_)) => {
                let (has_elements, writes_elements) = (self.has.elements(&theirs), self.writes.elements(&ours));
                let both = Both {
                    has: &theirs,
                    writes: &ours,
                    has_elements: &has_elements,
                    writes_elements: &writes_elements,
                };
                self.declaration(&both, &path);
                let mut walk = Walk::default();
                let (roots, others) = (has_elements.roots.clone(), writes_elements.roots.clone());
                self.siblings(&both, &path, 0, (&roots, &others), &mut walk, 0);
                self.places(&both, walk);
            }
            (Holds::Text(charset), Holds::Text(other)) => {
                let text = |bytes: &[u8], charset: Charset| charset.decode(bytes.trim_ascii_end());
                let (has, writes) = (piece(&theirs, 0..theirs.bytes.len()), piece(&ours, 0..ours.bytes.len()));
                if text(&theirs.bytes, charset) != text(&ours.bytes, other) {
                    let mark = 0..has.bytes.len();
                    self.differ(&path, has, Some(writes), mark, String::new());
                }
            }
            (theirs, ours) if std::mem::discriminant(&theirs) != std::mem::discriminant(&ours) => {
                let part = self.has.part(has);
                let piece = self.has.piece(part.content.start..first_line(self.has.file, part));
                let other = self.writes.part(writes);
                let other = self.writes.piece(other.content.start..first_line(self.writes.file, other));
                let mark = 0..piece.bytes.len();
                self.differ(&path, piece, Some(other), mark, "another kind of content".into());
            }
            _ => {}
        }
    }

    /// The XML declaration.
    fn declaration(&mut self, both: &Both<'_, '_>, path: &str) {
        let of = |elements: &Elements, bytes: &[u8]| {
            let declaration = elements.tokens.iter().find_map(|(range, token, _)| match token {
                Token::Tag { name, kind: TagKind::Instruction } => Some((range.clone(), name.clone())),
                _ => None,
            });
            declaration.filter(|(_, name)| bytes[name.clone()].eq_ignore_ascii_case(b"xml")).map(|(range, _)| range)
        };
        let (theirs, ours) = (of(both.has_elements, &both.has.bytes), of(both.writes_elements, &both.writes.bytes));
        match (theirs, ours) {
            (Some(range), Some(other)) => {
                let (has, writes) = (piece(both.has, range.clone()), piece(both.writes, other.clone()));
                self.found.pairs.push((has.clone(), path.into(), writes.clone()));
                let encoding = |bytes: &[u8]| wire::parameter(bytes, b"encoding");
                if let (Some(value), Some(other)) = (encoding(&has.bytes), encoding(&writes.bytes))
                    && !has.bytes[value.clone()].eq_ignore_ascii_case(&writes.bytes[other])
                {
                    self.differ(path, has, Some(writes), value, "another charset".into());
                }
            }
            (Some(range), None) => {
                let has = piece(both.has, range);
                let mark = 0..has.bytes.len();
                let what = format!("{} writes no XML declaration", self.dialect);
                self.differ(path, has, None, mark, what);
            }
            (None, Some(other)) => self.missing(path.into(), both.has.start, piece(both.writes, other)),
            (None, None) => {}
        }
    }

    fn siblings(
        &mut self,
        both: &Both<'_, '_>,
        path: &str,
        mut behind: usize,
        (theirs, ours): (&[usize], &[usize]),
        walk: &mut Walk,
        depth: usize,
    ) {
        if depth > DEPTH {
            return;
        }
        let named = |document: &Document<'_>, elements: &Elements, list: &[usize]| -> Vec<(usize, String)> {
            list.iter().map(|&element| (element, local(&document.bytes, &elements.list[element]))).collect()
        };
        let theirs = named(both.has, both.has_elements, theirs);
        let ours = named(both.writes, both.writes_elements, ours);
        for step in align(&theirs, &ours) {
            match step {
                Step::Both { has, writes, moved } => {
                    let (has, writes) = (theirs[has].0, ours[writes].0);
                    behind = both.has_elements.list[has].end.end;
                    self.elements(both, path, (has, writes), walk, depth);
                    if moved {
                        let what = format!("{} writes it in another place", self.dialect);
                        self.element_point(
                            both,
                            path,
                            (has, writes),
                            head(both.has, &both.has_elements.list[has]),
                            what,
                        );
                    }
                }
                Step::Extra(has) => {
                    behind = both.has_elements.list[theirs[has].0].end.end;
                    walk.extra.push((theirs[has].0, join(path, &theirs[has].1)));
                }
                Step::Missing(writes) => walk.missing.push((ours[writes].0, join(path, &ours[writes].1), behind)),
            }
        }
    }

    /// Two elements of one name.
    fn elements(
        &mut self,
        both: &Both<'_, '_>,
        path: &str,
        (has, writes): (usize, usize),
        walk: &mut Walk,
        depth: usize,
    ) {
        let (element, other) = (&both.has_elements.list[has], &both.writes_elements.list[writes]);
        let path = &join(path, &local(&both.has.bytes, element));
        let whole = (whole(both.has, element), whole(both.writes, other));
        self.found.pairs.push((whole.0, path.clone(), whole.1));
        let tags = (piece(both.has, element.start.clone()), piece(both.writes, other.start.clone()));
        self.found.pairs.push((tags.0, path.clone(), tags.1));
        if !element.end.is_empty() && !other.end.is_empty() {
            let tags = (piece(both.has, element.end.clone()), piece(both.writes, other.end.clone()));
            self.found.pairs.push((tags.0, path.clone(), tags.1));
        }
        let outer = (walk.has_namespaces.clone(), walk.writes_namespaces.clone());
        declare(both.has, element, &mut walk.has_namespaces);
        declare(both.writes, other, &mut walk.writes_namespaces);
        for (mark, what) in self.element_points(both, (element, other), walk) {
            self.element_point(both, &parent(path), (has, writes), mark, what);
        }
        self.siblings(both, path, element.start.end, (&element.children, &other.children), walk, depth + 1);
        (walk.has_namespaces, walk.writes_namespaces) = outer;
    }

    /// A difference at an element, shown whole where it is short.
    fn element_point(
        &mut self,
        both: &Both<'_, '_>,
        path: &str,
        (has, writes): (usize, usize),
        mark: Range<usize>,
        what: String,
    ) {
        let (element, other) = (&both.has_elements.list[has], &both.writes_elements.list[writes]);
        let has = whole(both.has, element);
        let path = join(path, &local(&both.has.bytes, element));
        let mark = mark.start - element.start.start..mark.end - element.start.start;
        self.differ(&path, has, Some(whole(both.writes, other)), mark, what);
    }

    /// What differs between two elements of one name, as ranges of the document.
    fn element_points(
        &self,
        both: &Both<'_, '_>,
        (element, other): (&Element, &Element),
        walk: &mut Walk,
    ) -> Vec<(Range<usize>, String)> {
        let mut points = Vec::new();
        let (theirs, ours) = (&both.has.bytes[..], &both.writes.bytes[..]);
        let prefix = |bytes: &[u8], name: &Range<usize>| {
            let name = String::from_utf8_lossy(&bytes[name.clone()]).into_owned();
            name.rsplit_once(':').map_or(String::new(), |(prefix, _)| prefix.to_owned())
        };
        let (own, others) = (prefix(theirs, &element.name), prefix(ours, &other.name));
        let shown =
            |prefix: &str| if prefix.is_empty() { "no prefix".to_owned() } else { format!("the prefix {prefix}") };
        if own != others && walk.said.insert(format!("{own}:{others}")) {
            points.push((head(both.has, element), format!("{} writes {}", self.dialect, shown(&others))));
        }
        let namespace = |names: &BTreeMap<String, String>, prefix: &str| names.get(prefix).cloned().unwrap_or_default();
        let (uri, other_uri) = (namespace(&walk.has_namespaces, &own), namespace(&walk.writes_namespaces, &others));
        if uri != other_uri && walk.said.insert(format!("{uri} {other_uri}")) {
            let what =
                if other_uri.is_empty() { "no namespace".to_owned() } else { format!("the namespace {other_uri}") };
            points.push((head(both.has, element), format!("{} writes {what}", self.dialect)));
        }
        let is_declaration = |bytes: &[u8], attribute: &Attribute| bytes[attribute.name.clone()].starts_with(b"xmlns");
        let name = |bytes: &[u8], attribute: &Attribute| {
            let name = String::from_utf8_lossy(&bytes[attribute.name.clone()]).into_owned();
            name.rsplit_once(':').map_or(name.clone(), |(_, local)| local.to_owned())
        };
        let mut others: Vec<_> = other.attributes.iter().filter(|found| !is_declaration(ours, found)).collect();
        for attribute in element.attributes.iter().filter(|found| !is_declaration(theirs, found)) {
            let own = name(theirs, attribute);
            let Some(index) = others.iter().position(|other| name(ours, other) == own) else {
                let what = format!("{} writes no such attribute", self.dialect);
                points.push((attribute.name.start..attribute.value.end, what));
                continue;
            };
            let other = others.remove(index);
            let value = |document: &Document<'_>, attribute: &Attribute| {
                unescaped(&document.charset().decode(&document.bytes[attribute.value.clone()]))
                    .trim_matches(is_quote)
                    .to_owned()
            };
            let (value, other_value) = (value(both.has, attribute), value(both.writes, other));
            let is_same = match &*own {
                "href" | "src" => self.are_same_ids(value.as_bytes(), other_value.as_bytes()),
                _ => value == other_value,
            };
            if !is_same {
                points.push((attribute.value.clone(), String::new()));
            }
        }
        for attribute in others {
            let end = element.start.end - 1;
            points.push((end..end, format!("no attribute {}", name(ours, attribute))));
        }
        let is_leaf = element.children.is_empty() && other.children.is_empty();
        if (is_leaf || element.children.len() == other.children.len())
            && text_of(both.has, element) != text_of(both.writes, other)
        {
            let range = match (element.text.first(), element.text.last()) {
                (Some(first), Some(last)) => trimmed(theirs, first.start..last.end),
                _ => element.start.end..element.start.end,
            };
            // Where elements stand between, only the tag is shown.
            let range = if is_leaf { range } else { head(both.has, element) };
            points.push((range, String::new()));
        }
        points
    }

    /// Elements that one side alone has: those that stand elsewhere on the other, those that have another name there, the rest.
    fn places(&mut self, both: &Both<'_, '_>, walk: Walk) {
        let Walk { extra, missing, .. } = walk;
        let mut pool = Pool::default();
        extra.into_iter().for_each(|(element, path)| pool.add(both, element, path));
        let mut queue = VecDeque::from(missing);
        let mut nameless = Vec::new();
        while let Some((writes, path, behind)) = queue.pop_front() {
            let name = local(&both.writes.bytes, &both.writes_elements.list[writes]);
            let is_named = |has: usize| local(&both.has.bytes, &both.has_elements.list[has]) == name;
            let Some((has, own)) = pool.take(both, is_named) else {
                nameless.push((writes, path, behind));
                continue;
            };
            let what = format!("{} writes it in {}", self.dialect, parent(&path));
            let mark = head(both.has, &both.has_elements.list[has]);
            self.element_point(both, &parent(&own), (has, writes), mark, what);
            let mut further = Walk::default();
            self.elements(both, &parent(&own), (has, writes), &mut further, 0);
            further.extra.into_iter().for_each(|(element, path)| pool.add(both, element, path));
            queue.extend(further.missing);
        }
        for (writes, path, behind) in nameless {
            let other = &both.writes_elements.list[writes];
            let text = text_of(both.writes, other);
            let says_the_same = |has: usize| {
                let element = &both.has_elements.list[has];
                !text.is_empty() && element.children.is_empty() && text_of(both.has, element) == text
            };
            match pool.take(both, says_the_same) {
                Some((has, own)) => {
                    let place =
                        if parent(&own) == parent(&path) { String::new() } else { format!(" in {}", parent(&path)) };
                    let what = format!("{} calls it {}{place}", self.dialect, local(&both.writes.bytes, other));
                    let mark = head(both.has, &both.has_elements.list[has]);
                    self.element_point(both, &parent(&own), (has, writes), mark, what);
                }
                None => self.missing(path, both.has.place(behind), whole(both.writes, other)),
            }
        }
        for (element, path) in pool.extra {
            self.extra(both, element, &path);
        }
    }

    fn extra(&mut self, both: &Both<'_, '_>, element: usize, path: &str) {
        let element = &both.has_elements.list[element];
        let has = whole(both.has, element);
        let mark = 0..has.bytes.len();
        let what = format!("{} writes no such element", self.dialect);
        self.differ(path, has, None, mark, what);
    }
}

/// Elements of the payload to which there is none in its place.
#[derive(Debug, Default)]
struct Pool {
    /// The outermost.
    extra: Vec<(usize, String)>,
    /// They and all that is in them.
    all: BTreeMap<usize, String>,
}

impl Pool {
    fn add(&mut self, both: &Both<'_, '_>, element: usize, path: String) {
        let mut stack = vec![(element, path.clone())];
        while let Some((element, path)) = stack.pop() {
            for &child in &both.has_elements.list[element].children {
                stack.push((child, join(&path, &local(&both.has.bytes, &both.has_elements.list[child]))));
            }
            self.all.insert(element, path);
        }
        self.extra.push((element, path));
    }

    /// The first for which it holds, with its path. What is in it is compared with it.
    fn take(&mut self, both: &Both<'_, '_>, holds: impl Fn(usize) -> bool) -> Option<(usize, String)> {
        let taken = self.all.keys().copied().find(|&element| holds(element))?;
        let path = self.all.get(&taken)?.clone();
        let mut stack = vec![taken];
        while let Some(element) = stack.pop() {
            stack.extend(&both.has_elements.list[element].children);
            self.all.remove(&element);
        }
        self.extra.retain(|(element, _)| *element != taken);
        Some((taken, path))
    }
}

/// How deep documents are compared: the decoder goes no deeper.
const DEPTH: usize = 64;

/// What is known on the way through two documents.
#[derive(Debug, Default)]
struct Walk {
    /// Elements of the payload to which there is none, with their paths.
    extra: Vec<(usize, String)>,
    /// Elements that the dialect would write, with their paths, and behind what in the payload.
    missing: Vec<(usize, String, usize)>,
    has_namespaces: BTreeMap<String, String>,
    writes_namespaces: BTreeMap<String, String>,
    /// Prefixes and namespaces that differ are said once.
    said: BTreeSet<String>,
}

/// The namespaces that an element declares.
fn declare(document: &Document<'_>, element: &Element, names: &mut BTreeMap<String, String>) {
    for attribute in &element.attributes {
        let name = String::from_utf8_lossy(&document.bytes[attribute.name.clone()]).into_owned();
        let Some(prefix) = name.strip_prefix("xmlns") else { continue };
        let uri = document.charset().decode(&document.bytes[attribute.value.clone()]);
        names.insert(prefix.trim_start_matches(':').into(), uri.trim_matches(is_quote).into());
    }
}

/// A stretch of a document.
fn piece(document: &Document<'_>, range: Range<usize>) -> Piece {
    Piece {
        bytes: document.bytes[range.clone()].to_vec(),
        charset: document.charset(),
        start: document.place(range.start),
        is_verbatim: document.is_verbatim,
    }
}

/// An element, or its start tag where there are others in it.
fn whole(document: &Document<'_>, element: &Element) -> Piece {
    let end = if element.children.is_empty() { element.end.end } else { element.start.end };
    piece(document, element.start.start..end.max(element.start.end))
}

pub fn local(bytes: &[u8], element: &Element) -> String {
    let name = String::from_utf8_lossy(&bytes[element.name.clone()]).into_owned();
    name.rsplit_once(':').map_or(name.clone(), |(_, local)| local.to_owned())
}

/// The text directly in an element, as it is read.
fn text_of(document: &Document<'_>, element: &Element) -> String {
    let bytes: Vec<u8> = element.text.iter().flat_map(|range| document.bytes[range.clone()].to_vec()).collect();
    unescaped(&document.charset().decode(&bytes)).trim().to_owned()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}/{name}") }
}

fn parent(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.into())
}

/// The name of an element with the bracket before it, and with that behind it where nothing stands between.
fn head(document: &Document<'_>, element: &Element) -> Range<usize> {
    let end = element.name.end;
    element.start.start..end + usize::from(document.bytes.get(end) == Some(&b'>'))
}

fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let text = &bytes[range.clone()];
    let start = range.start + text.len() - text.trim_ascii_start().len();
    start..start + text.trim_ascii().len()
}

fn is_quote(c: char) -> bool {
    c.is_whitespace() || "\"'\u{AB}\u{BB}\u{2018}\u{2019}\u{201C}\u{201D}\u{201E}".contains(c)
}

/// The five entities and character references undone, `CDATA` opened.
fn unescaped(text: &str) -> String {
    let text = text.replace("<![CDATA[", "").replace("]]>", "");
    let mut pieces = text.split('&');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once(';').unwrap_or(("", piece));
        let digits = name.strip_prefix('#');
        let number = digits.and_then(|digits| match digits.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        });
        let c = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => number.and_then(char::from_u32),
        };
        if let Some(c) = c {
            out.push(c);
            out.push_str(rest);
        } else {
            out.push('&');
            out.push_str(piece);
        }
    }
    out
}
