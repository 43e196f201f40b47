//! The numbers nets compute in: single precision for use, double to check gradients.

use super::product::Products;
use crate::trees::math;
use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub};

/// A real number.
pub(super) trait Real:
    Products
    + Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + MulAssign
    + Debug
    + Send
    + Sync
{
    /// 0.
    fn zero() -> Self;
    /// 1.
    fn one() -> Self;
    /// The nearest to a number.
    fn of(v: f64) -> Self;
    /// As a number of double precision.
    fn f64(self) -> f64;
    /// Its square root.
    fn sqrt(self) -> Self;
    /// e to it; to a few last bits.
    fn exp(self) -> Self;

    /// 1 / (1 + e^−x).
    #[inline(always)]
    fn logistic(self) -> Self {
        Self::one() / (Self::one() + (-self).exp())
    }
}

impl Real for f64 {
    #[inline(always)]
    fn zero() -> Self {
        0.0
    }

    #[inline(always)]
    fn one() -> Self {
        1.0
    }

    fn of(v: f64) -> Self {
        v
    }

    fn f64(self) -> f64 {
        self
    }

    fn sqrt(self) -> Self {
        self.sqrt()
    }

    fn exp(self) -> Self {
        self.exp()
    }
}

impl Real for f32 {
    #[inline(always)]
    fn zero() -> Self {
        0.0
    }

    #[inline(always)]
    fn one() -> Self {
        1.0
    }

    #[inline(always)]
    fn of(v: f64) -> Self {
        v as Self
    }

    #[inline(always)]
    fn f64(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }

    #[inline(always)]
    fn exp(self) -> Self {
        math::exp(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_e_are_right_to_last_bits() {
        for i in -8600..8700 {
            let x = i as f32 / 100.0;
            let (got, exact) = (f64::from(Real::exp(x)), f64::from(x).exp());
            assert!((got / exact - 1.0).abs() < 1e-6, "{x}: {got} for {exact}");
        }
        assert!(Real::exp(f32::NEG_INFINITY) < 1e-37 && Real::exp(f32::INFINITY).is_finite());
    }
}
