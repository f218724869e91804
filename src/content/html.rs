//! K: plain text, or HTML around it where there are images (spec section 5.3).

use bytes::Bytes;

use super::parts::Writer;
use super::{Form, Notes, Output, Roles};
use crate::codec::EncodeError;
use crate::mime::Tree;
use crate::model::Content;

pub(super) fn is_html(_tree: &Tree<'_>, _leaf: usize) -> bool {
    todo!()
}
pub(super) fn read(_tree: &Tree<'_>, _roles: &Roles, _body: &Bytes, _content: &mut Content, _notes: &mut Notes) {
    todo!()
}
pub(super) fn strip_own(_content: &mut Content) {
    todo!()
}
pub(super) fn write(
    _form: &Form,
    _content: &Content,
    _writer: &mut Writer<'_>,
    _output: &mut Output,
) -> Result<(), EncodeError> {
    todo!()
}
