//! One column on two sides: its measures, and what each must exceed.

use super::chance;
use super::evidently;
use super::levels::Levels;
use super::numbers::{Numbers, pooled, pooled_quantiles};
use super::verdict::{Effect, Evidently, NewLevel, Side, Statistic, Test};
use super::{bins, jensen_shannon, ks, merge, psi, wasserstein};

/// Distances that are worth naming, of any kind; Evidently's.
pub(super) const DISTANCE: f64 = 0.1;
/// A change of the share of missing values that is worth naming.
const MISSING: f64 = 0.05;
/// A share of new levels that is worth naming.
const NEW: f64 = 0.03;
/// Distinct values of numbers up to which they are compared as levels.
const FEW: usize = 5;
/// Rows with a value that each side must have.
pub(super) const LEAST_ROWS: usize = 30;
/// What chance may give at most of each distance for a column to be judged: half a deviation, which
/// is a medium effect (Cohen, "Statistical Power Analysis", 1988), and what goes with it.
const CHANCE: [(&str, f64); 3] =
    [("wasserstein", 0.5), ("ks_distance", 0.3), ("jensenshannon", 0.25)];
/// Rows below which a level may name a person, so that it is masked.
const OF_SEVERAL: u64 = 3;
/// New levels told.
const TOLD: usize = 10;

/// What a model remembers of a column of numbers.
pub(super) struct Sketch {
    /// Rows in training.
    pub(super) rows: usize,
    /// Rows without a value.
    pub(super) missing: usize,
    /// Mean of the numbers.
    pub(super) mean: f64,
    /// Population standard deviation.
    pub(super) deviation: f64,
    /// Evenly spaced quantiles; none without numbers.
    pub(super) quantiles: Vec<f64>,
    /// Rows that the quantiles are of.
    pub(super) sampled: usize,
}

/// A column on both sides.
pub(super) enum Pair {
    /// Numbers of two tables.
    Numbers(Numbers, Numbers),
    /// Numbers beside what a model remembers.
    Sketched(Sketch, Numbers),
    /// Levels.
    Levels(Levels, Levels),
}

/// How a column is compared.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// Probability that chance is given for each effect.
    pub(super) a: f64,
    /// The distance worth naming.
    pub(super) distance: f64,
    /// Whether the distribution counts, beside missing values.
    pub(super) distribution: bool,
    /// Whether missing values count.
    pub(super) missing: bool,
}

/// What was found.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) sides: (Side, Side),
    pub(super) effects: Vec<Effect>,
    pub(super) statistics: Vec<Statistic>,
    pub(super) test: Option<Test>,
    pub(super) evidently: Option<Evidently>,
    pub(super) new_levels: Vec<NewLevel>,
    /// Why the rows are too few, where they are.
    pub(super) too_few: Option<String>,
}

impl Compared {
    /// The largest effect, as a multiple of what it must exceed.
    pub(super) fn largest(&self) -> f64 {
        self.effects.iter().map(Effect::ratio).fold(0.0, f64::max)
    }
}

/// Compares the sides.
pub(super) fn compare(pair: &Pair, asked: Asked) -> Compared {
    let mut found = match pair {
        Pair::Numbers(reference, current) => numbers(reference, current, asked),
        Pair::Sketched(reference, current) => sketched(reference, current, asked),
        Pair::Levels(reference, current) => levels(reference, current, asked),
    };
    if !asked.distribution {
        found = Compared { sides: found.sides, ..Compared::default() };
    }
    if present(&found) < LEAST_ROWS as f64 {
        // So few rows tell nothing of a distribution, whatever they look like.
        found.effects.clear();
    }
    let (left, right) = found.sides;
    let enough = left.rows.min(right.rows) >= LEAST_ROWS;
    if asked.missing && enough {
        let rows = (left.missing * left.rows as f64, right.missing * right.rows as f64);
        let by_chance = chance::share(rows, (left.rows as f64, right.rows as f64), asked.a);
        let change = (right.missing - left.missing).abs();
        found.effects.push(Effect::new("missing_share_change", change, MISSING, by_chance));
    }
    found.too_few = too_few(&found, asked);
    found
}

