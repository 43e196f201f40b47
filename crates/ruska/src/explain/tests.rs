//! Explanations against closed forms and at the edges of what tables can be.

#![allow(clippy::unwrap_used)]

use super::*;
use features::Values;
use ruska_core::{Column, ColumnSchema, Field, Kind, Meaning, Rng, Schema};
use std::sync::Arc;

fn numbers(name: &str, values: Vec<f64>) -> Feature {
    let values = Values::Numbers(Arc::new(values));
    Feature { name: name.to_owned(), time: false, personal: false, labels: vec![], values }
}

fn levels(name: &str, labels: &[&str], codes: Vec<u32>) -> Feature {
    let labels = labels.iter().map(|&l| l.to_owned()).collect();
    Feature {
        name: name.to_owned(),
        time: false,
        personal: false,
        labels,
        values: Values::Levels(codes),
    }
}

/// Two groups of 100 rows: `x` is 1 or 3 in the first and 11 or 13 in the second; `plan` is premium
/// for 80 of the first and 20 of the second; `noise` tells nothing.
fn two() -> (Vec<Feature>, Vec<i32>) {
    let x = (0..200).map(|i| f64::from(i % 2 * 2 + 1 + i / 100 * 10)).collect();
    let plan = (0..200u32).map(|i| u32::from(i % 100 < if i < 100 { 80 } else { 20 })).collect();
    let noise = (0..200).map(|i| f64::from(i * 37 % 101)).collect();
    let features =
        vec![numbers("noise", noise), levels("plan", &["basic", "premium"], plan), numbers("x", x)];
    (features, (0..200).map(|i| i / 100).collect())
}

/// Whether tags are balanced, attributes quoted and texts escaped.
pub(crate) fn well_formed(svg: &str) -> bool {
    let mut open: Vec<&str> = vec![];
    let mut rest = svg;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        let Some((tag, after)) = tag[1..].split_once('>') else { return false };
        let bare = |t: &str| t.split('&').skip(1).all(|e| e.find(';').is_some_and(|end| end < 6));
        if text.contains('>') || !bare(text) || !bare(tag) || tag.matches('"').count() % 2 == 1 {
            return false;
        }
        let name = tag.trim_matches('/').split_whitespace().next().unwrap_or_default();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) if open.pop() != Some(name) => return false,
            (false, false) => open.push(name),
            _ => {}
        }
        rest = after;
    }
    open.is_empty() && rest.trim().is_empty()
}

#[test]
fn effects_are_those_of_the_formulas() {
    let (features, labels) = two();
    let told = explain(&features, vec![], &labels);
    let first = &told.profiles[0];
    assert_eq!((first.rows, first.share, first.differences.len()), (100, 0.5, 2));
    let d = &first.differences[0];
    let pooled = (200.0f64 / 198.0).sqrt();
    assert!((d.effect + 10.0 / pooled).abs() < 1e-12, "{d:?}");
    let sides =
        Contrast::Number { mean: 2.0, median: 2.0, mean_elsewhere: 12.0, median_elsewhere: 12.0 };
    assert_eq!(d.contrast, sides);
    let h = &first.differences[1];
    let angle = |p: f64| 2.0 * p.sqrt().asin();
    assert!((h.effect - angle(0.8) + angle(0.2)).abs() < 1e-12, "{h:?}");
    let Contrast::Level { level, share, share_elsewhere, lift } = &h.contrast else {
        panic!("{h:?}")
    };
    assert_eq!(
        (level.as_deref(), *share, *share_elsewhere, *lift),
        (Some("premium"), 0.8, 0.2, 1.6)
    );
    let words = "Cluster 0 (50 %): very low `x` (2.0 against 12.0), mostly `plan` = premium \
                 (80 % against 20 %)";
    assert_eq!(first.words, words);
    let document = serde_json::to_value(&told).unwrap();
    assert_eq!(document["profiles"][0]["differences"][1]["kind"], "level");
}

