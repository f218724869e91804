//! Elements as they come, without a tree: for a reader who knows what comes next.
//!
//! What a reader would need a tree for, the stream does not give: at a comment, at text between elements, at an end tag
//! that is missing it has nothing more to say, and the document is to be parsed. What it gives, it gives as
//! [`parse`](super::parse) does, flags included, for it is made of the same pieces; tests hold one to the other.

use alloc::borrow::Cow;

use super::super::grammar::{
    self, from, is_name_byte, is_name_start, is_named, is_plain, is_space, name, name_len, skip_space, text_len,
};
#[cfg(any(test, fuzzing))]
use super::super::tree::Without;
use super::super::tree::{
    Arenas, Attribute, AttributeNode, Kind, Mark, NAMESPACE_MAX, NIL, Name, Outline, Span, TextClass, XML_NAMESPACE,
    declared_prefix, is_white, narrow, own_attributes, scope, unescape,
};
use super::next_end_tag;
use super::scan::Scanner;
use super::tag::{Closer, TagEnd};
use crate::charset::Charset;
use crate::deviation::{DeviationKind, Flags};
use crate::limits::Limits;

/// No document on record is so deep.
const DEPTH_MAX: usize = 10;

/// No document on record has so many namespaces at a time.
const DECLARED_MAX: usize = 6;

/// A document on its way through, the most lenient reading of it.
pub(crate) struct Stream<'a, 'f> {
    scanner: Scanner<'a, 'f>,
    base: usize,
    arenas: &'f mut Arenas,
    /// The open elements.
    open: [Open; DEPTH_MAX],
    /// How many they are.
    depth: usize,
    max_depth: usize,
    /// The namespaces of the open elements.
    declared: [Declared<'a>; DECLARED_MAX],
    /// How many they are.
    declarations: usize,
    /// The one without a prefix.
    default: Option<&'a [u8]>,
}

/// An element that has not ended.
#[derive(Clone, Copy, Default)]
struct Open {
    /// Its index among the marks.
    mark: u32,
    /// How many namespaces were declared around it.
    declarations: u32,
}

/// A start tag that has been read.
#[derive(Clone, Copy)]
struct Tag {
    start: usize,
    name: Name,
    end: TagEnd,
    /// Whether it has nothing but a name.
    plain: bool,
}

/// A namespace, and the prefix that stands for it.
#[derive(Clone, Copy, Debug, Default)]
struct Declared<'a> {
    prefix: &'a [u8],
    uri: &'a [u8],
}

/// What stands next inside the current element, behind white space.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ahead<'a> {
    /// A start tag: what stands behind its `<`.
    Start(&'a [u8]),
    /// Its end tag, which has been read: the name behind the last colon.
    End(&'a [u8]),
}

/// An element whose start tag has been read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start<'a> {
    /// The offset of the start tag's `<`.
    pub(crate) offset: usize,
    /// The name behind the last colon.
    pub(crate) local: &'a [u8],
    /// The namespace of the name, if it is in one.
    pub(crate) namespace: Option<&'a [u8]>,
    pub(crate) inside: Inside<'a>,
    /// Indices of attributes.
    attributes: Span,
    /// The offset of the byte behind the start tag.
    content: usize,
}

/// What stands in an element.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inside<'a> {
    /// Elements, which come next.
    Elements,
    /// This, maybe nothing: the element has ended.
    Text(&'a [u8], TextClass),
}

