//! What several forecasters share.

mod each;
mod history;

pub(crate) use each::{Each, GoesOn, OneSeries};
pub(crate) use history::History;
