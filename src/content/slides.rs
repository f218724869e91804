//! S
use alloc::vec::Vec;

use bytes::Bytes;

use super::parts::Writer;
use super::{Form, Notes, Output, Roles};
use crate::codec::EncodeError;
use crate::limits::Limits;
use crate::mime::Tree;
use crate::model::Content;

#[derive(Debug)]
pub(crate) struct Style {}
#[derive(Debug)]
pub(crate) enum Reference {}

pub(super) fn is_scene(_tree: &Tree<'_>, _leaf: usize, _body: &Bytes) -> bool {
    todo!()
}
pub(super) fn is_text(_tree: &Tree<'_>, _leaf: usize, _body: &Bytes) -> bool {
    todo!()
}
pub(super) fn read(
    _tree: &Tree<'_>,
    _roles: &Roles,
    _body: &Bytes,
    _limits: &Limits,
    _content: &mut Content,
    _notes: &mut Notes,
) -> Vec<usize> {
    todo!()
}
pub(super) fn strip_own(_style: &Style, _content: &mut Content) {
    todo!()
}
pub(super) fn write(
    _form: &Form,
    _style: &Style,
    _content: &Content,
    _writer: &mut Writer<'_>,
    _output: &mut Output,
) -> Result<(), EncodeError> {
    todo!()
}
