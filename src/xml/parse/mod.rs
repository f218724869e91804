//! From bytes to the tree. One pass, no recursion; every look-ahead stops where the pass itself
//! stops next.

mod scan;
mod scopes;
mod stream;
mod tag;
#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use core::cell::Cell;

use super::grammar::{from, is_space, name, name_len, skip_space, text_len};
#[cfg(any(test, fuzzing))]
use super::tree::Without;
use super::tree::{
    Arenas, AttributeNode, Document, Found, NAMESPACE_MAX, NIL, Name, NamespaceName, Node, Run, Span, TextClass,
    declared_prefix, narrow, resolve_bytes, scope,
};
use crate::charset::Charset;
use crate::deviation::{DeviationKind, Flags};
use crate::error::{DecodeErrorKind, Fatal};
use crate::limits::Limits;
use scan::{Markup, Scanner};
use scopes::{Scopes, is_same};
pub(crate) use stream::{Ahead, Inside, Known, KnownName, KnownTag, Start, Stream, WholeTag};
use tag::{Closer, TagEnd};

/// [`parse_in`] a place of its own.
pub(crate) fn parse<'a>(
    input: &'a [u8],
    base: usize,
    charset: Charset,
    limits: &Limits,
    flags: &mut Flags,
) -> Result<Document<'a>, Fatal> {
    parse_in(Arenas::default(), input, base, charset, limits, flags)
}

/// Parses one document, most leniently.
///
/// `base` is added to every offset flagged or answered. `charset` is needed to find typographic
/// quotes (S-02). Flags odd markup and references; characters are decoded, and flagged, when the
/// tree is asked for them. What `arenas` held is forgotten.
pub(crate) fn parse_in<'a>(
    mut arenas: Arenas,
    input: &'a [u8],
    base: usize,
    charset: Charset,
    limits: &Limits,
    flags: &mut Flags,
) -> Result<Document<'a>, Fatal> {
    const LARGEST: usize = NIL as usize - 1;
    #[cfg(any(test, fuzzing))]
    if arenas.without == Without::Trees {
        return Err(Fatal::new(DecodeErrorKind::NoElement, base));
    }
    if input.len() > LARGEST {
        return Err(Fatal::limit("bytes of XML", LARGEST, base));
    }
    let mut scanner = Scanner::new(input, base, charset, limits.attributes, flags);
    if !scanner.prolog(&mut None)? {
        return Err(Fatal::new(DecodeErrorKind::NoElement, base));
    }
    arenas.reset(input.len());
    let scopes = Scopes::new(input, core::mem::take(&mut arenas.scopes));
    let mut parser = Parser {
        document: Document { input, base, arenas, complete: false, found: Cell::new(Found::NONE) },
        scanner,
        current: NIL,
        depth: 0,
        names: 0,
        max_depth: limits.xml_depth,
        scopes,
        resolved: None,
        prefix_flagged: false,
    };
    let start = parser.scanner.pos;
    parser.start_tag(start)?;
    parser.content()?;
    parser.end_of_input();
    let Parser { mut document, scopes, .. } = parser;
    document.arenas.scopes = scopes.stack;
    Ok(document)
}

/// The raw `encoding` value of the XML declaration, if there is one, with its offset in `input`.
///
/// Tolerates what [`parse`] does, and quotes of every charset, for none is known yet.
pub(crate) fn declared_encoding(input: &[u8]) -> Option<(&[u8], usize)> {
    let mut flags = Flags::default();
    let limits = Limits::default();
    let mut declared = None;
    let mut scanner = Scanner::new(input, 0, Charset::Utf8, limits.attributes, &mut flags);
    // What is wrong behind the declaration is no matter here.
    let _ = scanner.prolog(&mut declared);
    let range = declared?;
    let value = input.get(range.clone())?;
    let first = value.iter().position(u8::is_ascii_alphanumeric)?;
    let last = value.iter().rposition(u8::is_ascii_alphanumeric)?;
    Some((value.get(first..=last)?, range.start + first))
}

