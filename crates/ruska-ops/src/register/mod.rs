//! The register of models: versions from lab to production.
//!
//! Every change is decided from the entries about one name, under the ledger's lock, and appended
//! at once: two promotions at a time give the result of one after the other.

mod approve;
mod card;
mod change;
mod environments;
mod list;
mod promote;
mod reference;
mod reproduce;
mod rollback;
mod version;
mod withdraw;

pub(crate) use change::{change_at, open_version, place, way_to, when};
pub(crate) use reference::latest_facts;

pub use approve::{Approval, approve, reject};
pub use card::card;
pub use environments::{
    EnvironmentDiff, ModelDifference, Standing, environment_diff, set_environments,
};
pub(crate) use list::listed;
pub use list::{Listed, Placed, Shown, Stood, list, show};
pub use promote::{Change, Promotion, promote};
pub use reference::{Found, Reference, find};
pub use reproduce::{Reproduction, reproduce};
pub use rollback::rollback;
pub(crate) use version::{known, newest};
pub use version::{load, register, register_file, state};
pub use withdraw::{delete, retire};
