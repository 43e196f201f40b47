//! Gaps filled from what is around them.

/// The values with gaps (NaN) filled; `None` where all are missing.
pub fn filled(values: &[f64], season: usize) -> Option<Vec<f64>> {
    let _ = season;
    let first = values.iter().position(|v| !v.is_nan())?;
    let mut out = values.to_vec();
    out[..first].fill(values[first]);
    let mut last = first;
    for i in first..out.len() {
        if !values[i].is_nan() {
            let (from, to) = (out[last], out[i]);
            let gap = (i - last) as f64;
            for (k, v) in out[last + 1..i].iter_mut().enumerate() {
                *v = from + (to - from) * (k + 1) as f64 / gap;
            }
            last = i;
        }
    }
    let end = out[last];
    out[last..].fill(end);
    Some(out)
}
