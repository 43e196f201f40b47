//! Telling people: signed webhooks about what happens to a job and its models.
//!
//! ```text
//! run, drift, contract, scheduler ─▶ raise · recover · tell ─▶ ledger entry + letters, one transaction
//!                                                                        │ outbox
//! receiver ◀── POST, signed ◀── guard: resolve once, refuse, pin ◀── deliver
//! ```
//! - What stands (a failure, drift, a broken contract, …) is told once, and once more when it has
//!   recovered; what happens (promoted, declined, …) each time.
//! - Letters wait in the store until their receiver has said 2xx: at least once, each time with the
//!   same id. What fails is tried again after 2 s, 8 s, 32 s, … up to 6 h, twelve times in all, and
//!   is then given up, to be seen in `ruska alert list`.
//! - A body is a CloudEvent in JSON (version 1.0, structured mode), signed as Standard Webhooks say.
//! - Nothing is sent to addresses that are not public, unless the job allows private ones.

mod address;
mod deliver;
mod event;
mod kind;
mod private;
mod raise;
mod run;
mod send;
mod sign;
mod spec;
mod target;

pub use address::{Reach, reach};
pub use deliver::{Delivery, Sending, Tried, deliver, try_out};
pub use kind::Kind;
pub use raise::{Notice, Standing, raise, recover, standing, tell};
pub(crate) use run::after_run;
pub use sign::signature;
pub use spec::AlertSection;
pub(crate) use spec::check;
pub use target::Target;
