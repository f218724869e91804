//! What stands inside a tag: attributes, and all the ways to quote them wrongly.

use alloc::vec::Vec;
use core::ops::Range;

use super::super::grammar::{
    Quote, Stops, ascii_quote, from, is_name_start, is_space, name, name_len, skip_space, typographic,
};
use super::super::tree::{AttributeNode, Name, Span, scope};
use super::scan::{Scanner, markup};
use crate::charset::char_len;
use crate::deviation::DeviationKind;
use crate::error::Fatal;

/// What closes the tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closer {
    /// `>` or `/>`
    Element,
    /// `?>`, or `>` where that is missing.
    Declaration,
}

/// So many attributes are compared each with each, without allocating.
const FEW: usize = 16;

/// How a tag ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagEnd {
    /// With `>`, or where the next tag begins.
    Open,
    /// With `/>` or `?>`.
    Empty,
    /// With the input.
    Cut,
}

/// An attribute value, and what was odd about its quotes.
struct Value {
    range: Range<usize>,
    odd: Option<(DeviationKind, usize)>,
    end: usize,
}

impl Closer {
    /// The tag's end at the start of `rest`, and its length.
    fn tag_end(self, rest: &[u8]) -> Option<(TagEnd, usize)> {
        match (rest, self) {
            ([], _) => Some((TagEnd::Cut, 0)),
            ([b'>', ..], _) => Some((TagEnd::Open, 1)),
            ([b'/', b'>', ..], Self::Element) | ([b'?', b'>', ..], Self::Declaration) => Some((TagEnd::Empty, 2)),
            _ => None,
        }
    }
}

impl Scanner<'_, '_> {
    /// `(S Attribute)* S? '>'`, section 3.1, and what stands there instead: separators (S-07),
    /// bytes that are nothing, and a tag that begins before this one has ended.
    ///
    /// `start` is the tag's place. The attributes are added to `attributes`, each name once.
    pub(super) fn tag(
        &mut self,
        start: usize,
        closer: Closer,
        attributes: &mut Vec<AttributeNode>,
    ) -> Result<TagEnd, Fatal> {
        let first = attributes.len();
        if let Some((end, next)) = self.plain_tag(closer, attributes) {
            self.pos = next;
            if attributes.len() > first + 1 {
                self.remove_duplicates(attributes, first);
            }
            return Ok(end);
        }
        attributes.truncate(first);
        self.odd_tag(start, closer, attributes)
    }

    /// The same of a tag in which there may be something to report.
    #[cold]
    fn odd_tag(&mut self, start: usize, closer: Closer, attributes: &mut Vec<AttributeNode>) -> Result<TagEnd, Fatal> {
        let first = attributes.len();
        // A stretch of bytes that are nothing is one deviation.
        let mut malformed = false;
        let end = loop {
            let gap = self.pos;
            self.separators();
            let apart = self.pos > gap;
            if let Some((end, len)) = closer.tag_end(self.rest()) {
                if closer == Closer::Declaration && end != TagEnd::Empty {
                    self.flag(DeviationKind::CommentMalformed, start);
                }
                self.pos += len;
                break end;
            }
            let at = self.pos;
            if markup(self.rest()).is_some() {
                if !malformed {
                    self.flag(DeviationKind::AttributeMalformed, at);
                }
                break TagEnd::Open;
            }
            let attribute = if self.rest().first().copied().is_some_and(is_name_start) {
                self.attribute(closer)
            } else {
                self.junk(closer);
                None
            };
            if (attribute.is_none() || !apart) && !malformed {
                self.flag(DeviationKind::AttributeMalformed, at);
            }
            malformed = attribute.is_none();
            if let Some((node, value)) = attribute {
                if attributes.len() - first >= self.max_attributes {
                    let what = "attributes of one element";
                    return Err(self.fatal_limit(what, self.max_attributes, start));
                }
                self.judge(value);
                attributes.push(node);
            }
        };
        self.remove_duplicates(attributes, first);
        Ok(end)
    }