#[test]
fn chance_is_not_told() {
    let mut rng = Rng::new(1);
    let mut random = |n: usize| (0..n).map(|_| rng.unit()).collect::<Vec<f64>>();
    let columns: Vec<Feature> = (0..300).map(|i| numbers(&format!("c{i}"), random(120))).collect();
    let labels: Vec<i32> = (0..120).map(|i| i % 3).collect();
    let told = explain(&columns, vec![], &labels);
    let found: usize = told.profiles.iter().map(|p| p.differences.len()).sum();
    assert!(found <= 2, "{found} of 900");
    // A level of three rows in the cluster is too little to tell, however much it stands out.
    let rare = (0..120).map(|i| u32::from(i % 3 == 0 && i < 9)).collect();
    let told = explain(&[levels("rare", &["a", "b"], rare)], vec![], &labels);
    assert_eq!(told.profiles[0].differences, []);
}

#[test]
fn missing_values_are_a_level() {
    let (mut features, labels) = two();
    let mut age: Vec<f64> = (0..200).map(|i| f64::from(20 + i % 7)).collect();
    (100..160).for_each(|i| age[i] = f64::NAN);
    features.push(numbers("age", age));
    let told = explain(&features, vec![], &labels);
    let missing = |p: &ClusterProfile| p.differences.iter().find(|d| d.column == "age").cloned();
    let second = missing(&told.profiles[1]).unwrap();
    let Contrast::Level { level: None, share, .. } = second.contrast else { panic!("{second:?}") };
    assert_eq!(share, 0.6);
    assert!(told.profiles[1].words.contains("mostly no `age` (60 % against 0 %)"));
}

#[test]
fn rules_give_boxes_exactly() {
    let (mut features, _) = two();
    let city = (0..200).map(|i| i % 3).collect();
    features.push(levels("city", &["Bern", "Oslo", "Rome"], city));
    let label = |i: i32| match (i / 100, i % 3) {
        (0, _) => 0,
        (_, 1) => 1,
        _ => 2,
    };
    let labels: Vec<i32> = (0..200).map(label).collect();
    let rules = explain(&features, vec![], &labels).rules.unwrap();
    assert_eq!((rules.fidelity, rules.balanced), (Some(1.0), Some(1.0)));
    let words: Vec<&str> = rules.rules.iter().map(|r| r.words.as_str()).collect();
    let expected = [
        "`x` ≤ 7 → cluster 0 (100 % of 100 rows)",
        "`x` > 7 and `city` = Oslo → cluster 1 (100 % of 34 rows)",
        "`x` > 7 and `city` ≠ Oslo → cluster 2 (100 % of 66 rows)",
    ];
    assert_eq!(words, expected);
    assert_eq!(rules.without, Vec::<i32>::new());
    // Groups that no column tells of have one rule, which is no better than chance.
    let labels: Vec<i32> = (0..200).map(|i| i32::from(i * 61 % 200 >= 140)).collect();
    let rules = explain(&features[..1], vec![], &labels).rules.unwrap();
    assert!(rules.fidelity.unwrap() < 0.8, "{rules:?}");
}

#[test]
fn a_typical_member_is_of_its_cluster_and_near_its_middle() {
    let mut rng = Rng::new(3);
    let labels: Vec<i32> = (0..300).map(|i| i % 3).collect();
    let mut at = |shift: f64| -> Vec<f64> {
        labels.iter().map(|l| f64::from(*l) * shift + rng.normal()).collect()
    };
    let (x, mut y) = (at(8.0), at(-8.0));
    (0..60).for_each(|i| y[i] = f64::NAN);
    let told = explain(&[numbers("x", x.clone()), numbers("y", y)], vec![], &labels);
    for profile in &told.profiles {
        let member = profile.typical.as_ref().unwrap();
        assert_eq!(labels[member.row - 1], profile.cluster);
        assert!((x[member.row - 1] - 8.0 * f64::from(profile.cluster)).abs() < 0.7, "{member:?}");
        assert!(member.values.iter().all(|v| v.value.is_some()), "{member:?}");
    }
}

