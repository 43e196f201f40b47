//! Columns that repeat the target with gaps or a few differences: still known only afterwards.
//!
//! Rows without a value do not count. A column repeats the target when of the other rows
//! - classes: 95 % of each class have one value, another for each class; at least 40 rows, ten of
//!   each of two classes;
//! - numbers: 95 % lie on one line through the target, exactly (as in `copies.rs`); at least 40
//!   rows and five distinct targets, rows of the commonest target aside, which a column of mostly
//!   zeros would match without being a copy. The line goes through two rows; nine pairs are tried,
//!   so that differing rows hardly spoil all.
//!
//! Cost O(rows); of tables with many rows a spread part is looked at first, which rules out nearly
//! all columns that are no copies.

use super::copies::{Ids, ids};
use ruska_core::{Field, Target};
use std::collections::HashMap;

/// Share that must agree.
const AGREE: f64 = 0.95;
const LEAST_ROWS: usize = 40;
const LEAST_OF_A_CLASS: usize = 10;
const LEAST_DISTINCT: usize = 5;
/// Rows looked at first.
const PART: usize = 5000;
/// What the agreement in a part may be below that in all rows (five standard errors of 1 in 20
/// among 400 rows).
const SLACK: f64 = 0.055;
/// Rows of a class in a part from which it rules anything out.
const ENOUGH_OF_A_CLASS: usize = 400;

/// How far a column repeats the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    /// Rows that have a value.
    pub(crate) present: usize,
    /// Those of them that repeat the target.
    pub(crate) agreeing: usize,
}

/// Whether a typed column repeats the target in nearly all rows that have a value.
pub(crate) fn near(field: &Field, target: &Target) -> Option<Near> {
    match target {
        Target::Classes { codes, classes, .. } => labels(ids(&field.column)?, codes, classes.len()),
        Target::Values(y) => line(field.floats()?, y),
        Target::Groups(_) | Target::Series(_) => None,
    }
}

/// How often values go with classes, and rows of each class.
type Tally = (HashMap<(u64, u32), usize>, Vec<usize>);

fn tally(rows: impl Iterator<Item = (u64, u32)>, classes: usize) -> Tally {
    let (mut pairs, mut of_class) = (HashMap::new(), vec![0usize; classes]);
    for (value, class) in rows {
        *pairs.entry((value, class)).or_default() += 1;
        of_class[class as usize] += 1;
    }
    (pairs, of_class)
}

/// Whether a part of the rows rules out that each class has one value nearly throughout.
fn ruled_out((pairs, of_class): &Tally) -> bool {
    let mut most = vec![0usize; of_class.len()];
    pairs.iter().for_each(|((_, class), n)| {
        let most = &mut most[*class as usize];
        *most = (*most).max(*n);
    });
    let mut often = most.iter().zip(of_class).filter(|(_, n)| **n >= ENOUGH_OF_A_CLASS);
    often.any(|(most, n)| (*most as f64) < (AGREE - SLACK) * *n as f64)
}

fn labels(values: Ids<'_>, codes: &[u32], classes: usize) -> Option<Near> {
    let rows: Vec<(u64, u32)> =
        values.zip(codes).filter_map(|(value, class)| Some((value?, *class))).collect();
    let step = rows.len().div_ceil(PART);
    if step > 1 && ruled_out(&tally(rows.iter().copied().step_by(step), classes)) {
        return None;
    }
    let (pairs, of_class) = tally(rows.into_iter(), classes);
    let most = |((_, class), n): &((u64, u32), usize)| {
        *n as f64 >= AGREE * of_class[*class as usize] as f64
    };
    let mut told: Vec<((u64, u32), usize)> = pairs.into_iter().filter(most).collect();
    let agreeing = told.iter().map(|(_, n)| n).sum();
    told.sort_unstable();
    let own_value = told.windows(2).all(|w| w[0].0.0 != w[1].0.0);
    let present: usize = of_class.iter().sum();
    let every_class = told.len() == of_class.iter().filter(|n| **n > 0).count();
    let often = of_class.iter().filter(|n| **n >= LEAST_OF_A_CLASS).count() >= 2;
    (own_value && every_class && often && present >= LEAST_ROWS)
        .then_some(Near { present, agreeing })
}

fn line(x: &[f64], y: &[f64]) -> Option<Near> {
    let present: Vec<(f64, f64)> =
        x.iter().copied().zip(y.iter().copied()).filter(|(x, _)| x.is_finite()).collect();
    let step = present.len().div_ceil(PART);
    if step > 1 {
        let part: Vec<(f64, f64)> = present.iter().copied().step_by(step).collect();
        match lies_on(&part) {
            Some((rows, agreeing, _)) if (agreeing as f64) < (AGREE - SLACK) * rows as f64 => {
                return None;
            }
            _ => {}
        }
    }
    let (rest, agreeing, line) = lies_on(&present)?;
    let all = present.iter().filter(|row| line.fits(**row)).count();
    let enough = agreeing as f64 >= AGREE * rest as f64;
    enough.then_some(Near { present: present.len(), agreeing: all })
}

/// A line that rows may lie on.
#[derive(Clone, Copy)]
struct Line {
    from: (f64, f64),
    slope: f64,
    tolerance: f64,
}

