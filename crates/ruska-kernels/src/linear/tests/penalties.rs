use super::*;

/// A smooth gradient of each coefficient, output after output, without penalties.
fn gradient<L: Loss>(x: &Design, loss: &L, fit: &LinearFit) -> Vec<f64> {
    let objective = lbfgs::Objective { x, loss, penalty: 0.0, progress: &Silent };
    let rows = fit.coefficients.chunks(x.width()).zip(&fit.intercepts);
    let theta: Vec<f64> = rows.flat_map(|(w, b)| [w, &[*b]].concat()).collect();
    let mut gradient = vec![0.0; theta.len()];
    objective.evaluate(&theta, &mut gradient).unwrap();
    gradient
}

/// The conditions of a minimum (Karush, Kuhn, Tucker): a coefficient that is not zero balances the
/// loss and the penalty, one that is zero is held there by L1, and intercepts are free.
#[track_caller]
fn meets_conditions<L: Loss>(x: &Design, loss: &L, fit: &LinearFit, settings: &Settings) -> usize {
    let (l1, l2) =
        (settings.penalty * settings.l1_ratio, settings.penalty * (1.0 - settings.l1_ratio));
    let mut zeros = 0;
    for (k, g) in gradient(x, loss, fit).chunks(x.width() + 1).enumerate() {
        let w = &fit.coefficients[k * x.width()..(k + 1) * x.width()];
        assert!(g[x.width()].abs() < 1e-7, "intercept {k}: {}", g[x.width()]);
        for (j, (w, g)) in w.iter().zip(g).enumerate() {
            if *w == 0.0 {
                zeros += 1;
                assert!(g.abs() <= l1 + 1e-7, "{j} is zero with a gradient of {g}");
            } else {
                assert!((g + l2 * w + l1 * w.signum()).abs() < 1e-7, "{j} is {w} with {g}");
            }
        }
    }
    zeros
}

#[test]
fn a_lasso_of_one_column_has_its_closed_form() {
    // Centred x = ∓1, y = ∓2: Σxy = 4, which the penalty lowers to 4 − 1.5, over Σx² + 0.5.
    let x = dense(&[vec![4.0], vec![6.0]]);
    let settings = Settings { penalty: 2.0, l1_ratio: 0.75, ..TIGHT };
    let fit = ridge(&x, &[1.0, 5.0], &[1.0, 1.0], &settings, &Silent).unwrap();
    close(&fit.coefficients, &[2.5 / 2.5], 1e-12);
    let settings = Settings { penalty: 4.0, l1_ratio: 1.0, ..TIGHT };
    let fit = ridge(&x, &[1.0, 5.0], &[1.0, 1.0], &settings, &Silent).unwrap();
    assert_eq!((fit.coefficients, fit.intercepts), (vec![0.0], vec![3.0]));
}

#[test]
fn l1_meets_the_conditions_of_a_minimum() {
    // By products of columns, and by rows.
    for more in [30, 140] {
        minima_among(more);
    }
}

fn minima_among(noisy: usize) {
    let (mut rows, classes, w) = sample();
    // Copies of columns and columns of noise, which the penalty has to choose from.
    let more = noise(150 * noisy, 8);
    for (i, row) in rows.iter_mut().enumerate() {
        row.push(row[0] + 0.1 * row[2]);
        row.push(0.0);
        row.extend_from_slice(&more[i * noisy..(i + 1) * noisy]);
    }
    let (head, tail): (Vec<_>, Vec<_>) =
        rows.iter().map(|r| (r[..9].to_vec(), r[9..].to_vec())).unzip();
    let mixed = dense(&head).with_sparse(csr(&tail));
    let values: Vec<f64> = classes.iter().map(|&c| f64::from(c)).collect();
    let positive: Vec<f64> = classes.iter().map(|&c| f64::from(c.min(1))).collect();
    for x in [dense(&rows), mixed, sparse(&rows)] {
        for (penalty, l1_ratio) in [(40.0, 1.0), (10.0, 1.0), (10.0, 0.3), (0.5, 0.9)] {
            let settings = Settings { penalty, l1_ratio, ..TIGHT };
            let fit = ridge(&x, &values, &w, &settings, &Silent).unwrap();
            let zeros = meets_conditions(&x, &Squared::new(&values, &w), &fit, &settings);
            assert!(fit.converged && zeros > 1);
            let fit = logistic(&x, &positive, &w, &settings, &Silent).unwrap();
            let zeros = meets_conditions(&x, &Logistic::new(&positive, &w), &fit, &settings);
            assert!(fit.converged && zeros > 1);
            let fit = softmax(&x, &classes, 3, &w, &settings, &Silent).unwrap();
            let zeros = meets_conditions(&x, &Softmax::new(&classes, 3, &w), &fit, &settings);
            assert!(fit.converged && zeros > 3);
        }
    }
}

