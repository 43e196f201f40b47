//! Levels that differ in blanks or case only, and words for "not known".
//!
//! Two levels are spellings of one when they are equal without blanks around them, with single
//! blanks within, in lower case. It fails on typing errors, which only likeness would tell. Cost
//! O(levels · length) plus a sort.

use super::{Oddity, leave_out, rows_of, weight};
use crate::meaning::note::{counted, shown, word};
use ruska_core::{FindingCode, Severity, StrColumn, hash};

/// Words for a value that is not known, in any case. `none`, `other` and `not
/// applicable` are answers.
const UNKNOWN: [&str; 40] = [
    "unknown",
    "unk",
    "unkn",
    "unkown",
    "not known",
    "n/k",
    "nk",
    "not available",
    "not avail.",
    "unavailable",
    "not provided",
    "not given",
    "not specified",
    "unspecified",
    "not stated",
    "not reported",
    "not recorded",
    "undefined",
    "missing",
    "missing value",
    "no data",
    "nodata",
    "no value",
    "n.a.",
    "n.a",
    "#n/a!",
    "#value!",
    "#ref!",
    "#div/0!",
    "nil",
    "(blank)",
    "blank",
    "(empty)",
    "tbd",
    "tba",
    "--",
    "---",
    "???",
    "unbekannt",
    "keine angabe",
];

/// The levels in use with their rows.
pub(super) struct Levels<'a> {
    /// In the order of the column.
    pub(super) used: Vec<(&'a str, usize)>,
    /// Rows of the table.
    pub(super) rows: usize,
}

impl<'a> Levels<'a> {
    /// `counts`: rows of each level.
    pub(super) fn new(column: &'a StrColumn, counts: &[usize]) -> Self {
        let levels = column.levels.iter().map(String::as_str).zip(counts.iter().copied());
        let used = levels.filter(|(_, count)| *count > 0).collect();
        Self { used, rows: column.codes.len() }
    }

    /// A hash for each level that its spellings share.
    pub(super) fn keys(&self) -> Vec<u64> {
        self.used.iter().map(|(level, _)| key(level)).collect()
    }
}

/// The hash of what spellings of one level have in common.
fn key(level: &str) -> u64 {
    let add =
        |h: u64, c: char| (h ^ u64::from(c)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
    let mut h = 0;
    for (at, word) in level.split_whitespace().enumerate() {
        if at > 0 {
            h = add(h, ' ');
        }
        h = word.chars().flat_map(char::to_lowercase).fold(h, add);
    }
    hash::mix(h)
}

/// Tells levels of several spellings; `one` where these count as one level.
pub(super) fn variants(name: &str, levels: &Levels<'_>, keys: &[u64], one: bool) -> Option<Oddity> {
    let mut keys: Vec<(u64, u32)> = keys.iter().copied().zip(0..).collect();
    keys.sort_unstable();
    let several = keys.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1);
    let spellings = |same: &[(u64, u32)]| {
        let mut same: Vec<(&str, usize)> =
            same.iter().map(|(_, at)| levels.used[*at as usize]).collect();
        // The usual spelling first.
        same.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        same
    };
    let mut several: Vec<Vec<(&str, usize)>> = several.map(spellings).collect();
    several.sort_by(|a, b| b[1].1.cmp(&a[1].1).then(a[0].0.cmp(b[0].0)));
    let count = several.iter().flat_map(|same| &same[1..]).map(|(_, count)| count).sum();
    let first = several.first()?;
    let examples: Vec<String> =
        first.iter().take(3).map(|(level, count)| shown(level, *count)).collect();
    let (so, severity) = if one {
        ("they count as one level", Severity::Info)
    } else {
        ("each counts as a level of its own", weight(count, levels.rows))
    };
    Some(Oddity {
        code: FindingCode::LevelVariants,
        severity,
        count,
        what: format!(
            "column `{name}` writes {} in several ways, such as `{}`; {so} ({} differ from the \
             usual spelling)",
            counted(several.len(), "level"),
            examples.join("`, `"),
            counted(count, "row"),
        ),
        advice: format!("write them alike; {}", leave_out(name)),
        examples,
    })
}

/// Tells words for a value that is not known.
pub(super) fn words(name: &str, levels: &Levels<'_>, keys: &[u64]) -> Option<Oddity> {
    let mut unknown = UNKNOWN.map(key);
    unknown.sort_unstable();
    let found = levels.used.iter().zip(keys).filter(|(_, k)| unknown.binary_search(k).is_ok());
    let found: Vec<&(&str, usize)> = found.map(|(level, _)| level).collect();
    let count: usize = found.iter().map(|(_, count)| count).sum();
    let examples: Vec<String> =
        found.iter().take(3).map(|(level, _)| (*level).to_owned()).collect();
    (count > 0).then(|| Oddity {
        code: FindingCode::DisguisedMissing,
        severity: Severity::Info,
        count,
        what: format!(
            "column `{name}`: `{}` in {} says that a value is missing; it counts as a level",
            examples.join("`, `"),
            rows_of(count, levels.rows)
        ),
        advice: format!(
            "nothing to do where that is an answer, else empty those cells or `--ignore {}`",
            word(name)
        ),
        examples,
    })
}
