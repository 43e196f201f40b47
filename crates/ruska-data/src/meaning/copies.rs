//! Columns that are the target under another name.
//!
//! A column is a copy of the target when the target can be read off it without learning:
//! - classes: its values and the classes correspond one to one, no value missing. At least 40
//!   rows and five of each class, so that no real feature matches by luck (40 choose 5 > 600,000);
//! - numbers: equal in every row, or an exact linear map of the target (residuals ≤ 1e-12 of the
//!   target's range, at least 10 rows and 5 distinct values), or categories that correspond one
//!   to one to its values (five rows of each). A column with any noise is not a copy.
//!
//! Cost O(rows), ends at the first row that contradicts.

use ruska_core::{Column, Field, MISSING, Target, UNSEEN};
use std::collections::HashMap;

const LEAST_ROWS: usize = 40;
const LEAST_REPEATS: usize = 5;

/// How a column repeats the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copy {
    /// The same values.
    Equal,
    /// Each value stands for one value of the target.
    Renamed,
    /// A linear map.
    Scaled,
}

/// Whether and how a typed column repeats the target.
pub(crate) fn copy_of(field: &Field, target: &Target) -> Option<Copy> {
    let ids = || ids(&field.column);
    match target {
        Target::Classes { codes, classes, .. } => {
            let target: Vec<u64> = codes.iter().map(|c| u64::from(*c)).collect();
            one_to_one(ids()?, &target, classes.len()).then_some(Copy::Renamed)
        }
        Target::Values(y) => match &field.column {
            Column::Float(x) if x.iter().zip(y.iter()).all(|(x, y)| x == y) => Some(Copy::Equal),
            Column::Float(x) => is_linear(x, y).then_some(Copy::Scaled),
            Column::Str(_) => {
                let target: Vec<u64> = y.iter().map(|y| y.to_bits()).collect();
                let most = y.len() / LEAST_REPEATS;
                one_to_one(ids()?, &target, most).then_some(Copy::Renamed)
            }
            _ => None,
        },
        Target::Groups(_) | Target::Series(_) => None,
    }
}

pub(crate) type Ids<'a> = Box<dyn Iterator<Item = Option<u64>> + 'a>;

/// A number for each value, `None` where it is missing.
pub(crate) fn ids(column: &Column) -> Option<Ids<'_>> {
    Some(match column {
        Column::Float(v) => Box::new(v.iter().map(|v| (!v.is_nan()).then_some(v.to_bits()))),
        Column::Str(v) => {
            let known = |c: &u32| !matches!(*c, MISSING | UNSEEN);
            Box::new(v.codes.iter().map(move |c| known(c).then_some(u64::from(*c))))
        }
        _ => return None,
    })
}

/// Whether values and target values correspond one to one, at most `most` of them, each often.
fn one_to_one(values: Ids<'_>, target: &[u64], most: usize) -> bool {
    let mut image: HashMap<u64, (u64, usize)> = HashMap::new();
    let mut taken: HashMap<u64, u64> = HashMap::new();
    for (value, &target) in values.zip(target) {
        let Some(value) = value else { return false };
        let (mapped, count) = image.entry(value).or_insert((target, 0));
        *count += 1;
        if *mapped != target || *taken.entry(target).or_insert(value) != value || taken.len() > most
        {
            return false;
        }
    }
    let often = image.values().all(|(_, count)| *count >= LEAST_REPEATS);
    target.len() >= LEAST_ROWS && image.len() >= 2 && often
}

