//! The register: versions of datasets and models, and a ledger of what happened to them.

mod datasets;
mod entry;
mod ledger;
mod name;
mod state;
mod versions;

pub use crate::lease::JobLease;
pub use datasets::{DatasetHead, DatasetState};
pub use entry::{
    Cause, DatasetColumn, DatasetVersion, Decision, Deployment, Entry, JobEnd, JobOutcome,
    JobStart, ModelFacts, ModelVersion, Origin, Recorded, Role, RuleOutcome, Stamp, Subject,
    Trigger, Verdict,
};
pub(crate) use name::check_as;
pub use name::is_name;
pub use state::{Answer, Decided, Mark, ModelState, Proposal, Stand, Standing, VersionState};
