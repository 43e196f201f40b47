use super::*;

fn fits(values: &[f64], period: usize) -> Vec<Smoothing> {
    Form::all().map(|form| Smoothing::fit(values, period, form, &Silent).unwrap()).collect()
}

#[test]
fn forms_are_written_as_usual() {
    let names: Vec<String> = Form::all().map(|f| f.to_string()).collect();
    assert_eq!(names.len(), 18);
    for name in ["ETS(A,N,N)", "ETS(M,Ad,M)", "ETS(A,A,A)"] {
        assert!(names.iter().any(|n| n == name));
    }
    assert_eq!(Choice::default().forms.len(), 15);
}

#[test]
fn derivatives_equal_differences() {
    let values = made_up(40, 1);
    let series = Scaled::new(&values, 12);
    for form in Form::all() {
        let problem = series.problem(form);
        let fitted = Smoothing::fit(&values, 12, form, &Silent).unwrap();
        let line = Line { level: 0.8, slope: 0.01 };
        let rates = Rates {
            alpha: 0.3,
            beta: if form.trend == Trend::None { 0.0 } else { 0.01 },
            gamma: if form.season.is_some() { 0.2 } else { 0.0 },
            phi: if form.trend == Trend::Damped { 0.9 } else { 1.0 },
        };
        let at = problem.layout.point(rates, line, &fitted.first.season);
        let mut run = pass::Run::default();
        problem.derive(&at, &mut run);
        let value = run.value;
        assert!(near(value, problem.value(&at, &mut run.clone()), 1e-12));
        for i in 0..at.len() {
            let moved = |by: f64| {
                let mut x = at.clone();
                x[i] += by;
                problem.value(&x, &mut pass::Run::default())
            };
            let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            let (lane, k) = (i / pass::LANE, i % pass::LANE);
            let n = values.len() as f64;
            let derived = 2.0 * n * run.slopes[lane][k] / run.squares + 2.0 * run.drift[lane][k];
            assert!(
                (slope - derived).abs() < 1e-3 * (1.0 + slope.abs()),
                "{form} {i}: {slope} {derived}"
            );
        }
    }
}

#[test]
fn lanes_of_any_width_give_the_same_bits() {
    let values = made_up(60, 2);
    let wide = fits(&values, 12);
    assert_eq!(wide, crate::simd::plain::plainly(|| fits(&values, 12)));
}

#[test]
fn update_equals_a_run_over_the_whole_series() {
    let values = made_up(90, 3);
    for mut model in fits(&values[..60], 12) {
        let whole = model.components(&values);
        model.update(&values[60..]);
        assert_eq!(model.observations(), 90);
        assert_eq!(model.in_unit(model.last.level), whole.level[89]);
        let again = model.components(&values);
        assert_eq!(again, whole);
        let mut restarted = model.restarted();
        restarted.update(&values);
        assert_eq!(restarted, model, "{}", model.form());
    }
}

#[test]
fn components_make_up_what_is_forecast() {
    let values = made_up(60, 4);
    let model = Smoothing::fit(&values, 12, Form::all().last().unwrap(), &Silent).unwrap();
    let parts = model.components(&values);
    for t in 12..60 {
        let line = parts.level[t - 1] + model.rates().phi * parts.slope[t - 1];
        assert!(near(parts.fitted[t], line * parts.season[t - 12], 1e-12));
    }
    let simple = Smoothing::ses(&values, &Silent).unwrap().components(&values);
    assert!(simple.slope.is_empty() && simple.season.is_empty());
}

#[test]
fn the_season_is_found() {
    let values = made_up(120, 6);
    let model = Smoothing::choose(&values[..108], 12, &Choice::default(), &Silent).unwrap();
    assert_eq!(model.form().season, Some(Component::Multiplicative), "{}", model.form());
    let off = model.forecast(12).into_iter().zip(&values[108..]).map(|(f, y)| (f / y - 1.0).abs());
    assert!(off.sum::<f64>() / 12.0 < 0.06);
    let best = |m: &Smoothing| m.aicc();
    let all = Smoothing::choose(&values, 12, &Choice::default(), &Silent).unwrap();
    for other in fits(&values, 12).iter().filter(|m| !m.form().is_unstable()) {
        assert!(best(&all) <= best(other) + 0.5, "{} {}", all.form(), other.form());
    }
}