struct Parser<'a, 'f> {
    scanner: Scanner<'a, 'f>,
    document: Document<'a>,
    /// The innermost of the open elements, each of which has the next as its parent.
    current: u32,
    /// How many are open.
    depth: usize,
    /// A bit for the name of each of them, and of such as were: most stray end tags are told from their names by it.
    names: u64,
    max_depth: usize,
    scopes: Scopes<'a>,
    /// The prefix that was looked up last and what it stands for, while the declarations are the same.
    resolved: Option<(&'a [u8], u32)>,
    prefix_flagged: bool,
}

impl<'a> Parser<'a, '_> {
    /// `content ::= CharData? ((element | Reference | CDSect | PI | Comment) CharData?)*`, section
    /// 3.1, and the end tags, until the root is closed.
    fn content(&mut self) -> Result<(), Fatal> {
        while self.current != NIL {
            let text = self.scanner.pos;
            let (markup, class) = self.scanner.char_data();
            let at = self.scanner.pos;
            self.push_run(text..at, class, false);
            match markup {
                None => return Ok(()),
                Some(Markup::Start) => self.start_tag(at)?,
                Some(Markup::End) => self.end_tag(at),
                Some(Markup::Comment) => self.scanner.comment(),
                Some(Markup::Instruction) => self.scanner.instruction(),
                Some(Markup::Doctype) => {
                    return Err(self.scanner.fatal(DecodeErrorKind::Doctype, at));
                }
                Some(Markup::CharacterData) => {
                    let literal = self.scanner.character_data_section();
                    self.push_run(literal, TextClass::ANY, true);
                }
            }
        }
        self.document.complete = true;
        self.scanner.epilogue();
        Ok(())
    }

    /// An end of input where end tags belong: each open element is reported, the innermost first.
    fn end_of_input(&mut self) {
        let end = self.document.input.len();
        while self.current != NIL {
            self.close_unclosed(end);
        }
    }

    /// Text of the current element.
    fn push_run(&mut self, range: core::ops::Range<usize>, class: TextClass, literal: bool) {
        if range.is_empty() {
            return;
        }
        let Arenas { nodes, runs, .. } = &mut self.document.arenas;
        let Some(node) = nodes.get_mut(self.current as usize) else { return };
        node.class = node.class.with(class);
        let span = Span::new(range);
        if span.range().start == node.text.range().start && !literal {
            node.text = span;
            return;
        }
        let index = narrow(runs.len());
        let next = match runs.get_mut(node.run as usize) {
            Some(last) => core::mem::replace(&mut last.next, index),
            None => index,
        };
        node.run = index;
        runs.push(Run { span, next, literal });
    }

    /// `STag ::= '<' Name (S Attribute)* S? '>'`, `EmptyElemTag`, section 3.1.
    fn start_tag(&mut self, start: usize) -> Result<(), Fatal> {
        let input = self.document.input;
        let behind = from(input, start + 1);
        let (len, prefix) = name_len(behind);
        let (name, rest) = behind.split_at_checked(len).unwrap_or_default();
        let leaf = leaf(name, rest);
        if leaf.is_none()
            && let Some(again) = self.repeated_start(name, rest)
        {
            self.scanner.flag(DeviationKind::EndTagRepeatedStart, start);
            let end = input.len() - from(skip_space(rest), 1).len();
            self.close(again, start, end);
            self.scanner.pos = end;
            return Ok(());
        }
        if self.depth >= self.max_depth {
            let what = "elements inside one another";
            return Err(self.scanner.fatal_limit(what, self.max_depth, start));
        }
        let name = Name::new(start + 1, (len, prefix));
        self.scanner.pos = input.len() - rest.len();
        let index = narrow(self.document.arenas.nodes.len());
        let first = self.document.arenas.attributes.len();
        let tag = if let [b'>', ..] = rest {
            self.scanner.pos += 1;
            TagEnd::Open
        } else {
            let end = self.scanner.tag(start, Closer::Element, &mut self.document.arenas.attributes)?;
            self.declare(index, first)?;
            end
        };
        let content = self.scanner.pos;
        let parent = self.link_child(index);
        let namespace = self.resolve_names(name, start, first);
        let (text, class, end) = match leaf {
            Some(Leaf { text, class, len }) => (text, class, content + len),
            None => (0, TextClass::NOTHING, content),
        };
        self.document.arenas.nodes.push(Node {
            span: Span::new(start..end),
            name,
            text: Span::new(content..content + text),
            class,
            parent,
            next: NIL,
            first_child: NIL,
            run: NIL,
            attributes: Span::new(first..self.document.arenas.attributes.len()),
            namespace,
        });
        if leaf.is_some() {
            self.scanner.pos = end;
            return Ok(());
        }
        self.current = index;
        self.depth += 1;
        self.names |= name_bit(name.of(input));
        if matches!(tag, TagEnd::Empty) {
            self.pop(content);
        }
        Ok(())
    }