/// Rows with a value on the side that has fewer.
fn present(found: &Compared) -> f64 {
    let of = |side: &Side| (side.rows as f64 * (1.0 - side.missing)).round();
    of(&found.sides.0).min(of(&found.sides.1))
}

/// Why nothing can be said, if so.
fn too_few(found: &Compared, asked: Asked) -> Option<String> {
    let (left, right) = (&found.sides.0, &found.sides.1);
    if left.rows.min(right.rows) < LEAST_ROWS {
        let (m, n) = (left.rows, right.rows);
        return Some(format!("{m} and {n} rows; each side needs {LEAST_ROWS}"));
    }
    if !asked.distribution {
        return None;
    }
    let fewer = present(found);
    if fewer < LEAST_ROWS as f64 {
        return Some(format!("{fewer} rows with a value on one side; each needs {LEAST_ROWS}"));
    }
    let of = |e: &Effect| CHANCE.iter().find(|(name, _)| e.measure.starts_with(name)).map(|c| c.1);
    let judged: Vec<(&Effect, f64)> =
        found.effects.iter().filter_map(|e| Some((e, of(e)?))).collect();
    let (first, _) = judged.first()?;
    let blind = judged.iter().all(|(effect, most)| effect.by_chance > *most);
    let by_chance = ruska::words::value(first.by_chance);
    blind.then(|| format!("by chance alone {} is up to {by_chance}", first.measure))
}

fn numbers(reference: &Numbers, current: &Numbers, asked: Asked) -> Compared {
    let mut found = Compared { sides: (side(reference), side(current)), ..Compared::default() };
    let (left, right) = (&reference.sorted[..], &current.sorted[..]);
    if left.is_empty() || right.is_empty() {
        return found;
    }
    let (m, n) = (left.len(), right.len());
    let distinct = merge::distinct_of_both(left, right);
    let distance = ks::distance(left, right);
    let area = wasserstein::area(left, right);
    let unit = wasserstein::unit(found.sides.0.deviation.unwrap_or(0.0));
    let counts = bins::of_numbers(left, right);
    if distinct <= FEW {
        let counts = bins::by_value(left, right);
        levels_effect(&mut found, &counts, asked);
        found.test = Some(evidently::test_of_counts(&counts, distinct));
    } else {
        let pooled = pooled(left, right);
        let (m, n) = (m as f64, n as f64);
        let by_chance = chance::wasserstein(&pooled, m, n, asked.a) / unit;
        let value = area / unit;
        // Of numbers near the greatest there are, lengths are none.
        if value.is_finite() && by_chance.is_finite() {
            let effect = Effect::new("wasserstein/evidently", value, asked.distance, by_chance);
            found.effects.push(effect);
        }
        let by_chance = chance::kolmogorov(m, n, asked.a);
        found.effects.push(Effect::new("ks_distance", distance, asked.distance, by_chance));
        let p = ks::p_value(left.len(), right.len(), distance);
        found.test = Some(test("ks/evidently", p));
    }
    if let Some(counts) = &counts {
        found.statistics.push(Statistic { measure: "psi/evidently", value: psi::psi(counts) });
        if distinct > FEW {
            let value = jensen_shannon::distance(counts);
            found.statistics.push(Statistic { measure: "jensenshannon/evidently", value });
        }
    }
    found.evidently = evidently::of_numbers(m, distinct, &found);
    found
}

