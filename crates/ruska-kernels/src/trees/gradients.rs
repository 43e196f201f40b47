//! Gradients and hessians of the rows as packed integers.
//!
//! A word holds the gradient in its high and the hessian in its low 32 bits. Words are added as
//! they are: the low halves never carry, because the scale leaves room for the sum of all rows.
//! Scaling by the sums Σ|g| and Σh rather than by n · max|g| keeps a fine resolution for the
//! typical row also where a few rows are extreme: its gradient has about 2³¹ / n levels. Scales
//! are powers of two, so that they do not depend on the last bits of those sums.

use super::math::power_of_two;

/// Bits that a sum may take: one less than a signed half word, as rounding may add.
const BITS: f64 = 30.0;

/// Sums of quantised gradient and hessian.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    /// Sum of gradients.
    pub(crate) g: f64,
    /// Sum of hessians.
    pub(crate) h: f64,
}

impl Sums {
    #[inline(always)]
    pub(crate) fn of(word: u64) -> Self {
        Self { g: f64::from((word >> 32) as i32), h: f64::from(word as i32) }
    }
}

/// What joins the integers of a tree to real numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    /// Quantised over real gradient.
    pub(crate) g: f64,
    /// Quantised over real hessian.
    pub(crate) h: f64,
}

/// Packs the gradients and hessians (≥ 0) of all rows, of which `rows` (all, if `None`) will be
/// added up. A row that stands for several, by `masses`, has the word of one times their number:
/// exactly what adding them one by one would give. Returns `None` when the rows have no gradient,
/// no hessian, or numbers out of range.
pub(crate) fn pack(
    g: &[f32],
    h: &[f32],
    rows: Option<&[u32]>,
    masses: Option<&[u32]>,
    words: &mut Vec<u64>,
) -> Option<Scale> {
    let mass = |i: usize| masses.map_or(1, |m| m[i]);
    let sums = |index: &mut dyn Iterator<Item = usize>| {
        // Lanes of fixed order, as one addition would have to wait for the other.
        let mut lanes = [(0.0, 0.0, 0); 4];
        for (lane, i) in index.enumerate() {
            let (lane, m) = (&mut lanes[lane % 4], mass(i));
            lane.0 += f64::from(m) * f64::from(g[i].abs());
            lane.1 += f64::from(m) * f64::from(h[i]);
            lane.2 += u64::from(m);
        }
        let [a, b, c, d] = lanes;
        ((a.0 + b.0) + (c.0 + d.0), (a.1 + b.1) + (c.1 + d.1), a.2 + b.2 + c.2 + d.2)
    };
    let (sum_g, sum_h, n) = match rows {
        None => sums(&mut (0..g.len())),
        Some(rows) => sums(&mut rows.iter().map(|&r| r as usize)),
    };
    let usable = |s: f64| s.is_finite() && s > 1e-290;
    if !usable(sum_g) || !usable(sum_h) || n >= 1 << 30 {
        return None;
    }
    let scale =
        Scale { g: (BITS - power_of_two(sum_g)).exp2(), h: (BITS - power_of_two(sum_h)).exp2() };
    // Adding 1.5 · 2⁵² leaves the rounded integer in the low bits, also of negative numbers. A row
    // outside `rows` may overflow its half word; it is never added up.
    let round = |x: f64| (x + 6_755_399_441_055_744.0).to_bits();
    words.clear();
    words.extend(g.iter().zip(h).map(|(&g, &h)| {
        round(f64::from(g) * scale.g) << 32 | round(f64::from(h) * scale.h) & 0xffff_ffff
    }));
    if let Some(masses) = masses {
        for (word, &mass) in words.iter_mut().zip(masses) {
            *word = word.wrapping_mul(u64::from(mass));
        }
    }
    Some(scale)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::trees::random::mix;

    #[test]
    fn sums_of_words_are_sums_of_numbers() {
        for n in [1usize, 2, 7, 1000, 100_000] {
            let unit = |i: usize| (mix(i as u64) >> 40) as f32 / 16_777_216.0;
            // A heavy tail: one row carries half of it all.
            let g: Vec<f32> = (0..n)
                .map(|i| if i == 0 { -(n as f32) / 2.0 } else { unit(i) * 2.0 - 1.0 })
                .collect();
            let h: Vec<f32> = (0..n).map(|i| unit(i + n)).collect();
            let mut words = vec![];
            let scale = pack(&g, &h, None, None, &mut words).unwrap();
            let got = Sums::of(words.iter().fold(0, |a: u64, &w| a.wrapping_add(w)));
            let (real_g, real_h): (f64, f64) =
                (g.iter().map(|&g| f64::from(g)).sum(), h.iter().map(|&h| f64::from(h)).sum());
            let room = n as f64 / 2.0;
            assert!((got.g - real_g * scale.g).abs() <= room, "{n}: {got:?}");
            assert!((got.h - real_h * scale.h).abs() <= room, "{n}: {got:?}");
            let magnitude: f64 = words.iter().map(|&w| Sums::of(w).g.abs()).sum();
            assert!(magnitude < 2f64.powi(31) && magnitude > 2f64.powi(28), "{n}: {magnitude}");
            assert!(got.h < 2f64.powi(31));
        }
    }

    #[test]
    fn nothing_to_pack() {
        let mut words = vec![];
        assert_eq!(pack(&[], &[], None, None, &mut words), None);
        assert_eq!(pack(&[0.0], &[1.0], None, None, &mut words), None);
        assert_eq!(pack(&[1.0], &[0.0], None, None, &mut words), None);
        assert_eq!(pack(&[f32::NAN], &[1.0], None, None, &mut words), None);
        assert_eq!(pack(&[f32::INFINITY], &[1.0], None, None, &mut words), None);
        assert!(pack(&[1e-38], &[1e38], None, None, &mut words).is_some());
    }
}
