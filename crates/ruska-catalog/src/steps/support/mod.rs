//! What several steps share: finding a state's columns in a frame, levels, names, and what is done
//! to numbers column by column.

mod affine;
mod columns;
mod left_out;
mod levels;
mod normal_scores;
mod numbers;
mod ordered;
mod power;
mod side_by_side;

pub(super) use affine::Affine;
pub(super) use columns::{Names, OfColumn, replace, row_weights, strings, validate, wrong_type};
pub(super) use left_out::LeftOut;
pub(super) use levels::Levels;
pub(super) use normal_scores::NormalScores;
pub(super) use numbers::{Known, expect_floats, fit_numbers, map_numbers, spread};
pub(super) use ordered::Ordered;
pub(super) use power::YeoJohnson;
pub(super) use side_by_side::{SideBySide, known_or_mean};
