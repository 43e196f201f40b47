//! The distribution of the Kolmogorov–Smirnov distance, of one sample and of two.
//!
//! Two samples of at most [`EXACT`] rows have the exact probability of lattice paths that leave a
//! band; larger ones that of one sample of mn / (m + n) rows, which is exact for a one-sample
//! distance (Durbin's matrix, twice Smirnov's one-sided sum where both sides cannot happen
//! together) or the expansion of Pelz and Good.
//!
//! References: Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för
//! Matematik 3, 1958; Marsaglia, Tsang, Wang, "Evaluating Kolmogorov's distribution", J. Stat.
//! Software 8, 2003; Pelz, Good, "Approximating the lower tail-areas of the Kolmogorov-Smirnov
//! one-sample statistic", JRSS B 38, 1976; Simard, L'Ecuyer, "Computing the two-sided
//! Kolmogorov-Smirnov distribution", J. Stat. Software 39, 2011 (which of these where).

use super::special::ln_gamma;
use std::f64::consts::PI;

/// Rows of a sample up to which two samples have the exact probability.
pub(super) const EXACT: usize = 10_000;
/// n d² above which a probability is below 10⁻¹⁵, and no path is followed for it.
const FAR: f64 = 18.0;
/// Rows above which Smirnov's sum gives way to its limit.
const LONG: f64 = 1e6;

