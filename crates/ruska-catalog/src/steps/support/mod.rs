//! What several steps share: finding a state's columns in a frame, levels, names.

mod columns;
mod levels;

pub(super) use columns::{Names, OfColumn, replace, row_weights, strings, validate, wrong_type};
pub(super) use levels::Levels;
