use super::super::fit::{Series, settle};
use super::super::lanes::LANES;
use super::super::likelihood::{Form, Likelihood};
use super::super::polynomial::psi_weights;
use super::super::process::{Coefficients, Process};
use super::super::{Arima, Degrees, Order};
use super::{seasonal, simulated, walk};
use crate::simd::plain::plainly;
use crate::{Silent, StopAfter, Stopped};

fn airline(constant: bool) -> Order {
    let part = Degrees::new(0, 1, 1);
    Order { regular: part, seasonal: part, period: 12, constant }
}

fn near(a: &[f64], b: &[f64], part: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= part * (1.0 + a.abs()))
}

/// `ln` of the density of `x` by the factor of its covariance matrix, the variance being 1: the sum
/// of squares and the logarithm of the determinant.
fn by_matrix(x: &[f64], gamma: &[f64]) -> (f64, f64) {
    let n = x.len();
    let mut l = vec![vec![0.0; n]; n];
    let (mut squares, mut logarithm, mut z) = (0.0, 0.0, vec![0.0; n]);
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            let left = gamma[i - j] - sum;
            l[i][j] = if i == j { left.sqrt() } else { left / l[j][j] };
        }
        let past: f64 = (0..i).map(|k| l[i][k] * z[k]).sum();
        z[i] = (x[i] - past) / l[i][i];
        squares += z[i] * z[i];
        logarithm += 2.0 * l[i][i].ln();
    }
    (squares, logarithm)
}

#[test]
fn the_filter_gives_the_likelihood_of_the_covariance_matrix() {
    let x = simulated(&[0.6], &[], 60);
    let forms: [([usize; 4], &[f64]); 4] = [
        ([2, 1, 1, 1], &[0.7, -0.4, 0.5, 0.6, 0.3]),
        ([0, 0, 2, 0], &[0.5, 0.6]),
        ([1, 1, 0, 0], &[0.9, 0.8]),
        ([0, 2, 0, 2], &[0.5, 0.6, -0.3, 0.4]),
    ];
    for ([p, q, sp, sq], partials) in forms {
        let (regular, seasonal) = (Degrees::new(p, 0, q), Degrees::new(sp, 0, sq));
        let order = Order { regular, seasonal, period: 4, constant: false };
        let parts = Coefficients::of_partials(&order, partials);
        let psi = psi_weights(&parts.ar_terms(4), &parts.ma_terms(4), 3000);
        let covariance = |k: usize| psi.iter().zip(&psi[k..]).map(|(a, b)| a * b).sum();
        let gamma: Vec<f64> = (0..x.len()).map(covariance).collect();
        let (squares, logarithm) = by_matrix(&x, &gamma);
        let expected = squares * (logarithm / x.len() as f64).exp();
        for tolerance in [0.0, 1e-9] {
            let mut likelihood = Likelihood::new(order, vec![&x], Form::Exact(tolerance));
            let four = [partials; LANES];
            let sums = likelihood.evaluate(four, &mut Vec::new(), &Silent).unwrap().sums;
            assert!((sums[0] / expected - 1.0).abs() < 1e-7, "{} {expected}", sums[0]);
        }
    }
}

#[test]
fn steady_variances_save_work_and_change_nothing() {
    let order = Order::plain(Degrees::new(1, 0, 1), false);
    let x = simulated(&[0.8], &[0.3], 500);
    let of = |form| {
        let mut scaled = Vec::new();
        let mut likelihood = Likelihood::new(order, vec![&x], form);
        likelihood.evaluate([&[0.8, -0.3]; LANES], &mut scaled, &Silent).unwrap();
        scaled.iter().map(|e| e[0]).collect::<Vec<f64>>()
    };
    assert!(near(&of(Form::Exact(0.0)), &of(Form::Exact(1e-9)), 1e-4));
    let (exact, conditional) = (of(Form::Exact(0.0)), of(Form::Conditional));
    assert!(near(&exact[50..], &conditional[50..], 1e-2));
}

#[test]
fn true_coefficients_are_found() {
    let x = simulated(&[0.6, 0.2], &[-0.5], 4000);
    let model = Arima::fit(&x, &Order::plain(Degrees::new(2, 0, 1), true), &Silent).unwrap();
    assert!((model.ar[0] - 0.6).abs() < 0.1 && (model.ar[1] - 0.2).abs() < 0.1, "{model:?}");
    assert!((model.ma[0] + 0.5).abs() < 0.1 && (model.sigma() - 1.0).abs() < 0.05, "{model:?}");
}

