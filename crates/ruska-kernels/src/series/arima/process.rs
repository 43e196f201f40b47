//! The stationary process of the differences: its terms, and where its filter starts.

use super::lanes::{LANES, Lane, map, minus, plus, splat, zip};
use super::order::Order;
use super::polynomial;

/// `x[t] = Σ ar · x[t − lag] + e[t] + Σ ma · e[t − lag]`, four at once: terms by lag.
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    pub(super) ar: Vec<(usize, Lane)>,
    pub(super) ma: Vec<(usize, Lane)>,
    /// Longest lags.
    pub(super) ar_lag: usize,
    pub(super) ma_lag: usize,
}

/// The coefficients of an order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Coefficients {
    pub(super) ar: Vec<f64>,
    pub(super) ma: Vec<f64>,
    pub(super) seasonal_ar: Vec<f64>,
    pub(super) seasonal_ma: Vec<f64>,
}

impl Coefficients {
    /// From the partial autocorrelations of the four parts, one part after the other; those of the
    /// moving averages are of their inverses' autoregressions.
    pub(super) fn of_partials(order: &Order, partials: &[f64]) -> Self {
        let (ar, rest) = partials.split_at(order.regular.ar);
        let (ma, rest) = rest.split_at(order.regular.ma);
        let (seasonal_ar, seasonal_ma) = rest.split_at(order.seasonal.ar);
        let inverse = |partials| negated(&polynomial::coefficients(partials));
        Self {
            ar: polynomial::coefficients(ar),
            ma: inverse(ma),
            seasonal_ar: polynomial::coefficients(seasonal_ar),
            seasonal_ma: inverse(seasonal_ma),
        }
    }

    /// The partial autocorrelations, each at most `most` in size: of the nearest stationary and
    /// invertible process where these are not of one.
    pub(super) fn partials(&self, most: f64) -> Vec<f64> {
        let part = |c: &[f64]| polynomial::stationary_partials(c, most);
        [
            part(&self.ar),
            part(&negated(&self.ma)),
            part(&self.seasonal_ar),
            part(&negated(&self.seasonal_ma)),
        ]
        .concat()
    }

    /// Whether all roots lie farther from 0 than the radius of their part.
    pub(super) fn roots_beyond(&self, radii: &Radii) -> bool {
        polynomial::roots_beyond(radii.ar, &self.ar)
            && polynomial::roots_beyond(radii.ma, &negated(&self.ma))
            && polynomial::roots_beyond(radii.seasonal_ar, &self.seasonal_ar)
            && polynomial::roots_beyond(radii.ma, &negated(&self.seasonal_ma))
    }

    /// Terms of the autoregressive part.
    pub(super) fn ar_terms(&self, period: usize) -> Vec<(usize, f64)> {
        polynomial::product(&self.ar, &self.seasonal_ar, period)
    }

    /// Terms of the moving-average part.
    pub(super) fn ma_terms(&self, period: usize) -> Vec<(usize, f64)> {
        let terms = polynomial::product(&negated(&self.ma), &negated(&self.seasonal_ma), period);
        terms.into_iter().map(|(lag, c)| (lag, -c)).collect()
    }
}

/// How far from 0 roots must be; those of the seasonal parts by the lag of a period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Radii {
    pub(super) ar: f64,
    pub(super) seasonal_ar: f64,
    pub(super) ma: f64,
}

fn negated(c: &[f64]) -> Vec<f64> {
    c.iter().map(|c| -c).collect()
}

impl Process {
    /// The process of each of four coefficients of one order.
    pub(super) fn new(order: &Order, four: [&Coefficients; LANES]) -> Self {
        let gathered = |terms: [Vec<(usize, f64)>; LANES]| {
            let lane = |i: usize| std::array::from_fn(|l| terms[l][i].1);
            (0..terms[0].len()).map(|i| (terms[0][i].0, lane(i))).collect()
        };
        Self {
            ar: gathered(four.map(|c| c.ar_terms(order.period))),
            ma: gathered(four.map(|c| c.ma_terms(order.period))),
            ar_lag: order.ar_lag(),
            ma_lag: order.ma_lag(),
        }
    }

    /// Length of the state: what the past says of the next values.
    pub(super) fn state_len(&self) -> usize {
        self.ar_lag.max(self.ma_lag + 1)
    }

    /// Covariance of each element of the state with the value, where the errors' variance is 1.
    pub(super) fn start(&self) -> Vec<Lane> {
        let r = self.state_len();
        let gamma = self.autocovariances(r);
        let psi = self.psi(self.ma_lag + 1);
        let mut out = vec![splat(0.0); r];
        for &(lag, phi) in &self.ar {
            for i in 0..lag {
                out[i] = plus(out[i], phi, gamma[lag - i]);
            }
        }
        for &(lag, theta) in std::iter::once(&(0, splat(1.0))).chain(&self.ma) {
            for i in 0..=lag {
                out[i] = plus(out[i], theta, psi[lag - i]);
            }
        }
        out
    }

