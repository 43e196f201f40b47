//! Learning from a part of a table only.

use crate::error::Error;
use crate::seen::row_hashes;
use crate::times::times_of;
use ruska_core::{NO_VALUE, hash};
use ruska_data::ReadTable;
use serde::{Deserialize, Serialize};

/// The rows of a table that are learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Those whose time lies in a stretch.
    Time(TimeRange),
    /// All but a share that is kept out. Which rows these are is told by their content: a row that
    /// is kept out stays so when others join the table, and equal rows stay together.
    AllBut {
        /// About the share of rows that is kept out, in (0, 1).
        share: f64,
        /// Column whose equal values are kept out together; the whole row counts when `None`.
        group: Option<String>,
    },
}

impl Part {
    /// The rows of a table that belong to it, in order; the table is as it would be had the others
    /// never been there.
    ///
    /// Fails when a column it goes by is not there or holds no times, and when no row is left.
    pub fn of(&self, table: &ReadTable) -> Result<ReadTable, Error> {
        let rows = self.rows(table)?;
        let (findings, files) = (table.findings.clone(), table.files.clone());
        Ok(ReadTable { frame: table.frame.take(&rows).compact(), findings, files })
    }

    /// Places of these rows in the table, in order.
    ///
    /// Fails as [`Self::of`] does.
    pub fn rows(&self, table: &ReadTable) -> Result<Vec<u32>, Error> {
        match self {
            Self::Time(range) => range.rows(table),
            Self::AllBut { share, group } => all_but(table, *share, group.as_deref()),
        }
    }
}

fn all_but(table: &ReadTable, share: f64, group: Option<&str>) -> Result<Vec<u32>, Error> {
    let frame = &table.frame;
    let counted = match group {
        None => frame.clone(),
        Some(name) => frame.select(|f| &*f.name == name),
    };
    let limit = (share * u64::MAX as f64) as u64;
    let hashes = row_hashes(&counted, vec![0; frame.rows()]);
    let kept = (0u32..).zip(hashes).filter(|(_, hash)| hash::mix(*hash) >= limit);
    let rows: Vec<u32> = kept.map(|(row, _)| row).collect();
    if rows.is_empty() {
        let what = format!("keeping {share} of {} rows out leaves none", frame.rows());
        return Err(Error::Options(what));
    }
    Ok(rows)
}

/// The rows whose time lies in a stretch. A row without a time lies in none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// Column of times.
    pub column: String,
    /// First moment, milliseconds since 1970; from the beginning when `None`.
    pub from_ms: Option<i64>,
    /// First moment after the stretch, milliseconds since 1970; to the end when `None`.
    pub until_ms: Option<i64>,
}

impl TimeRange {
    /// The rows of a table that lie in it, in order.
    fn rows(&self, table: &ReadTable) -> Result<Vec<u32>, Error> {
        let times = times_of(&table.frame, &self.column)?;
        let inside = |t: i64| {
            t != NO_VALUE
                && self.from_ms.is_none_or(|from| t >= from)
                && self.until_ms.is_none_or(|until| t < until)
        };
        let rows: Vec<u32> =
            (0u32..).zip(&times).filter(|(_, t)| inside(**t)).map(|(row, _)| row).collect();
        if rows.is_empty() {
            let bound = |ms: Option<i64>| ms.map_or("…".to_owned(), ruska_data::time_text);
            return Err(Error::Options(format!(
                "no row has a time in `{}` from {} to before {}",
                self.column,
                bound(self.from_ms),
                bound(self.until_ms)
            )));
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ruska_core::{Column, Field, Frame, Kind};

    fn table(rows: std::ops::Range<i64>) -> ReadTable {
        let field = |name: &str, column| Field::new(name, Kind::Numeric, column);
        let group = Column::Int(rows.clone().map(|i| i / 4).collect::<Vec<_>>().into());
        let frame = Frame::new(vec![
            field("g", group),
            field("x", Column::Int(rows.collect::<Vec<_>>().into())),
        ]);
        ReadTable { frame: frame.unwrap(), findings: vec![], files: vec![] }
    }

    fn kept(part: &Part, rows: std::ops::Range<i64>) -> Vec<i64> {
        match &part.of(&table(rows)).unwrap().frame.field("x").unwrap().column {
            Column::Int(v) => v.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rows_kept_out_stay_so_when_others_join() {
        let part = Part::AllBut { share: 0.25, group: None };
        let (few, many) = (kept(&part, 0..2000), kept(&part, 0..4000));
        assert_eq!(few, many.iter().copied().filter(|x| *x < 2000).collect::<Vec<_>>());
        // Five standard deviations of a binomial of 2000 at 0.75.
        assert!((few.len() as f64 - 1500.0).abs() < 5.0 * 19.4, "{}", few.len());
    }

    #[test]
    fn groups_are_kept_out_whole() {
        let part = Part::AllBut { share: 0.25, group: Some("g".into()) };
        let kept = kept(&part, 0..400);
        assert!(kept.len() < 400 && kept.len() > 200);
        assert!((0..100).all(|g| [0, 4].contains(&kept.iter().filter(|x| *x / 4 == g).count())));
    }
}
