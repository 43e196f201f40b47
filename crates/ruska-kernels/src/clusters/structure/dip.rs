//! The dip: how far a sample is from having one mode.
//!
//! Source: Hartigan, Hartigan, "The dip test of unimodality", Ann. Stat. 13, 1985; Hartigan,
//! "Computation of the dip statistic", Applied Statistics 34, 1985 (AS 217).

/// The largest distance between the distribution function of `sorted` finite values, ascending, and
/// the nearest one that has a single mode: from 1/(2n), for any sample, to 1/4. Equal values count
/// as if they lay next to each other. 0 without values.
///
/// Between the convex minorant of the function and its concave majorant, the modal interval shrinks
/// to the touching points around their largest gap, until the fit outside of it is the worse part.
/// Cost O(n) for each of a few rounds.
pub fn dip(sorted: &[f64]) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    let (mut low, mut high) = (0, sorted.len() - 1);
    // In values: a step of the function is 1 high.
    let mut worst = 1.0f64;
    loop {
        let minorant = Hull::minorant(sorted, low, high);
        let majorant = Hull::majorant(sorted, low, high);
        let (gap, from, to) = widest(&minorant, &majorant, low);
        if gap <= worst {
            break;
        }
        for i in low..=from {
            worst = worst.max((i + 1) as f64 - minorant.heights[i - low]);
        }
        for i in to..=high {
            worst = worst.max(majorant.heights[i - low] - i as f64);
        }
        if (from, to) == (low, high) || from >= to {
            break;
        }
        (low, high) = (from, to);
    }
    worst / (2 * sorted.len()) as f64
}

/// About the probability that so many values from a uniform distribution, of all with a single mode
/// the hardest to tell from two, dip as far. A fit to 1,000,000 simulated samples of 10 to 5,000
/// values, right within a quarter from 0.5 down to 0.001 (a sixth from 20 values on); beyond it the
/// tail is that of a normal distribution.
pub fn dip_p_value(dip: f64, values: usize) -> f64 {
    let z = dip * ((values as f64).sqrt() + 0.85);
    (1.394 + 0.941 * z - 16.246 * z * z).exp().min(1.0)
}

/// A convex minorant, or a concave majorant, between two values.
struct Hull {
    /// Values where it touches, ascending.
    knots: Vec<usize>,
    /// Its height at each value.
    heights: Vec<f64>,
}

impl Hull {
    /// The greatest convex function below the feet of the steps.
    fn minorant(x: &[f64], low: usize, high: usize) -> Self {
        Self::new(x, low, high, 0.0, 1.0)
    }

    /// The least concave function above the heads of the steps.
    fn majorant(x: &[f64], low: usize, high: usize) -> Self {
        Self::new(x, low, high, 1.0, -1.0)
    }

    /// Of the points (xᵢ, i + lift), convex for `sign` 1, concave for −1.
    fn new(x: &[f64], low: usize, high: usize, lift: f64, sign: f64) -> Self {
        let y = |i: usize| i as f64 + lift;
        let mut knots: Vec<usize> = vec![];
        for i in low..=high {
            while let [.., a, b] = knots[..] {
                let turn = (b - a) as f64 * (x[i] - x[b]) - (i - b) as f64 * (x[b] - x[a]);
                if turn * sign < 0.0 {
                    break;
                }
                knots.pop();
            }
            knots.push(i);
        }
        let mut heights = vec![y(low)];
        for pair in knots.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let slope = (b - a) as f64 / (x[b] - x[a]);
            let between =
                |i: usize| if slope.is_finite() { y(a) + slope * (x[i] - x[a]) } else { y(i) };
            heights.extend((a + 1..b).map(between));
            heights.push(y(b));
        }
        Self { knots, heights }
    }
}

/// The largest gap, the last knot of the minorant up to it and the first of the majorant from it
/// on.
fn widest(minorant: &Hull, majorant: &Hull, low: usize) -> (f64, usize, usize) {
    let (mut a, mut b) = (0, 0);
    let mut found = (0.0, low, low);
    for (at, (lower, upper)) in minorant.heights.iter().zip(&majorant.heights).enumerate() {
        let place = low + at;
        while minorant.knots.get(a + 1).is_some_and(|&knot| knot <= place) {
            a += 1;
        }
        while majorant.knots[b] < place {
            b += 1;
        }
        if upper - lower > found.0 {
            found = (upper - lower, minorant.knots[a], majorant.knots[b]);
        }
    }
    found
}
