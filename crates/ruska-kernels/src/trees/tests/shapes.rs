//! Categories, constraints, sampling by node, levels and symmetric trees.

use super::*;

fn level_column(n: usize, levels: u32, seed: u64) -> Vec<u32> {
    (0..n as u64).map(|i| (mix(seed ^ i) % u64::from(levels)) as u32).collect()
}

#[test]
fn a_set_of_levels_is_found_and_predicted() {
    // Odd levels of ten are high, with a missing value now and then that is like them.
    let mut codes = level_column(2000, 10, 1);
    (0..2000).step_by(50).for_each(|i| codes[i] = u32::MAX);
    let high = |&c: &u32| c == u32::MAX || c % 2 == 1;
    let y: Vec<f64> = codes.iter().map(|c| f64::from(u8::from(high(c)))).collect();
    let bins = vec![BinnedColumn::categorical(&codes, 10)];
    let params = BoostParams {
        rounds: 1,
        learning_rate: 1.0,
        tree: GrowParams { max_leaves: 2, ..GrowParams::default() },
        ..BoostParams::default()
    };
    let model = fit(&Squared::new(&y, None), &bins, &y, &params);
    let raw = vec![codes.iter().map(|&c| if c > 9 { f64::NAN } else { f64::from(c) }).collect()];
    for (got, y) in scores(&model, &raw).iter().zip(&y) {
        assert!((got - y).abs() < 1e-6, "{got} {y}");
    }
    let bytes = rmp_serde::to_vec_named(&model).unwrap();
    assert_eq!(rmp_serde::from_slice::<Model>(&bytes).unwrap(), model);
    assert_eq!((model.split_counts(), model.cover()), (vec![1], &[2000.0][..]));
}

#[test]
fn levels_and_numbers_are_the_same_walked_and_by_bits() {
    let n = 3000;
    let codes = level_column(n, 60, 5);
    let numbers = columns(n, 2, 90.0, 4);
    let mut bins = vec![BinnedColumn::categorical(&codes, 60)];
    bins.extend(binned(&numbers));
    let y: Vec<f64> = (0..n)
        .map(|i| f64::from(mix(u64::from(codes[i])) as u8) + numbers[0][i] * unit(i as u64))
        .collect();
    let params = BoostParams { rounds: 20, ..BoostParams::default() };
    let model = fit(&Squared::new(&y, None), &bins, &y, &params);
    let odd = [f64::NAN, 60.0, 254.0, 255.0, 1e9, -3.0];
    let mut raw = vec![codes.iter().map(|c| f64::from(*c)).collect::<Vec<_>>()];
    raw.extend(numbers);
    raw[0].iter_mut().zip(odd).for_each(|(x, odd)| *x = odd);
    let batch = scores(&model, &raw);
    for row in 0..n {
        let values: Vec<f64> = raw.iter().map(|c| c[row]).collect();
        let mut one = [0.0];
        model.predict_row(&values, &mut one);
        assert_eq!(one[0], batch[row], "{values:?}");
    }
    // Codes of no level are as good as missing.
    let of_code = |code: f64| {
        let mut one = [0.0];
        model.predict_row(&[code, 5.0, 7.0], &mut one);
        one[0]
    };
    assert!([255.0, 1e9].iter().all(|code| of_code(*code) == of_code(f64::NAN)));
}

#[test]
fn a_split_of_levels_is_the_best_of_all_sets() {
    for case in 0..20u64 {
        // Four are only tried one by one.
        let levels = [2, 3, 5, 6, 7][case as usize % 5];
        let codes = level_column(120, levels, case);
        let y: Vec<f64> = codes
            .iter()
            .zip(0..)
            .map(|(&c, i)| unit(u64::from(c) * 31 + case) + 0.3 * unit(9000 + i))
            .collect();
        let params = BoostParams {
            rounds: 1,
            tree: GrowParams {
                max_leaves: 2,
                min_rows: 1,
                category_l2: 0.0,
                category_smooth: 0.0,
                ..GrowParams::default()
            },
            ..BoostParams::default()
        };
        let loss = Squared::new(&y, None);
        let model = fit(&loss, &[BinnedColumn::categorical(&codes, levels as usize)], &y, &params);
        let mean = loss.start()[0];
        let mut best = 0.0f64;
        for set in 1..(1u32 << levels) - 1 {
            let side = |left: bool| {
                let (mut g, mut n) = (0.0, 0.0);
                for (&c, &y) in codes.iter().zip(&y).filter(|(c, _)| (set >> **c & 1 == 1) == left)
                {
                    let _ = c;
                    g += mean - y;
                    n += 1.0;
                }
                if n == 0.0 { 0.0 } else { g * g / n }
            };
            best = best.max(side(true) + side(false));
        }
        let got = model.importance()[0];
        assert!((got - best).abs() < 1e-4 * best, "{case}: {got} {best}");
    }
}

