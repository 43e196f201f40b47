//! `[[alert]]` of a job file.

use super::{Kind, Target};
use crate::Error;
use crate::written::Source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whom to tell, and of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertSection {
    /// Where events are posted: an https address of a public host.
    pub url: String,
    /// What is told; everything when left out. What recovers is told only where `recovered` and what
    /// had stood are both named.
    pub on: Option<Vec<Kind>>,
    /// Variable of the environment that holds the secret with which events are signed.
    pub secret_env: Option<String>,
    /// File that holds it, relative to the job file.
    pub secret_file: Option<String>,
    /// Also tell hosts that are not public, such as localhost or 10.0.0.7; these over http too.
    #[serde(default)]
    pub allow_private: bool,
}

impl AlertSection {
    /// Whether it is told of something.
    pub(super) fn wants(&self, kind: Kind) -> bool {
        self.on.as_ref().is_none_or(|on| on.contains(&kind))
    }
}

/// Refuses receivers that nothing could be sent to, at their place in the job file.
pub(crate) fn check(alerts: &[AlertSection], source: &Source<'_>) -> Result<(), Error> {
    for (i, alert) in alerts.iter().enumerate() {
        let number = i.to_string();
        let refuse =
            |key: &str, what: &str| Err(source.at_key(&["alert", number.as_str(), key], what));
        if let Err(why) = Target::parse(&alert.url, alert.allow_private) {
            return refuse("url", &why);
        }
        if alert.on.as_ref().is_some_and(Vec::is_empty) {
            return refuse("on", "names nothing; leave it out to be told everything");
        }
        match (&alert.secret_env, &alert.secret_file) {
            (Some(name), None) => {
                let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
                if name.is_empty() || !name.chars().all(inner) {
                    let what = "is no name of a variable of the environment; the secret itself \
                                does not belong in a job file";
                    return refuse("secret_env", what);
                }
            }
            (None, Some(path)) if path.is_empty() || path.contains('\0') => {
                return refuse("secret_file", "name a file");
            }
            (None, Some(_)) => {}
            (None, None) => {
                let what = "events are signed; name the variable of the environment that holds the \
                            secret (`secret_env`) or a file (`secret_file`)";
                return refuse("url", what);
            }
            (Some(_), Some(_)) => {
                return refuse("secret_file", "there is `secret_env` already; keep one of both");
            }
        }
    }
    Ok(())
}
