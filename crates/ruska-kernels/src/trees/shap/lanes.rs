//! Numbers at all points of the rule, as one value.

/// So many numbers, on which operations are one by one.
pub(super) trait Lanes: Copy {
    /// All zero.
    const ZERO: Self;
    /// How many.
    const COUNT: usize;

    /// Numbers by their place.
    fn of(number: impl FnMut(usize) -> f64) -> Self;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn scaled(self, factor: f64) -> Self;
    /// Sum of the products.
    fn dot(self, other: Self) -> f64;
}

impl<const N: usize> Lanes for [f64; N] {
    const ZERO: Self = [0.0; N];
    const COUNT: usize = N;

    #[inline(always)]
    fn of(number: impl FnMut(usize) -> f64) -> Self {
        std::array::from_fn(number)
    }

    #[inline(always)]
    fn plus(mut self, other: Self) -> Self {
        self.iter_mut().zip(other).for_each(|(a, b)| *a += b);
        self
    }

    #[inline(always)]
    fn times(mut self, other: Self) -> Self {
        self.iter_mut().zip(other).for_each(|(a, b)| *a *= b);
        self
    }

    #[inline(always)]
    fn scaled(mut self, factor: f64) -> Self {
        self.iter_mut().for_each(|a| *a *= factor);
        self
    }

    /// Halves are added to halves, so that additions are of vectors as long as there are any.
    #[inline(always)]
    fn dot(self, other: Self) -> f64 {
        let mut products = self.times(other);
        let mut n = N;
        while n > 1 {
            let half = n / 2;
            for i in 0..half {
                products[i] += products[i + n - half];
            }
            n -= half;
        }
        products[0]
    }
}
