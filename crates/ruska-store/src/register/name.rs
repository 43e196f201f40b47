//! Names of models, datasets, jobs and environments.

use super::Subject;
use crate::StoreError;

/// Longest name in bytes.
const LONGEST: usize = 100;

/// Whether a name may be used for a model, a dataset, a job or an environment: it begins with a
/// letter or digit and goes on with letters, digits, `.`, `_` and `-`, 100 at most. So it is safe as
/// part of a path, and `:` and `@` are left for references.
pub fn is_name(name: &str) -> bool {
    let inner = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
    name.len() <= LONGEST
        && name.bytes().all(inner)
        && name.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric())
}

/// Refuses a name that cannot be used; the store as a whole has none.
pub(super) fn check(subject: Subject, name: &str) -> Result<(), StoreError> {
    match subject {
        Subject::Store if name.is_empty() => Ok(()),
        Subject::Store => Err(refusal(subject.id(), name)),
        _ => check_as(subject.id(), name),
    }
}

/// Refuses a name that cannot be used for a `what`.
pub(crate) fn check_as(what: &'static str, name: &str) -> Result<(), StoreError> {
    if is_name(name) { Ok(()) } else { Err(refusal(what, name)) }
}

fn refusal(what: &'static str, name: &str) -> StoreError {
    StoreError::BadRegisterName { what, name: name.chars().take(LONGEST).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_in_paths_and_references() {
        assert!(["churn", "Churn-2.v1_b", "7"].iter().all(|n| is_name(n)));
        let bad = ["", ".", "..", "../x", "a/b", "a:1", "a@b", "-x", "ü", "a b", "a\0"];
        assert!(bad.iter().all(|n| !is_name(n)));
        assert!(is_name(&"a".repeat(100)) && !is_name(&"a".repeat(101)));
    }
}