#[test]
fn any_finite_series_gives_finite_numbers() {
    let cycle = |n: usize, s: f64| (0..n).map(|t| s * (t % 12) as f64).collect::<Vec<_>>();
    let mut spike = vec![1.0; 40];
    spike[20] = 1e12;
    let mut series =
        vec![spike, vec![f64::MAX; 30], vec![-f64::MAX, f64::MAX, 0.0, 1.0, 2.0, 3.0, 4.0]];
    for n in [1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 17, 25, 40] {
        series.push(vec![0.0; n]);
        series.push(vec![7.5; n]);
        series.push(vec![-1e-12; n]);
        series.push(cycle(n, 1e12));
        series.push(cycle(n, -1e-12));
        series.push((0..n).map(|t| (t + 1) as f64).collect());
        series.push((0..n).map(|t| 1.5f64.powi(t as i32)).collect());
        series.extend(
            [1e12, 1e-12, 1e300, 1e-310]
                .map(|s| made_up(n, 7).iter().map(|v| v * s / 400.0).collect()),
        );
        series.push((0..n).map(|t| f64::from(u8::from(t % 5 == 2))).collect());
    }
    for values in &series {
        for period in [0, 1, 2, 4, 12, 24, 30] {
            let mut models = fits(values, period);
            models.push(Smoothing::choose(values, period, &Choice::default(), &Silent).unwrap());
            for mut model in models {
                for _ in 0..2 {
                    let numbers = [model.forecast(30), model.spread(30)].concat();
                    let known = [model.sigma(), model.log_likelihood()];
                    let all = numbers.iter().chain(&known).all(|v| v.is_finite());
                    assert!(all, "{} {period} {values:?} {model:?}", model.form());
                    assert!(!model.aicc().is_nan());
                    model.update(&[0.0, -3.0, 1e14, 2.0]);
                }
            }
        }
    }
}

#[test]
fn short_series_take_simpler_forms() {
    let values = made_up(40, 8);
    let rich = Form::all().last().unwrap();
    let form = |n: usize, period: usize| {
        let rich = Form { trend: Trend::Damped, ..rich };
        Smoothing::fit(&values[..n], period, rich, &Silent).unwrap().form().to_string()
    };
    assert_eq!(form(40, 12), "ETS(M,Ad,M)");
    assert_eq!(form(40, 30), "ETS(M,Ad,N)");
    assert_eq!(form(17, 12), "ETS(M,N,M)");
    assert_eq!(form(12, 12), "ETS(M,Ad,N)");
    assert_eq!(form(3, 12), "ETS(A,N,N)");
    let below = values.iter().map(|v| v - 300.0).collect::<Vec<_>>();
    let model = Smoothing::fit(&below, 12, rich, &Silent).unwrap();
    assert!(!model.form().is_positive());
    let one = Smoothing::ses(&[5.0], &Silent).unwrap();
    assert_eq!((one.forecast(2), one.sigma()), (vec![5.0, 5.0], 0.0));
}

#[test]
fn units_do_not_matter() {
    let values = made_up(60, 9);
    let large: Vec<f64> = values.iter().map(|v| v * 1024.0).collect();
    for (a, b) in fits(&values, 12).iter().zip(fits(&large, 12)) {
        assert_eq!(a.rates(), b.rates());
        for (x, y) in a.forecast(5).iter().zip(b.forecast(5)) {
            assert_eq!(x * 1024.0, y);
        }
    }
}

#[test]
fn spread_is_that_of_simulated_futures() {
    let values = made_up(72, 10);
    for model in fits(&values, 12) {
        let (horizon, count) = (26, 4000);
        let point = model.forecast(horizon);
        let sigma = model.variance().sqrt();
        let mut squares = vec![0.0; horizon];
        for path in 0..count {
            let mut future = model.clone();
            for h in 0..horizon {
                let error = sigma * normal(mix(path) ^ mix(h as u64 + 77));
                let [f] = future.forecast(1)[..] else { unreachable!() };
                let y = match model.form().error {
                    Component::Additive => f + error * model.scale,
                    Component::Multiplicative => f * (1.0 + error),
                };
                squares[h] += (y - point[h]).powi(2) / count as f64;
                future.update(&[y]);
            }
        }
        for (h, (said, met)) in model.spread(horizon).iter().zip(&squares).enumerate() {
            assert!(near(*said, met.sqrt(), 0.08), "{} {h}: {said} {}", model.form(), met.sqrt());
        }
    }
}

#[test]
fn a_model_survives_being_saved() {
    for model in fits(&made_up(40, 11), 12) {
        let bytes = rmp_serde::to_vec(&model).unwrap();
        assert_eq!(rmp_serde::from_slice::<Smoothing>(&bytes).unwrap(), model);
    }
}

#[test]
fn stops_when_told() {
    let values = made_up(60, 12);
    let stop =
        |allowed| Smoothing::choose(&values, 12, &Choice::default(), &StopAfter::new(allowed));
    assert_eq!(stop(0), Err(Stopped));
    assert_eq!(stop(20), Err(Stopped));
}

#[test]
fn comb_is_the_mean_of_three() {
    let values = made_up(50, 13);
    let comb = Comb::fit(&values, &Silent).unwrap();
    let models = [Form::SIMPLE, Form::HOLT, Form::DAMPED]
        .map(|form| Smoothing::fit(&values, 1, form, &Silent).unwrap().forecast(6));
    for h in 0..6 {
        let mean = models.iter().map(|f| f[h]).sum::<f64>() / 3.0;
        assert!(near(comb.forecast(6)[h], mean, 0.01));
    }
    assert!(comb.spread(6).windows(2).all(|w| w[0] <= w[1]));
}
