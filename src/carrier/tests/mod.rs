//! What `docs/` says of the dialects, held against the tables.

mod documents;
mod tutorial;
