//! The register: versions of datasets and models, and a ledger of what happened to them.

pub(crate) mod batch;
pub(crate) mod chain;
mod datasets;
mod entry;
mod ledger;
mod name;
mod state;
pub(crate) mod study;
mod versions;

pub use crate::lease::JobLease;
pub use batch::Batch;
pub use chain::{Break, Checked, HEADS, Head};
pub use datasets::{DatasetHead, DatasetState};
pub use entry::{
    AlertNote, Cause, DatasetColumn, DatasetVersion, Decision, Deployment, Entry, JobEnd,
    JobOutcome, JobStart, JobTaken, ModelFacts, ModelVersion, Origin, Recorded, Role, RuleOutcome,
    Skipped, Stamp, StudyEnd, StudyStart, Subject, Trigger, Verdict,
};
pub(crate) use name::check_as;
pub use name::is_name;
pub use state::{Answer, Decided, Mark, ModelState, Proposal, Stand, Standing, VersionState};
pub use versions::ENVIRONMENTS;
