//! Quantiles of the normal distribution.
//!
//! Reference: Wichura, "Algorithm AS 241: The percentage points of the normal distribution",
//! Applied Statistics 37, 1988 (PPND16, relative error about 1e-16).

const CENTRE: ([f64; 8], [f64; 8]) = (
    [
        3.387_132_872_796_366_6,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ],
);

const SHOULDER: ([f64; 8], [f64; 8]) = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
);

const TAIL: ([f64; 8], [f64; 8]) = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

/// The number that a standard normal variable stays below with probability `p`, 0 < p < 1.
pub fn quantile(p: f64) -> f64 {
    let from_centre = p - 0.5;
    if from_centre.abs() <= 0.425 {
        return from_centre * ratio(&CENTRE, 0.180_625 - from_centre * from_centre);
    }
    let depth = (-p.min(1.0 - p).ln()).sqrt();
    let size = if depth <= 5.0 { ratio(&SHOULDER, depth - 1.6) } else { ratio(&TAIL, depth - 5.0) };
    size.copysign(from_centre)
}

/// A quotient of two polynomials, coefficients in rising order.
fn ratio((above, below): &([f64; 8], [f64; 8]), x: f64) -> f64 {
    let polynomial = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
    polynomial(above) / polynomial(below)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    /// Numbers of `scipy.stats.norm.ppf` (scipy 1.17.1), on both sides of every branch.
    #[test]
    fn equals_scipy() {
        for (p, expected) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.95, 1.644_853_626_951_472_2),
            (0.6, 0.253_347_103_135_799_7),
            (0.01, -2.326_347_874_040_840_8),
            (1e-4, -3.719_016_485_455_680_4),
            (1e-14, -7.650_628_092_935_269_5),
        ] {
            let got = quantile(p);
            assert!((got - expected).abs() <= 1e-14 * f64::max(1.0, expected.abs()), "{p}: {got}");
        }
    }
}
