//! Explanations and pictures of series, made by hand.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::explain::tests::well_formed;

/// A series with this past and so many steps ahead.
fn profile(name: &str, history: Vec<f64>, steps: usize, error: Option<f64>) -> SeriesProfile {
    let next = 600 + history.len() as i64;
    let last = history.iter().rev().find(|v| v.is_finite()).copied().unwrap_or(0.0);
    let tell = |step: usize| Told {
        time: format!("step {step}"),
        prediction: last,
        bounds: vec![[last - step as f64, last + step as f64], [last - 9.0, last + 9.0]],
    };
    SeriesProfile {
        name: name.to_owned(),
        values: history.len(),
        missing: 0,
        from: String::new(),
        to: String::new(),
        usually_off: error,
        error,
        place: None,
        components: SeriesComponents::of(&history, 600, Frequency::MONTHLY, &[12]),
        history_from: String::new(),
        ahead: (0..steps).map(tell).collect(),
        history,
        season: 12,
        start: 600,
        next,
    }
}

fn explanation(series: Vec<SeriesProfile>) -> SeriesExplanation {
    SeriesExplanation {
        target: "orders & <more>".to_owned(),
        frequency: Frequency::MONTHLY,
        horizon: 6,
        levels: vec![0.8, 0.95],
        season: 12,
        covariates: vec![],
        series: worst_and_best_first(series),
    }
}

#[test]
fn the_worst_and_the_best_come_first() {
    let series = |(name, error)| profile(name, vec![1.0, 2.0], 1, error);
    let all = [("a", Some(0.5)), ("b", None), ("c", Some(0.2)), ("d", Some(0.9)), ("e", Some(0.7))];
    let ordered = worst_and_best_first(all.into_iter().map(series).collect());
    let names: Vec<&str> = ordered.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["d", "c", "e", "a", "b"]);
    let places: Vec<_> = ordered.iter().map(|s| s.place).collect();
    assert_eq!(places, [Some(4), Some(1), Some(3), Some(2), None]);
}

#[test]
fn errors_are_compared_with_those_of_repeating_the_season() {
    let changes = [1.0, 10.0, 3.0, 14.0, f64::NAN, 12.0];
    assert_eq!(change(&changes, 2), Some((2.0 + 4.0 + 2.0) / 3.0));
    assert_eq!(change(&[1.0, 4.0], 7), Some(3.0));
    assert_eq!((change(&[5.0; 9], 2), change(&[5.0], 1)), (None, None));
}

#[test]
fn file_names_are_safe() {
    for (name, expected) in [
        ("Air purifier", "air-purifier"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\x\0y|z", "c-x-y-z"),
        ("🍺🍺", "series"),
        ("", "series"),
        ("Bücher 📚 2", "b-cher-2"),
        ("--", "series"),
    ] {
        assert_eq!(slug(name), expected);
    }
    assert!(slug(&"ab ".repeat(100)).len() <= SLUG);
}

#[test]
fn pictures_are_sound_whatever_they_show() {
    let season = |i: usize| 100.0 + 20.0 * (i as f64 * 0.5).sin();
    let gap = |i: usize| if i.is_multiple_of(5) { f64::NAN } else { season(i) };
    let hostile = "<script>alert(\"&\")</script>\u{1b}[31m 🍺";
    for (name, history, steps) in [
        ("plain", (0..40).map(season).collect::<Vec<_>>(), 6),
        ("gaps", (0..40).map(gap).collect(), 6),
        (hostile, vec![1.0], 1),
        ("none", vec![], 3),
        ("zeros", vec![0.0; 30], 6),
        ("huge", (0..40).map(|i| 1e12 * season(i)).collect(), 6),
        ("tiny", (0..40).map(|i| 1e-12 * season(i)).collect(), 6),
        ("vast", vec![f64::MAX, -f64::MAX, 1.0], 2),
        ("many", (0..9_000).map(season).collect(), 3_000),
    ] {
        let mut one = profile(
            "x",
            if history.is_empty() { vec![1.0] } else { history.clone() },
            steps,
            Some(1.0),
        );
        (one.name, one.history, one.next) =
            (name.to_owned(), history.clone(), 600 + history.len() as i64);
        let all = explanation(vec![one]);
        let svg = all.svg(&all.series[0]);
        assert!(well_formed(&svg), "{name}: {svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
        assert!(
            !["<script", "href", "@font", "http://www.w3.org/1999"]
                .iter()
                .any(|bad| svg.contains(bad))
        );
        assert!(svg.contains("orders &amp; &lt;more&gt;"), "{name}");
        assert!(svg.len() < 300_000, "{name} has {} bytes", svg.len());
    }
}

#[test]
fn infinite_bounds_are_left_out_and_gaps_are_gaps() {
    let mut one = profile("x", vec![1.0, 2.0, f64::NAN, 4.0, 5.0], 3, None);
    for told in &mut one.ahead {
        told.bounds[1] = [f64::NEG_INFINITY, f64::INFINITY];
    }
    let all = explanation(vec![one]);
    let svg = all.svg(&all.series[0]);
    assert!(well_formed(&svg) && !svg.contains("inf"));
    let past = svg.lines().find(|l| l.contains("#333333\" stroke-width=\"1.6\"")).unwrap();
    assert_eq!(past.matches('M').count(), 2, "{past}");
    // The last value is where the forecast and the band that is known begin.
    let bands = svg.lines().filter(|l| l.starts_with("<path fill=\"#") && l.contains('L'));
    assert_eq!(bands.count(), 1, "{svg}");
}

#[test]
fn pictures_are_written_for_two_hundred_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let series =
        (0..203).map(|i| profile(&format!("s/{i}"), vec![1.0, 3.0], 1, Some(f64::from(i))));
    let all = explanation(series.collect());
    let files = all.draw(folder.path().join("a/b")).unwrap();
    assert_eq!(
        (files.len(), files[0].as_str(), files[1].as_str()),
        (200, "001-s-202.svg", "002-s-0.svg")
    );
    assert!(files.iter().all(|file| folder.path().join("a/b").join(file).is_file()));
}