impl<'a, 'f> Stream<'a, 'f> {
    /// Goes to the root element, if there is one; what `arenas` held is forgotten. See [`parse_in`](super::parse_in).
    pub(crate) fn new(
        arenas: &'f mut Arenas,
        input: &'a [u8],
        base: usize,
        charset: Charset,
        limits: &Limits,
        flags: &'f mut Flags,
    ) -> Option<Self> {
        #[cfg(any(test, fuzzing))]
        if arenas.without == Without::Streams {
            return None;
        }
        arenas.clear();
        let begin = skip_space(input.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input));
        let [b'<', first, ..] = begin else { return None };
        if input.len() >= NIL as usize || !(is_name_start(*first) || *first == b'?') {
            return None;
        }
        let mut scanner = Scanner::new(input, base, charset, limits.attributes, flags);
        let Ok(true) = scanner.prolog(&mut None) else { return None };
        if arenas.marks.capacity() == 0 {
            arenas.marks.reserve((input.len() / 32).min(40));
            arenas.attributes.reserve(8);
        }
        Some(Self {
            scanner,
            base,
            arenas,
            open: [Open::default(); DEPTH_MAX],
            depth: 0,
            max_depth: limits.xml_depth.min(DEPTH_MAX),
            declared: [Declared::default(); DECLARED_MAX],
            declarations: 0,
            default: None,
        })
    }

    /// What stands next inside the current element: an element, or its end tag. White space before it is passed over.
    #[inline]
    pub(crate) fn ahead(&mut self) -> Option<Ahead<'a>> {
        let rest = skip_space(self.scanner.rest());
        self.scanner.pos = self.scanner.position_of(rest);
        match rest {
            [b'<', b'/', tag @ ..] => {
                let open = self.name_of(self.innermost()?);
                let name = open.of(self.scanner.input);
                match grammar::behind(tag, name) {
                    Some([b'>', behind @ ..]) => self.scanner.pos = self.scanner.position_of(behind),
                    _ => self.odd_end_tag(name)?,
                }
                self.pop();
                Some(Ahead::End(open.local(self.scanner.input)))
            }
            [b'<', tag @ ..] if tag.first().copied().is_some_and(is_name_start) => Some(Ahead::Start(tag)),
            _ => None,
        }
    }

    /// The root element, which mostly is one of these.
    pub(crate) fn root(&mut self, known: &Known) -> Option<Start<'a>> {
        self.start_known(from(self.scanner.rest(), 1), known)
    }

    /// The element that comes next, behind whose `<` is `tag`; mostly it is one of these.
    pub(crate) fn start_known(&mut self, tag: &[u8], known: &Known) -> Option<Start<'a>> {
        let name = known.names.iter().find(|name| is_named(tag, name.text.as_bytes()));
        let name = name.map_or_else(|| name_len(tag), |name| (name.text.len(), name.prefix));
        self.start_with(name, known.tags)
    }

    /// The element whose start tag comes next; its name has so many bytes, and so many of them are its prefix, colon included.
    #[inline]
    pub(crate) fn start(&mut self, name: (usize, usize)) -> Option<Start<'a>> {
        self.start_with(name, &[])
    }

    /// The same of an element that mostly has one of these tags.
    fn start_with(&mut self, (len, prefix): (usize, usize), known: &[KnownTag]) -> Option<Start<'a>> {
        let start = self.scanner.pos;
        let (name, behind) = from(self.scanner.rest(), 1).split_at_checked(len)?;
        let first = self.arenas.attributes.len();
        let around = self.declarations;
        let plain = matches!(behind, [b'>', ..]);
        let end = if plain {
            self.scanner.pos = start + 1 + len + 1;
            TagEnd::Open
        } else {
            self.scanner.pos = start + 1 + len;
            self.attributes_of(start, known, behind)?
        };
        let namespace = if prefix == 0 { self.default } else { Some(self.resolve(name.get(..prefix - 1)?)?) };
        let tag = Tag { start, name: Name::new(start + 1, (len, prefix)), end, plain };
        self.enter(tag, namespace, around, Span::new(first..self.arenas.attributes.len()))
    }

    /// The element that comes next, whose start tag is this one. Its attributes are not told.
    pub(crate) fn start_whole(&mut self, whole: &WholeTag) -> Option<Start<'a>> {
        if whole.attributes > self.scanner.max_attributes {
            return None;
        }
        let start = self.scanner.pos;
        self.scanner.pos += whole.text.len();
        let end = if whole.is_empty { TagEnd::Empty } else { TagEnd::Open };
        let tag = Tag { start, name: Name::new(start + 1, (whole.name, 0)), end, plain: whole.attributes == 0 };
        self.enter(tag, self.default, self.declarations, Span::new(0..0))
    }

    /// Goes into the element of a start tag that has been read, or over it. So many namespaces were declared around it.
    #[inline]
    fn enter(
        &mut self,
        Tag { start, name, end, plain }: Tag,
        namespace: Option<&'a [u8]>,
        around: usize,
        attributes: Span,
    ) -> Option<Start<'a>> {
        if self.depth >= self.max_depth {
            return None;
        }
        let content = self.scanner.rest();
        let inside = match end {
            TagEnd::Open => self.inside(name.of(self.scanner.input), content, plain)?,
            TagEnd::Empty => Inside::Text(&[], TextClass::NOTHING),
            TagEnd::Cut => return None,
        };
        let index = narrow(self.arenas.marks.len());
        let parent = self.innermost().map_or(NIL, |open| open.mark);
        self.arenas.marks.push(Mark { span: Span::new(start..self.scanner.pos), name, parent });
        if let Inside::Elements = inside {
            *self.open.get_mut(self.depth)? = Open { mark: index, declarations: narrow(around) };
            self.depth += 1;
        } else {
            self.forget(around);
        }
        Some(Start {
            offset: self.base + start,
            local: name.local(self.scanner.input),
            namespace,
            inside,
            attributes,
            content: self.base + self.scanner.position_of(content),
        })
    }

    /// What stands behind the name in a start tag, which begins at `start`: `rest` begins with it.
    fn attributes_of(&mut self, start: usize, known: &[KnownTag], rest: &'a [u8]) -> Option<TagEnd> {
        if let Some(known) = known.iter().find(|known| known.begins(rest)) {
            return self.known_attributes(known);
        }
        let input = self.scanner.input;
        let first = self.arenas.attributes.len();
        let end = self.scanner.tag(start, Closer::Element, &mut self.arenas.attributes).ok()?;
        let own = first..self.arenas.attributes.len();
        for index in own.clone() {
            let attribute = *self.arenas.attributes.get(index)?;
            if let Some(prefix) = declared_prefix(attribute.name.of(input)) {
                let uri = attribute.value.of(input);
                if !is_plain(uri) || uri.len() > NAMESPACE_MAX || uri.is_empty() {
                    return None;
                }
                self.declare(Declared { prefix, uri })?;
            }
        }
        for index in own {
            let attribute = *self.arenas.attributes.get(index)?;
            if let Some(prefix) = attribute.name.prefix(input)
                && declared_prefix(attribute.name.of(input)).is_none()
            {
                self.resolve(prefix)?;
            }
        }
        Some(end)
    }

    /// The same of a tag on record; what it declares is known, and is no attribute here.
    fn known_attributes(&mut self, known: &KnownTag) -> Option<TagEnd> {
        if known.count > self.scanner.max_attributes
            || known.typographic && !matches!(self.scanner.charset, Charset::EucKr | Charset::Cp949)
        {
            return None;
        }
        let at = self.scanner.pos;
        let attributes = || known.attributes.iter().flatten();
        for attribute in attributes() {
            if known.typographic {
                self.scanner.flag(DeviationKind::QuoteTypographic, at + attribute.quote);
            }
            if let Some(declared) = attribute.declares {
                self.declare(declared)?;
            }
        }
        for attribute in attributes().filter(|attribute| attribute.declares.is_none()) {
            let node = attribute.at(at);
            if let Some(prefix) = node.name.prefix(self.scanner.input) {
                self.resolve(prefix)?;
            }
            self.arenas.attributes.push(node);
        }
        self.scanner.pos += known.text.len();
        Some(TagEnd::Open)
    }

    /// A namespace from here on; none where there are too many.
    fn declare(&mut self, declared: Declared<'a>) -> Option<()> {
        *self.declared.get_mut(self.declarations)? = declared;
        self.declarations += 1;
        if declared.prefix.is_empty() {
            self.default = Some(declared.uri);
        }
        Some(())
    }

    /// The namespace that a prefix stands for, if it is declared.
    fn resolve(&self, prefix: &[u8]) -> Option<&'a [u8]> {
        if prefix == b"xml" {
            return Some(XML_NAMESPACE);
        }
        let declared = self.declared.get(..self.declarations)?;
        declared.iter().rev().find(|declared| declared.prefix == prefix).map(|declared| declared.uri)
    }

    /// The namespaces go that are declared beyond so many.
    #[inline]
    fn forget(&mut self, declarations: usize) {
        if self.declarations > declarations {
            self.declarations = declarations;
            let left = self.declared.get(..declarations).unwrap_or_default();
            self.default = left.iter().rev().find(|declared| declared.prefix.is_empty()).map(|declared| declared.uri);
        }
    }

    /// What stands behind a start tag with this name, `plain` when it has nothing else.
    #[inline]
    fn inside(&mut self, name: &'a [u8], content: &'a [u8], plain: bool) -> Option<Inside<'a>> {
        let (len, mut class) = text_len(content);
        let (mut text, behind) = content.split_at(len);
        self.scanner.pos += len;
        match behind {
            [b'<', b'/', tag @ ..] => match grammar::behind(tag, name) {
                Some([b'>', ..]) => self.scanner.pos += 2 + name.len() + 1,
                _ => self.odd_end_tag(name)?,
            },
            [b'<', tag @ ..] if tag.first().copied().is_some_and(is_name_start) => {
                // S-06: a start tag with the name of an open element may be the end tag of that; then nothing is in this one.
                let open = self.open.get(..self.depth)?;
                let repeats = plain && open.iter().any(|open| self.name_of(*open).of(self.scanner.input) == name);
                let holds = !class.has(TextClass::INKED) && !repeats && !is_named(tag, name);
                return holds.then_some(Inside::Elements);
            }
            _ => {
                class = self.text(class)?;
                text = content.get(..content.len() - self.scanner.rest().len())?;
                let [b'<', b'/', ..] = self.scanner.rest() else { return None };
                self.odd_end_tag(name)?;
            }
        }
        Some(Inside::Text(text, class))
    }

    /// Goes to the next `<`, over references; what kind of text stands before it, some of which has been passed over.
    fn text(&mut self, passed: TextClass) -> Option<TextClass> {
        let mut class = passed;
        loop {
            match self.scanner.rest() {
                [b'<', ..] => return Some(class),
                [b'&', ..] => {
                    self.scanner.reference();
                    class = TextClass::ANY;
                }
                [b']', b']', b'>', ..] | [] => return None,
                _ => {
                    self.scanner.pos += 1;
                    class = class.with(TextClass::INKED);
                }
            }
            let (len, found) = text_len(self.scanner.rest());
            class = class.with(found);
            self.scanner.pos += len;
        }
    }

    /// An end tag of this name, and white space in it (S-05).
    fn odd_end_tag(&mut self, expected: &[u8]) -> Option<()> {
        let blank = from(self.scanner.rest(), 2);
        let (rest, name) = name(skip_space(blank)).ok()?;
        let [b'>', behind @ ..] = skip_space(rest) else { return None };
        if name != expected {
            return None;
        }
        if blank.first().copied().is_some_and(is_space) {
            self.scanner.flag(DeviationKind::EndTagBlank, self.scanner.position_of(blank));
        }
        self.scanner.pos = self.scanner.position_of(behind);
        Some(())
    }

    /// S-06: whether the start tag ahead is the end tag of the current element, whose name it has, for that of its parent
    /// follows; it has been read then.
    pub(crate) fn repeated_start(&mut self) -> Option<()> {
        let [.., parent, current] = self.open.get(..self.depth)? else { return None };
        let [parent, current] = [parent, current].map(|open| self.name_of(*open).of(self.scanner.input));
        let tag = from(self.scanner.rest(), 1);
        if !is_named(tag, current) || parent == current {
            return None;
        }
        let [b'>', behind @ ..] = skip_space(from(tag, current.len())) else { return None };
        if next_end_tag(behind) != Some(parent) {
            return None;
        }
        self.scanner.flag(DeviationKind::EndTagRepeatedStart, self.scanner.pos);
        self.scanner.pos = self.scanner.position_of(behind);
        self.pop();
        Some(())
    }

    /// Closes the innermost element, which ends here.
    #[inline]
    fn pop(&mut self) {
        let Some(Open { mark, declarations }) = self.innermost() else { return };
        if let Some(mark) = self.arenas.marks.get_mut(mark as usize) {
            mark.span = Span::new(mark.span.range().start..self.scanner.pos);
        }
        self.depth -= 1;
        self.forget(declarations as usize);
    }

    #[inline]
    fn innermost(&self) -> Option<Open> {
        self.open.get(self.depth.checked_sub(1)?).copied()
    }

    /// The name of an open element.
    #[inline]
    fn name_of(&self, open: Open) -> Name {
        self.arenas.marks.get(open.mark as usize).map_or(Name::ABSENT, |mark| mark.name)
    }

    /// Whether the root element has not ended.
    pub(crate) const fn is_open(&self) -> bool {
        self.depth > 0
    }

    /// The name of what the element stands in that was read last, behind the last colon; nothing for the root.
    pub(crate) fn around(&self, start: &Start<'a>) -> &'a [u8] {
        let own = usize::from(matches!(start.inside, Inside::Elements));
        let around = self.depth.checked_sub(own + 1).and_then(|index| self.open.get(index));
        around.map_or(b"", |open| self.name_of(*open).local(self.scanner.input))
    }

    /// The attributes of an element in the order of the wire, without namespace declarations.
    #[inline]
    pub(crate) fn attributes(&self, start: &Start<'a>) -> impl Iterator<Item = Attribute<'_, 'a>> + use<'_, 'a, 'f> {
        own_attributes(self.scanner.input, self.base, &self.arenas.attributes, start.attributes)
    }

    /// No element that has been read is asked for its attributes again.
    pub(crate) fn forget_attributes(&mut self) {
        self.arenas.attributes.clear();
    }

    /// Goes over what stands behind the root, if that has ended: where the elements stood, and the flags.
    pub(crate) fn finish(&mut self) -> Option<Outline<'_, 'a>> {
        if self.is_open() {
            return None;
        }
        self.scanner.epilogue();
        Some(Outline::new(self.scanner.input, self.base, &self.arenas.marks, self.scanner.flags))
    }
}

/// Elements on record: what their start tags mean need not be found out.
#[derive(Debug)]
pub(crate) struct Known {
    /// Names that one of them mostly has.
    pub(crate) names: &'static [KnownName],
    /// What mostly stands behind the name.
    pub(crate) tags: &'static [KnownTag],
}

/// A qualified name.
#[derive(Debug)]
pub(crate) struct KnownName {
    text: &'static str,
    /// How many bytes of it are its prefix, colon included.
    prefix: usize,
}

impl KnownName {
    /// One with at most one colon.
    pub(crate) const fn new(text: &'static str) -> Self {
        let (mut prefix, mut at) = (0, 0);
        while at < text.len() {
            if text.as_bytes()[at] == b':' {
                prefix = at + 1;
            }
            at += 1;
        }
        Self { text, prefix }
    }

    #[cfg(test)]
    /// As it stands.
    pub(crate) const fn text(&self) -> &'static str {
        self.text
    }
}

