//! Randomness that repeats: SplitMix64.
//!
//! Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.

/// Every input bit reaches every output bit.
pub(crate) fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number of mean 0 and deviation 1, about normal: the sum of four uniform ones.
pub(crate) fn normal(seed: u64) -> f64 {
    let bits = mix(seed);
    let sum: u64 = (0..4).map(|i| bits >> (16 * i) & 0xffff).sum();
    (sum as f64 / 65535.0 - 2.0) * 3f64.sqrt()
}

/// A stream of random numbers.
pub(crate) struct Stream(u64);

impl Stream {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `n` > 0, all about equally likely.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        ((u128::from(mix(self.0)) * u128::from(n)) >> 64) as u64
    }
}

/// Splits `0..n` into a uniformly random subset of `count` ≤ `n` and the rest, both ascending
/// (Knuth, TAOCP 2, algorithm S).
pub(crate) fn choose(
    n: usize,
    count: usize,
    seed: u64,
    chosen: &mut Vec<u32>,
    rest: &mut Vec<u32>,
) {
    chosen.clear();
    rest.clear();
    let mut missing = count as u64;
    for i in 0..n as u64 {
        let left = n as u64 - i;
        let draw = (u128::from(mix(seed ^ mix(i))) * u128::from(left)) >> 64;
        if (draw as u64) < missing {
            missing -= 1;
            chosen.push(i as u32);
        } else {
            rest.push(i as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_mean_0_and_deviation_1() {
        let n = 100_000;
        let (sum, squares) = (0..n)
            .map(|i| normal(i << 8))
            .fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
        assert!((sum / n as f64).abs() < 0.02);
        assert!((squares / n as f64 - 1.0).abs() < 0.02);
    }

    #[test]
    fn every_item_is_chosen_equally_often() {
        let (mut chosen, mut rest) = (vec![], vec![]);
        let mut hits = [0u32; 20];
        for seed in 0..4000 {
            choose(20, 5, mix(seed), &mut chosen, &mut rest);
            assert_eq!((chosen.len(), rest.len()), (5, 15));
            chosen.iter().for_each(|&i| hits[i as usize] += 1);
        }
        // Mean 1000, standard deviation 27.
        assert!(hits.iter().all(|&h| (880..1120).contains(&h)), "{hits:?}");
    }
}
