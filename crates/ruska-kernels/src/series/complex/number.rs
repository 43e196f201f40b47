//! Numbers that the recursions run on: plain ones, and ones that carry their derivatives along.

use std::ops::{Add, Mul, Sub};

/// What the recursions need of a number.
pub(super) trait Number:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self>
{
    /// A constant.
    fn constant(value: f64) -> Self;
}

impl Number for f64 {
    fn constant(value: f64) -> Self {
        value
    }
}

/// A value and its derivatives by K parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dual<const K: usize> {
    pub value: f64,
    pub slopes: [f64; K],
}

impl<const K: usize> Dual<K> {
    /// The parameter with the given index.
    pub(super) fn parameter(value: f64, index: usize) -> Self {
        Self { value, slopes: std::array::from_fn(|k| f64::from(u8::from(k == index))) }
    }

    #[inline(always)]
    fn slopes(value: f64, slope: impl Fn(usize) -> f64) -> Self {
        let mut slopes = [0.0; K];
        for (k, s) in slopes.iter_mut().enumerate() {
            *s = slope(k);
        }
        Self { value, slopes }
    }
}

impl<const K: usize> Number for Dual<K> {
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Self { value, slopes: [0.0; K] }
    }
}

impl<const K: usize> Add for Dual<K> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::slopes(self.value + other.value, |k| self.slopes[k] + other.slopes[k])
    }
}

impl<const K: usize> Sub for Dual<K> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self::slopes(self.value - other.value, |k| self.slopes[k] - other.slopes[k])
    }
}

impl<const K: usize> Mul for Dual<K> {
    type Output = Self;
    // A product's slopes are sums.
    #[allow(clippy::suspicious_arithmetic_impl)]
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::slopes(self.value * other.value, |k| {
            self.slopes[k] * other.value + self.value * other.slopes[k]
        })
    }
}
