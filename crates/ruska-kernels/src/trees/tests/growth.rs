//! Single trees.

use super::*;

/// The best gain of any split of all rows, by trying all, in reals.
fn brute_force(
    columns: &[Vec<f64>],
    g: &[f32],
    h: &[f32],
    masses: Option<&[u32]>,
    p: &GrowParams,
) -> f64 {
    let n = g.len();
    let score = |g: f64, h: f64| (g.abs() - p.l1).max(0.0).powi(2) / (h + p.l2);
    let mass = |i: usize| masses.map_or(1.0, |m| f64::from(m[i]));
    let add = |a: (f64, f64, f64), i: usize| {
        (a.0 + mass(i) * f64::from(g[i]), a.1 + mass(i) * f64::from(h[i]), a.2 + mass(i))
    };
    let all = (0..n).fold((0.0, 0.0, 0.0), add);
    let floor = p.min_hessian.max(f64::from(p.min_rows) * all.1 / all.2) * (1.0 - 1e-6);
    let mut best = 0.0f64;
    for column in columns {
        for cut in column.iter().copied().filter(|v| !v.is_nan()).chain([f64::INFINITY]) {
            for missing_left in [false, true] {
                let left = |i: &usize| column[*i] <= cut || column[*i].is_nan() && missing_left;
                let l = (0..n).filter(left).fold((0.0, 0.0, 0.0), add);
                let r = (all.0 - l.0, all.1 - l.1, all.2 - l.2);
                let enough = f64::from(p.min_rows);
                if l.2 >= enough && r.2 >= enough && l.1 >= floor && r.1 >= floor {
                    best = best.max(score(l.0, l.1) + score(r.0, r.1) - score(all.0, all.1));
                }
            }
        }
    }
    best
}

#[test]
fn the_first_split_is_the_best_there_is() {
    for case in 0..60u64 {
        let n = 5 + (mix(case) % 60) as usize;
        let raw = columns(n, 5, 1.0 + (case % 20) as f64, case);
        let masses: Vec<u32> = (0..n).map(|i| (mix(i as u64) % 3) as u32).collect();
        let masses = (case % 3 == 0).then_some(&masses[..]);
        let random = |i: usize, seed: u64| unit(case * seed + i as u64) as f32;
        let g: Vec<f32> = (0..n).map(|i| random(i, 1000) - 0.4).collect();
        // Hessians of very different size, so that counting rows matters.
        let h: Vec<f32> = (0..n).map(|i| random(i, 77).powi(6)).collect();
        let params = GrowParams {
            max_leaves: 2,
            min_rows: 1 + (case % 7) as u32,
            l1: (case % 2) as f64 * 0.3,
            l2: (case % 4) as f64 * 0.5 + 1e-3,
            ..GrowParams::default()
        };
        let (words, scale) = packed(&g, &h, masses).unwrap();
        let bins = binned(&raw);
        let useful: Vec<u32> = (0..5).filter(|&c| bins[c as usize].n_bins() > 1).collect();
        let job = Job {
            words: &words,
            scale,
            rows: None,
            masses,
            columns: &useful,
            monotone: &[],
            seed: 0,
            threads: 1,
            params,
        };
        let mut grower = Grower::new(&bins, 1);
        let tree = grower.grow(&job, &mut Ticker::new(&Silent)).unwrap();
        let expected = brute_force(&raw, &g, &h, masses, &params);
        let got = tree.nodes[0].gain;
        assert!((got - expected).abs() < 1e-5 * (1.0 + expected), "{case}: {got} {expected}");
        for (node, rows) in grower.leaves().filter(|_| tree.splits()) {
            let mass = |r: u32| masses.map_or(1.0, |m| f64::from(m[r as usize]));
            let sum = |v: &[f32]| -> f64 {
                rows.iter().map(|&r| mass(r) * f64::from(v[r as usize])).sum()
            };
            let (g, h) = (sum(&g), sum(&h));
            let value = -(g.abs() - params.l1).max(0.0).copysign(g) / (h + params.l2);
            assert!((tree.nodes[node].value - value).abs() < 1e-4 * (1.0 + value.abs()));
        }
    }
}

