//! What several forecasters share.

mod beside;
mod components;
mod declared;
mod direct;
mod each;
mod effects;
mod history;
mod kernels;
mod known;
mod prepared;
mod running;
mod seasons;
#[cfg(test)]
mod told;
mod windows;

pub(crate) use components::components;
pub use components::{Components, Seasonal};
pub(crate) use declared::declared;
pub(crate) use direct::{DirectModel, Inner, direct, learned_rows, logarithms, usual_lags, window};
pub(crate) use each::{Each, GoesOn, OneSeries};
pub(crate) use effects::Form;
pub(crate) use history::{History, panel};
pub(crate) use prepared::{Logarithms, Preparation, Prepared, with_known, with_log, with_seasons};
pub(crate) use running::{Running, bounded};
pub(crate) use seasons::seasons;
#[cfg(test)]
pub(crate) use told::fitted;
pub(crate) use windows::{Level, Scaling};
