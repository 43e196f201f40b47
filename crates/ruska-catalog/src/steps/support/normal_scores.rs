//! Normal scores: the rank of a number among those seen, as a quantile of the normal distribution.

use super::numbers::Known;
use super::ordered::Ordered;
use crate::sound::{all_finite, count, ensure};
use ruska_core::codec;
use serde::{Deserialize, Serialize};

/// A broken line through kept quantiles and their scores, and back.
///
/// A value held by several kept quantiles has the score of the middle of their ranks. The ends,
/// which have no rank of their own, stand half a row inside 0 and 1.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NormalScores {
    /// Distinct, ascending.
    #[serde(with = "codec::packed")]
    values: Vec<f64>,
    /// Ascending, one a value.
    #[serde(with = "codec::packed")]
    scores: Vec<f32>,
}

impl NormalScores {
    /// Through at most `most` ≥ 2 quantiles.
    pub(crate) fn fit(known: Known, most: usize) -> Self {
        let mut line = Self { values: vec![], scores: vec![] };
        let Some(ordered) = Ordered::of(known) else { return line };
        let rows = ordered.count();
        let kept = rows.min(most as f64) as usize;
        let last = (kept - 1).max(1) as f64;
        let mut quantiles = Vec::with_capacity(kept);
        for i in 0..kept {
            let value = ordered.quantile(i as f64 / last) + 0.0;
            quantiles.push(quantiles.last().map_or(value, |v: &f64| v.max(value)));
        }
        let mut before = 0;
        for run in quantiles.chunk_by(|a, b| a == b) {
            let rank = (before as f64 + 0.5 * (run.len() - 1) as f64) / last;
            let rank = rank.clamp(0.5 / rows, 1.0 - 0.5 / rows);
            line.values.push(run[0]);
            line.scores.push(normal_quantile(rank) as f32);
            before += run.len();
        }
        line
    }

    /// The score of a number that is not missing; 0 where nothing was known.
    pub(crate) fn score(&self, value: f64) -> f64 {
        let above = self.values.partition_point(|v| *v <= value);
        if above == 0 || above == self.values.len() {
            let end = if above == 0 { self.scores.first() } else { self.scores.last() };
            return end.map_or(0.0, |s| f64::from(*s));
        }
        let (a, b) = (self.values[above - 1] / 2.0, self.values[above] / 2.0);
        let part = (value / 2.0 - a) / (b - a);
        let (low, high) = (f64::from(self.scores[above - 1]), f64::from(self.scores[above]));
        low + (high - low) * part.min(1.0)
    }

    /// The number of a score; 0 where nothing was known.
    pub(crate) fn value(&self, score: f64) -> f64 {
        let above = self.scores.partition_point(|s| f64::from(*s) <= score);
        if above == 0 || above == self.values.len() {
            let end = if above == 0 { self.values.first() } else { self.values.last() };
            return end.copied().unwrap_or(0.0);
        }
        let (low, high) = (f64::from(self.scores[above - 1]), f64::from(self.scores[above]));
        let part = (score - low) / (high - low);
        self.values[above - 1] * (1.0 - part) + self.values[above] * part
    }

    /// What is wrong with them, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        count("scores", self.scores.len(), [self.values.len(), 1])?;
        all_finite("quantiles", &self.values)?;
        ensure(self.values.is_sorted_by(|a, b| a < b), "quantiles are not in order")?;
        ensure(self.scores.iter().all(|s| s.is_finite()), "scores are not finite")?;
        ensure(self.scores.is_sorted_by(|a, b| a < b), "scores are not in order")
    }
}

/// The quantile of the standard normal distribution at a share strictly between 0 and 1, to about
/// 16 digits.
///
/// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988.
fn normal_quantile(share: f64) -> f64 {
    let q = share - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(&CENTRE, r);
    }
    let r = (-share.min(1.0 - share).ln()).sqrt();
    let tail = if r <= 5.0 { ratio(&TAIL, r - 1.6) } else { ratio(&FAR_TAIL, r - 5.0) };
    tail.copysign(q)
}

/// A ratio of two polynomials, given from the constant term on.
fn ratio([above, below]: &[[f64; 8]; 2], r: f64) -> f64 {
    let polynomial = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * r + c);
    polynomial(above) / polynomial(below)
}

const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
];

const TAIL: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];

const FAR_TAIL: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];