/// What stands behind the name in a start tag, `>` included.
#[derive(Debug)]
pub(crate) struct KnownTag {
    text: &'static [u8],
    attributes: [Option<KnownAttribute>; 2],
    /// How many these are.
    count: usize,
    /// Whether their values are in typographic quotes (S-02), as EUC-KR has them.
    typographic: bool,
}

/// An attribute of one: offsets in its text.
#[derive(Clone, Copy, Debug)]
struct KnownAttribute {
    name: usize,
    len: (usize, usize),
    /// Where the quote opens.
    quote: usize,
    value: (usize, usize),
    /// The namespace that it declares.
    declares: Option<Declared<'static>>,
}

impl KnownTag {
    /// One with at most two attributes, each behind one blank, all in double quotes or all in `“` and `”`, and without
    /// references.
    pub(crate) const fn new(text: &'static [u8]) -> Self {
        let typographic = text.len() > 2 && text[text.len() - 2] == 0xB1 && text[text.len() - 3] == 0xA1;
        let mut attributes = [None; 2];
        let (mut count, mut at) = (0, 0);
        while text[at] == b' ' {
            let name = at + 1;
            let mut local = name;
            at = name;
            while text[at] != b'=' {
                if text[at] == b':' {
                    local = at + 1;
                }
                at += 1;
            }
            let quote = at + 1;
            let begin = if typographic { quote + 2 } else { quote + 1 };
            assert!(text[begin - 1] == if typographic { 0xB0 } else { b'"' }, "a value without quotes");
            let end = value_end(text, begin);
            assert!(text[end] == if typographic { 0xA1 } else { b'"' }, "another quote at the end");
            attributes[count] = Some(KnownAttribute {
                name,
                len: (at - name, local - name),
                quote,
                value: (begin, end),
                declares: Declared::by(part(text, name, at), part(text, begin, end)),
            });
            count += 1;
            at = if typographic { end + 2 } else { end + 1 };
        }
        assert!(text[at] == b'>' && at + 1 == text.len(), "no tag");
        Self { text, attributes, count, typographic }
    }

