//! Oddities of columns that a contract refuses unless it knows them.

use super::bounds::LEAST;
use super::spec::ColumnTerms;
use ruska::FindingCode::{
    self, AllMissing, BrokenEncoding, ConstantColumn, DisguisedMissing, DuplicateColumns,
    Identifier, LevelVariants, ManyMissing, MixedTypes, MixedUnits, NearConstantColumn,
    NearDuplicateColumns, Outliers, SuspectedLeak, TargetCopy,
};

/// The oddities that are told of a column.
pub(super) const OF_COLUMNS: [FindingCode; 15] = [
    AllMissing,
    BrokenEncoding,
    ConstantColumn,
    DisguisedMissing,
    DuplicateColumns,
    Identifier,
    LevelVariants,
    ManyMissing,
    MixedTypes,
    MixedUnits,
    NearConstantColumn,
    NearDuplicateColumns,
    Outliers,
    SuspectedLeak,
    TargetCopy,
];

/// Rows from which equal numbers are odd where there were many.
const SOME: usize = 20;

/// Oddities of more and less of the same thing; whoever knows one knows both, since chance decides
/// which of them a sample shows.
const ALIKE: [[FindingCode; 2]; 4] = [
    [ConstantColumn, NearConstantColumn],
    [AllMissing, ManyMissing],
    [DuplicateColumns, NearDuplicateColumns],
    [TargetCopy, SuspectedLeak],
];

/// Whether a finding is an oddity of a column that the contract names: what terms of their own are
/// about (missing values, keys, values in nearly all rows) is left to them.
pub(super) fn of_named(code: FindingCode) -> bool {
    OF_COLUMNS.contains(&code) && !matches!(code, Identifier | ManyMissing | NearConstantColumn)
}

/// Rows from which an oddity is no chance: that all values are equal, or equal to those of another
/// column, says little of few rows, and something sooner where values are usually many.
pub(super) fn least_rows(code: FindingCode, terms: &ColumnTerms) -> usize {
    match code {
        ConstantColumn if terms.usual.is_some() => SOME,
        AllMissing | ConstantColumn | DuplicateColumns | NearDuplicateColumns | SuspectedLeak
        | TargetCopy => LEAST,
        _ => 0,
    }
}

/// Whether a finding counts rows with odd values, of which a few may be let pass.
pub(super) fn of_values(code: FindingCode) -> bool {
    matches!(code, BrokenEncoding | DisguisedMissing | LevelVariants | MixedUnits | Outliers)
}

/// Whether knowing some oddities covers another one.
pub(super) fn covers(known: &[FindingCode], code: FindingCode) -> bool {
    let alike = |other: &FindingCode| {
        *other == code || ALIKE.iter().any(|pair| pair.contains(other) && pair.contains(&code))
    };
    known.iter().any(alike)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_and_less_of_the_same_are_known_together() {
        assert!(covers(&[NearConstantColumn], ConstantColumn));
        assert!(covers(&[Outliers], Outliers));
        assert!(!covers(&[Outliers], MixedUnits));
        assert!(!covers(&[], Outliers));
    }
}