#[test]
fn l1_for_avx2_gives_the_bits_of_the_plain_loops() {
    let (rows, classes, w) = sample();
    let more = noise(150 * 140, 8);
    let wide: Vec<Vec<f64>> =
        rows.iter().zip(more.chunks(140)).map(|(row, more)| [&row[..], more].concat()).collect();
    let settings = Settings { penalty: 5.0, l1_ratio: 0.8, ..TIGHT };
    for x in [dense(&rows), dense(&wide)] {
        let work = || softmax(&x, &classes, 3, &w, &settings, &Silent);
        assert_eq!(work(), plainly(work));
    }
}

#[test]
fn separable_classes_stay_finite_under_l1() {
    let rows: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i) - 19.5, 0.0]).collect();
    let y: Vec<f64> = (0..40).map(|i| f64::from(u8::from(i >= 20))).collect();
    for penalty in [1e-9, 1e-3, 1.0, 1e9] {
        let settings = Settings { penalty, l1_ratio: 1.0, ..Settings::default() };
        let fit = logistic(&dense(&rows), &y, &[1.0; 40], &settings, &Silent).unwrap();
        let (w, b) = (fit.coefficients[0], fit.intercepts[0]);
        assert!(w >= 0.0 && w.is_finite() && b.abs() <= 0.5 * w + 1e-9, "{fit:?}");
    }
}

/// Every third row to each fold.
fn thirds(w: &[f64]) -> Vec<Vec<f64>> {
    let held = |k: usize, i: usize| if i % 3 == k { w[i] } else { 0.0 };
    (0..3).map(|k| (0..w.len()).map(|i| held(k, i)).collect()).collect()
}

/// Summed loss of the rows held out by fits to the others.
fn held_out_loss<L: Curved>(
    x: &Design,
    w: &[f64],
    settings: &Settings,
    of: impl Fn(&[f64]) -> L,
) -> f64 {
    let loss = |held: &Vec<f64>| {
        let rest: Vec<f64> = w.iter().zip(held).map(|(w, h)| w - h).collect();
        let fit = fit(x, &of(&rest), settings, &Silent).unwrap();
        let rows = fit.coefficients.chunks(x.width()).zip(&fit.intercepts);
        let theta: Vec<f64> = rows.flat_map(|(w, b)| [w, &[*b]].concat()).collect();
        let judged = of(held);
        let judge = lbfgs::Objective { x, loss: &judged, penalty: 0.0, progress: &Silent };
        judge.evaluate(&theta, &mut vec![0.0; theta.len()]).unwrap()
    };
    thirds(w).iter().map(loss).sum()
}

#[test]
fn the_penalty_chosen_is_the_best_of_explicit_fits() {
    let (mut rows, classes, w) = sample();
    let more = noise(150 * 40, 8);
    for (i, row) in rows.iter_mut().enumerate() {
        row.extend_from_slice(&more[i * 40..(i + 1) * 40]);
    }
    let values: Vec<f64> = classes.iter().map(|&c| f64::from(c)).collect();
    let positive: Vec<f64> = classes.iter().map(|&c| f64::from(c.min(1))).collect();
    for x in [dense(&rows), sparse(&rows)] {
        for (l1_ratio, steps) in [(0.0, 2.0), (1.0, 4.0)] {
            let settings = Settings { l1_ratio, ..TIGHT };
            let truths =
                [Truth::Values(&values), Truth::Positive(&positive), Truth::Classes(&classes, 3)];
            for truth in truths {
                let chosen = choose_penalty(&x, truth, &thirds(&w), &settings, &Silent).unwrap();
                let loss = |k: i32| {
                    let penalty = chosen * 10f64.powf(f64::from(k) / steps);
                    let settings = Settings { penalty, ..settings };
                    match truth {
                        Truth::Values(y) => {
                            held_out_loss(&x, &w, &settings, |w| Squared::new(y, w))
                        }
                        Truth::Positive(y) => {
                            held_out_loss(&x, &w, &settings, |w| Logistic::new(y, w))
                        }
                        Truth::Classes(y, k) => {
                            held_out_loss(&x, &w, &settings, |w| Softmax::new(y, k, w))
                        }
                    }
                };
                let best = loss(0);
                for k in [-3, -2, -1, 1, 2, 3, 4, 6] {
                    // The path's fits are not tight.
                    assert!(best <= loss(k) * (1.0 + 1e-4), "{truth:?} {l1_ratio}: {k} steps");
                }
            }
        }
    }
}