    /// `(S Name '="' [^<&"]* '"')* S? ('>' | '/>')`: what nearly every tag is, and nothing in it to report; where it ends.
    /// Of any other tag it gives nothing, and what it added to `attributes` counts for nothing.
    fn plain_tag(&self, closer: Closer, attributes: &mut Vec<AttributeNode>) -> Option<(TagEnd, usize)> {
        let most = attributes.len() + self.max_attributes;
        let input = self.input;
        let mut at = self.pos;
        loop {
            let gap = at;
            while input.get(at).copied().is_some_and(is_space) {
                at += 1;
            }
            match from(input, at) {
                [b'>', ..] if closer == Closer::Element => return Some((TagEnd::Open, at + 1)),
                [b'/', b'>', ..] if closer == Closer::Element => return Some((TagEnd::Empty, at + 2)),
                [b'?', b'>', ..] if closer == Closer::Declaration => return Some((TagEnd::Empty, at + 2)),
                [byte, ..] if is_name_start(*byte) && at > gap && attributes.len() < most => {}
                _ => return None,
            }
            let name = Name::new(at, name_len(from(input, at)));
            at = name.end();
            let (quote, stops) = match from(input, at) {
                [b'=', b'"', ..] => (b'"', &Stops::DOUBLE),
                [b'=', b'\'', ..] => (b'\'', &Stops::SINGLE),
                _ => return None,
            };
            let start = at + 2;
            at = start + stops.find(from(input, start))?;
            if input.get(at) != Some(&quote) {
                return None;
            }
            attributes.push(AttributeNode { name, value: Span::new(start..at), namespace: scope::NONE });
            at += 1;
        }
    }

    /// `S?`, and a semicolon or comma in it (S-07).
    fn separators(&mut self) {
        self.skip_space();
        if let Some(b';' | b',') = self.rest().first() {
            self.flag(DeviationKind::AttributeSeparator, self.pos);
            let separates = |byte: u8| is_space(byte) || matches!(byte, b';' | b',');
            self.pos += self.rest().iter().take_while(|&&byte| separates(byte)).count();
        }
    }

    /// Bytes that begin no attribute: at least one, up to white space or the end of the tag.
    fn junk(&mut self, closer: Closer) {
        loop {
            self.pos += 1;
            let rest = self.rest();
            let ends = rest.first().is_none_or(|&byte| is_space(byte))
                || closer.tag_end(rest).is_some()
                || markup(rest).is_some();
            if ends {
                return;
            }
        }
    }

    /// `Attribute ::= Name Eq AttValue`, section 3.1, and how it was quoted. Nothing for a name
    /// without a value, which is skipped.
    fn attribute(&mut self, closer: Closer) -> Option<(AttributeNode, Value)> {
        let (rest, name) = name(self.rest()).ok()?;
        let start = self.pos;
        self.pos += name.len();
        // Eq ::= S? '=' S?
        let behind = skip_space(rest).strip_prefix(b"=").map(skip_space)?;
        self.pos = self.position_of(behind);
        let value = self.value(closer);
        self.pos = value.end;
        if value.odd.is_some() && value.range.is_empty() && value.end == value.range.start {
            return None;
        }
        let node = AttributeNode {
            name: Name::new(start, name_len(name)),
            value: Span::new(value.range.clone()),
            namespace: scope::NONE,
        };
        Some((node, value))
    }

    /// `AttValue ::= '"' ([^<&"] | Reference)* '"' | "'" ([^<&'] | Reference)* "'"`, section 2.3;
    /// also in typographic quotes (S-02, S-35), or without the opening quote (S-34).
    fn value(&self, closer: Closer) -> Value {
        let rest = self.rest();
        if let Some(quote) = rest.first().copied().and_then(ascii_quote) {
            return self.value_in_ascii(closer, quote);
        }
        if let Some((quote, len)) = typographic(rest, self.charset) {
            let start = self.pos + len;
            let odd = Some((DeviationKind::QuoteTypographic, self.pos));
            let close = self.quotes(start..self.input.len()).find(|&(_, _, class)| class == quote);
            return match close {
                Some((at, len, _)) => Value { range: start..at, odd, end: at + len },
                None => self.value_unclosed(closer, start),
            };
        }
        self.value_unquoted(closer)
    }

