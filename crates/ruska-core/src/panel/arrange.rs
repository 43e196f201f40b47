//! From sorted rows to steps.

use super::{Aggregate, Panel, PanelError, Repeated, SeriesRows, Stray, Strays, Stretch};
use crate::Frequency;

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
/// Repeated rows that an error shows.
const SHOWN: usize = 3;
/// Steps that a series may always have.
const SOME_STEPS: u64 = 100_000;
/// Steps for each row that a longer one may have.
const STEPS_A_ROW: u64 = 100;

impl SeriesRows {
    /// Gives every row its step. A row whose time is not on the grid belongs to the nearest step;
    /// without `aggregate` only where no other row does, and is left out otherwise.
    ///
    /// Fails where no row can be used, where a series is nearly all gaps, and where rows repeat a
    /// time and no aggregate is named. The hour that clocks have twice in autumn is no such row.
    pub fn arrange(
        &self,
        frequency: Frequency,
        aggregate: Option<Aggregate>,
    ) -> Result<Panel, PanelError> {
        if self.is_empty() {
            return Err(PanelError::NoRows { named: self.named });
        }
        let mut work = Work {
            rows: self,
            aggregate,
            repeated: Repeats { other: 0, pairs: vec![], set_back: 0 },
            panel: Panel {
                frequency,
                aggregate,
                moved: Strays::default(),
                left_out: Strays::default(),
                set_back: 0,
                series: Vec::with_capacity(self.len()),
                rows: Vec::with_capacity(self.rows.len()),
                steps: Vec::with_capacity(self.rows.len()),
            },
        };
        for at in 0..self.len() {
            work.series(at)?;
        }
        work.end()
    }
}

/// A row and the step it may have.
struct Placed {
    index: i64,
    /// How far its time is from the step's.
    off: u64,
    time: i64,
    row: u32,
}

/// Rows that repeat the time of another one.
struct Repeats {
    /// Those of hours that clocks have once.
    other: usize,
    /// The first of all.
    pairs: Vec<Repeated>,
    /// Those of an hour that clocks have twice.
    set_back: usize,
}

struct Work<'a> {
    rows: &'a SeriesRows,
    aggregate: Option<Aggregate>,
    repeated: Repeats,
    panel: Panel,
}

impl Work<'_> {
    fn series(&mut self, at: usize) -> Result<(), PanelError> {
        let frequency = self.panel.frequency;
        let key = self.rows.key(at);
        let placed = self.placed(at);
        let (first, last) = match (placed.first(), placed.last()) {
            (Some(first), Some(last)) => (first.index, last.index),
            _ => return Ok(()),
        };
        let steps = last.abs_diff(first).saturating_add(1);
        let most = SOME_STEPS.max(STEPS_A_ROW * placed.len() as u64).min(u64::from(u32::MAX));
        if steps > most {
            return Err(PanelError::TooLong {
                series: key.to_owned(),
                first: frequency.format(frequency.time(first)),
                last: frequency.format(frequency.time(last)),
                steps,
                frequency: frequency.to_string(),
                rows: placed.len(),
            });
        }
        let stray = |p: &Placed| Stray { series: key.to_owned(), time: p.time, row: p.row };
        let mut kept: Option<&Placed> = None;
        for p in &placed {
            let of_step = kept.filter(|k| k.index == p.index);
            if self.aggregate.is_none()
                && let Some(other) = of_step
            {
                if other.time != p.time {
                    self.panel.left_out.add(|| stray(p));
                    continue;
                }
                self.repeat(key, other, p);
            }
            if p.off > 0 {
                self.panel.moved.add(|| stray(p));
            }
            self.panel.rows.push(p.row);
            self.panel.steps.push((p.index - first) as u32);
            kept = of_step.or(Some(p));
        }
        let end = self.panel.rows.len();
        self.panel.series.push(Stretch { key: key.to_owned(), first, end });
        Ok(())
    }

    /// The rows of a series by their steps, the nearest of a step first.
    fn placed(&self, at: usize) -> Vec<Placed> {
        let frequency = self.panel.frequency;
        let range = self.rows.range(at);
        let rows = self.rows.times[range.clone()].iter().zip(&self.rows.rows[range]);
        let mut astray = false;
        let placed = rows.map(|(&time, &row)| {
            if let Some(index) = frequency.index(time) {
                return Placed { index, off: 0, time, row };
            }
            astray = true;
            let index = frequency.nearest(time);
            Placed { index, off: frequency.time(index).abs_diff(time).max(1), time, row }
        });
        let mut placed: Vec<Placed> = placed.collect();
        if astray {
            placed.sort_by_key(|p| (p.index, p.off, p.time, p.row));
        }
        placed
    }

    fn repeat(&mut self, key: &str, first: &Placed, second: &Placed) {
        let frequency = self.panel.frequency;
        if may_be_set_back(frequency, first.time) {
            self.repeated.set_back += 1;
        } else {
            self.repeated.other += 1;
        }
        if self.repeated.pairs.len() < SHOWN {
            self.repeated.pairs.push(Repeated {
                series: key.to_owned(),
                time: frequency.format(first.time),
                rows: [first.row, second.row],
            });
        }
    }

    fn end(mut self) -> Result<Panel, PanelError> {
        let Repeats { other, pairs, set_back } = self.repeated;
        if other > 0 {
            return Err(PanelError::Repeated { count: other + set_back, pairs });
        }
        self.panel.set_back = set_back;
        Ok(self.panel)
    }
}

impl Strays {
    fn add(&mut self, stray: impl FnOnce() -> Stray) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some(stray());
        }
    }
}

/// Whether a local clock may show a time twice: in a night to Sunday of autumn, north or south.
fn may_be_set_back(frequency: Frequency, time: i64) -> bool {
    let Frequency::Milliseconds { step: ..=HOUR, .. } = frequency else { return false };
    // 1970-01-01 was a Thursday.
    let sunday = (time.div_euclid(DAY) + 3).rem_euclid(7) == 6;
    let month = Frequency::MONTHLY.period(time).rem_euclid(12) + 1;
    sunday && time.rem_euclid(DAY) < 4 * HOUR && matches!(month, 3 | 4 | 9..=11)
}
