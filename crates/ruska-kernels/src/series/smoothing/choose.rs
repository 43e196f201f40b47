//! Which form: the one with the least corrected information criterion.
use super::*;
/// What to choose from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The forms.
    pub forms: Vec<Form>,
}
/// experiment
pub fn experiment(values: &[f64], period: usize, form: Form, starts: &[(f64,f64,f64)], steps: u32, progress: &dyn Progress) -> Result<(f64, f64, Vec<f64>), Stopped> {
    let scaled = Scaled::new(values);
    let layout = Layout::new(form, period);
    let n = values.len();
    if layout.len() >= n - 1 { return Ok((f64::INFINITY, f64::INFINITY, vec![])); }
    if form.is_positive() && !scaled.is_positive() { return Ok((f64::INFINITY, f64::INFINITY, vec![])); }
    let adjusted = Adjusted::new(&scaled.values, period, form.season);
    let line = adjusted.line(form.trend);
    let problem = scaled.problem(layout);
    let mut room = Room::default();
    let mut best = (f64::INFINITY, vec![]);
    for &(a, b, g) in starts {
        let mut rates = layout.first_rates();
        if a > 0.0 { rates.alpha = a; }
        if b > 0.0 && form.trend != Trend::None { rates.beta = b * rates.beta; }
        if g > 0.0 && form.season.is_some() { rates.gamma = g; }
        let at = layout.point(rates, line, &adjusted.season);
        let v = problem.value(&at, &mut room.run);
        if v < best.0 || best.1.is_empty() { best = (v, at); }
    }
    if !best.0.is_finite() {
        let mean = scaled.values.iter().sum::<f64>() / n as f64;
        best.1 = layout.point(layout.first_rates(), Line { level: mean, slope: 0.0 }, &adjusted.season);
    }
    let mut at = best.1;
    let value = improve(&problem, &mut at, steps, &mut room, progress)?;
    let value = value + 2.0 * n as f64 * scaled.scale.ln();
    let k = (layout.len() + 1) as f64;
    let left = n as f64 - k - 1.0;
    let aicc = if left > 0.0 { value + 2.0 * k + 2.0 * k * (k + 1.0) / left } else { f64::INFINITY };
    // forecast
    let mut season = vec![];
    layout.season(&at, &mut season);
    let mut l = layout.line(&at);
    let rates = layout.rates(&at);
    for (t, &y) in scaled.values.iter().enumerate() {
        step(form, rates, &mut l, &mut season[t % layout.period], y);
    }
    let mut fc = vec![];
    let mut damp = 0.0; let mut p = 1.0;
    for h in 0..18 {
        p *= rates.phi; damp += p;
        let q = l.level + damp * l.slope;
        let s = season[(n + h) % layout.period];
        fc.push(scaled.scale * match form.season { None => q, Some(Component::Additive) => q + s, _ => q * s });
    }
    fc.extend(at);
    Ok((value, aicc, fc))
}
