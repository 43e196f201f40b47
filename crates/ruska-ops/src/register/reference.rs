//! What users name models by: a file, `churn`, `churn@test` or `churn:3`.

use super::change::{place, usable_version, version};
use super::version::{open, state};
use crate::Error;
use ruska::register::{ModelState, Standing, is_name};
use ruska::{Model, Store};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// The name of a registered version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `churn`: the champion of the last environment.
    Name(String),
    /// `churn@test`: the champion of an environment; in the first, the latest version.
    Environment(String, String),
    /// `churn:3`: a version.
    Version(String, u32),
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let shown: String = text.chars().take(100).collect();
        let bad = |why: &str| Error::BadReference { text: shown.clone(), why: why.to_owned() };
        let name = |name: &str| {
            let why = "a name has letters, digits, `.`, `_` and `-`, up to 100, a letter or digit \
                       first";
            if is_name(name) { Ok(name.to_owned()) } else { Err(bad(why)) }
        };
        if let Some((model, environment)) = text.split_once('@') {
            return Ok(Self::Environment(name(model)?, name(environment)?));
        }
        if let Some((model, number)) = text.split_once(':') {
            let number = number.parse().ok().filter(|n| *n > 0);
            let number = number.ok_or_else(|| bad("a version is a number from 1"))?;
            return Ok(Self::Version(name(model)?, number));
        }
        Ok(Self::Name(name(text)?))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name}"),
            Self::Environment(name, environment) => write!(f, "{name}@{environment}"),
            Self::Version(name, version) => write!(f, "{name}:{version}"),
        }
    }
}

impl Reference {
    /// The model's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Name(name) | Self::Environment(name, _) | Self::Version(name, _) => name,
        }
    }

    /// The version it stands for, whether it may be used or not.
    ///
    /// Fails when there is none, telling what would make one.
    pub fn resolve(&self, state: &ModelState, environments: &[String]) -> Result<u32, Error> {
        let environment = match self {
            Self::Version(_, number) => return version(state, *number).map(|v| v.version.version),
            Self::Environment(_, environment) => environment,
            Self::Name(_) => environments.last().ok_or_else(|| {
                Error::Refused("the store has no environments; `ruska env set` names them".into())
            })?,
        };
        let at = place(environments, environment)?;
        let found = if at == 0 { latest(state) } else { state.champion(environment) };
        found.ok_or_else(|| {
            let (name, environment) = (state.name.clone(), environment.clone());
            Error::NothingStands { name, environment, next: next_step(state, environments, at) }
        })
    }
}

/// The latest version that may be used.
pub(super) fn latest(state: &ModelState) -> Option<u32> {
    let open = |(_, v): &(&u32, &ruska::register::VersionState)| v.standing == Standing::Open;
    state.versions.iter().rev().find(open).map(|(number, _)| *number)
}

/// The number and facts of the latest version that may be used.
pub(crate) fn latest_facts(state: &ModelState) -> Option<(u32, &ruska::register::ModelFacts)> {
    let number = latest(state)?;
    state.versions.get(&number).map(|v| (number, &v.version.facts))
}

/// What to type so that a version comes nearer to an environment.
fn next_step(state: &ModelState, environments: &[String], at: usize) -> String {
    let name = &state.name;
    let Some(version) = latest(state) else {
        return format!("ruska model register {name} FILE");
    };
    let stands = |step: &usize| state.champion(&environments[*step]).is_some();
    let from = (1..at).rev().find(stands).unwrap_or(0);
    let version = state.champion(&environments[from]).filter(|_| from > 0).unwrap_or(version);
    format!("ruska model promote {name}:{version} {}", environments[(from + 1).min(at)])
}

/// A model that somebody named.
pub struct Found {
    /// The model.
    pub model: Model,
    /// BLAKE3 hash of its file, hexadecimal.
    pub digest: String,
    /// Its name and version, unless it was named by a file.
    pub version: Option<(String, u32)>,
}

impl Found {
    /// `churn:3`, or nothing for a file.
    pub fn label(&self) -> String {
        self.version.as_ref().map_or(String::new(), |(name, version)| format!("{name}:{version}"))
    }
}

/// Loads the model that a text names: a file, if there is one of this name, or else a version in
/// the register of the store in a folder, its bytes checked against their digest.
///
/// Fails when there is neither, when the version was retired or deleted, and when the file or the
/// version's bytes are damaged.
pub fn find(folder: &Path, text: &str) -> Result<Found, Error> {
    let path = Path::new(text);
    if path.exists() && !path.is_dir() {
        let bytes = super::version::read(path)?;
        return Ok(Found {
            model: super::version::parse(&bytes, Some(path))?,
            digest: ruska::Digest::of(&bytes).to_string(),
            version: None,
        });
    }
    let file = text.contains(['/', '\\']) || path.extension().is_some_and(|e| e == "ruska");
    if file || text.is_empty() {
        return Err(Error::NoModel { text: text.to_owned(), why: "there is no such file".into() });
    }
    let no_file = |why: Error| match why {
        Error::Store(e @ ruska::StoreError::NoStore { .. }) => {
            Error::NoModel { text: text.to_owned(), why: format!("there is no such file, and {e}") }
        }
        Error::BadReference { why, .. } => {
            let why = format!("there is no such file, and as a reference: {why}");
            Error::NoModel { text: text.to_owned(), why }
        }
        other => other,
    };
    registered(folder, text).map_err(no_file)
}

fn registered(folder: &Path, text: &str) -> Result<Found, Error> {
    let reference: Reference = text.parse()?;
    let store = Store::open_existing(folder)?;
    let state = state(&store, reference.name())?;
    let number = reference.resolve(&state, &store.environments()?)?;
    let found = usable_version(&state, number)?;
    let model = open(&store, &found.version)?;
    let digest = found.version.digest.clone();
    Ok(Found { model, digest, version: Some((state.name.clone(), number)) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn references_are_read_as_they_are_written() {
        for text in ["churn", "churn@test", "churn:3", "Churn-2.v1@a_b"] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let bad = [
            "",
            "../x",
            "a/b",
            "churn:",
            "churn:0",
            "churn:-1",
            "churn:x",
            "churn@",
            "@test",
            ":1",
            "churn@a/b",
            "churn:1@test",
            "churn@test:1",
            "churn:99999999999",
            "a b",
            "ü",
        ];
        for text in bad {
            assert!(matches!(text.parse::<Reference>(), Err(Error::BadReference { .. })), "{text}");
        }
    }
}