    #[cfg(test)]
    /// As it stands.
    pub(crate) const fn text(&self) -> &'static [u8] {
        self.text
    }

    /// Whether `rest` begins with it.
    #[inline]
    fn begins(&self, rest: &[u8]) -> bool {
        begins_with_tag(rest, self.text)
    }
}

/// A start tag on record, from `<` on: a name without a prefix, and attributes in alphabetical order whose values stand for
/// themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WholeTag {
    text: &'static str,
    /// How long the name is.
    name: usize,
    /// How many attributes there are.
    attributes: usize,
    /// Whether it ends with `/>`.
    is_empty: bool,
}

impl WholeTag {
    pub(crate) const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        assert!(bytes[0] == b'<' && bytes[bytes.len() - 1] == b'>', "no tag");
        let mut name = 0;
        while is_name_byte(bytes[1 + name]) {
            assert!(bytes[1 + name] != b':', "a prefix");
            name += 1;
        }
        let (mut at, mut attributes, mut last) = (1 + name, 0, 0);
        while bytes[at] == b' ' {
            let begin = at + 1;
            assert!(last == 0 || is_before(bytes, last, begin), "a name that is not behind the last");
            last = begin;
            while bytes[at] != b'=' {
                at += 1;
            }
            assert!(bytes[at + 1] == b'"', "a value without quotes");
            at = value_end(bytes, at + 2) + 1;
            attributes += 1;
        }
        let is_empty = bytes[at] == b'/';
        assert!(at + 1 + is_empty as usize == bytes.len(), "more than a tag");
        Self { text, name, attributes, is_empty }
    }

    /// What its name begins with.
    pub(crate) const fn first_letter(&self) -> u8 {
        self.text.as_bytes()[1]
    }

    /// Whether the start tag is this one behind whose `<` this stands.
    #[inline]
    pub(crate) fn is(&self, tag: &[u8]) -> bool {
        begins_with_tag(tag, from(self.text.as_bytes(), 1))
    }

    /// Name and attributes: all of it but `<`, and `>` or `/>`.
    pub(crate) fn inside(&self) -> &'static [u8] {
        let end = self.text.len() - if self.is_empty { 2 } else { 1 };
        self.text.as_bytes().get(1..end).unwrap_or_default()
    }

    /// Whether it has this attribute.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        let values = self.text.split('"').step_by(2);
        values.filter_map(|before| before.strip_suffix('=')?.rsplit(' ').next()).any(|found| found.as_bytes() == name)
    }
}