#[test]
fn what_may_name_persons_is_masked() {
    const ROWS: usize = 120;
    let text = |name: &str, value: &dyn Fn(usize) -> String| {
        let column = Column::from_strings((0..ROWS).map(|i| Some(value(i))));
        Field::new(name, Kind::Categorical, column)
    };
    let number = |name: &str, value: &dyn Fn(usize) -> usize| {
        let values = (0..ROWS).map(|i| value(i) as f64).collect();
        Field::new(name, Kind::Numeric, Column::float(values))
    };
    let time = |day: &dyn Fn(usize) -> usize| {
        Column::Time(Arc::new((0..ROWS).map(|i| 86_400_000 * day(i) as i64).collect()))
    };
    let frame = Frame::new(vec![
        text("mail", &|i| format!("canary{}@example.org", i % 9)),
        text("city", &|i| if i == 30 { "Canaryville" } else { "Bern" }.to_owned()),
        text("name", &|i| format!("Canary {}", i * 7 % ROWS)),
        Field::new("note", Kind::Text, Column::from_strings((0..ROWS).map(|_| Some("a canary")))),
        number("account_id", &|i| 770_001 + i * 61 % 120),
        number("shop_id", &|i| 42 + i % 3),
        Field::new("date of birth", Kind::Time, time(&|i| 10 * i)),
        Field::new("since", Kind::Time, time(&|i| 9000 + i)),
    ]);
    let (features, skipped) = features::features(&frame.unwrap(), &Schema::default());
    assert_eq!(skipped, ["note"]);
    let labels: Vec<i32> = (0..ROWS as i32).map(|i| i % 3).collect();
    let told = explain(&features, skipped, &labels);
    let document = serde_json::to_string(&told).unwrap() + &told.svg("t");
    assert!(!document.to_lowercase().contains("canary"), "{document}");
    assert!(document.contains("Bern"), "{document}");
    for profile in &told.profiles {
        let values = &profile.typical.as_ref().unwrap().values;
        let of = |name: &str| values.iter().find(|v| v.column == name).unwrap().value.clone();
        assert_eq!(of("account_id").unwrap(), "999999");
        assert!(["42", "43", "44"].contains(&of("shop_id").unwrap().as_str()));
        assert!(of("date of birth").unwrap().starts_with("9999-99-99"));
        assert!(of("since").unwrap().starts_with("199"), "{values:?}");
    }
}

#[test]
fn booleans_are_told_by_their_labels() {
    let values = (0..60).map(|i| f64::from(u8::from(i < 30))).collect();
    let frame = Frame::new(vec![Field::new("news", Kind::Boolean, Column::float(values))]).unwrap();
    let meaning = Meaning::Boolean { no: "nein".into(), yes: "ja".into() };
    let schema = Schema { columns: vec![ColumnSchema { name: "news".into(), meaning }] };
    let (features, _) = features::features(&frame, &schema);
    let labels: Vec<i32> = (0..60).map(|i| i / 30).collect();
    let told = explain(&features, vec![], &labels);
    let always = "Cluster 1 (50 %): always `news` = nein (100 % against 0 %)";
    assert_eq!(told.profiles[1].words, always);
    assert_eq!(told.rules.unwrap().rules.len(), 2);
}

#[test]
fn dates_are_told_as_dates() {
    let day = 86_400_000.0;
    let since = (0..80).map(|i| day * f64::from(i % 40 + i / 40 * 1000)).collect();
    let feature = Feature { time: true, ..numbers("since", since) };
    let labels: Vec<i32> = (0..80).map(|i| i / 40).collect();
    let told = explain(&[feature], vec![], &labels);
    let words = "Cluster 1 (50 %): very late `since` (1972-10-16 against 1970-01-20)";
    assert_eq!(told.profiles[1].words, words);
    let rule = &told.rules.unwrap().rules[0].words;
    assert_eq!(rule, "`since` ≤ 1971-06-04 → cluster 0 (100 % of 40 rows)");
}