    /// Hangs the element to come under the current one, whose index it answers.
    fn link_child(&mut self, index: u32) -> u32 {
        let nodes = &mut self.document.arenas.nodes;
        let Some(parent) = nodes.get_mut(self.current as usize) else {
            return NIL;
        };
        let before = core::mem::replace(&mut parent.next, index);
        if before == NIL {
            parent.first_child = index;
        } else if let Some(before) = nodes.get_mut(before as usize) {
            before.next = index;
        }
        self.current
    }

    /// Brings the namespace declarations among the attributes from `first` on, which are this element's, into scope.
    fn declare(&mut self, node: u32, first: usize) -> Result<(), Fatal> {
        let Document { input, arenas, .. } = &mut self.document;
        for attribute in arenas.attributes.iter().skip(first) {
            if let Some(prefix) = declared_prefix(attribute.name.of(input)) {
                let prefix = Span::new(attribute.name.end() - prefix.len()..attribute.name.end());
                let name = match resolve_bytes(attribute.value.of(input)) {
                    Cow::Borrowed(_) => NamespaceName::Wire(attribute.value),
                    Cow::Owned(name) => NamespaceName::Resolved(name),
                };
                if name.of(input).len() > NAMESPACE_MAX {
                    let at = attribute.value.range().start;
                    return Err(self.scanner.fatal_limit("bytes of a namespace's name", NAMESPACE_MAX, at));
                }
                self.scopes.push(node, prefix, narrow(arenas.namespaces.len()));
                self.resolved = None;
                arenas.namespaces.push(name);
            }
        }
        Ok(())
    }

    /// Resolves the prefixes of the attributes from `first` on and of the element, whose namespace
    /// it answers.
    fn resolve_names(&mut self, name: Name, start: usize, first: usize) -> u32 {
        let input = self.document.input;
        let namespace = self.resolve(name.prefix(input).unwrap_or_default());
        self.judge_prefix(namespace, start);
        for index in first..self.document.arenas.attributes.len() {
            let Some(&AttributeNode { name, .. }) = self.document.arenas.attributes.get(index) else {
                break;
            };
            // An attribute without a prefix is in no namespace (Namespaces in XML 1.0 section 6.2).
            let (Some(prefix), None) = (name.prefix(input), declared_prefix(name.of(input))) else {
                continue;
            };
            let namespace = self.resolve(prefix);
            self.judge_prefix(namespace, name.start());
            if let Some(attribute) = self.document.arenas.attributes.get_mut(index) {
                attribute.namespace = namespace;
            }
        }
        namespace
    }

