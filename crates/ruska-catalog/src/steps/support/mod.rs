//! What several steps share: finding a state's columns in a frame, levels, names, texts, quantities,
//! gains, and what is done to numbers column by column.

mod affine;
mod columns;
mod gain;
mod grams;
mod left_out;
mod levels;
mod normal_scores;
mod numbers;
mod ordered;
mod power;
mod quantity;
mod side_by_side;
mod terms;
mod texts;

pub(super) use affine::Affine;
pub(super) use columns::{
    Names, OfColumn, numbers, replace, row_weights, strings, times, validate, wrong_type,
};
pub(super) use gain::{GainParams, Sample};
pub(super) use grams::Grams;
pub(super) use left_out::LeftOut;
pub(crate) use levels::Levels;
pub(super) use normal_scores::NormalScores;
pub(super) use numbers::{Known, expect_floats, fit_numbers, map_numbers};
pub(super) use ordered::Ordered;
pub(super) use power::YeoJohnson;
pub(super) use quantity::{Measure, Quantity};
pub(super) use side_by_side::{SideBySide, known_or_mean};
pub(super) use terms::{TermParams, Terms};
pub(super) use texts::{Counts, IDF, Texts, words};