/// The probability that two samples of one distribution, of `m` and `n` ≥ 1 rows, are at least a
/// distance `d` in [0, 1] apart.
pub(super) fn two_samples(m: usize, n: usize, d: f64) -> f64 {
    let (small, large) = (m.min(n), m.max(n));
    let (a, b) = (large as f64, small as f64);
    let rows = a * b / (a + b);
    let near = rows * d * d <= FAR;
    if large > EXACT || !(near || small < 100) {
        return one_sample(rows.round_ties_even(), d);
    }
    let lcm = large / gcd(large, small) * small;
    // The distance is a multiple of 1 / lcm.
    let steps = (d * lcm as f64).round() as u64;
    if steps == 0 { 1.0 } else { outside(large, small, lcm as u64, steps) }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The share of the lattice paths from (0, 0) to (m, n) with a point at which
/// |x / m − y / n| ≥ steps / lcm. A random path to (x, y) comes from (x − 1, y) with probability
/// x / (x + y), so nothing grows and nothing cancels.
fn outside(m: usize, n: usize, lcm: u64, steps: u64) -> f64 {
    let (across, up) = (lcm / m as u64, lcm / n as u64);
    // One row of the lattice by y; beyond the band every path has been outside.
    let mut row = vec![1.0f64; n + 1];
    for x in 0..=m {
        let at = x as u64 * across;
        let first = if at < steps { 0 } else { ((at - steps) / up + 1) as usize };
        let last = ((at + steps - 1) / up).min(n as u64) as usize;
        if let Some(below) = first.checked_sub(1) {
            row[below] = 1.0;
        }
        for y in first..=last {
            let came = match (x, y) {
                (0, 0) => 0.0,
                (0, _) => row[y - 1],
                (_, 0) => row[0],
                _ => (x as f64 * row[y] + y as f64 * row[y - 1]) / (x + y) as f64,
            };
            row[y] = came;
        }
    }
    row[n].clamp(0.0, 1.0)
}

/// The probability that a sample of `n` rows, a whole number of at least 1, is at least `x` from
/// the distribution that it was drawn from.
pub(super) fn one_sample(n: f64, x: f64) -> f64 {
    let t = n * x;
    if t <= 0.5 {
        return 1.0;
    }
    if x >= 1.0 {
        return 0.0;
    }
    let squared = t * x;
    let few = n <= 140.0;
    let tail = if t <= 1.0 {
        // Every value has its own step: n! ((2 t − 1) / n)ⁿ.
        1.0 - (ln_gamma(n + 1.0) - n * n.ln() + n * (2.0 * t - 1.0).ln()).exp()
    } else if t >= n - 1.0 {
        2.0 * (1.0 - x).powf(n)
    } else if x >= 0.5 || squared > if few { 4.0 } else { 2.2 } {
        2.0 * smirnov(n, x)
    } else if few {
        1.0 - durbin(n as usize, x)
    } else if squared < 0.03 {
        1.0
    } else if n <= 100_000.0 && n * x.powf(1.5) <= 1.4 {
        1.0 - durbin(n as usize, x)
    } else {
        1.0 - pelz_good(n, x)
    };
    tail.clamp(0.0, 1.0)
}

/// Smirnov's probability that the empirical distribution is somewhere `x` above the true one:
/// Σ C(n, j) x (x + j/n)^(j − 1) (1 − x − j/n)^(n − j).
fn smirnov(n: f64, x: f64) -> f64 {
    if n > LONG {
        return (-(6.0 * n * x + 1.0).powi(2) / (18.0 * n)).exp();
    }
    let last = (n * (1.0 - x)).floor() as usize;
    let whole = ln_gamma(n + 1.0);
    let mut sum = 0.0;
    // The logarithm of a factorial grows by that of its last factor.
    let (mut below, mut above) = (0.0, whole);
    for j in 0..=last {
        if j > 0 {
            below += (j as f64).ln();
            above -= (n - j as f64 + 1.0).ln();
        }
        let j = j as f64;
        let (left, right) = (x + j / n, 1.0 - x - j / n);
        if right <= 0.0 {
            continue;
        }
        let term = whole - below - above + (j - 1.0) * left.ln() + (n - j) * right.ln();
        sum += (term + x.ln()).exp();
    }
    sum
}

/// Durbin's matrix as Marsaglia, Tsang and Wang raise it to the n-th power: the probability that
/// the distance is below `x`.
fn durbin(n: usize, x: f64) -> f64 {
    let t = n as f64 * x;
    let k = t.ceil() as usize;
    let h = k as f64 - t;
    let m = 2 * k - 1;
    let mut matrix = vec![0.0; m * m];
    let mut factorial = 1.0;
    let mut inverse = vec![1.0; m + 1];
    for (i, entry) in inverse.iter_mut().enumerate().skip(1) {
        factorial /= i as f64;
        *entry = factorial;
    }
    for i in 0..m {
        for j in 0..m {
            if i + 1 >= j {
                matrix[i * m + j] = inverse[i + 1 - j];
            }
        }
    }
    for i in 0..m {
        let power = h.powi(i as i32 + 1) * inverse[i + 1];
        matrix[i * m] -= power;
        matrix[(m - 1) * m + m - 1 - i] -= power;
    }
    if 2.0 * h - 1.0 > 0.0 {
        matrix[(m - 1) * m] += (2.0 * h - 1.0).powi(m as i32) * inverse[m];
    }
    let mut power = Scaled::identity(m);
    let mut square = Scaled { entries: matrix, exponent: 0 };
    let mut left = n;
    while left > 0 {
        if left % 2 == 1 {
            power = power.times(&square, m);
        }
        left /= 2;
        if left > 0 {
            square = square.times(&square, m);
        }
    }
    let middle = power.entries[(k - 1) * m + k - 1];
    let n = n as f64;
    let scale = ln_gamma(n + 1.0) - n * n.ln() + f64::from(power.exponent) * SCALE.ln();
    middle * scale.exp()
}

/// What entries are divided by where they grow.
const SCALE: f64 = 1e100;

/// A square matrix times a power of [`SCALE`].
struct Scaled {
    entries: Vec<f64>,
    exponent: i32,
}

impl Scaled {
    fn identity(m: usize) -> Self {
        let entries = (0..m * m).map(|i| f64::from(i / m == i % m)).collect();
        Self { entries, exponent: 0 }
    }

    fn times(&self, other: &Self, m: usize) -> Self {
        let mut entries = vec![0.0; m * m];
        for i in 0..m {
            for k in 0..m {
                let factor = self.entries[i * m + k];
                if factor != 0.0 {
                    let row = &other.entries[k * m..(k + 1) * m];
                    let out = &mut entries[i * m..(i + 1) * m];
                    out.iter_mut().zip(row).for_each(|(sum, v)| *sum += factor * v);
                }
            }
        }
        let mut exponent = self.exponent + other.exponent;
        if entries.iter().any(|v| *v > SCALE) {
            entries.iter_mut().for_each(|v| *v /= SCALE);
            exponent += 1;
        }
        Self { entries, exponent }
    }
}

/// The expansion of Pelz and Good in powers of n^(−1/2): the probability of a distance below `x`.
fn pelz_good(n: f64, x: f64) -> f64 {
    let z = n.sqrt() * x;
    let (z2, p2) = (z * z, PI * PI);
    let (z4, z6, p4, p6) = (z2 * z2, z2 * z2 * z2, p2 * p2, p2 * p2 * p2);
    let mut sums = [0.0; 4];
    for k in 0..200u32 {
        // Half-integers, as squares of odd numbers.
        let odd = f64::from(2 * k + 1);
        let (s, s2, s3) = (odd.powi(2), odd.powi(4), odd.powi(6));
        let weight = (-p2 * s / (8.0 * z2)).exp();
        if weight < 1e-30 && k > 0 {
            break;
        }
        sums[0] += weight;
        sums[1] += weight * (p2 / 4.0 * s - z2);
        sums[2] += weight
            * (6.0 * z6
                + 2.0 * z4
                + p2 / 4.0 * (2.0 * z4 - 5.0 * z2) * s
                + p4 / 16.0 * (1.0 - 2.0 * z2) * s2);
        sums[3] += weight
            * (p6 / 64.0 * (5.0 - 30.0 * z2) * s3
                + p4 / 16.0 * (-60.0 * z2 + 212.0 * z4) * s2
                + p2 / 4.0 * (135.0 * z4 - 96.0 * z6) * s
                - 30.0 * z6
                - 90.0 * z4 * z4);
    }
    let mut whole = [0.0; 2];
    for k in 1..200u32 {
        let s = f64::from(k * k);
        let weight = (-p2 * s / (2.0 * z2)).exp();
        if weight < 1e-30 {
            break;
        }
        whole[0] += s * weight;
        whole[1] += (3.0 * p2 * s * z2 - p4 * s * s) * weight;
    }
    let root = (2.0 * PI).sqrt();
    let third = root / (72.0 * z.powi(7)) * sums[2] - root * p2 / (36.0 * z.powi(3)) * whole[0];
    let fourth = root / (6480.0 * z.powi(10)) * sums[3] + root / (216.0 * z6) * whole[1];
    root / z * sums[0] + root / (6.0 * z4) * sums[1] / n.sqrt() + third / n + fourth / n.powf(1.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All arrangements of two small samples, counted.
    fn counted(m: usize, n: usize, d: f64) -> f64 {
        let (mut apart, mut all) = (0u32, 0u32);
        for set in 0..1u32 << (m + n) {
            if set.count_ones() as usize != m {
                continue;
            }
            let (mut x, mut y, mut most) = (0, 0, 0.0f64);
            for i in 0..m + n {
                if set >> i & 1 == 1 {
                    x += 1;
                } else {
                    y += 1;
                }
                most = most.max((f64::from(x) / m as f64 - f64::from(y) / n as f64).abs());
            }
            all += 1;
            apart += u32::from(most >= d - 1e-12);
        }
        f64::from(apart) / f64::from(all)
    }

    #[test]
    fn small_samples_are_counted() {
        for (m, n) in [(1, 1), (3, 3), (4, 6), (7, 5), (2, 9), (6, 8)] {
            for step in 1..=20 {
                let d = f64::from(step) / 20.0;
                // A distance that can be: the least multiple of 1 / lcm from here on.
                let lcm = (m / gcd(m, n) * n) as f64;
                let d = (d * lcm).ceil() / lcm;
                let (got, expected) = (two_samples(m, n, d), counted(m, n, d));
                assert!((got - expected).abs() < 1e-12, "{m} {n} {d}: {got} and {expected}");
            }
        }
    }

    /// `scipy.stats.kstwo.sf` (scipy 1.17.1), on both sides of every branch.
    #[test]
    fn one_sample_equals_scipy() {
        for (n, x, expected) in SCIPY {
            let got = one_sample(n, x);
            assert!((got - expected).abs() < 1e-11, "{n} {x}: {got} and {expected}");
            assert!((got / expected - 1.0).abs() < 1e-7, "{n} {x}: {got} and {expected}");
        }
    }

    const SCIPY: [(f64, f64, f64); 27] = [
        (1.0, 0.7, 0.600_000_000_000_000_1),
        (5.0, 0.15, 0.9988),
        (5.0, 0.3, 0.664),
        (5.0, 0.55, 0.059_696_249_999_999_965),
        (5.0, 0.9, 1.999_999_999_999_997_8e-5),
        (20.0, 0.1, 0.976_255_094_592_155),
        (20.0, 0.25, 0.137_625_698_367_174_86),
        (20.0, 0.4, 0.002_118_922_182_035_798_4),
        (100.0, 0.05, 0.953_215_971_063_572_5),
        (100.0, 0.08, 0.518_219_364_548_067_2),
        (100.0, 0.12, 0.103_303_749_018_198_7),
        (100.0, 0.25, 5.408_871_776_434_847e-6),
        (140.0, 0.05, 0.857_648_029_765_611_4),
        (141.0, 0.05, 0.854_845_693_009_663),
        (141.0, 0.003, 1.0),
        (500.0, 0.02, 0.985_987_178_685_747_1),
        (500.0, 0.04, 0.390_250_869_604_974_9),
        (500.0, 0.07, 0.014_168_320_200_190_71),
        (5000.0, 0.005, 0.999_585_844_147_799_6),
        (5000.0, 0.01, 0.695_455_725_391_385_3),
        (5000.0, 0.02, 0.036_139_413_953_256_37),
        (5000.0, 0.03, 0.000_241_592_344_226_668_17),
        (50_000.0, 0.002, 0.988_038_660_533_891_3),
        (50_000.0, 0.004, 0.399_431_664_675_573_1),
        (50_000.0, 0.01, 9.018_048_811_843_602e-5),
        (120_000.0, 0.001, 0.999_745_127_923_953_9),
        (120_000.0, 0.003, 0.229_838_396_776_974_82),
    ];

    #[test]
    fn larger_distances_are_less_probable() {
        for (m, n) in [(50, 80), (5000, 9999), (20_000, 300), (3_000_000, 4_000_000)] {
            let tails: Vec<f64> =
                (0..=50).map(|i| two_samples(m, n, f64::from(i) / 50.0)).collect();
            assert!(tails.windows(2).all(|pair| pair[0] >= pair[1] - 1e-12), "{m} {n}: {tails:?}");
            assert_eq!((tails[0], tails[50] < 1e-9), (1.0, true));
        }
    }
}