/// Whether `rest` begins with this, which ends with the only `>` in it.
#[inline]
fn begins_with_tag(rest: &[u8], text: &[u8]) -> bool {
    // Mostly another is longer or shorter, and that is told by one byte.
    rest.get(text.len() - 1) == Some(&b'>') && rest.starts_with(text)
}

/// Whether one name stands before another in the alphabet; each ends with `=`.
const fn is_before(text: &[u8], one: usize, other: usize) -> bool {
    let mut at = 0;
    while text[one + at] == text[other + at] && text[one + at] != b'=' {
        at += 1;
    }
    text[other + at] != b'=' && (text[one + at] == b'=' || text[one + at] < text[other + at])
}

/// Where a value ends that stands for itself.
const fn value_end(text: &[u8], begin: usize) -> usize {
    let mut at = begin;
    while text[at] != b'"' && text[at] != 0xA1 {
        assert!(text[at] > b' ' && text[at] <= b'~' && text[at] != b'&', "a value that does not stand for itself");
        at += 1;
    }
    at
}

/// A stretch of a text, at compile time.
const fn part(text: &'static [u8], start: usize, end: usize) -> &'static [u8] {
    text.split_at(end).0.split_at(start).1
}

impl Declared<'static> {
    /// What an attribute declares, as `declared_prefix` has it.
    const fn by(name: &'static [u8], value: &'static [u8]) -> Option<Self> {
        let prefix = match name {
            [b'x', b'm', b'l', b'n', b's'] => &[],
            [b'x', b'm', b'l', b'n', b's', b':', prefix @ ..] => prefix,
            _ => return None,
        };
        assert!(!value.is_empty() && value.len() <= NAMESPACE_MAX);
        Some(Self { prefix, uri: value })
    }
}

