//! Jobs that run by themselves: at the times of a calendar, and when their data or their model ask for it.
//!
//! ```text
//! job files ─▶ keeper ─ what is due? ─▶ skip: entered │ run: entered first, then done │ look at the conditions
//!                ▲            ▲
//!              clock     the job's entries
//! ```
//!
//! Invariants
//! 1. What is due is a function of the job file, the job's entries in the ledger and the time (`due.rs`); whoever
//!    decides holds the job's lease. So any number of schedulers may watch a job, each slot is run once, and
//!    one that was killed goes on where it was.
//! 2. A slot is run, or entered as skipped with the reason; none is lost.
//! 3. A clock that is set back runs no slot again.

mod calendar;
mod conditions;
mod due;
mod files;
mod keeper;
mod serve;
mod triggers;

pub use calendar::Calendar;
pub use keeper::Happened;
pub use serve::{Scheduler, serve};
pub(crate) use triggers::check;
pub use triggers::{Missed, Overlap, Retry, Triggers};
