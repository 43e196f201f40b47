//! The coarsest grid that holds all times of each series but a few.

use super::calendar::{DAY, Date, WEEK, month_length, weekday};
use super::infer::tolerated;
use super::{Frequency, MONTH_END};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Steps below a month that people use, longest first.
pub(super) const USUAL: [i64; 22] = [
    WEEK,
    DAY,
    12 * HOUR,
    8 * HOUR,
    6 * HOUR,
    4 * HOUR,
    3 * HOUR,
    2 * HOUR,
    HOUR,
    30 * MINUTE,
    20 * MINUTE,
    15 * MINUTE,
    10 * MINUTE,
    5 * MINUTE,
    2 * MINUTE,
    MINUTE,
    30 * SECOND,
    15 * SECOND,
    10 * SECOND,
    5 * SECOND,
    2 * SECOND,
    SECOND,
];
/// Months of a step that people use, longest first.
pub(super) const USUAL_MONTHS: [i64; 3] = [12, 3, 1];
/// Least distance of two months' times, give or take an hour of the clock.
const LEAST_MONTH: i64 = 28 * DAY - HOUR;

/// The distances of neighbouring times of all series.
pub(super) struct Gaps {
    /// Each distance above 0 and how often it is there, the most frequent first.
    counted: Vec<(i64, usize)>,
    /// Number of distances.
    pub(super) pairs: usize,
    /// Their sum.
    pub(super) span: f64,
}

impl Gaps {
    pub(super) fn new(series: &[&[i64]]) -> Self {
        let neighbours = series.iter().flat_map(|s| s.windows(2));
        Self::of(neighbours.map(|w| w[1].saturating_sub(w[0])).filter(|gap| *gap > 0).collect())
    }

    fn of(mut gaps: Vec<i64>) -> Self {
        gaps.sort_unstable();
        let mut counted: Vec<(i64, usize)> =
            gaps.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len())).collect();
        counted.sort_by_key(|(gap, n)| (std::cmp::Reverse(*n), *gap));
        let span = gaps.iter().map(|gap| *gap as f64).sum();
        Self { counted, pairs: gaps.len(), span }
    }

    fn of_step(&self, step: i64) -> usize {
        self.counted.iter().find(|(gap, _)| *gap == step).map_or(0, |(_, n)| *n)
    }

    /// Whether so many distances at most, or fewer, have something.
    fn at_most(&self, most: usize, has: impl Fn(i64) -> bool) -> bool {
        let mut found = 0;
        self.counted.iter().filter(|(gap, _)| has(*gap)).all(|(_, n)| {
            found += n;
            found <= most
        })
    }

    /// Steps that the distances suggest: the most frequent one, and what divides nine in ten.
    fn suggested(&self) -> Vec<i64> {
        let Some(&(modal, n)) = self.counted.first() else { return vec![] };
        let mut steps = vec![];
        if n >= 3 && n * 2 >= self.pairs {
            steps.push(modal);
        }
        let (mut divisor, mut seen) = (0, 0);
        for (gap, n) in &self.counted {
            if seen * 10 >= self.pairs * 9 {
                break;
            }
            divisor = gcd(divisor, *gap);
            seen += n;
        }
        if self.pairs >= 10 || (self.pairs >= 3 && divisor == modal) {
            steps.push(divisor);
        }
        steps
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Where times are alike when a key of theirs is.
struct Fit {
    /// Times that have the key of most of their series.
    within: usize,
    /// The key of most times, the least of several.
    key: i64,
    /// Times that have it, in series of which most have.
    joint: usize,
}

/// How many times share a key within their series, and which key most do; needs a majority.
fn fit<'a>(
    series: impl Iterator<Item = &'a [i64]>,
    key: impl Fn(i64) -> Option<i64>,
) -> Option<Fit> {
    let mut phases: Vec<(i64, usize)> = series.filter_map(|times| majority(times, &key)).collect();
    phases.sort_unstable();
    let of_key = |same: &[(i64, usize)]| (same[0].0, same.iter().map(|(_, n)| n).sum::<usize>());
    let keys: Vec<(i64, usize)> = phases.chunk_by(|a, b| a.0 == b.0).map(of_key).collect();
    let within = keys.iter().map(|(_, n)| n).sum();
    let (key, joint) = *keys.iter().rev().max_by_key(|(_, n)| *n)?;
    Some(Fit { within, key, joint })
}

/// The key that more than half of some times have, by Boyer and Moore's vote, and how many do.
fn majority(times: &[i64], key: impl Fn(i64) -> Option<i64>) -> Option<(i64, usize)> {
    let (mut leader, mut lead) = (None, 0_usize);
    for &time in times {
        let of_time = key(time);
        if lead == 0 {
            leader = of_time;
        }
        lead = if of_time == leader { lead + 1 } else { lead - 1 };
    }
    let leader = leader?;
    let votes = times.iter().filter(|t| key(**t) == Some(leader)).count();
    (votes * 2 > times.len()).then_some((leader, votes))
}

/// A grid that holds nearly all times.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) frequency: Frequency,
    /// Its steps have times, or times follow each other step by step.
    pub(super) filled: bool,
    /// It may be meant although few of its steps have times.
    pub(super) plausible: bool,
}

