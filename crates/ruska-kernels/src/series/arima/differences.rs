//! Differences of a series and the way back.

use super::order::Order;

/// `x[t] − x[t − lag]`, `lag` values shorter.
pub(super) fn difference(x: &[f64], lag: usize) -> Vec<f64> {
    x.iter().skip(lag).zip(x).map(|(now, before)| now - before).collect()
}

/// All differences of an order, seasonal ones first.
pub(super) fn differenced(x: &[f64], order: &Order) -> Vec<f64> {
    let lags = std::iter::repeat_n(order.period, order.seasonal.difference);
    let lags = lags.chain(std::iter::repeat_n(1, order.regular.difference));
    lags.fold(x.to_vec(), |x, lag| difference(&x, lag))
}

/// Terms `(lag, weight)` by which a value is its differences' value plus the weighted past ones.
pub(super) fn past_terms(order: &Order) -> Vec<(usize, f64)> {
    let mut polynomial = vec![1.0];
    let lags = std::iter::repeat_n(order.period, order.seasonal.difference);
    for lag in lags.chain(std::iter::repeat_n(1, order.regular.difference)) {
        let before = polynomial.clone();
        polynomial.resize(before.len() + lag, 0.0);
        for (i, c) in before.iter().enumerate() {
            polynomial[i + lag] -= c;
        }
    }
    let terms = polynomial.iter().enumerate().skip(1);
    terms.filter(|(_, c)| **c != 0.0).map(|(lag, c)| (lag, -c)).collect()
}

/// The series that follows on `tail`, its last values, from values of its differences.
pub(super) fn integrated(differences: &[f64], tail: &[f64], terms: &[(usize, f64)]) -> Vec<f64> {
    let mut x = tail.to_vec();
    x.reserve(differences.len());
    for w in differences {
        let past: f64 = terms.iter().map(|(lag, c)| c * x[x.len() - lag]).sum();
        x.push(w + past);
    }
    x.split_off(tail.len())
}

#[cfg(test)]
mod tests {
    use super::super::order::Degrees;
    use super::*;

    #[test]
    fn integration_undoes_differences() {
        let order = Order {
            regular: Degrees::new(0, 1, 0),
            seasonal: Degrees::new(0, 1, 0),
            period: 4,
            constant: false,
        };
        let x: Vec<f64> = (0..20).map(|t| f64::from(t * t % 7)).collect();
        let w = differenced(&x, &order);
        assert_eq!(w.len(), 20 - order.lost());
        assert_eq!(integrated(&w, &x[..5], &past_terms(&order)), x[5..]);
    }
}