#[test]
fn a_walk_goes_on_where_it_is_and_along_its_drift() {
    let x = walk(&simulated(&[], &[], 100));
    let plain = Arima::fit(&x, &Order::plain(Degrees::new(0, 1, 0), false), &Silent).unwrap();
    assert!(near(&plain.forecast(3), &[x[99]; 3], 1e-12));
    let spread = plain.spread(4);
    assert!((spread[3] / spread[0] - 2.0).abs() < 1e-12);
    let drift = Arima::fit(&x, &Order::plain(Degrees::new(0, 1, 0), true), &Silent).unwrap();
    let slope = (x[99] - x[0]) / 99.0;
    assert!((drift.constant() - slope).abs() < 1e-9);
    assert!(near(&drift.forecast(2), &[x[99] + slope, x[99] + 2.0 * slope], 1e-9));
}

#[test]
fn updates_equal_a_run_over_all() {
    let x = seasonal(160);
    let orders = [
        airline(false),
        Order { constant: true, ..Order::plain(Degrees::new(2, 1, 1), true) },
        Order {
            seasonal: Degrees::new(1, 0, 1),
            period: 12,
            ..Order::plain(Degrees::new(1, 0, 1), true)
        },
    ];
    for order in orders {
        let mut model = Arima::fit(&x[..120], &order, &Silent).unwrap();
        let mut whole = model.clone();
        settle(&mut whole, &Series::new(&x).rescaled(&model), &Silent).unwrap();
        model.update(&[]);
        model.update(&x[120..121]);
        model.update(&x[121..]);
        assert_eq!(model.observations, 160);
        assert!(near(&model.forecast(30), &whole.forecast(30), 1e-9));
    }
}

#[test]
fn all_is_finite_for_any_series() {
    let base = seasonal(40);
    for scale in [1e-300, 1e-12, 1.0, -1e12, 1e300] {
        for n in (1..8).chain([12, 13, 24, 25, 26, 30, 40]) {
            let alike: [Vec<f64>; 4] = [
                base[..n].iter().map(|v| v * scale).collect(),
                vec![scale; n],
                vec![0.0; n],
                (0..n).map(|t| scale * f64::from(u8::from(t == n / 2))).collect(),
            ];
            for y in &alike {
                for order in [airline(true), Order::plain(Degrees::new(3, 2, 3), true)] {
                    let mut model = Arima::fit(y, &order, &Silent).unwrap();
                    model.update(&y[..1]);
                    let mut out = model.forecast(20);
                    out.extend(model.spread(20));
                    out.extend([model.sigma(), model.aicc(), model.log_likelihood]);
                    assert!(out.iter().all(|v| v.is_finite()), "{n} {scale} {order:?} {out:?}");
                }
            }
        }
    }
}

#[test]
fn one_value_is_its_own_forecast() {
    let model = Arima::fit(&[7.5], &airline(true), &Silent).unwrap();
    assert_eq!((model.forecast(2), model.spread(2)), (vec![7.5; 2], vec![0.0; 2]));
}

#[test]
fn units_change_nothing_but_units() {
    let x = seasonal(100);
    let large: Vec<f64> = x.iter().map(|v| v * 1024.0).collect();
    let small = Arima::fit(&x, &airline(false), &Silent).unwrap();
    let large = Arima::fit(&large, &airline(false), &Silent).unwrap();
    let forecast: Vec<f64> = large.forecast(12).iter().map(|v| v / 1024.0).collect();
    assert!(near(&forecast, &small.forecast(12), 1e-9));
    let shift = 87.0 * 1024f64.ln();
    assert!((small.log_likelihood - large.log_likelihood - shift).abs() < 1e-6);
}

#[test]
fn bits_do_not_depend_on_the_width_of_registers() {
    let x = seasonal(100);
    let fit = || Arima::fit(&x, &airline(false), &Silent).unwrap();
    assert_eq!(fit(), plainly(fit));
}

#[test]
fn a_saved_model_is_the_same() {
    let model = Arima::fit(&seasonal(60), &airline(false), &Silent).unwrap();
    let bytes = rmp_serde::to_vec(&model).unwrap();
    assert_eq!(rmp_serde::from_slice::<Arima>(&bytes).unwrap(), model);
}

#[test]
fn a_fit_stops_when_told() {
    let stopped = Arima::fit(&seasonal(60), &airline(false), &StopAfter::new(0));
    assert_eq!(stopped, Err(Stopped));
}

#[test]
fn the_process_of_a_model_is_the_one_its_coefficients_say() {
    let order = airline(false);
    let parts = Coefficients::of_partials(&order, &[0.4, 0.6]);
    let process = Process::new(&order, [&parts; LANES]);
    let terms: Vec<(usize, f64)> = process.ma.iter().map(|(lag, c)| (*lag, c[0])).collect();
    assert_eq!(terms, [(1, -0.4), (12, -0.6), (13, 0.24)]);
}
