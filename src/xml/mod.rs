//! XML 1.0 (fifth edition) as it really arrives: a lossless, tolerant tree over raw bytes, and its
//! writer.
//!
//! Markup is found in the raw bytes and only text is decoded, so every offset is one of the wire.
//! That is safe for every charset in which an ASCII byte of markup never is part of another
//! character: UTF-8 and EUC-KR/CP949, whose trail bytes are 41-5A, 61-7A and 81-FE. A trail byte
//! can be an ASCII *letter*, though, so names are never looked for inside text, and typographic
//! quotes are looked for by whole characters.
//!
//! Nothing is judged here. There is one parse, the most lenient; each irregularity is flagged where
//! it stands, and a well-formed document without a document type declaration gives no flag.

mod emit;
mod grammar;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod oracle;
mod parse;
mod tree;

pub(crate) use emit::{QUIRKS, Tags, Writer, is_plain_value, push_text, push_value};
pub(crate) use grammar::{is_named, name_len};
pub(crate) use parse::{
    Ahead, Inside, Known, KnownName, KnownTag, Start, Stream, WholeTag, declared_encoding, parse, parse_in,
};
#[cfg(any(test, fuzzing))]
pub(crate) use tree::Without;
pub(crate) use tree::{
    Arenas, Attribute, Document, Element, Holder, Item, Items, NAMESPACE_MAX, Namespace, Places, Step,
};
