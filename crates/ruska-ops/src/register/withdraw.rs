//! Taking a version out of use.

use super::change::{change, open_version, version};
use super::reference::Reference;
use crate::Error;
use ruska::Store;
use ruska::register::{Entry, ModelState, Stamp, Standing};

/// Retires a version: it is not used any more. Tells its number, and whether anything changed.
///
/// Fails while it is deployed, and when it was deleted.
pub fn retire(
    store: &Store,
    reference: &Reference,
    reason: &str,
    stamp: Stamp<'_>,
) -> Result<(u32, bool), Error> {
    withdraw(store, reference, stamp, |state, number| {
        Ok(match &version(state, number)?.standing {
            Standing::Retired(_) => None,
            Standing::Deleted(_) => return open_version(state, number).map(|_| None),
            _ => Some(Entry::Retired { version: number, reason: reason.to_owned() }),
        })
    })
}

/// Deletes a version: it is out of sight, its number is never used again, its bytes stay. Tells its
/// number, and whether anything changed.
///
/// Fails while it is deployed.
pub fn delete(
    store: &Store,
    reference: &Reference,
    reason: &str,
    stamp: Stamp<'_>,
) -> Result<(u32, bool), Error> {
    withdraw(store, reference, stamp, |state, number| {
        Ok(match &version(state, number)?.standing {
            Standing::Deleted(_) => None,
            _ => Some(Entry::Deleted { version: number, reason: reason.to_owned() }),
        })
    })
}

fn withdraw(
    store: &Store,
    reference: &Reference,
    stamp: Stamp<'_>,
    entry: impl FnOnce(&ModelState, u32) -> Result<Option<Entry>, Error>,
) -> Result<(u32, bool), Error> {
    change(store, reference.name(), stamp, |state, environments| {
        let number = reference.resolve(state, environments)?;
        let entry = entry(state, number)?;
        let stands: Vec<&str> = state.stands_in(number).into_iter().map(|(e, _)| e).collect();
        if entry.is_some() && !stands.is_empty() {
            let name = &state.name;
            return Err(Error::Refused(format!(
                "{name}:{number} stands in {}; promote another version there, or roll back, first",
                stands.join(", ")
            )));
        }
        Ok((Vec::from_iter(entry.clone()), (number, entry.is_some())))
    })
}
