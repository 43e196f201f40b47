//! What people can be told of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that people can be told of.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A run failed. Stands until one does not.
    Failed,
    /// A run ended well, but nothing was scored. Stands until something is.
    NotScored,
    /// Data drifted. Stands until it does not.
    Drift,
    /// Data broke their contract. Stands until they keep it.
    Contract,
    /// A run did not take place when it was due. Stands until one does.
    Missed,
    /// A version was registered by a job that does not promote.
    Registered,
    /// A challenger replaced the champion.
    Promoted,
    /// A challenger waits for approval.
    Proposed,
    /// The champion stays.
    Declined,
    /// Nothing could be said; the champion stays.
    Held,
    /// What stood does not stand any more.
    Recovered,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Failed,
        Self::NotScored,
        Self::Drift,
        Self::Contract,
        Self::Missed,
        Self::Registered,
        Self::Promoted,
        Self::Proposed,
        Self::Declined,
        Self::Held,
        Self::Recovered,
    ];

    /// Its word in job files, in the ledger and in events.
    pub fn id(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotScored => "not_scored",
            Self::Drift => "drift",
            Self::Contract => "contract",
            Self::Missed => "missed",
            Self::Registered => "registered",
            Self::Promoted => "promoted",
            Self::Proposed => "proposed",
            Self::Declined => "declined",
            Self::Held => "held",
            Self::Recovered => "recovered",
        }
    }

    /// Whether it stands until it recovers, rather than happening once.
    pub fn stands(self) -> bool {
        use Kind::{Contract, Drift, Failed, Missed, NotScored};
        matches!(self, Failed | NotScored | Drift | Contract | Missed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_are_those_of_job_files() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.id());
        }
    }
}