/// Whether `y = a x + b` in every row, `a ≠ 0`.
fn is_linear(x: &[f64], y: &[f64]) -> bool {
    let ends = |v: &[f64]| {
        let low = (0..v.len()).min_by(|a, b| v[*a].total_cmp(&v[*b]))?;
        Some((low, (0..v.len()).max_by(|a, b| v[*a].total_cmp(&v[*b]))?))
    };
    let Some((low, high)) = ends(y) else { return false };
    let (width, height) = (x[high] - x[low], y[high] - y[low]);
    if x.len() < 10 || !(width.is_finite() && width != 0.0 && height > 0.0) {
        return false;
    }
    let slope = height / width;
    // Values far from zero are only known to their last bit.
    let noise = 4.0 * f64::EPSILON * y[low].abs().max(y[high].abs());
    let tolerance = (1e-12 * height).max(noise);
    let fits =
        |(x_i, y_i): (&f64, &f64)| (y[low] + slope * (x_i - x[low]) - y_i).abs() <= tolerance;
    if !x.iter().zip(y).all(fits) {
        return false;
    }
    let mut distinct: Vec<u64> = Vec::new();
    for value in y {
        if !distinct.contains(&value.to_bits()) {
            distinct.push(value.to_bits());
        }
        if distinct.len() >= LEAST_REPEATS {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruska_core::{Kind, Rng};
    use std::sync::Arc;

    fn floats(values: Vec<f64>) -> Field {
        Field::new("x", Kind::Numeric, Column::float(values))
    }

    fn classes(codes: Vec<u32>) -> Target {
        let classes = Arc::new(vec!["a".to_owned(), "b".to_owned()]);
        Target::Classes { codes: Arc::new(codes), classes, positive: 1 }
    }

    #[test]
    fn classes_under_another_name() {
        let codes: Vec<u32> = (0..60).map(|i| u32::from(i % 3 == 0)).collect();
        let target = classes(codes.clone());
        let mut text: Vec<Option<&str>> =
            codes.iter().map(|c| Some(if *c == 1 { "😀" } else { "no" })).collect();
        let field = |v: &[Option<&str>]| {
            Field::new("x", Kind::Categorical, Column::from_strings(v.iter().copied()))
        };
        assert_eq!(copy_of(&field(&text), &target), Some(Copy::Renamed));
        let flipped = codes.iter().map(|c| f64::from(1 - c)).collect();
        assert_eq!(copy_of(&floats(flipped), &target), Some(Copy::Renamed));
        text[7] = Some("third");
        assert_eq!(copy_of(&field(&text), &target), None);
        text[7] = None;
        assert_eq!(copy_of(&field(&text), &target), None);
    }

    #[test]
    fn few_rows_are_no_proof() {
        let codes: Vec<u32> = (0..20).map(|i| i % 2).collect();
        let same = codes.iter().map(|c| f64::from(*c)).collect();
        assert_eq!(copy_of(&floats(same), &classes(codes)), None);
    }

    #[test]
    fn equal_and_scaled_numbers() {
        let mut rng = Rng::new(7);
        let y: Vec<f64> = (0..500).map(|_| rng.normal()).collect();
        let target = Target::Values(Arc::new(y.clone()));
        let map = |f: &dyn Fn(f64) -> f64| floats(y.iter().map(|y| f(*y)).collect());
        assert_eq!(copy_of(&map(&|y| y), &target), Some(Copy::Equal));
        assert_eq!(copy_of(&map(&|y| 32.0 + 1.8 * y), &target), Some(Copy::Scaled));
        assert_eq!(copy_of(&map(&|y| -1e6 * y), &target), Some(Copy::Scaled));
        assert_eq!(copy_of(&map(&f64::exp), &target), None);
        let mut noisy = y.clone();
        noisy[3] += 1e-9;
        assert_eq!(copy_of(&floats(noisy), &target), None);
        let mut gap = y;
        gap[3] = f64::NAN;
        assert_eq!(copy_of(&floats(gap), &target), None);
    }

    #[test]
    fn noise_is_never_a_copy() {
        let mut rng = Rng::new(1);
        let x: Vec<f64> = (0..200).map(f64::from).collect();
        let y = x.iter().map(|x| 2.0 * x + 1.0 + 0.01 * rng.normal()).collect();
        assert_eq!(copy_of(&floats(x), &Target::Values(Arc::new(y))), None);
    }
}