#[test]
fn constraints_hold_everywhere() {
    let n = 3000;
    let raw = columns(n, 3, 1e6, 3);
    let share = |v: f64| if v.is_nan() { 0.5 } else { v / 1e6 };
    // Rises with the first column but for a dent, falls with the second but for noise.
    let y: Vec<f64> = (0..n)
        .map(|i| {
            let (a, b) = (share(raw[0][i]), share(raw[1][i]));
            3.0 * a - 4.0 * f64::from(u8::from((0.4..0.5).contains(&a))) - b + 2.0 * unit(i as u64)
        })
        .collect();
    for growth in [Growth::LeafWise, Growth::DepthWise] {
        for loss in [&Squared::new(&y, None) as &dyn Loss, &Quantile::absolute(&y, None)] {
            let params = BoostParams {
                rounds: 60,
                monotone: vec![1, -1, 0],
                tree: GrowParams { growth, ..GrowParams::default() },
                ..BoostParams::default()
            };
            let model = fit(loss, &binned(&raw), &y, &params);
            let mut distinct = 0;
            for probe in 0..1000u64 {
                let at = |c: u64| unit(probe * 3 + c) * 1e6;
                let mut row = [at(0), at(1), at(2)];
                for (column, sign) in [(0, 1.0), (1, -1.0)] {
                    let (mut last, kept) = (f64::NEG_INFINITY, row[column]);
                    for step in 0..50 {
                        row[column] = f64::from(step) * 2e4;
                        let mut out = [0.0];
                        model.predict_row(&row, &mut out);
                        assert!(sign * out[0] >= last - 1e-9, "column {column}");
                        distinct += u32::from(sign * out[0] > last + 1e-9);
                        last = sign * out[0];
                    }
                    row[column] = kept;
                }
            }
            assert!(distinct > 5000, "{distinct}");
        }
    }
}

#[test]
fn levels_fill_before_the_next_begins() {
    let raw = columns(4000, 4, 500.0, 9);
    let (bins, y) = (binned(&raw), signal(&raw));
    let params = BoostParams {
        rounds: 1,
        tree: GrowParams {
            growth: Growth::DepthWise,
            max_leaves: 16,
            min_rows: 1,
            ..GrowParams::default()
        },
        ..BoostParams::default()
    };
    let depth_wise = fit(&Squared::new(&y, None), &bins, &y, &params);
    let tree = GrowParams { max_depth: 4, growth: Growth::LeafWise, ..params.tree };
    let limited = fit(&Squared::new(&y, None), &bins, &y, &BoostParams { tree, ..params });
    let (a, b) = (scores(&depth_wise, &raw), scores(&limited, &raw));
    a.iter().zip(b).for_each(|(a, b)| assert!((a - b).abs() < 1e-9));
}

#[test]
fn symmetric_trees_are_the_same_walked_and_by_bits() {
    let raw = columns(1200, 5, 300.0, 4);
    let codes = level_column(1200, 3, 8);
    let y: Vec<f64> =
        signal(&raw).iter().zip(&codes).map(|(y, c)| y + 2.0 * f64::from(*c % 2)).collect();
    let mut bins = binned(&raw);
    bins.push(BinnedColumn::categorical(&codes, 3));
    let mut values = raw.clone();
    values.push(codes.iter().map(|&c| f64::from(c)).collect());
    for (max_depth, rounds) in [(0, 2), (1, 30), (6, 30), (9, 3)] {
        let params = BoostParams {
            rounds,
            tree: GrowParams {
                growth: Growth::Symmetric,
                max_depth,
                max_leaves: 1 << max_depth,
                min_rows: 1,
                ..GrowParams::default()
            },
            ..BoostParams::default()
        };
        let loss = Squared::new(&y, None);
        let model = fit(&loss, &bins, &y, &params);
        let batch = scores(&model, &values);
        for row in 0..1200 {
            let values: Vec<f64> = values.iter().map(|c| c[row]).collect();
            let mut one = [0.0];
            model.predict_row(&values, &mut one);
            assert_eq!(one[0], batch[row], "depth {max_depth}");
        }
        if max_depth == 6 {
            let before = mean_loss(&loss, &y, &vec![loss.start()[0]; y.len()]);
            assert!(mean_loss(&loss, &y, &batch) < 0.5 * before);
        }
    }
}

