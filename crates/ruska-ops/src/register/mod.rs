//! The register of models: versions from lab to production.

mod version;

pub use version::{load, register, state};