/// The coarsest grid of dates.
pub(super) fn exact(series: &[&[i64]], gaps: &Gaps) -> Option<Found> {
    let sure = |frequency| Found { frequency, filled: true, plausible: true };
    if let Some(months) = months(series, gaps) {
        return Some(sure(months));
    }
    let total: usize = series.iter().map(|s| s.len()).sum();
    let (step, fit) = even(series, gaps, &USUAL)?;
    let frequency = Frequency::Milliseconds { step, offset: fit.key };
    let joint = fit.joint + tolerated(total) >= total;
    if step == DAY
        && joint
        && let Some(filled) = business(series, total, fit.key)
    {
        let frequency = Frequency::BusinessDays { clock: fit.key };
        return Some(Found { frequency, filled, plausible: true });
    }
    let share = gaps.pairs as f64 * step as f64 / gaps.span;
    let follow = gaps.of_step(step);
    let modal = gaps.counted[0].0 == step;
    let filled = share >= 0.5 || follow * 2 >= gaps.pairs || (step >= HOUR && modal);
    let least = match step {
        DAY.. => 0.0,
        HOUR.. => 0.1,
        _ => 0.25,
    };
    Some(Found { frequency, filled: filled || step >= WEEK, plausible: share >= least })
}

/// The coarsest grid of numbers.
pub(super) fn counts(series: &[&[i64]], gaps: &Gaps) -> Option<Frequency> {
    let (step, fit) = even(series, gaps, &[1])?;
    let share = gaps.pairs as f64 * step as f64 / gaps.span;
    let follow = gaps.of_step(step) * 2 >= gaps.pairs;
    (follow || share >= 0.1).then_some(Frequency::Counts { step, offset: fit.key })
}

/// The longest step of which nearly all times of each series are multiples, but for a phase.
fn even(series: &[&[i64]], gaps: &Gaps, usual: &[i64]) -> Option<(i64, Fit)> {
    let total: usize = series.iter().map(|s| s.len()).sum();
    let strays = tolerated(total);
    let mut steps = gaps.suggested();
    steps.extend(usual);
    steps.sort_unstable_by_key(|step| std::cmp::Reverse(*step));
    steps.dedup();
    steps.into_iter().find_map(|step| {
        // A time off the grid spoils the distances on both of its sides.
        if !gaps.at_most(2 * strays, |gap| gap % step != 0) {
            return None;
        }
        let fit = fit(series.iter().copied(), |time| Some(time.rem_euclid(step)))?;
        (fit.within + strays >= total).then_some((step, fit))
    })
}

/// Whether half of the business days have times, where weekends were passed and have next to none.
fn business(series: &[&[i64]], total: usize, clock: i64) -> Option<bool> {
    let day = |time: i64| time.saturating_sub(clock).div_euclid(DAY);
    let weekend = |time: &&i64| weekday(day(**time)) > 4;
    let on_weekends = series.iter().flat_map(|s| s.iter()).filter(weekend).count();
    if on_weekends * 100 > total {
        return None;
    }
    let frequency = Frequency::BusinessDays { clock };
    let (mut weekends, mut pairs, mut steps) = (0, 0, 0);
    for pair in series.iter().flat_map(|s| s.windows(2)) {
        let (before, after) = (frequency.before(pair[0]), frequency.before(pair[1]));
        weekends += after.div_euclid(5) - before.div_euclid(5);
        pairs += i64::from(after > before);
        steps += after - before;
    }
    let dense = pairs * 5 >= steps * 4;
    let told = (weekends >= 1 && dense) || (weekends >= 2 && total >= 10);
    told.then_some(pairs * 2 >= steps)
}

/// The coarsest grid of months.
fn months(series: &[&[i64]], gaps: &Gaps) -> Option<Frequency> {
    let total: usize = series.iter().map(|s| s.len()).sum();
    let strays = tolerated(total);
    if !gaps.at_most(2 * strays, |gap| gap < LEAST_MONTH) {
        return None;
    }
    let anchor = Anchor::of(series)?;
    if anchor.held + strays < total {
        return None;
    }
    let Anchor { day, clock, .. } = anchor;
    let monthly = Frequency::Months { step: 1, offset: 0, day, clock };
    let numbers = |s: &&[i64]| s.iter().filter_map(|t| monthly.index(*t)).collect();
    let numbers: Vec<Vec<i64>> = series.iter().map(numbers).collect();
    let numbers: Vec<&[i64]> = numbers.iter().map(Vec::as_slice).collect();
    let (step, fit) = even(&numbers, &Gaps::new(&numbers), &USUAL_MONTHS)?;
    let (step, offset) = (u32::try_from(step).ok()?, u32::try_from(fit.key).ok()?);
    Some(Frequency::Months { step, offset, day, clock })
}

/// A day of the month.
pub(super) struct Anchor {
    pub(super) day: u8,
    /// Milliseconds after midnight; 0 where times of day differ.
    pub(super) clock: i64,
    /// Times that have both; 0 where times of day differ.
    pub(super) held: usize,
}

impl Anchor {
    /// The day of the month that most times have; of several the month's end, else the first.
    pub(super) fn of(series: &[&[i64]]) -> Option<Self> {
        let of_day = |time: i64| Some(time.rem_euclid(DAY));
        let clock = fit(series.iter().copied(), of_day).map(|fit| fit.key);
        let counted = |time: &&i64| clock.is_none_or(|clock| time.rem_euclid(DAY) == clock);
        let mut counts = [[0_usize; 32]; 32];
        for time in series.iter().flat_map(|s| s.iter()).filter(counted) {
            let date = Date::of(time.div_euclid(DAY));
            counts[month_length(date.month) as usize][date.day as usize] += 1;
        }
        let held = |day: u8| (28..32).map(|len| counts[len][usize::from(day).min(len)]).sum();
        let days = (1..MONTH_END).rev().chain([MONTH_END]);
        let (held, day) = days.map(|day| (held(day), day)).max_by_key(|(held, _)| *held)?;
        let held = if clock.is_some() { held } else { 0 };
        Some(Self { day, clock: clock.unwrap_or(0), held })
    }
}