#[test]
fn the_map_has_the_axes_of_the_correlation_matrix() {
    // A correlation of one half.
    let signs = [(1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (1.0, -1.0)];
    let both = signs.iter().flat_map(|(x, y)| [(*x, *y), (-x, -y)]);
    let (x, y): (Vec<f64>, Vec<f64>) = both.unzip();
    let z = vec![5.0; 8];
    let features = [numbers("x", x), numbers("y", y), numbers("z", z)];
    let told = explain(&features, vec![], &[0, 1, 0, 1, 0, 1, 0, 1]);
    let [first, second] = &told.map.axes;
    assert!((first.share - 0.75).abs() < 1e-9 && (second.share - 0.25).abs() < 1e-9, "{first:?}");
    assert_eq!(first.columns, ["x", "y"]);
    // A column of levels weighs as much as a number.
    let codes = (0..90).map(|i| i % 3).collect();
    let far = (0..90).map(|i| f64::from(i / 3 % 2)).collect();
    let features = [levels("l", &["a", "b", "c"], codes), numbers("n", far)];
    let told = explain(&features, vec![], &[0; 90]);
    assert!((told.map.axes[0].share - 0.5).abs() < 1e-9, "{:?}", told.map.axes);
    assert!((told.map.axes[1].share - 0.25).abs() < 1e-9, "{:?}", told.map.axes);
}

#[test]
fn tables_at_the_edges_are_described() {
    let (features, _) = two();
    let one_row = explain(&[numbers("x", vec![1.0])], vec![], &[0]);
    assert_eq!((one_row.clusters, one_row.rules.is_none()), (1, true));
    let all = explain(&features, vec![], &[0; 200]);
    assert!(all.profiles[0].words.ends_with("all rows, so there is nothing to compare with"));
    let noise = explain(&features, vec![], &[-1; 200]);
    assert_eq!((noise.clusters, noise.profiles.len()), (0, 1));
    assert!(noise.profiles[0].typical.is_none());
    let empty = numbers("nothing", vec![f64::NAN; 200]);
    let huge = numbers("huge", (0..200).map(|i| f64::from(i % 7) * 2e307 - 6e307).collect());
    let odd = explain(&[empty, huge], vec![], &(0..200).map(|i| i / 100).collect::<Vec<_>>());
    let bare = explain(&[], vec!["text".to_owned()], &[0, 1, 1]);
    for told in [&one_row, &all, &noise, &odd, &bare] {
        assert!(well_formed(&told.svg("t")));
        assert!(!told.svg("t").contains("NaN"));
        serde_json::to_string(told).unwrap();
    }
}

#[test]
fn many_clusters_and_many_columns_are_cut_short() {
    let labels: Vec<i32> = (0..1200).map(|i| i % 300).collect();
    let x = labels.iter().map(|l| f64::from(*l)).collect();
    let told = explain(&[numbers("x", x)], vec![], &labels);
    assert_eq!((told.clusters, told.profiles.len()), (300, CLUSTERS));
    assert!(well_formed(&told.svg("t")) && told.svg("t").contains("292 more clusters in grey"));
    let mut rng = Rng::new(0);
    let group = |i: usize| i / 20;
    let columns: Vec<Feature> = (0..10_000)
        .map(|c| {
            let shift = if c < 50 { 9.0 } else { 0.0 };
            let value = |i: usize| rng.normal() + shift * group(i) as f64;
            numbers(&format!("c{c}"), (0..60).map(value).collect())
        })
        .collect();
    let labels: Vec<i32> = (0..60).map(|i| group(i) as i32).collect();
    let told = explain(&columns, vec![], &labels);
    let first = &told.profiles[0];
    assert_eq!((first.differences.len(), first.typical.as_ref().unwrap().values.len()), (10, 20));
    assert!(first.more_differences >= 40);
    assert_eq!(told.rules.unwrap().fidelity, Some(1.0));
}

#[test]
fn strange_names_do_no_harm() {
    let (features, labels) = two();
    let odd = "a<b> & \"q\" 'x' 🙂\u{7}\n".to_owned();
    let renamed: Vec<Feature> =
        features.into_iter().map(|f| Feature { name: format!("{odd}{}", f.name), ..f }).collect();
    let told = explain(&renamed, vec![], &labels);
    let svg = told.svg("<script>🙂 & more");
    assert!(well_formed(&svg) && svg.contains('🙂') && !svg.contains("<script"), "{svg}");
    assert!(!svg.contains('\u{7}'));
}

#[test]
fn other_models_are_refused_with_the_way_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat");
    let table = crate::read(&folder.join("table.csv").display().to_string()).unwrap();
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    let model = files.filter(|f| f.extension().is_some_and(|e| e == "ruska")).min().unwrap();
    let model = Model::load(model).unwrap();
    let message = model.explain(&table).unwrap_err().to_string();
    assert!(message.contains("--task clustering"), "{message}");
}
