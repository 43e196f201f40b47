//! Which rows of a job's table the challenger learns from, and which are kept for the comparison.
//!
//! ```text
//! ── before the window ──│── challenger learns ──│── compared: newer than anything either learned from ──▶ time
//!                     newest − window          until                                              newest
//! ```

use super::spec::{TestPart, milliseconds};
use ruska::NO_VALUE;

/// A stretch of time; the challenger learns from the rows in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// First moment, milliseconds since 1970; `None` for the beginning.
    pub(crate) from_ms: Option<i64>,
    /// First moment after it, milliseconds since 1970.
    pub(crate) until_ms: i64,
}

/// Where the challenger's rows end, so that the newest rows are left for the comparison.
///
/// Whole values of time are kept together, and the newest one always is kept. Of the rows newer
/// than the champion's cut-off at most half are kept, so that the challenger learns something new,
/// unless that leaves fewer than `min_rows`. `times` are those of all rows, in any order;
/// [`NO_VALUE`] counts for nothing. `None` when no row has a time.
pub(crate) fn stretch(
    times: &[i64],
    window_ms: Option<i64>,
    test: &TestPart,
    champion_cutoff: Option<i64>,
    min_rows: usize,
) -> Option<Stretch> {
    let mut times: Vec<i64> = times.iter().copied().filter(|t| *t != NO_VALUE).collect();
    times.sort_unstable();
    let newest = *times.last()?;
    let from_ms = window_ms.map(|window| newest.saturating_sub(window).saturating_add(1));
    let first = from_ms.map_or(0, |from| times.partition_point(|t| *t < from));
    let times = &times[first..];
    let fresh = champion_cutoff
        .map_or(times.len(), |cutoff| times.len() - times.partition_point(|t| *t <= cutoff));
    let wanted = match test {
        TestPart::Share(share) => (share * times.len() as f64).round() as usize,
        TestPart::Span(span) => {
            let ms = milliseconds(span).unwrap_or(0);
            let start = newest.saturating_sub(ms).saturating_add(1);
            times.len() - times.partition_point(|t| *t < start)
        }
    };
    let spared = if champion_cutoff.is_some() && fresh > 0 {
        wanted.min((fresh / 2).max(min_rows)).min(fresh)
    } else {
        wanted
    };
    let start = times[times.len() - spared.clamp(1, times.len())];
    // Rows of one moment stay together: where the cut falls into one, the next one is taken.
    let before = times.partition_point(|t| *t < start);
    let until_ms = if times.len() - before > spared {
        times.iter().copied().find(|t| *t > start).unwrap_or(newest)
    } else {
        start
    };
    Some(Stretch { from_ms, until_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(rows: &[usize]) -> Vec<i64> {
        (1i64..).zip(rows).flat_map(|(month, n)| std::iter::repeat_n(month * 1000, *n)).collect()
    }

    #[test]
    fn the_newest_month_is_kept_whole() {
        let times = months(&[100; 7]);
        let got = stretch(&times, None, &TestPart::Share(0.2), Some(6000), 100);
        assert_eq!(got, Some(Stretch { from_ms: None, until_ms: 7000 }));
        let got = stretch(&times, None, &TestPart::Share(0.01), None, 100);
        assert_eq!(got, Some(Stretch { from_ms: None, until_ms: 7000 }));
    }

    #[test]
    fn half_of_what_is_new_is_left_to_learn_from() {
        let times: Vec<i64> = (0..1000).collect();
        // 400 rows are newer than the champion; 60 % of all would be kept, half of the new ones are.
        let got = stretch(&times, None, &TestPart::Share(0.6), Some(599), 100);
        assert_eq!(got, Some(Stretch { from_ms: None, until_ms: 800 }));
        // Few new rows are all kept.
        let got = stretch(&times, None, &TestPart::Share(0.6), Some(949), 100);
        assert_eq!(got, Some(Stretch { from_ms: None, until_ms: 950 }));
    }

    #[test]
    fn windows_and_spans_count_back_from_the_newest_row() {
        let times: Vec<i64> = (0..1000).collect();
        let got = stretch(&times, Some(500), &TestPart::Span("100ms".into()), None, 10);
        assert_eq!(got, Some(Stretch { from_ms: Some(500), until_ms: 900 }));
        assert_eq!(stretch(&[NO_VALUE], None, &TestPart::Share(0.2), None, 10), None);
    }

    #[test]
    fn without_new_rows_the_newest_are_kept_all_the_same() {
        let times: Vec<i64> = (0..100).collect();
        let got = stretch(&times, None, &TestPart::Share(0.2), Some(99), 10);
        assert_eq!(got, Some(Stretch { from_ms: None, until_ms: 80 }));
    }
}