    fn resolve(&mut self, prefix: &'a [u8]) -> u32 {
        if let Some((known, namespace)) = self.resolved
            && is_same(known, prefix)
        {
            return namespace;
        }
        let missing = match prefix {
            b"" => scope::NONE,
            b"xml" => return scope::XML,
            _ => scope::UNDECLARED,
        };
        let Document { input, arenas, .. } = &self.document;
        // `xmlns=""` takes the default namespace back (section 6.2); `xmlns:p=""` declares nothing.
        let said = |&index: &u32| arenas.namespaces.get(index as usize).is_some_and(|name| !name.of(input).is_empty());
        let namespace = self.scopes.get(prefix).filter(said).unwrap_or(missing);
        self.resolved = Some((prefix, namespace));
        namespace
    }

    fn judge_prefix(&mut self, namespace: u32, at: usize) {
        if namespace == scope::UNDECLARED && !self.prefix_flagged {
            self.prefix_flagged = true;
            self.scanner.flag(DeviationKind::PrefixUndeclared, at);
        }
    }

    /// S-06: which open element a start tag is really the end tag of.
    ///
    /// It has no attributes, an open element has its name, and what follows is the end tag of that
    /// element's parent. That is never well-formed, for an end tag behind a start tag has the same
    /// name; so nothing well-formed is misread.
    fn repeated_start(&self, name: &[u8], rest: &[u8]) -> Option<u32> {
        let [b'>', behind @ ..] = skip_space(rest) else {
            return None;
        };
        // Mostly text comes next, or another start tag.
        let comes = matches!(behind, [b'<', b'/' | b'!', ..]) || behind.first().copied().is_some_and(is_space);
        if !comes {
            return None;
        }
        let named = |node: &Node| self.is_named(node, name);
        if !self.open().any(|(_, node)| node.parent != NIL && named(node)) {
            return None;
        }
        let next = next_end_tag(behind).filter(|&next| next != name)?;
        let in_next = |node: &Node| self.node(node.parent).is_some_and(|parent| self.is_named(parent, next));
        self.open().find(|(_, node)| named(node) && in_next(node)).map(|(index, _)| index)
    }

    /// The innermost open element of this name.
    fn open_named(&mut self, name: &[u8]) -> Option<u32> {
        if self.names & name_bit(name) == 0 {
            return None;
        }
        let named = self.open().find(|(_, node)| self.is_named(node, name)).map(|(index, _)| index);
        if named.is_none() {
            // Of one that has ended, or that happens to have the same bit.
            self.names = self.open().fold(0, |names, (_, node)| names | name_bit(node.name.of(self.document.input)));
        }
        named
    }

    fn node(&self, index: u32) -> Option<&Node> {
        self.document.arenas.nodes.get(index as usize)
    }

    /// The open elements, the innermost first.
    fn open(&self) -> impl Iterator<Item = (u32, &Node)> {
        let element = |index: u32| Some((index, self.node(index)?));
        core::iter::successors(element(self.current), move |(_, node)| element(node.parent))
    }

    /// Whether an element has this name; mostly it has not, and that is told by its length or first byte.
    fn is_named(&self, node: &Node, name: &[u8]) -> bool {
        let input = self.document.input;
        node.name_len() == narrow(name.len())
            && input.get(node.name.start()) == name.first()
            && node.name.of(input) == name
    }

