use super::*;
use serde_json::Value;

fn cases() -> Vec<Value> {
    let text = include_str!("../../../../../../tests/reference/smoothing.json");
    serde_json::from_str(text).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let each = value.as_array().unwrap().iter();
    each.map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn form(value: &Value) -> Form {
    let name = value.as_str().unwrap();
    Form::all().find(|f| f.to_string() == name).unwrap()
}

#[test]
fn the_same_form_is_chosen_or_a_better_one() {
    let (mut same, mut count) = (0, 0);
    for case in cases() {
        let (values, period) = (numbers(&case["values"]), case["period"].as_u64().unwrap());
        let model =
            Smoothing::choose(&values, period as usize, &Choice::default(), &Silent).unwrap();
        let theirs = case["aicc"].as_f64().unwrap();
        let equal = model.form() == form(&case["chosen"]);
        let slack = if equal { 0.5 } else { 0.0 };
        assert!(model.aicc() <= theirs + slack, "{} {}: {theirs}", model.form(), model.aicc());
        same += u32::from(equal);
        count += 1;
    }
    assert!(same * 4 >= count * 3, "{same} of {count}");
}

#[test]
fn likelihoods_are_as_great() {
    let (mut worse, mut count) = (0, 0);
    for case in cases() {
        let (values, period) = (numbers(&case["values"]), case["period"].as_u64().unwrap());
        for fit in case["fits"].as_array().unwrap() {
            let form = form(&fit["form"]);
            let model = Smoothing::fit(&values, period as usize, form, &Silent).unwrap();
            assert_eq!(model.form(), form);
            let theirs = fit["log_likelihood"].as_f64().unwrap();
            worse += u32::from(model.log_likelihood() < theirs - 1e-3 * theirs.abs());
            count += 1;
        }
    }
    assert!(worse * 50 <= count, "{worse} of {count}");
}

#[test]
fn recursions_forecasts_and_spread_are_equal() {
    for case in cases() {
        let (values, period) = (numbers(&case["values"]), case["period"].as_u64().unwrap());
        for fit in case["fits"].as_array().unwrap().iter().filter(|f| f["parameters"].is_array()) {
            let form = form(&fit["form"]);
            let model = placed(&values, period as usize, form, &numbers(&fit["parameters"]));
            let theirs = fit["log_likelihood"].as_f64().unwrap();
            assert!(near(model.log_likelihood(), theirs, 1e-9), "{form}");
            // It counts the first damped slope twice from the second step on.
            let damped = form.trend == Trend::Damped;
            let relative = form.error == Component::Multiplicative;
            let forecast = numbers(&fit["forecast"]);
            let steps = if damped { 1 } else { forecast.len() };
            for (a, b) in model.forecast(steps).iter().zip(&forecast) {
                assert!(near(*a, *b, 1e-9), "{form}: {a} {b}");
            }
            let Value::Array(_) = fit["spread"] else { continue };
            let said = numbers(&fit["spread"]);
            let ours = model.spread(said.len());
            // It counts whole seasons to the last step, whichever step is asked for.
            let from = if !relative && form.season.is_some() { said.len() - 1 } else { 0 };
            let to = if damped && relative { 1 } else { said.len() };
            for h in from..to {
                assert!(near(ours[h], said[h], 1e-7), "{form} {h}: {} {}", ours[h], said[h]);
            }
        }
    }
}

/// A model with given parameters and first states: `α, β, γ, φ, l, [b], [sₘ … s₁]`.
fn placed(values: &[f64], period: usize, form: Form, given: &[f64]) -> Smoothing {
    let series = Scaled::new(values, period);
    let or = |i: usize, other: f64| if given[i].is_nan() { other } else { given[i] };
    let rates = Rates { alpha: given[0], beta: or(1, 0.0), gamma: or(2, 0.0), phi: or(3, 1.0) };
    let trend = usize::from(form.trend != Trend::None);
    let slope = if trend == 1 { given[5] / series.scale } else { 0.0 };
    let line = Line { level: given[4] / series.scale, slope };
    let by = if form.season == Some(Component::Additive) { series.scale } else { 1.0 };
    let mut season: Vec<f64> = given[5 + trend..].iter().rev().map(|s| s / by).collect();
    if season.is_empty() {
        season.push(0.0);
    }
    Smoothing::at_start(&series, series.layout(form), rates, States::new(line, season))
}
