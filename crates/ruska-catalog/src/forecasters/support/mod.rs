//! What several forecasters share.

mod each;
mod history;
mod kernels;
mod prepared;
mod seasons;

pub(crate) use each::{Each, GoesOn, OneSeries};
pub(crate) use history::History;
pub(crate) use prepared::{Preparation, Prepared, with_log, with_seasons};
pub(crate) use seasons::seasons;
