//! What several forecasters share.

mod each;
mod history;
mod seasons;

pub(crate) use each::{Each, GoesOn, OneSeries};
pub(crate) use history::History;
pub(crate) use seasons::seasons;
