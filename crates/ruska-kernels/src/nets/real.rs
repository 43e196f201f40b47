//! The numbers nets compute in: single precision for use, double to check gradients.

use super::product::Products;
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

    /// 2ⁿ·e^r with |r| ≤ ln 2 / 2, e^r by its Taylor polynomial of degree 6, whose rest is below
    /// 1.3e-7 of it; without branches, so that loops over it can be made of wide instructions.
    #[inline(always)]
    fn exp(self) -> Self {
        /// Rounds to whole numbers, as single precision has no bits left for less beside it.
        const ROUND: f32 = 12_582_912.0;
        let x = if self < -87.0 { -87.0 } else { self };
        let x = if x > 88.0 { 88.0 } else { x };
        let n = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
        // ln 2 in two parts, the first of few bits, so that its product with n is exact.
        let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
        let p = 1.0 / 720.0;
        let p = p * r + 1.0 / 120.0;
        let p = p * r + 1.0 / 24.0;
        let p = p * r + 1.0 / 6.0;
        let p = p * r + 0.5;
        let p = p * r + 1.0;
        let p = p * r + 1.0;
        p * f32::from_bits(((n as i32 + 127) as u32) << 23)
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