    /// A value that begins with an ASCII quote. It ends at the next such quote, or before it at a
    /// typographic one (S-35).
    ///
    /// A typographic quote closes the value only where
    /// (a) what follows it is what follows a value: white space, a name and `=`, or the end of the
    ///     tag, or a semicolon; and
    /// (b) the tag cannot be well-formed with the quote as content: no ASCII quote follows, a `<`
    ///     stands before that, or behind it stands neither the tag's end nor, after white space or
    ///     a separator, a name and `=`.
    ///
    /// By (b) no value of a well-formed tag is ever cut short, whatever quotes it holds.
    ///
    /// The search for the ASCII quote is linear in all, though the value may end before it: the
    /// next search for the same quote begins at an opening one, which is that very quote or stands
    /// behind it.
    fn value_in_ascii(&self, closer: Closer, quote: Quote) -> Value {
        let start = self.pos + 1;
        let ascii = memchr::memchr(quote.byte(), from(self.input, start)).map(|len| start + len);
        let limit = ascii.unwrap_or(self.input.len());
        let proper = ascii.is_some_and(|at| self.follows_value(closer, at + 1));
        let content = self.input.get(start..limit).unwrap_or_default();
        let last_lt = memchr::memrchr(b'<', content).map(|len| start + len);
        if !proper || last_lt.is_some() {
            let close = self.quotes(start..limit).find(|&(at, len, class)| {
                let impossible = !proper || last_lt.is_some_and(|lt| lt > at);
                class == quote && impossible && self.follows_value(closer, at + len)
            });
            if let Some((at, len, _)) = close {
                let odd = Some((DeviationKind::QuoteTypographic, at));
                return Value { range: start..at, odd, end: at + len };
            }
        }
        match ascii {
            Some(at) => Value { range: start..at, odd: None, end: at + 1 },
            None => self.value_unclosed(closer, start),
        }
    }

    /// Whether at `at` stands what follows a value: `S? ('>' | '/>' | [;,])` or `S Name Eq`.
    fn follows_value(&self, closer: Closer, at: usize) -> bool {
        let gap = from(self.input, at);
        let rest = skip_space(gap);
        if closer.tag_end(rest).is_some() || matches!(rest, [b';' | b',', ..]) {
            return true;
        }
        // White space first: without it the look-ahead would run over the rest of a name from each
        // of its bytes.
        rest.len() < gap.len() && name(rest).is_ok_and(|(rest, _)| skip_space(rest).starts_with(b"="))
    }

    /// The quotes in a range that begins at a character, ASCII and typographic: place, length, and
    /// which they stand for.
    fn quotes(&self, range: Range<usize>) -> impl Iterator<Item = (usize, usize, Quote)> {
        let mut at = range.start;
        core::iter::from_fn(move || {
            loop {
                // Most bytes are no quote in any charset.
                let rest = from(self.input.get(..range.end).unwrap_or(self.input), at);
                at += rest.iter().take_while(|byte| byte.is_ascii() && !matches!(byte, b'"' | b'\'')).count();
                if at >= range.end {
                    return None;
                }
                let rest = from(self.input, at);
                let byte = rest.first().copied()?;
                let found = match ascii_quote(byte) {
                    Some(quote) => Some((quote, 1)),
                    None if byte.is_ascii() => None,
                    None => typographic(rest, self.charset),
                };
                let here = at;
                if let Some((quote, len)) = found {
                    at += len;
                    return Some((here, len, quote));
                }
                at += if byte.is_ascii() { 1 } else { char_len(rest, self.charset).max(1) };
            }
        })
    }