#[test]
fn trees_keep_to_their_limits_and_do_not_depend_on_what_is_kept() {
    let raw = columns(3000, 7, 400.0, 5);
    let (bins, y) = (binned(&raw), signal(&raw));
    let g: Vec<f32> = y.iter().map(|y| 2.0 - *y as f32).collect();
    let h: Vec<f32> = (0..y.len()).map(|i| unit(i as u64).powi(3) as f32).collect();
    let (words, scale) = packed(&g, &h, None).unwrap();
    let all: Vec<u32> = (0..7).collect();
    for (max_leaves, max_depth, min_rows) in [(1, 9, 1), (40, 3, 1), (40, 99, 60), (300, 99, 7)] {
        let params = GrowParams { max_leaves, max_depth, min_rows, ..GrowParams::default() };
        let job = Job {
            words: &words,
            scale,
            rows: None,
            masses: None,
            columns: &all,
            monotone: &[],
            seed: 0,
            threads: 1,
            params,
        };
        let mut grower = Grower::new(&bins, 1);
        let tree = grower.grow(&job, &mut Ticker::new(&Silent)).unwrap();
        let sizes: Vec<usize> = grower.leaves().map(|(_, rows)| rows.len()).collect();
        assert!(sizes.len() <= max_leaves && sizes.len() <= 1 << max_depth.min(10));
        assert!(sizes.len() > max_leaves / 6);
        assert!(sizes.iter().all(|&s| s >= min_rows as usize));
        assert_eq!(sizes.iter().sum::<usize>(), 3000);
        for (node, rows) in grower.leaves() {
            assert!(rows.iter().all(|&r| tree.value(&bins, r as usize) == tree.nodes[node].value));
        }
        for histograms in 0..4 {
            let mut frugal = Grower::new(&bins, 1 + histograms);
            frugal.keep_at_most(histograms);
            frugal.few_are([0, 20, 200, 5000][histograms]);
            assert_eq!(frugal.grow(&job, &mut Ticker::new(&Silent)).unwrap(), tree);
        }
    }
}

#[test]
fn missing_values_go_where_they_gain() {
    for value in [-5.0, 5.0] {
        // A missing value behaves like the small numbers or like the large ones.
        let x: Vec<f64> =
            (0..90).map(|i| if i % 3 == 0 { f64::NAN } else { f64::from(i % 2) }).collect();
        let y: Vec<f64> =
            x.iter().map(|x| if x.is_nan() { value } else { x * 10.0 - 5.0 }).collect();
        let raw = vec![x];
        let params = BoostParams { rounds: 1, learning_rate: 1.0, ..BoostParams::default() };
        let model = fit(&Squared::new(&y, None), &binned(&raw), &y, &params);
        for (got, y) in scores(&model, &raw).iter().zip(&y) {
            assert!((got - y).abs() < 1e-6, "{got} {y}");
        }
    }
    // Missing against the rest, and a missing value never seen in training: the larger side.
    let x: Vec<f64> = (0..80).map(|i| if i % 2 == 0 { f64::NAN } else { f64::from(i) }).collect();
    let y: Vec<f64> = x.iter().map(|x| f64::from(u8::from(x.is_nan()))).collect();
    let params = BoostParams { rounds: 1, learning_rate: 1.0, ..BoostParams::default() };
    let model = fit(&Squared::new(&y, None), &binned(std::slice::from_ref(&x)), &y, &params);
    assert_eq!(scores(&model, &[x]), y);
    let x: Vec<f64> = (0..80).map(|i| f64::from(u8::from(i < 25))).collect();
    let model = fit(&Squared::new(&x, None), &binned(std::slice::from_ref(&x)), &x, &params);
    assert!(scores(&model, &[vec![f64::NAN]])[0].abs() < 1e-6);
}
