//! Gradients and hessians of the rows as packed integers.
//!
//! A word holds the gradient in its high and the hessian in its low 32 bits. Words are added as
//! they are: the low halves never carry, because the scale leaves room for the sum of all rows.
//! Scaling by the sums Σ|g| and Σh rather than by n · max|g| keeps a fine resolution for the
//! typical row also where a few rows are extreme: its gradient has about 2³¹ / n levels. Scales
//! are powers of two, so that they do not depend on the last bits of those sums.

use super::math::power_of_two;
use super::parallel::{for_parts, map_parts};

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

/// A row's gradient and hessian as they are, to be packed by [`pack`].
#[inline(always)]
pub(crate) fn raw(g: f32, h: f32) -> u64 {
    u64::from(g.to_bits()) << 32 | u64::from(h.to_bits())
}

fn parts(raw: u64) -> (f64, f64) {
    (f64::from(f32::from_bits((raw >> 32) as u32)), f64::from(f32::from_bits(raw as u32)))
}

/// Packs the gradients and hessians (≥ 0) of all rows, given as [`raw`] words, of which `rows` (all,
/// if `None`) will be added up. A row that stands for several, by `masses`, has the word of one times
/// their number: exactly what adding them one by one would give. Returns `None` when the rows have no
/// gradient, no hessian, or numbers out of range.
pub(crate) fn pack(
    words: &mut [u64],
    rows: Option<&[u32]>,
    masses: Option<&[u32]>,
    threads: usize,
) -> Option<Scale> {
    let (sum_g, sum_h, n) = magnitudes(words, rows, masses, threads);
    let usable = |s: f64| s.is_finite() && s > 1e-290;
    if !usable(sum_g) || !usable(sum_h) || n >= 1 << 30 {
        return None;
    }
    let scale =
        Scale { g: (BITS - power_of_two(sum_g)).exp2(), h: (BITS - power_of_two(sum_h)).exp2() };
    // Adding 1.5 · 2⁵² leaves the rounded integer in the low bits, also of negative numbers. A row
    // outside `rows` may overflow its half word; it is never added up.
    let round = |x: f64| (x + 6_755_399_441_055_744.0).to_bits();
    for_parts(threads, words, |first, words| {
        for word in words.iter_mut() {
            let (g, h) = parts(*word);
            *word = round(g * scale.g) << 32 | round(h * scale.h) & 0xffff_ffff;
        }
        if let Some(masses) = masses {
            for (word, &mass) in words.iter_mut().zip(&masses[first..]) {
                *word = word.wrapping_mul(u64::from(mass));
            }
        }
    });
    Some(scale)
}

/// Σ|g|, Σh and the number of the rows that will be added up.
fn magnitudes(
    words: &[u64],
    rows: Option<&[u32]>,
    masses: Option<&[u32]>,
    threads: usize,
) -> (f64, f64, u64) {
    let row = |i: usize| (masses.map_or(1, |m| m[i]), words[i]);
    let n = rows.map_or(words.len(), <[u32]>::len);
    let of_parts = map_parts(threads, n, |part| match (rows, masses) {
        (None, None) => sums(words[part].iter().map(|&word| (1, word))),
        (None, Some(_)) => sums(part.map(row)),
        (Some(rows), _) => sums(rows[part].iter().map(|&r| row(r as usize))),
    });
    of_parts.iter().fold((0.0, 0.0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2))
}

/// The same of some rows, each with how many it stands for. In lanes of fixed order, as one addition
/// would have to wait for the other.
#[inline(always)]
fn sums(rows: impl Iterator<Item = (u32, u64)>) -> (f64, f64, u64) {
    let (mut of_g, mut of_h, mut n) = ([0.0; 4], [0.0; 4], 0);
    for (i, (mass, word)) in rows.enumerate() {
        let (g, h) = parts(word);
        of_g[i % 4] += f64::from(mass) * g.abs();
        of_h[i % 4] += f64::from(mass) * h;
        n += u64::from(mass);
    }
    let total = |[a, b, c, d]: [f64; 4]| (a + b) + (c + d);
    (total(of_g), total(of_h), n)
}

/// The packed words of all rows, and their scale; `None` as in [`pack`].
pub(crate) fn packed(g: &[f32], h: &[f32], masses: Option<&[u32]>) -> Option<(Vec<u64>, Scale)> {
    let mut words: Vec<u64> = g.iter().zip(h).map(|(&g, &h)| raw(g, h)).collect();
    let scale = pack(&mut words, None, masses, 1)?;
    Some((words, scale))
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
            let (words, scale) = packed(&g, &h, None).unwrap();
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
        let scale = |g: &[f32], h: &[f32]| packed(g, h, None).map(|p| p.1);
        assert_eq!(scale(&[], &[]), None);
        assert_eq!(scale(&[0.0], &[1.0]), None);
        assert_eq!(scale(&[1.0], &[0.0]), None);
        assert_eq!(scale(&[f32::NAN], &[1.0]), None);
        assert_eq!(scale(&[f32::INFINITY], &[1.0]), None);
        assert!(scale(&[1e-38], &[1e38]).is_some());
    }
}
