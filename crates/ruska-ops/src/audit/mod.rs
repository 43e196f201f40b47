//! Who did what, when, and what stood before and after: views and checks of the ledger.
//!
//! Everything that changes the register, every run of a job, every study and every backup is an
//! entry of the ledger, whose chain of hashes shows changes, see [`ruska::register::Head`]. On a
//! store that people share as a folder nobody is kept from anything: who acts is what they say, a
//! second pair of eyes is advice, and whoever can write to the file can write history anew. What
//! holds against them is a head that was kept where they cannot write.

mod heads;
mod log;

pub use heads::{parse_heads, read_heads};
pub use log::{Filter, Logged, Stood, log};

use crate::Error;
use ruska::register::{Entry, Stamp, Subject};
use ruska::{Backup, Store, StoreError};
use std::path::Path;

/// Copies a store as [`Store::backup`] does and enters that in its ledger. Tells whether it could be
/// entered: a store that can only be read is copied without a trace.
pub fn backup(store: &Store, to: &Path, stamp: Stamp<'_>) -> Result<(Backup, bool), Error> {
    let copied = store.backup(to)?;
    let to = std::path::absolute(to).unwrap_or_else(|_| to.to_owned()).display().to_string();
    let entered = store.record(Subject::Store, "", stamp, |_, _| {
        Ok::<_, StoreError>((vec![Entry::BackedUp { to }], ()))
    });
    match entered {
        Ok(()) => Ok((copied, true)),
        Err(StoreError::ReadOnly { .. } | StoreError::Permission { .. }) => Ok((copied, false)),
        Err(error) => Err(error.into()),
    }
}
