//! Four parameter vectors evaluated at once.

/// One number of each of the four.
pub(super) type Lane = [f64; LANES];

/// How many are evaluated at once.
pub(super) const LANES: usize = 4;

/// The same number in all.
#[inline(always)]
pub(super) const fn splat(x: f64) -> Lane {
    [x; LANES]
}

/// A function of one number, of each.
#[inline(always)]
pub(super) fn map(a: Lane, of: impl Fn(f64) -> f64) -> Lane {
    std::array::from_fn(|l| of(a[l]))
}

/// A function of two numbers, of each.
#[inline(always)]
pub(super) fn zip(a: Lane, b: Lane, of: impl Fn(f64, f64) -> f64) -> Lane {
    std::array::from_fn(|l| of(a[l], b[l]))
}

/// `a + b · c`.
#[inline(always)]
pub(super) fn plus(a: Lane, b: Lane, c: Lane) -> Lane {
    std::array::from_fn(|l| a[l] + b[l] * c[l])
}

/// `a − b · c`.
#[inline(always)]
pub(super) fn minus(a: Lane, b: Lane, c: Lane) -> Lane {
    std::array::from_fn(|l| a[l] - b[l] * c[l])
}