    fn psi(&self, n: usize) -> Vec<Lane> {
        let mut psi = vec![splat(0.0); n];
        psi[0] = splat(1.0);
        for &(lag, theta) in &self.ma {
            psi[lag] = zip(psi[lag], theta, |a, b| a + b);
        }
        for t in 1..n {
            for &(lag, phi) in self.ar.iter().filter(|(lag, _)| *lag <= t) {
                psi[t] = plus(psi[t], phi, psi[t - lag]);
            }
        }
        psi
    }

    /// Autocovariances at lags 0 to `n`: those of the autoregression alone, averaged with the
    /// products of the moving average's weights.
    fn autocovariances(&self, n: usize) -> Vec<Lane> {
        let q = self.ma_lag;
        let alone = self.ar_autocovariances(n + q);
        let mut products = vec![splat(0.0); q + 1];
        let one = (0, splat(1.0));
        let terms = || std::iter::once(&one).chain(&self.ma);
        for &(i, a) in terms() {
            for &(j, b) in terms().filter(|(j, _)| *j <= i) {
                products[i - j] = plus(products[i - j], a, b);
            }
        }
        let mut out: Vec<Lane> =
            alone[..=n].iter().map(|g| zip(*g, products[0], |a, b| a * b)).collect();
        for h in (1..=q).filter(|h| products[*h] != splat(0.0)) {
            for k in 0..=n {
                let both = zip(alone[k + h], alone[k.abs_diff(h)], |a, b| a + b);
                out[k] = plus(out[k], products[h], both);
            }
        }
        out
    }

    /// Autocovariances of the autoregression alone at lags 0 to `n`: down to its partial
    /// autocorrelations, whose predictors of each length then give one lag after the other.
    fn ar_autocovariances(&self, n: usize) -> Vec<Lane> {
        let p = self.ar_lag;
        // Row k holds the predictor of k + 1 values.
        let mut rows = vec![splat(0.0); p * p];
        for &(lag, phi) in &self.ar {
            let last = &mut rows[(p - 1) * p + lag - 1];
            *last = zip(*last, phi, |a, b| a + b);
        }
        for k in (1..p).rev() {
            let (shorter, longer) = rows.split_at_mut(k * p);
            let (before, row) = (&mut shorter[(k - 1) * p..], &longer[..=k]);
            let last = row[k];
            let rest = map(last, |r| 1.0 / (1.0 - r * r));
            for j in 0..k {
                before[j] = zip(plus(row[j], last, row[k - 1 - j]), rest, |a, b| a * b);
            }
        }
        let mut gamma = vec![splat(0.0); n + 1];
        let variance =
            (0..p).fold(splat(1.0), |v, k| zip(v, rows[k * p + k], |v, r| v / (1.0 - r * r)));
        gamma[0] = variance;
        let mut left = variance;
        for k in 1..=n.min(p) {
            let last = rows[(k - 1) * p + k - 1];
            let mut sum = zip(last, left, |a, b| a * b);
            for i in 1..k {
                sum = plus(sum, rows[(k - 2) * p + i - 1], gamma[k - i]);
            }
            gamma[k] = sum;
            left = minus(left, map(last, |r| r * r), left);
        }
        for k in p + 1..=n {
            for &(lag, phi) in &self.ar {
                gamma[k] = plus(gamma[k], phi, gamma[k - lag]);
            }
        }
        gamma
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::Degrees;
    use super::*;

    /// `Σ ψ[j] · ψ[j + k]`, which autocovariances are.
    fn by_weights(process: &Process, k: usize) -> f64 {
        let flat = |terms: &[(usize, Lane)]| -> Vec<(usize, f64)> {
            terms.iter().map(|(lag, c)| (*lag, c[0])).collect()
        };
        let psi = polynomial::psi_weights(&flat(&process.ar), &flat(&process.ma), 4000);
        psi.iter().zip(&psi[k..]).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn autocovariances_are_sums_over_the_weights_of_errors() {
        let order = Order {
            regular: Degrees::new(2, 0, 1),
            seasonal: Degrees::new(1, 0, 2),
            period: 4,
            constant: false,
        };
        let c = Coefficients::of_partials(&order, &[0.7, -0.4, 0.5, 0.6, 0.3, -0.2]);
        let process = Process::new(&order, [&c; LANES]);
        for (k, gamma) in process.autocovariances(12).iter().enumerate() {
            let expected = by_weights(&process, k);
            assert!((gamma[1] - expected).abs() < 1e-9, "{k}: {} {expected}", gamma[1]);
        }
    }

    #[test]
    fn coefficients_come_back_from_their_partials() {
        let order = Order { regular: Degrees::new(2, 0, 3), ..Order::default() };
        let partials = [0.7, -0.4, 0.5, 0.6, 0.3];
        let back = Coefficients::of_partials(&order, &partials).partials(0.99);
        assert!(partials.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-12), "{back:?}");
    }
}
