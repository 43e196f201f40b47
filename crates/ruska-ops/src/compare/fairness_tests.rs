//! Rules about how far groups of people may differ.
#![allow(clippy::unwrap_used)]

use super::{FairnessMeasure, Judgement, Rival, Rule, judge};
use ruska::{AutoMl, Frame, register::Verdict};
use serde::Deserialize;

#[derive(Deserialize)]
struct Rules {
    rule: Vec<Rule>,
}

/// Rows from one on; `y` follows `x`, which is higher for one of two groups.
fn table(from: usize, rows: usize) -> Frame {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("t.csv");
    let row = |i: usize| {
        let group = ["a", "b"][i % 2];
        let x = (i * 37 % 101) as f64 / 10.0 + if group == "b" { 4.0 } else { 0.0 };
        let y = if x + (i * 7 % 5) as f64 > 9.0 { "yes" } else { "no" };
        format!("{x:.1}{:03},{group},{y}\n", i % 1000)
    };
    let text: String = (from..from + rows).map(row).collect();
    std::fs::write(&path, format!("x,group,y\n{text}")).unwrap();
    ruska::read(path.to_str().unwrap()).unwrap()
}

fn judged(rule: Rule) -> Judgement {
    let learned = table(0, 200);
    let outcome = AutoMl::classification("y").sensitive(["group"]).trials(3).fit(&learned).unwrap();
    let challenger = Rival { label: "m:1", model: outcome.best(), bytes: 1000 };
    judge(&table(500, 300), challenger, None, &[rule], 50).unwrap()
}

fn rule(column: &str, measure: FairnessMeasure, max: f64) -> Rule {
    Rule::Fairness { column: column.to_owned(), measure, max }
}

#[test]
fn groups_that_differ_too_much_hold_a_challenger_back() {
    let parity = FairnessMeasure::DemographicParity;
    let declined = judged(rule("group", parity, 0.05));
    assert_eq!(declined.verdict, Verdict::Decline, "{declined:?}");
    let outcome = &declined.rules[0];
    assert_eq!(
        (outcome.rule.as_str(), outcome.metric.as_str()),
        ("demographic_parity by `group` at most 0.05", "demographic_parity")
    );
    assert!(outcome.challenger.unwrap() > 0.15, "{outcome:?}");
    assert!(outcome.reason.contains("is above 0.05"), "{outcome:?}");
    let promoted = judged(rule("group", parity, 0.9));
    assert_eq!(promoted.verdict, Verdict::Promote, "{promoted:?}");
}

#[test]
fn what_cannot_be_measured_declines_and_says_why() {
    let missing = judged(rule("grup", FairnessMeasure::EqualizedOdds, 0.5));
    assert_eq!(missing.verdict, Verdict::Decline);
    assert!(missing.rules[0].reason.contains("did you mean `group`?"), "{missing:?}");
    let of_numbers = judged(rule("group", FairnessMeasure::Mae, 0.5));
    assert!(of_numbers.rules[0].reason.contains("mae is not defined"), "{of_numbers:?}");
}

#[test]
fn rules_are_read_and_written() {
    let text = "[[rule]]\nfairness = { column = \"sex\", measure = \"accuracy\", max = 0.1 }\n";
    let rules: Rules = toml::from_str(text).unwrap();
    assert_eq!(rules.rule[0], rule("sex", FairnessMeasure::Accuracy, 0.1));
    let written = serde_json::to_value(&rules.rule[0]).unwrap();
    assert_eq!(serde_json::from_value::<Rule>(written).unwrap(), rules.rule[0]);
    for (more, told) in [
        ("metric = \"auc\"", "stands with `metric`"),
        ("margin = 0.1", "belongs to a metric"),
        ("size_mb = { max = 3 }", "stands with `size_mb`"),
    ] {
        let error = toml::from_str::<Rules>(&format!("{text}{more}\n")).err().unwrap();
        assert!(error.to_string().contains(told), "{more}: {error}");
    }
    let text = text.replace("0.1", "-0.1");
    assert!(toml::from_str::<Rules>(&text).err().unwrap().to_string().contains("at least 0"));
}