impl Line {
    fn fits(&self, (x, y): (f64, f64)) -> bool {
        let (x0, y0) = self.from;
        (y0 + self.slope * (x - x0) - y).abs() <= self.tolerance
    }
}

/// The best of nine lines through two rows, for the rows that do not have the commonest target:
/// how many these are and how many lie on it. `None` for too few rows or targets.
fn lies_on(present: &[(f64, f64)]) -> Option<(usize, usize, Line)> {
    let mut targets: Vec<u64> = present.iter().map(|(_, y)| y.to_bits()).collect();
    targets.sort_unstable();
    let runs = || targets.chunk_by(|a, b| a == b);
    let commonest = runs().max_by_key(|run| run.len())?[0];
    let distinct = runs().take(LEAST_DISTINCT + 1).count();
    let mut rest: Vec<(f64, f64)> =
        present.iter().copied().filter(|(_, y)| y.to_bits() != commonest).collect();
    if rest.len() < LEAST_ROWS || distinct <= LEAST_DISTINCT {
        return None;
    }
    rest.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let (low, high) = (rest[0].1, rest[rest.len() - 1].1);
    let tolerance = (1e-12 * (high - low)).max(4.0 * f64::EPSILON * low.abs().max(high.abs()));
    let agreeing = |line: &Line| rest.iter().filter(|row| line.fits(**row)).count();
    let last = rest.len() - 1;
    // Rows far apart, so that the line keeps its last bits.
    let pairs = (0..9).map(|i| (rest[last * i / 36], rest[last - last * i / 36]));
    let lines =
        pairs.map(|(from, to)| Line { from, slope: (to.1 - from.1) / (to.0 - from.0), tolerance });
    let sloping = lines.filter(|line| line.slope.is_finite() && line.slope != 0.0);
    let best = sloping.map(|line| (agreeing(&line), line)).max_by_key(|(n, _)| *n);
    Some(best.map_or((rest.len(), 0, flat(tolerance)), |(n, line)| (rest.len(), n, line)))
}

/// A line that nothing lies on.
fn flat(tolerance: f64) -> Line {
    Line { from: (0.0, f64::INFINITY), slope: 0.0, tolerance }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruska_core::{Column, Kind, Rng};
    use std::sync::Arc;

    fn floats(values: Vec<f64>) -> Field {
        Field::new("x", Kind::Numeric, Column::float(values))
    }

    fn classes(codes: &[u32]) -> Target {
        let classes = Arc::new(vec!["a".to_owned(), "b".to_owned()]);
        Target::Classes { codes: Arc::new(codes.to_vec()), classes, positive: 1 }
    }

    #[test]
    fn classes_with_gaps_and_differences() {
        let codes: Vec<u32> = (0..400).map(|i| u32::from(i % 4 == 0)).collect();
        let target = classes(&codes);
        let field = |label: &dyn Fn(usize, u32) -> Option<&'static str>| {
            let cells = codes.iter().enumerate().map(|(i, c)| label(i, *c));
            Field::new("x", Kind::Categorical, Column::from_strings(cells))
        };
        let name = |c: u32| if c == 1 { "left" } else { "here" };
        let half = field(&|i, c| (i % 3 == 0).then(|| name(c)));
        assert_eq!(near(&half, &target), Some(Near { present: 134, agreeing: 134 }));
        // Eight of 400 differ, two of them among the hundred of the second class.
        let most = field(&|i, c| Some(name(if i % 50 == 1 || i % 200 == 0 { 1 - c } else { c })));
        assert_eq!(near(&most, &target), Some(Near { present: 400, agreeing: 390 }));
        let tenth = field(&|i, c| Some(name(if i % 10 < 2 { 1 - c } else { c })));
        assert_eq!(near(&tenth, &target), None);
        let one_class = field(&|_, c| (c == 1).then_some("left"));
        assert_eq!(near(&one_class, &target), None);
    }

    #[test]
    fn numbers_with_gaps_and_differences() {
        let mut rng = Rng::new(5);
        let y: Vec<f64> = (0..500).map(|_| rng.normal()).collect();
        let target = Target::Values(Arc::new(y.clone()));
        let of = |f: &dyn Fn(usize, f64) -> f64| {
            floats(y.iter().enumerate().map(|(i, y)| f(i, *y)).collect())
        };
        let half = of(&|i, y| if i % 2 == 0 { y } else { f64::NAN });
        assert_eq!(near(&half, &target), Some(Near { present: 250, agreeing: 250 }));
        let most = of(&|i, y| if i % 50 == 7 { 3.0 } else { 1.8 * y + 32.0 });
        assert_eq!(near(&most, &target), Some(Near { present: 500, agreeing: 490 }));
        assert_eq!(near(&of(&|i, y| if i % 10 < 2 { 0.0 } else { y }), &target), None);
        assert_eq!(near(&of(&|i, y| y + 1e-3 * (i % 7) as f64), &target), None);
    }

    #[test]
    fn shared_zeros_are_no_copy() {
        let mut rng = Rng::new(6);
        let (mut x, mut y) = (vec![0.0; 2000], vec![0.0; 2000]);
        for i in 0..60 {
            x[i] = rng.normal();
            y[i] = rng.normal();
        }
        assert_eq!(near(&floats(x), &Target::Values(Arc::new(y))), None);
    }
}
