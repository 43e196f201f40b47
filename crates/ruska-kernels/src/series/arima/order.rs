//! The form of a model: how many terms, differences and whether a constant.

use serde::{Deserialize, Serialize};

/// Terms of one part, regular or seasonal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Degrees {
    /// Autoregressive terms.
    pub ar: usize,
    /// Differences.
    pub difference: usize,
    /// Moving-average terms.
    pub ma: usize,
}

impl Degrees {
    /// `(p, d, q)`.
    pub const fn new(ar: usize, difference: usize, ma: usize) -> Self {
        Self { ar, difference, ma }
    }
}

/// ARIMA(p,d,q)(P,D,Q) of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// `(p, d, q)`: lags 1, 2, ….
    pub regular: Degrees,
    /// `(P, D, Q)`: lags of one period, two periods, …. Ignored for a period below 2.
    pub seasonal: Degrees,
    /// Values per season.
    pub period: usize,
    /// Whether the differenced series has a mean: the level without differences, the drift with one.
    /// Ignored for more than one difference, where it would be a parabola.
    pub constant: bool,
}

impl Order {
    /// Without a seasonal part.
    pub const fn plain(regular: Degrees, constant: bool) -> Self {
        Self { regular, seasonal: Degrees::new(0, 0, 0), period: 1, constant }
    }

    /// Terms whose coefficients are found, without the constant.
    pub fn terms(&self) -> usize {
        self.regular.ar + self.regular.ma + self.seasonal.ar + self.seasonal.ma
    }

    /// Values at the start that differencing takes.
    pub fn lost(&self) -> usize {
        self.regular.difference.saturating_add(self.seasonal.difference.saturating_mul(self.period))
    }

    /// Longest lag of the autoregressive part.
    pub(super) fn ar_lag(&self) -> usize {
        self.regular.ar + self.period * self.seasonal.ar
    }

    /// Longest lag of the moving-average part.
    pub(super) fn ma_lag(&self) -> usize {
        self.regular.ma + self.period * self.seasonal.ma
    }

    /// The form that `n` values have enough of: parts that mean nothing go, then seasonal terms,
    /// moving-average terms, autoregressive terms and differences, as many as must, until there is a
    /// value more than there are numbers to find.
    pub(super) fn within(mut self, n: usize) -> Self {
        if self.period < 2 {
            (self.seasonal, self.period) = (Degrees::default(), 1);
        }
        while self.seasonal.difference > 0 && self.lost() >= n {
            self.seasonal.difference -= 1;
        }
        while self.regular.difference > 0 && self.lost() >= n {
            self.regular.difference -= 1;
        }
        let differences = self.regular.difference + self.seasonal.difference;
        self.constant &= differences < 2;
        let left = n - self.lost();
        let fixed = usize::from(self.constant);
        let longest = self.period.saturating_mul(self.seasonal.ar.max(self.seasonal.ma));
        if longest >= left {
            (self.seasonal.ar, self.seasonal.ma) = (0, 0);
        }
        for part in [&mut self.seasonal.ma, &mut self.seasonal.ar] {
            *part = (*part).min(left);
        }
        while self.terms() > 0 && self.terms() + fixed + 2 > left {
            let parts = [&mut self.seasonal.ma, &mut self.seasonal.ar];
            let regular = [&mut self.regular.ma, &mut self.regular.ar];
            let part = parts.into_iter().chain(regular).find(|part| **part > 0);
            *part.expect("there are terms") -= 1;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_a_simple_form() {
        let full = Order {
            regular: Degrees::new(2, 1, 2),
            seasonal: Degrees::new(1, 1, 1),
            period: 12,
            constant: true,
        };
        assert_eq!(full.within(200), Order { constant: false, ..full });
        let short = full.within(10);
        assert_eq!(short.seasonal, Degrees::default());
        assert_eq!((short.regular.difference, short.constant), (1, true));
        assert_eq!(full.within(1), Order { period: 12, ..Order::plain(Degrees::default(), true) });
        assert_eq!(full.within(2).regular, Degrees::new(0, 1, 0));
    }
}
