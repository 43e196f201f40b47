//! Column names: trimmed, never empty, never twice.

use ruska_core::{Finding, FindingCode, Severity};
use std::collections::HashSet;

/// Name of the `k`-th column, from 1, where the file gives none.
pub(crate) fn numbered(k: usize) -> String {
    format!("c{k}")
}

/// Makes names usable: empty ones become `c<k>`, later equal ones `name.2`, `name.3`.
pub(crate) fn tidy(names: Vec<String>) -> (Vec<String>, Vec<Finding>) {
    let given: HashSet<String> = names.iter().map(|n| n.trim_ascii().to_owned()).collect();
    let mut taken = HashSet::new();
    let mut findings = Vec::new();
    let names = names
        .into_iter()
        .enumerate()
        .map(|(i, name)| {
            let name = name.trim_ascii();
            if !name.is_empty() && taken.insert(name.to_owned()) {
                return name.to_owned();
            }
            let (base, what) = if name.is_empty() {
                (numbered(i + 1), format!("column {} has no name", i + 1))
            } else {
                (format!("{name}.2"), format!("the name `{name}` occurs again at column {}", i + 1))
            };
            let stem = if name.is_empty() { base.clone() } else { name.to_owned() };
            let mut new = base;
            let mut n = 2;
            while given.contains(&new) || taken.contains(&new) {
                new = format!("{stem}.{n}");
                n += 1;
            }
            taken.insert(new.clone());
            findings.push(Finding {
                code: FindingCode::ColumnNames,
                severity: Severity::Warning,
                column: Some(new.clone()),
                count: 1,
                what: format!("{what}; it is called `{new}`"),
                advice: "give every column a name of its own in the file".to_owned(),
                examples: Vec::new(),
            });
            new
        })
        .collect();
    (names, findings)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_become_unique() {
        let given = ["a", " b ", "a", "", "a.2", "a", "c4", "", "🦀\n\"x\""];
        let (names, findings) = tidy(given.iter().map(ToString::to_string).collect());
        assert_eq!(names, ["a", "b", "a.3", "c4.2", "a.2", "a.4", "c4", "c8", "🦀\n\"x\""]);
        assert_eq!(findings.len(), 4);
        assert!(findings[0].what.contains("`a` occurs again at column 3"));
    }
}
