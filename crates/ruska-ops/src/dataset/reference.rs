//! What users name datasets by: `churn` or `churn:3`.

use crate::Error;
use crate::written::hint;
use ruska::Store;
use ruska::register::{DatasetState, is_name};
use std::fmt;
use std::str::FromStr;

/// The name of a registered dataset, or of one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetReference {
    /// The dataset.
    pub name: String,
    /// The version; the latest when `None`.
    pub version: Option<u32>,
}

impl FromStr for DatasetReference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |why: &str| {
            let text = text.chars().take(100).collect();
            Error::BadDataset { text, why: why.to_owned() }
        };
        let (name, version) = match text.split_once(':') {
            None => (text, None),
            Some((name, number)) => {
                let number = number.parse().ok().filter(|n| *n > 0);
                (name, Some(number.ok_or_else(|| bad("a version is a number from 1"))?))
            }
        };
        if !is_name(name) {
            return Err(bad("a name has letters, digits, `.`, `_` and `-`, up to 100, a letter \
                            or digit first"));
        }
        Ok(Self { name: name.to_owned(), version })
    }
}

impl fmt::Display for DatasetReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            None => write!(f, "{}", self.name),
            Some(version) => write!(f, "{}:{version}", self.name),
        }
    }
}

/// The version that a name stands for, and the number of the latest.
///
/// Fails when there is no such dataset or version.
pub(super) fn find(
    store: &Store,
    reference: &DatasetReference,
) -> Result<(DatasetState, u32), Error> {
    let DatasetReference { name, version } = reference;
    let latest = store.dataset(name, None)?.ok_or_else(|| unknown(store, name))?;
    let last = latest.version.version;
    match *version {
        Some(version) if version != last => {
            let missing = || Error::UnknownVersion { name: name.clone(), version, last };
            Ok((store.dataset(name, Some(version))?.ok_or_else(missing)?, last))
        }
        _ => Ok((latest, last)),
    }
}

/// The error that no dataset has a name, with what there is.
pub(super) fn unknown(store: &Store, name: &str) -> Error {
    let known = match store.dataset_names() {
        Ok(known) => known,
        Err(why) => return why.into(),
    };
    let way = if known.is_empty() {
        format!(", which holds none; `ruska dataset add {name} FILE` enters one")
    } else {
        let all = format!("there are: {}", known.join(", "));
        hint(name, known.iter().map(String::as_str), &all)
    };
    Error::UnknownDataset { name: name.to_owned(), way }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn references_are_read_as_they_are_written() {
        for text in ["churn", "churn:3", "Churn-2.v1:12"] {
            assert_eq!(text.parse::<DatasetReference>().unwrap().to_string(), text);
        }
        for text in
            ["", "../x", "a/b", "churn:", "churn:0", "churn:-1", "churn:x", ":1", "a@b", "ü"]
        {
            let error = text.parse::<DatasetReference>();
            assert!(matches!(error, Err(Error::BadDataset { .. })), "{text}");
        }
    }
}