#[test]
fn strong_noise_chooses_columns_evenly_and_weak_noise_the_best() {
    // Six columns of noise after one that tells half of the truth.
    let n = 400;
    let raw: Vec<Vec<f64>> =
        (0..7u64).map(|c| (0..n).map(|i| (unit(mix(c) ^ i) * 20.0).floor()).collect()).collect();
    let y: Vec<f64> = raw[0].iter().zip(0..).map(|(x, i)| x / 10.0 + unit(mix(99) ^ i)).collect();
    let bins = binned(&raw);
    let splits = |random_strength: f64| {
        let tree = GrowParams {
            growth: Growth::Symmetric,
            max_depth: 1,
            max_leaves: 2,
            random_strength,
            ..GrowParams::default()
        };
        // Steps so small that every tree meets the same gradients.
        let params =
            BoostParams { rounds: 700, learning_rate: 1e-9, tree, ..BoostParams::default() };
        let model = fit(&Squared::new(&y, None), &bins, &y, &params);
        let again = fit(&Squared::new(&y, None), &bins, &y, &params);
        assert_eq!(model, again);
        model.split_counts()
    };
    assert_eq!(splits(0.0), [700, 0, 0, 0, 0, 0, 0]);
    assert_eq!(splits(0.1), [700, 0, 0, 0, 0, 0, 0]);
    // Mean 100, standard deviation 9.
    let even = splits(1e6);
    assert!(even.iter().all(|&count| (60..150).contains(&count)), "{even:?}");
}

#[test]
fn the_spread_of_gradients_is_that_of_real_numbers() {
    let n = 1000;
    let g: Vec<f32> = (0..n).map(|i| unit(i) as f32 * 6.0 - 3.0).collect();
    let h: Vec<f32> = (0..n).map(|i| unit(i + 7777) as f32).collect();
    let masses: Vec<u32> = (0..n).map(|i| (mix(i) % 4) as u32).collect();
    for masses in [None, Some(&masses[..])] {
        let (words, scale) = packed(&g, &h, masses).unwrap();
        let columns: Vec<u32> = vec![];
        let job = Job {
            words: &words,
            scale,
            rows: None,
            masses,
            columns: &columns,
            monotone: &[],
            seed: 0,
            threads: 1,
            params: GrowParams::default(),
        };
        let mass = |i: usize| masses.map_or(1.0, |m| f64::from(m[i]));
        let sum = |of: &dyn Fn(usize) -> f64| (0..n as usize).map(|i| mass(i) * of(i)).sum::<f64>();
        let real = (sum(&|i| f64::from(g[i]).powi(2)) / sum(&|i| f64::from(h[i]))).sqrt();
        let got = job.spread(job.rule().0) * scale.h.sqrt() / scale.g;
        assert!((got / real - 1.0).abs() < 1e-4, "{got} {real}");
    }
}

#[test]
fn loops_for_avx2_give_the_bits_of_the_plain_ones() {
    let raw = columns(3000, 8, 200.0, 21);
    let (bins, y) = (binned(&raw), signal(&raw));
    let codes: Vec<f64> = y.iter().map(|y| f64::from(u8::from(*y > 4.0))).collect();
    for growth in [Growth::LeafWise, Growth::DepthWise, Growth::Symmetric] {
        let work = || {
            let tree = GrowParams { growth, l2: 1.0, ..GrowParams::default() };
            let params = BoostParams { rounds: 20, tree, ..BoostParams::default() };
            let model = fit(&Logistic::new(&codes, None), &bins, &codes, &params);
            let scores = scores(&model, &raw);
            (model, scores)
        };
        assert_eq!(work(), plainly(work), "{growth:?}");
    }
}

#[test]
fn the_first_split_of_a_symmetric_tree_is_that_of_any_tree() {
    let raw = columns(900, 6, 200.0, 17);
    let (bins, y) = (binned(&raw), signal(&raw));
    let fit = |growth| {
        let tree = GrowParams { growth, max_leaves: 2, ..GrowParams::default() };
        let params = BoostParams { rounds: 20, tree, ..BoostParams::default() };
        scores(&fit(&Squared::new(&y, None), &bins, &y, &params), &raw)
    };
    let (a, b) = (fit(Growth::LeafWise), fit(Growth::Symmetric));
    a.iter().zip(b).for_each(|(a, b)| assert!((a - b).abs() < 1e-6, "{a} {b}"));
}

#[test]
fn sampling_by_node_and_random_thresholds_repeat() {
    let raw = columns(700, 8, 100.0, 31);
    let (bins, y) = (binned(&raw), signal(&raw));
    let loss = Squared::new(&y, None);
    for growth in [Growth::LeafWise, Growth::Symmetric] {
        for random_thresholds in [false, true] {
            let model = |seed| {
                let tree = GrowParams {
                    growth,
                    level_share: 0.5,
                    node_share: 0.5,
                    random_thresholds,
                    ..GrowParams::default()
                };
                let params = BoostParams { rounds: 60, tree, seed, ..BoostParams::default() };
                fit(&loss, &bins, &y, &params)
            };
            assert!(model(1) == model(1) && model(1) != model(2));
            let constant = mean_loss(&loss, &y, &vec![loss.start()[0]; y.len()]);
            assert!(mean_loss(&loss, &y, &scores(&model(1), &raw)) < 0.7 * constant);
        }
    }
}