fn sketched(reference: &Sketch, current: &Numbers, asked: Asked) -> Compared {
    let known = !reference.quantiles.is_empty();
    let left = Side {
        rows: reference.rows,
        missing: share(reference.missing, reference.rows),
        mean: Some(reference.mean).filter(|_| known),
        deviation: Some(reference.deviation).filter(|_| known),
    };
    let mut found = Compared { sides: (left, side(current)), ..Compared::default() };
    if !known || current.sorted.is_empty() {
        return found;
    }
    let steps = reference.quantiles.len() - 1;
    let quantiles = current.quantiles(steps);
    let (m, n) = (reference.sampled as f64, current.sorted.len() as f64);
    let unit = wasserstein::unit(reference.deviation);
    let value = wasserstein::between_quantiles(&reference.quantiles, &quantiles) / unit;
    let pooled = pooled_quantiles(&reference.quantiles, m, &quantiles, n);
    let by_chance = chance::wasserstein(&pooled, m, n, asked.a) / unit;
    found.effects.push(Effect::new("wasserstein/quantiles", value, asked.distance, by_chance));
    let distance = ks::distance_to_quantiles(&reference.quantiles, &current.sorted);
    let by_chance = chance::kolmogorov(m, n, asked.a);
    found.effects.push(Effect::new("ks_distance/quantiles", distance, asked.distance, by_chance));
    let p = ks::p_value(reference.sampled, current.sorted.len(), distance);
    found.test = Some(test("ks/quantiles", p));
    let counts = bins::of_quantiles(&reference.quantiles, m, &current.sorted);
    if !counts.is_empty() {
        let (psi, js) = (psi::psi(&counts), jensen_shannon::distance(&counts));
        found.statistics.push(Statistic { measure: "psi/quantiles", value: psi });
        found.statistics.push(Statistic { measure: "jensenshannon/quantiles", value: js });
    }
    found
}

fn levels(reference: &Levels, current: &Levels, asked: Asked) -> Compared {
    let side = |levels: &Levels| {
        let rows = (levels.present() + levels.missing) as usize;
        Side { rows, missing: share(levels.missing as usize, rows), ..Side::default() }
    };
    let mut found = Compared { sides: (side(reference), side(current)), ..Compared::default() };
    let (m, n) = (reference.present(), current.present());
    if m == 0 || n == 0 {
        return found;
    }
    let counts = reference.beside(current);
    levels_effect(&mut found, &counts, asked);
    let new = current.new_since(reference);
    let rows: u64 = new.iter().map(|(_, rows)| rows).sum();
    let by_chance = chance::new_levels(
        reference.single(),
        reference.part_named(),
        (m as f64, n as f64),
        asked.a,
    );
    let value = rows as f64 / n as f64;
    found.effects.push(Effect::new("new_level_share", value, NEW, by_chance));
    let told = |(level, rows): (&str, u64)| {
        let level = if rows < OF_SEVERAL { ruska::masked(level) } else { level.to_owned() };
        NewLevel { level, share: rows as f64 / n as f64 }
    };
    found.new_levels = new.into_iter().take(TOLD).map(told).collect();
    found.statistics.push(Statistic { measure: "psi/evidently", value: psi::psi(&counts) });
    found.test = Some(evidently::test_of_counts(&counts, counts.len()));
    found.evidently = evidently::of_levels(m as usize, &found);
    found
}

/// The distance over levels.
fn levels_effect(found: &mut Compared, counts: &[(f64, f64)], asked: Asked) {
    let by_chance = chance::jensen_shannon(counts, asked.a);
    let value = jensen_shannon::distance(counts);
    found.effects.push(Effect::new("jensenshannon/evidently", value, asked.distance, by_chance));
}

pub(super) fn test(name: &'static str, p: f64) -> Test {
    Test { name, p, p_adjusted: p }
}

fn side(numbers: &Numbers) -> Side {
    let values = &numbers.sorted;
    let some = !values.is_empty();
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    Side {
        rows: numbers.rows,
        missing: share(numbers.missing(), numbers.rows),
        mean: Some(mean).filter(|v| some && v.is_finite()),
        deviation: Some(wasserstein::deviation(values)).filter(|v| some && v.is_finite()),
    }
}

fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}