/// Sixty columns of noise, and a narrow one that tells: the loss rises before it falls.
#[test]
fn a_narrow_column_is_heard_behind_wide_ones_of_noise() {
    const N: usize = 600;
    let (other, error) = (noise(N * 60, 3), noise(N, 4));
    let rare = |i: usize| f64::from(u8::from(i % 119 == 7));
    let row = |i: usize| [&other[i * 60..(i + 1) * 60], &[0.3 * rare(i)]].concat();
    let rows: Vec<Vec<f64>> = (0..N).map(row).collect();
    let y: Vec<f64> = (0..N).map(|i| 6.0 * rare(i) + error[i]).collect();
    let high: Vec<f64> = (0..N).map(|i| f64::from(u8::from(y[i] > 3.0))).collect();
    let w = vec![1.0; N];
    for x in [dense(&rows), sparse(&rows)] {
        let choose = |truth| choose_penalty(&x, truth, &thirds(&w), &TIGHT, &Silent).unwrap();
        let values = |penalty| {
            let settings = Settings { penalty, ..TIGHT };
            held_out_loss(&x, &w, &settings, |w| Squared::new(&y, w))
        };
        let classes = |penalty| {
            let settings = Settings { penalty, ..TIGHT };
            held_out_loss(&x, &w, &settings, |w| Logistic::new(&high, w))
        };
        let chosen = [values(choose(Truth::Values(&y))), classes(choose(Truth::Positive(&high)))];
        for k in 0..=14 {
            let penalty = 1e4 * 10f64.powf(-f64::from(k) / 2.0);
            let explicit = [values(penalty), classes(penalty)];
            for (chosen, explicit) in chosen.iter().zip(explicit) {
                assert!(*chosen <= explicit * 1.02, "{penalty}: {chosen}, {explicit}");
            }
        }
    }
}

/// Enough from the start, or after some questions.
struct Enough(u32, AtomicU32);

impl Progress for Enough {
    fn proceed(&self) -> bool {
        true
    }

    fn enough(&self) -> bool {
        self.1.fetch_add(1, Ordering::Relaxed) >= self.0
    }
}

#[test]
fn a_path_that_is_cut_gives_the_best_so_far() {
    let (rows, classes, w) = sample();
    let (x, held) = (dense(&rows), thirds(&w));
    let cut = |after: u32| {
        let enough = Enough(after, AtomicU32::new(0));
        let truth = Truth::Classes(&classes, 3);
        choose_penalty(&x, truth, &held, &Settings { penalty: 7.0, ..TIGHT }, &enough).unwrap()
    };
    assert_eq!(cut(0), 7.0);
    let whole = cut(u32::MAX);
    let cuts: Vec<f64> = (1..8).map(cut).collect();
    assert!(cuts.windows(2).all(|c| c[0] >= c[1]) && cuts[6] >= whole, "{cuts:?} to {whole}");
}

#[test]
fn the_grid_goes_with_the_scale_of_columns_and_weights() {
    let (rows, classes, w) = sample();
    let values: Vec<f64> = classes.iter().map(|&c| f64::from(c)).collect();
    let scaled: Vec<Vec<f64>> = rows.iter().map(|r| r.iter().map(|v| v * 1e5).collect()).collect();
    let choose = |rows: &[Vec<f64>], y: &[f64], l1_ratio: f64| {
        let settings = Settings { l1_ratio, ..TIGHT };
        choose_penalty(&dense(rows), Truth::Values(y), &thirds(&w), &settings, &Silent).unwrap()
    };
    let times: Vec<f64> = values.iter().map(|y| y * 1e3).collect();
    close(&[choose(&scaled, &times, 0.0) / choose(&rows, &values, 0.0)], &[1e10], 1e-6);
    close(&[choose(&scaled, &times, 1.0) / choose(&rows, &values, 1.0)], &[1e8], 1e-6);
}
