//! A grid to which every time is near, although few may be on it.
//!
//! For clocks that jitter, months told by their last working day, weeks moved by a holiday, local
//! midnights written in UTC. A grid is taken where its steps and the times go together: nearly
//! every step has one, hardly any has two, and most times are within a quarter of a step of it.

use super::Frequency;
use super::calendar::DAY;
use super::grids::{Anchor, Gaps, USUAL, USUAL_MONTHS};

/// Times looked at.
const SAMPLE: usize = 100_000;
/// Milliseconds of a month on average.
const MONTH: f64 = 30.436_875 * DAY as f64;

/// The grid of usual steps that is nearest to all times, where there is one.
pub(super) fn coarser(series: &[&[i64]], gaps: &Gaps) -> Option<Frequency> {
    let series = sample(series);
    let share = |step: f64| gaps.pairs as f64 * step / gaps.span;
    let likely = |step: f64| (0.8..1.05).contains(&share(step));
    let of_months = USUAL_MONTHS.iter().filter(|months| likely(**months as f64 * MONTH));
    if let Some(&step) = of_months.into_iter().next() {
        let Anchor { day, clock, .. } = Anchor::of(&series)?;
        let step = step as u32;
        let grids = (0..step).map(|offset| Frequency::Months { step, offset, day, clock });
        return grids.into_iter().find(|grid| is_near(*grid, &series));
    }
    let step = USUAL.into_iter().find(|step| likely(*step as f64))?;
    let grid = |offset| Frequency::Milliseconds { step, offset };
    offsets(&series, step).into_iter().map(grid).find(|grid| is_near(*grid, &series))
}

/// The first series, up to a number of times.
fn sample<'a>(series: &[&'a [i64]]) -> Vec<&'a [i64]> {
    let mut left = SAMPLE;
    let part = |s: &&'a [i64]| {
        let taken = s.len().min(left);
        left -= taken;
        (taken > 0).then(|| &s[..taken])
    };
    series.iter().map_while(part).collect()
}

/// Where a grid of a step may lie: at the residue of many times, at 0, in the middle of residues.
fn offsets(series: &[&[i64]], step: i64) -> Vec<i64> {
    let first = series.first().and_then(|s| s.first()).map_or(0, |t| t.rem_euclid(step));
    let turned = |time: &i64| (time.rem_euclid(step) - first + step + step / 2) % step - step / 2;
    let mut residues: Vec<i64> = series.iter().flat_map(|s| s.iter()).map(turned).collect();
    residues.sort_unstable();
    let modal = residues.chunk_by(|a, b| a == b).max_by_key(|same| same.len());
    let often = modal.filter(|same| same.len() * 3 >= residues.len()).map(|same| same[0]);
    let middle = residues.get(residues.len() / 2).copied();
    let at = |turned: i64| (turned + first).rem_euclid(step);
    let zero = (step <= DAY).then_some(0);
    often.map(at).into_iter().chain(zero).chain(middle.map(at)).collect()
}

/// Whether steps and times go together.
fn is_near(grid: Frequency, series: &[&[i64]]) -> bool {
    let (mut times, mut far, mut pairs, mut shared, mut steps) = (0, 0, 0, 0, 0);
    for s in series {
        let mut before = None;
        for &time in *s {
            let index = grid.nearest(time);
            let at = grid.time(index);
            let step = grid.time(index.saturating_add(1)).abs_diff(at);
            times += 1;
            far += usize::from(at.abs_diff(time) > step / 4);
            if let Some((earlier, last)) = before.replace((time, index))
                && time > earlier
            {
                pairs += 1;
                shared += i64::from(index == last);
                steps += index - last;
            }
        }
    }
    far * 10 <= times && shared * 100 <= pairs && pairs * 5 >= steps * 4
}
