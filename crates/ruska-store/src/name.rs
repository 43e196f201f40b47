//! Names of studies.

use crate::StoreError;
use std::collections::BTreeSet;

/// How a new study is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StudyName<'a> {
    /// Exactly so; an error when the name is taken.
    Exact(&'a str),
    /// `stem-1`, `stem-2`, …: the first that is free.
    Stem(&'a str),
}

/// Longest name in bytes.
const LONGEST: usize = 200;

impl StudyName<'_> {
    /// The name to use, given those that begin alike.
    pub(crate) fn choose(self, taken: &BTreeSet<String>) -> Result<String, StoreError> {
        match self {
            Self::Exact(name) if taken.contains(name) => {
                Err(StoreError::NameTaken { name: name.to_owned() })
            }
            Self::Exact(name) => check(name),
            Self::Stem(stem) => {
                let stem: String = stem.chars().filter(|c| !c.is_control()).take(40).collect();
                let stem = Some(stem.trim()).filter(|s| !s.is_empty()).unwrap_or("study");
                let mut names = (1..=taken.len() + 1).map(|n| format!("{stem}-{n}"));
                let free = names.find(|name| !taken.contains(name));
                Ok(free.expect("of one name more than are taken, one is free"))
            }
        }
    }
}

fn check(name: &str) -> Result<String, StoreError> {
    let refuse = |why| Err(StoreError::BadName { name: name.chars().take(LONGEST).collect(), why });
    if name.is_empty() || name.trim() != name {
        refuse("is empty or has space around it; use letters, digits and dashes")
    } else if name.len() > LONGEST {
        refuse("is too long; 200 bytes are allowed")
    } else if name.chars().any(char::is_control) {
        refuse("has control characters; use letters, digits and dashes")
    } else {
        Ok(name.to_owned())
    }
}