    /// `ETag ::= '</' Name S? '>'`, section 3.1, with the blank of S-05.
    fn end_tag(&mut self, start: usize) {
        let input = self.document.input;
        let blank = start + 2;
        // `</`, the name of the innermost element, `>`: nothing to report.
        if let Some(node) = self.node(self.current)
            && let Some([b'>', ..]) = from(input, blank).strip_prefix(node.name.of(input))
        {
            let end = blank + node.name_len() as usize + 1;
            self.scanner.pos = end;
            return self.pop(end);
        }
        let behind = skip_space(from(input, blank));
        let (rest, name) = name(behind).unwrap_or_default();
        let rest = skip_space(rest);
        let junk = input.len() - rest.len();
        let end = match memchr::memchr2(b'<', b'>', rest) {
            // Cut off: it closes nothing, and the open elements are reported as such.
            None => {
                self.scanner.pos = input.len();
                return;
            }
            Some(len) if rest.get(len) == Some(&b'>') => junk + len + 1,
            Some(len) => junk + len,
        };
        if is_space(input.get(blank).copied().unwrap_or_default()) {
            self.scanner.flag(DeviationKind::EndTagBlank, blank);
        }
        if end != junk + 1 || rest.first() != Some(&b'>') {
            self.scanner.flag(DeviationKind::EndTagMalformed, junk);
        }
        self.scanner.pos = end;
        if let Some(named) = self.open_named(name) {
            self.close(named, start, end);
        } else if self.stands_for_current(end) {
            self.scanner.flag(DeviationKind::EndTagMismatch, start);
            self.pop(end);
        } else {
            self.scanner.flag(DeviationKind::EndTagStray, start);
        }
    }

    /// K-10: whether an end tag with a foreign name that ends at `end` closes the current element
    /// after all, because its parent is closed next.
    fn stands_for_current(&self, end: usize) -> bool {
        let Some((_, parent)) = self.open().nth(1) else {
            return false;
        };
        next_end_tag(from(self.document.input, end)) == Some(parent.name.of(self.document.input))
    }

    /// Closes this open element, and those inside it, which have no end tag. What closes it is at
    /// `start..end`.
    fn close(&mut self, element: u32, start: usize, end: usize) {
        while self.current != element && self.current != NIL {
            self.close_unclosed(start);
        }
        self.pop(end);
    }

    fn close_unclosed(&mut self, end: usize) {
        if let Some(node) = self.node(self.current) {
            self.scanner.flag(DeviationKind::ElementUnclosed, node.span.range().start);
        }
        self.pop(end);
    }

    /// Closes the current element.
    fn pop(&mut self, end: usize) {
        let closed = self.current;
        let Arenas { nodes, runs, .. } = &mut self.document.arenas;
        let Some(node) = nodes.get_mut(closed as usize) else { return };
        node.span = Span::new(node.span.range().start..end);
        node.next = NIL;
        if let Some(last) = runs.get_mut(node.run as usize) {
            node.run = core::mem::replace(&mut last.next, NIL);
        }
        self.current = node.parent;
        self.depth -= 1;
        if self.scopes.pop(closed) {
            self.resolved = None;
        }
    }
}

/// Which bit a name has in a set of names.
fn name_bit(name: &[u8]) -> u64 {
    let byte = |byte: Option<&u8>| byte.copied().map_or(0, usize::from);
    1 << ((name.len() + byte(name.first()) + 7 * byte(name.last())) % 64)
}

/// The rest of an element that holds text alone, and none that is to be reported.
struct Leaf {
    /// How many bytes of text it has.
    text: usize,
    class: TextClass,
    /// How many bytes stand behind the start tag, the end tag included.
    len: usize,
}

/// What stands behind the name of a start tag, where that is `>`, plain text, and the end tag.
#[inline]
fn leaf(name: &[u8], rest: &[u8]) -> Option<Leaf> {
    let [b'>', content @ ..] = rest else { return None };
    let (text, class) = text_len(content);
    let [b'<', b'/', tag @ ..] = from(content, text) else { return None };
    let [b'>', ..] = tag.strip_prefix(name)? else { return None };
    Some(Leaf { text, class, len: text + 2 + name.len() + 1 })
}

/// The name of the end tag that comes next, behind white space and comments.
fn next_end_tag(input: &[u8]) -> Option<&[u8]> {
    let mut rest = skip_space(input);
    while let Some(comment) = rest.strip_prefix(b"<!--") {
        let end = memchr::memmem::find(comment, b"-->")?;
        rest = skip_space(from(comment, end + 3));
    }
    let tag = skip_space(rest.strip_prefix(b"</")?);
    name(tag).ok().map(|(_, name)| name)
}
