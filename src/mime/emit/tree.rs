//! A body as a tree of parts, for tests: written part by part, as the encoder writes.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::{LineEnd, Writer};
use crate::deviation::Quirks;
use crate::mime::field;

/// A part to write.
#[derive(Clone, Debug)]
pub(crate) struct PartOut {
    /// The header fields in order. A field whose name is none cannot be said and is left out.
    pub(crate) fields: Vec<(Cow<'static, str>, Vec<u8>)>,
    /// What stands behind the blank line.
    pub(crate) body: BodyOut,
}

/// The body of a part to write.
#[derive(Clone, Debug)]
pub(crate) enum BodyOut {
    /// As it is.
    Bytes(Bytes),
    /// To be encoded, in lines of 76 characters that end in CRLF.
    Base64(Bytes),
    /// A nested multipart; its boundary stands in the part's Content-Type.
    #[cfg_attr(not(test), allow(dead_code, reason = "the tests build it"))]
    Parts { boundary: String, parts: Vec<PartOut> },
}

/// The whole body, with the line ends that the quirks want where the reader undoes them.
pub(crate) fn emit(boundary: &str, parts: &[PartOut], quirks: &mut Quirks) -> Vec<u8> {
    let write = |line_end| {
        let mut writer = Writer::new(0, &[], line_end, *quirks);
        write_parts(&mut writer, boundary, parts, true);
        writer
    };
    let mut writer = write(LineEnd::wanted(quirks));
    if !writer.survives_its_line_ends() {
        writer = write(LineEnd::CrLf);
    }
    let (out, written) = writer.finish();
    *quirks = written;
    out
}

fn write_parts(writer: &mut Writer, boundary: &str, parts: &[PartOut], outermost: bool) {
    for part in parts {
        writer.delimiter(boundary.as_bytes());
        for (name, value) in part.fields.iter().filter(|(name, _)| field::is_field_name(name.as_bytes())) {
            writer.field(name, |out| out.extend_from_slice(value));
        }
        match &part.body {
            BodyOut::Bytes(bytes) => writer.verbatim(bytes),
            BodyOut::Base64(bytes) => writer.base64(bytes),
            BodyOut::Parts { boundary, parts } => {
                writer.begin_body();
                write_parts(writer, boundary, parts, false);
            }
        }
    }
    writer.close(boundary.as_bytes(), outermost);
}
