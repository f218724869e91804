//! Bounds on what a decoder takes, so that hostile input ends in an error and not in memory.

/// Bounds on one entity. Every bound is inclusive; what passes it is refused with an error that names it.
///
/// The time to decode is that of the body by the two depths, for an end tag is looked for among the open elements and a
/// delimiter among the open multiparts: raise them with care. `docs/limits.md` has what a byte costs, and what is
/// bounded besides.
///
/// ```
/// use tongsa::{Codec, Config, Entity, L, Limits};
/// let codec = L::new(Config { limits: Limits { xml_depth: 2, ..Limits::default() }, ..Config::default() });
/// let error = codec.decode(&Entity::new("<a><b><c/></b></a>")).unwrap_err();
/// assert_eq!(error.to_string(), "more than 2 elements inside one another at byte 6");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of body, before any decoding. 16 MiB.
    pub body: usize,
    /// MIME parts in all, the nested ones and their containers included. 64.
    pub parts: usize,
    /// Multiparts inside one another. 16.
    pub mime_depth: usize,
    /// XML elements inside one another. 64.
    pub xml_depth: usize,
    /// Header fields of the entity or of one part. 128.
    pub fields: usize,
    /// Bytes of one header field, name and folded lines included. 8,192.
    pub field_len: usize,
    /// Attributes of one XML element. 1,024.
    pub attributes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 16 << 20,
            parts: 64,
            mime_depth: 16,
            xml_depth: 64,
            fields: 128,
            field_len: 8 << 10,
            attributes: 1024,
        }
    }
}
