//! What several steps share: finding a state's columns in a frame, levels, names, texts, quantities and gains.

mod columns;
mod gain;
mod grams;
mod levels;
mod quantity;
mod terms;
mod texts;

pub(super) use columns::{
    Names, OfColumn, numbers, replace, row_weights, strings, times, validate, wrong_type,
};
pub(super) use gain::Sample;
pub(super) use grams::Grams;
pub(crate) use levels::Levels;
pub(super) use quantity::{Measure, Quantity};
pub(super) use terms::{TermParams, Terms};
pub(super) use texts::{Counts, IDF, Texts, words};
