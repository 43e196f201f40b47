//! The seasons of a panel: those of the calendar that the series show.

use ruska_core::{Timelines, hash};
use ruska_kernels::Silent;
use ruska_kernels::series::holes::filled;
use ruska_kernels::series::periods::confirmed;

/// Most series that are asked.
const ASKED: usize = 100;
/// Most values of a series that are asked, the latest.
const LATEST: usize = 5000;
/// Share of the series long enough to show a season that have to.
const SHARE: f64 = 0.1;
/// How likely a series without a season may show one.
const LEVEL: f64 = 0.01;

/// Which of the periods that the calendar suggests the series have, ascending: those that a tenth of the
/// series show, of those that are long enough to.
pub(crate) fn seasons(lines: &Timelines, calendar: &[usize]) -> Vec<usize> {
    let mut shown = vec![(0u32, 0u32); calendar.len()];
    for series in hash::spread(lines.series(), ASKED.min(lines.series())) {
        let values = &lines.values[lines.span(series)];
        let values = &values[values.len().saturating_sub(LATEST)..];
        let Ok(found) = confirmed(&filled(values, 1), calendar, LEVEL, &Silent) else { continue };
        for ((count, able), period) in shown.iter_mut().zip(calendar) {
            *able += u32::from(values.len() > 2 * period);
            *count += u32::from(found.iter().any(|f| f.period == *period));
        }
    }
    let has =
        |(count, able): &(u32, u32)| *count > 0 && f64::from(*count) >= SHARE * f64::from(*able);
    calendar.iter().zip(&shown).filter(|(_, s)| has(s)).map(|(period, _)| *period).collect()
}