    /// A value without its opening quote (S-34): `cid<C2>"`. It ends at the next quote, which
    /// belongs to it, at white space, before `/>` and `</`, or before a `>` that closes no `<` of
    /// the value.
    fn value_unquoted(&self, closer: Closer) -> Value {
        let start = self.pos;
        let (at, len) = self.bare_value_end(start, |rest| match rest {
            [byte, ..] if is_space(*byte) => Some(0),
            [byte, ..] if ascii_quote(*byte).is_some() => Some(1),
            _ => closer.tag_end(rest).map(|_| 0).or_else(|| Some(typographic(rest, self.charset)?.1)),
        });
        Value { range: start..at, odd: Some((DeviationKind::QuoteMissing, start)), end: at + len }
    }

    /// A value whose opening quote nothing closes in all that is left of the input. It ends where
    /// the tag does.
    ///
    /// That the search comes to nothing happens once for each quote: one that opens a later value
    /// would close this one.
    fn value_unclosed(&self, closer: Closer, start: usize) -> Value {
        let (at, _) = self.bare_value_end(start, |rest| closer.tag_end(rest).map(|_| 0));
        Value { range: start..at, odd: Some((DeviationKind::QuoteMissing, self.pos)), end: at }
    }

    /// Where a value without quotes ends, and how many bytes behind it belong to it: at `</`, at
    /// the end of the input, and where `ends` says so, but for a `>` that closes a `<` of the value
    /// (S-34).
    fn bare_value_end(&self, start: usize, ends: impl Fn(&[u8]) -> Option<usize>) -> (usize, usize) {
        let mut depth = 0usize;
        let mut at = start;
        loop {
            let rest = from(self.input, at);
            match rest {
                [] | [b'<', b'/', ..] => return (at, 0),
                [b'<', ..] => depth += 1,
                [b'>', ..] if depth > 0 => depth -= 1,
                _ => {
                    if let Some(len) = ends(rest) {
                        return (at, len);
                    }
                }
            }
            at += char_len(rest, self.charset).max(1);
        }
    }

    /// Flags what is odd about an attribute that is kept.
    fn judge(&mut self, value: Value) {
        let unquoted = matches!(value.odd, Some((DeviationKind::QuoteMissing, _)));
        if let Some((kind, at)) = value.odd {
            self.flag(kind, at);
        }
        let bytes = self.input.get(value.range.clone()).unwrap_or_default();
        if let Some(len) = memchr::memchr(b'<', bytes)
            && !unquoted
        {
            self.flag(DeviationKind::AttributeLt, value.range.start + len);
        }
        self.references(value.range);
    }

    /// "Unique Att Spec", section 3.1: the first of equal names counts.
    fn remove_duplicates(&mut self, attributes: &mut Vec<AttributeNode>, first: usize) {
        let input = self.input;
        let name = |attribute: &AttributeNode| attribute.name.of(input);
        let added = attributes.get(first..).unwrap_or_default();
        if added.len() < 2 {
            return;
        }
        if added.len() <= FEW {
            let same = |one: &AttributeNode, other: &AttributeNode| {
                one.name.span().len() == other.name.span().len() && name(one) == name(other)
            };
            let alike = |(index, one)| added.iter().take(index).any(|other| same(one, other));
            if !added.iter().enumerate().any(alike) {
                return;
            }
        }
        let mut order: Vec<_> = added.iter().map(|one| (name(one), one.name.start())).collect();
        order.sort_unstable();
        let repeated = |pair: &[(&[u8], usize)]| match *pair {
            [(before, _), (name, at)] if before == name => Some(at),
            _ => None,
        };
        let mut duplicates: Vec<usize> = order.windows(2).filter_map(repeated).collect();
        if duplicates.is_empty() {
            return;
        }
        duplicates.sort_unstable();
        let kept = |attribute: &AttributeNode| duplicates.binary_search(&attribute.name.start()).is_err();
        let mut index = 0;
        attributes.retain(|attribute| {
            index += 1;
            index <= first || kept(attribute)
        });
        for at in duplicates {
            self.flag(DeviationKind::AttributeDuplicate, at);
        }
    }
}
