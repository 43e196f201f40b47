//! The register: versions of datasets and models, and a ledger of what happened to them.

mod entry;

pub use entry::{
    DatasetColumn, DatasetVersion, Decision, Deployment, Entry, JobEnd, JobOutcome, JobStart,
    ModelFacts, ModelVersion, Origin, Recorded, Role, RuleOutcome, Stamp, Subject, Verdict,
};
