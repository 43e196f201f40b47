//! Why something could not be done, for people.

use ruska::StoreError;
use thiserror::Error;

/// Anything that can go wrong. The message says what, where, and the way out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A table, a model or a search.
    #[error(transparent)]
    Ruska(#[from] ruska::Error),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}
