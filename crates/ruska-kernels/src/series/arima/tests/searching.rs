use super::super::{Arima, Degrees, Order, Search};
use super::{seasonal, simulated, walk};
use crate::{Progress, Silent, StopAfter, Stopped};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Says enough after so many questions, and counts them.
struct Enough {
    after: usize,
    asked: AtomicUsize,
}

impl Progress for Enough {
    fn proceed(&self) -> bool {
        true
    }

    fn enough(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.after
    }
}

fn found(x: &[f64], period: usize) -> Arima {
    Search { period, ..Search::default() }.fit(x, &Silent).unwrap()
}

#[test]
fn an_autoregression_is_found() {
    let model = found(&simulated(&[0.9, -0.4], &[], 600), 1);
    assert_eq!(
        model.order,
        Order { constant: model.order.constant, ..Order::plain(Degrees::new(2, 0, 0), false) }
    );
}

#[test]
fn a_walk_is_differenced_once() {
    let x = walk(&simulated(&[], &[], 300));
    assert_eq!(found(&x, 1).order.regular.difference, 1);
    let twice = walk(&x);
    let search = Search { differences: 2, ..Search::default() };
    assert_eq!(search.fit(&twice, &Silent).unwrap().order.regular.difference, 2);
}

#[test]
fn a_season_is_differenced_or_not_as_said() {
    let x = seasonal(120);
    assert_eq!(found(&x, 12).order.seasonal.difference, 1);
    for wanted in [false, true] {
        let seasonal_difference = Some(wanted);
        let search = Search { period: 12, seasonal_difference, ..Search::default() };
        let model = search.fit(&x, &Silent).unwrap();
        assert_eq!(model.order.seasonal.difference, usize::from(wanted));
    }
    assert_eq!(found(&x, 36).order.period, 1);
}

#[test]
fn the_search_beats_the_models_it_starts_from() {
    let x = seasonal(120);
    let best = found(&x, 12);
    let (regular, seasonal) = (best.order.regular, best.order.seasonal);
    for (p, q) in [(2, 2), (0, 0)] {
        let regular = Degrees::new(p, regular.difference, q);
        let order =
            Order { regular, seasonal: Degrees::new(0, seasonal.difference, 0), ..best.order };
        assert!(best.aicc() <= Arima::fit(&x, &order, &Silent).unwrap().aicc() + 1e-3);
    }
}

#[test]
fn plain_series_have_plain_models() {
    let line: Vec<f64> = (0..40).map(|t| 3.0 + 0.1 * f64::from(t)).collect();
    let model = found(&line, 1);
    assert_eq!(model.order.terms(), 0);
    assert!((model.forecast(10)[9] - 7.9).abs() < 1e-9);
    assert_eq!(found(&[4.0; 30], 12).forecast(2), [4.0; 2]);
    let cycle: Vec<f64> = (0..48).map(|t| f64::from(t % 12)).collect();
    assert!((found(&cycle, 12).forecast(5)[4] - 4.0).abs() < 1e-9);
}

#[test]
fn all_is_finite_for_any_series() {
    let base = seasonal(60);
    for scale in [1e-300, 1e-12, -1.0, 1e12, 1e300] {
        for n in (1..15).chain([24, 25, 36, 60]) {
            for period in [1, 4, 12, usize::MAX] {
                let y: Vec<f64> = base[..n].iter().map(|v| v * scale).collect();
                let jump: Vec<f64> = (0..n).map(|t| scale * (t / 5) as f64).collect();
                for y in [y, jump] {
                    let search = Search { period, differences: 2, ..Search::default() };
                    let model = search.fit(&y, &Silent).unwrap();
                    let mut out = model.forecast(20);
                    out.extend(model.spread(20));
                    assert!(out.iter().all(|v| v.is_finite()), "{n} {scale} {period} {out:?}");
                }
            }
        }
    }
}

#[test]
fn long_series_are_searched_by_conditional_likelihood() {
    let x = simulated(&[0.9, -0.4], &[], 8000);
    let model = found(&x, 1);
    assert!((model.ar[0] - 0.9).abs() < 0.05, "{model:?}");
}

#[test]
fn enough_is_enough() {
    let x = seasonal(120);
    let fit = |after| {
        let progress = Enough { after, asked: AtomicUsize::new(0) };
        let model = Search { period: 12, ..Search::default() }.fit(&x, &progress).unwrap();
        (model, progress.asked.into_inner())
    };
    let (first, asked) = fit(0);
    assert_eq!((first.order.regular.ar, first.order.regular.ma), (2, 2));
    assert!(asked > 0);
    assert_eq!(fit(3).0, fit(3).0);
    assert_eq!(fit(1000).0, found(&x, 12));
}

#[test]
fn a_search_stops_when_told() {
    let x = seasonal(120);
    let search = Search { period: 12, ..Search::default() };
    for allowed in [0, 3, 50] {
        assert_eq!(search.fit(&x, &StopAfter::new(allowed)), Err(Stopped));
    }
}