impl KnownAttribute {
    /// The attribute of the tag that begins there.
    fn at(&self, tag: usize) -> AttributeNode {
        AttributeNode {
            name: Name::new(tag + self.name, self.len),
            value: Span::new(tag + self.value.0..tag + self.value.1),
            namespace: scope::NONE,
        }
    }
}

impl<'a> Start<'a> {
    /// Whether nothing but white space stands in it: no element either.
    pub(crate) fn is_blank(&self) -> bool {
        match self.inside {
            Inside::Elements => false,
            Inside::Text(raw, class) => !class.has(TextClass::INKED) || is_white(raw, false),
        }
    }

    /// The text directly inside, as [`Element::text`](super::super::Element::text) gives it.
    pub(crate) fn text(&self, charset: Charset, flags: &mut Flags) -> Cow<'a, str> {
        let Inside::Text(raw, class) = self.inside else { return Cow::Borrowed("") };
        if !class.has(TextClass::ODD)
            && let Ok(text) = core::str::from_utf8(raw)
        {
            return Cow::Borrowed(text);
        }
        unescape(raw, Kind::Text, charset, self.content, flags)
    }

    /// The offset of the first byte of text that is no white space; without one, that of the byte behind the start tag.
    pub(crate) fn text_offset(&self) -> usize {
        let Inside::Text(raw, _) = self.inside else { return self.content };
        self.content + raw.iter().position(|&byte| !is_space(byte)).unwrap_or(0)
    }
}
