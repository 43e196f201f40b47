//! Contracts: every flaw that is planted is found with its column and its lines, clean data keeps
//! the contract of other clean data.
#![allow(clippy::unwrap_used)]

use ruska::{FindingCode, ReadOptions, ReadTable, Rng};
use ruska_ops::contract::{Check, Contract, ContractVerdict, check, suggest, toml};
use std::collections::{BTreeMap, BTreeSet};

/// 2026-07-01, after all times of the table.
const NOW: i64 = 1_782_864_000_000;
const HEADER: [&str; 7] = ["id", "age", "income", "city", "plan", "joined", "left"];

/// Rows of a clean table, each with the columns of [`HEADER`].
#[derive(Clone)]
struct Cells {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn clean(rows: usize, seed: u64) -> Cells {
    let mut rng = Rng::new(seed);
    let mut row = |i: usize| {
        let age = 18 + (rng.unit() * 60.0) as u32;
        let income = (8.0 + 0.5 * rng.normal()).exp();
        let pick = |of: &[&str], u: f64| of[(u * of.len() as f64) as usize].to_owned();
        let city = pick(&["Bern", "Oslo", "Rome", "Rome"], rng.unit());
        let plan = pick(&["basic", "plus"], rng.unit());
        let joined = format!("2026-{:02}-{:02}", 1 + i % 6, 1 + i % 28);
        let left = if f64::from(age) + 15.0 * rng.normal() > 50.0 { "yes" } else { "no" };
        let id = format!("K-{:05}", i * 7 % 90_000);
        vec![id, age.to_string(), format!("{income:.2}"), city, plan, joined, left.to_owned()]
    };
    let rows = (0..rows).map(&mut row).collect();
    Cells { header: HEADER.map(str::to_owned).to_vec(), rows }
}

impl Cells {
    fn at(&self, column: &str) -> usize {
        self.header.iter().position(|name| name == column).unwrap()
    }

    /// Changes every `every`-th row of a column from `from` on.
    fn edit(
        &self,
        column: &str,
        (from, every): (usize, usize),
        f: impl Fn(&str) -> String,
    ) -> Self {
        let (mut new, at) = (self.clone(), self.at(column));
        new.rows.iter_mut().skip(from).step_by(every).for_each(|row| row[at] = f(&row[at]));
        new
    }

    /// Adds a column.
    fn add(&self, column: &str, f: impl Fn(usize, &[String]) -> String) -> Self {
        let mut new = self.clone();
        new.header.push(column.to_owned());
        for (i, row) in new.rows.iter_mut().enumerate() {
            let cell = f(i, row);
            row.push(cell);
        }
        new
    }

    fn text(&self) -> String {
        let mut text = self.header.join(",") + "\n";
        for row in &self.rows {
            text += &row.join(",");
            text.push('\n');
        }
        text
    }

    fn read(&self) -> (tempfile::TempDir, String, ReadTable) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.csv").display().to_string();
        std::fs::write(&path, self.text()).unwrap();
        let table = ruska::read_table(&path, &ReadOptions::default()).unwrap();
        (folder, path, table)
    }

    /// The contract that the table suggests, by way of its file.
    fn contract(&self) -> Contract {
        let (_folder, _, table) = self.read();
        let suggested =
            suggest(&table, Some("left"), &BTreeMap::new(), &BTreeSet::new(), NOW).unwrap();
        let text = toml(&suggested, "clean.csv");
        let contract = Contract::parse("clean.toml", text.as_bytes())
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(*contract.spec(), suggested.contract, "{text}");
        contract
    }

    fn checked(&self, contract: &Contract) -> ContractVerdict {
        let (_folder, path, table) = self.read();
        let mut verdict = check(&table, contract.spec(), NOW).unwrap();
        verdict.locate(&path, &ReadOptions::default());
        verdict
    }
}

/// Name of a flaw, its column, the checks that fit it, and the table with it.
type Flaw = (&'static str, Option<&'static str>, Vec<Check>, Cells);

fn flaws(clean: &Cells) -> Vec<Flaw> {
    use FindingCode as F;
    let odd = Check::Oddity;
    let number = |text: &str| text.parse::<f64>().unwrap();
    let mut rng = Rng::new(99);
    let noise: Vec<f64> = clean.rows.iter().map(|_| 0.02 * rng.normal()).collect();
    let left = clean.at("left");
    let age = clean.at("age");
    let is_left = move |row: &[String]| f64::from(u8::from(row[left] == "yes"));
    let mut again = clean.clone();
    again.rows.extend(clean.rows.iter().step_by(5).cloned());
    let mut cut = clean.clone();
    cut.rows.truncate(9);
    let mut without = clean.clone();
    "citty".clone_into(&mut without.header[3]);
    let swapped = {
        let mut new = clean.clone();
        new.rows.iter_mut().for_each(|row| row.swap(3, 4));
        new
    };
    vec![
        (
            "disguised missing",
            Some("age"),
            vec![Check::Range],
            clean.edit("age", (3, 16), |_| "-999".into()),
        ),
        (
            "unit times 1000",
            Some("income"),
            vec![Check::Usual],
            clean.edit("income", (0, 7), |v| format!("{}", number(v) * 1000.0)),
        ),
        (
            "unit times 100",
            Some("income"),
            vec![Check::Usual],
            clean.edit("income", (0, 7), |v| format!("{}", number(v) * 100.0)),
        ),
        (
            "text in numbers",
            Some("age"),
            vec![Check::Type],
            clean.edit("age", (5, 100), |v| format!("n/k: {v}")),
        ),
        (
            "outliers",
            Some("income"),
            vec![Check::Range],
            clean.edit("income", (7, 400), |_| "1e15".into()),
        ),
        (
            "spelling",
            Some("city"),
            vec![Check::Levels, odd(F::LevelVariants)],
            clean.edit("city", (0, 9), |v| format!(" {} ", v.to_uppercase())),
        ),
        (
            "new level",
            Some("plan"),
            vec![Check::Levels],
            clean.edit("plan", (11, 200), |_| "premium".into()),
        ),
        (
            "broken letters",
            Some("city"),
            vec![Check::Levels, odd(F::BrokenEncoding)],
            clean.edit("city", (0, 9), |v| format!("{v}Ã¤Ã¶")),
        ),
        (
            "missing",
            Some("income"),
            vec![Check::Missing],
            clean.edit("income", (0, 2), |_| String::new()),
        ),
        (
            "bad form",
            Some("id"),
            vec![Check::Form],
            clean.edit("id", (50, 900), |v| v.replace('-', "/")),
        ),
        (
            "key again",
            Some("id"),
            vec![Check::Unique],
            clean.edit("id", (50, 300), |_| "K-00000".into()),
        ),
        (
            "late times",
            Some("joined"),
            vec![Check::Future],
            clean.edit("joined", (9, 500), |_| "2031-01-01".into()),
        ),
        (
            "no dates",
            Some("joined"),
            vec![Check::Type],
            clean.edit("joined", (9, 50), |_| "soon".into()),
        ),
        (
            "near copy",
            Some("copy"),
            vec![odd(F::NearDuplicateColumns)],
            clean.add("copy", move |_, row| {
                (2.0 * row[age].parse::<f64>().unwrap() + 1.0).to_string()
            }),
        ),
        ("empty", Some("void"), vec![odd(F::AllMissing)], clean.add("void", |_, _| String::new())),
        (
            "constant",
            Some("always"),
            vec![odd(F::ConstantColumn)],
            clean.add("always", |_, _| "same".into()),
        ),
        (
            "identifier",
            Some("record_id"),
            vec![odd(F::Identifier)],
            clean.add("record_id", |i, _| format!("R{}", 100_000 + 7 * i)),
        ),
        (
            "target copy",
            Some("code"),
            vec![odd(F::TargetCopy)],
            clean.add("code", move |_, row| format!("k{}", is_left(row))),
        ),
        (
            "target leak",
            Some("after"),
            vec![odd(F::SuspectedLeak)],
            clean.add("after", move |i, row| format!("{:.6}", is_left(row) + noise[i])),
        ),
        ("repeated rows", None, vec![Check::Repeats], again),
        ("cut off", None, vec![Check::Rows], cut),
        ("column gone", Some("city"), vec![Check::MissingColumn], without),
        ("columns swapped", Some("city"), vec![Check::Levels], swapped),
    ]
}

#[test]
fn every_flaw_is_found_with_its_column() {
    let clean = clean(900, 1);
    let contract = clean.contract();
    for (name, column, checks, cells) in flaws(&clean) {
        let verdict = cells.checked(&contract);
        for fitting in checks {
            let found = |b: &ruska_ops::contract::Breach| {
                b.check == fitting && b.column.as_deref() == column
            };
            assert!(verdict.breaches.iter().any(found), "{name}, {fitting:?}: {verdict:#?}");
        }
    }
}

#[test]
fn flaws_break_nothing_else() {
    let clean = clean(900, 1);
    let contract = clean.contract();
    for (name, column, _, cells) in flaws(&clean) {
        let table_wide = ["columns swapped", "cut off", "repeated rows", "column gone"];
        if table_wide.contains(&name) {
            continue;
        }
        let verdict = cells.checked(&contract);
        let elsewhere = verdict.breaches.iter().find(|b| b.column.as_deref() != column);
        // A copy is told of whichever of the two comes later.
        assert_eq!(elsewhere, None, "{name}");
    }
}

#[test]
fn clean_data_keeps_the_contract_of_other_clean_data() {
    let contract = clean(900, 1).contract();
    for seed in 2..22 {
        let verdict = clean(900, seed).checked(&contract);
        assert!(verdict.holds(), "seed {seed}: {}", verdict.summary());
        let small = clean(400, seed).checked(&contract);
        assert!(small.holds(), "seed {seed}, 400 rows: {}", small.summary());
    }
}

#[test]
fn breaches_name_the_lines_of_the_file() {
    let clean = clean(200, 1);
    let contract = clean.contract();
    let mut new = clean.edit("age", (20, 60), |_| "n/k".into());
    // A value over two lines moves all lines behind it.
    let city = new.at("city");
    new.rows[4][city] = "\"Ro\nme\"".into();
    let verdict = new.checked(&contract);
    let breach = verdict.breaches.iter().find(|b| b.check == Check::Type).unwrap();
    assert_eq!((breach.count, &breach.rows[..]), (3, &[21, 81, 141][..]));
    assert_eq!(breach.places, ["line 23", "line 83", "line 143"]);
    let level = verdict.breaches.iter().find(|b| b.check == Check::Levels).unwrap();
    assert_eq!(level.places, ["line 6"]);
}

#[test]
fn names_of_people_are_neither_written_nor_told() {
    let clean = clean(300, 1);
    let (_folder, _, table) = clean.read();
    let sensitive = BTreeSet::from(["income".to_owned(), "city".to_owned()]);
    let suggested = suggest(&table, Some("left"), &BTreeMap::new(), &sensitive, NOW).unwrap();
    let text = toml(&suggested, "clean.csv");
    for row in &clean.rows {
        for column in ["id", "income", "city"] {
            assert!(!text.contains(&row[clean.at(column)]), "{column}: {text}");
        }
    }
    let contract = Contract::parse("c.toml", text.as_bytes()).unwrap();
    let new = clean
        .edit("id", (9, 400), |_| "Anna Smith".into())
        .edit("income", (3, 250), |_| "Berta Jones".into());
    let verdict = new.checked(&contract);
    let told = serde_json::to_string(&verdict).unwrap();
    assert!(!verdict.holds() && told.contains("Aaaa Aaaaa"), "{told}");
    assert!(!told.contains("Anna") && !told.contains("Berta"), "{told}");
}

#[test]
fn a_sensitive_column_must_be_there() {
    let (_folder, _, table) = clean(100, 1).read();
    let sensitive = BTreeSet::from(["incom".to_owned()]);
    let refused = suggest(&table, None, &BTreeMap::new(), &sensitive, NOW).unwrap_err();
    assert!(refused.to_string().contains("did you mean `income`?"), "{refused}");
}

#[test]
fn what_a_contract_does_not_say_is_not_checked() {
    let contract = Contract::parse("c.toml", b"contract = 1\n[columns.age]\n").unwrap();
    for (name, _, _, cells) in flaws(&clean(300, 1)) {
        let verdict = cells.checked(&contract);
        assert!(verdict.holds(), "{name}: {}", verdict.summary());
    }
}

#[test]
fn ages_are_counted_from_the_check() {
    let text = "contract = 1\n[columns.joined]\ntype = \"time\"\nmax_age = \"30d\"\n";
    let contract = Contract::parse("c.toml", text.as_bytes()).unwrap();
    let (_folder, _, table) = clean(200, 1).read();
    // The newest time is 2026-06-28.
    let newest = ruska::parse_time("2026-06-28", false).unwrap();
    let day = 86_400_000;
    let holds = |now| check(&table, contract.spec(), now).unwrap().holds();
    assert!(holds(newest + 30 * day));
    assert!(!holds(newest + 30 * day + 1));
}

#[test]
fn limits_are_exact() {
    let text = "contract = 1\n[columns.income]\nmax_missing = 0.25\n";
    let contract = Contract::parse("c.toml", text.as_bytes()).unwrap();
    let clean = clean(400, 1);
    let quarter = clean.edit("income", (0, 4), |_| String::new());
    assert!(quarter.checked(&contract).holds());
    assert!(!quarter.edit("income", (1, 400), |_| String::new()).checked(&contract).holds());
}

/// What a contract of one column's type alone says of some values.
fn by_type(kind: &str, more: &str, values: &[String]) -> Vec<Check> {
    let text = format!("contract = 1\n[columns.c]\ntype = \"{kind}\"\n{more}");
    let contract = Contract::parse("c.toml", text.as_bytes()).unwrap();
    let rows = values.iter().map(|value| vec![value.clone(), "x".to_owned()]).collect();
    let cells = Cells { header: vec!["c".to_owned(), "other".to_owned()], rows };
    let verdict = cells.checked(&contract);
    assert!(verdict.checks > 1, "a type is something that is checked");
    verdict.breaches.into_iter().map(|breach| breach.check).collect()
}

#[test]
fn every_type_says_something_of_its_values() {
    let many = |n: usize, f: &dyn Fn(usize) -> String| (0..n).map(f).collect::<Vec<_>>();
    let none: [Check; 0] = [];
    // Two labels, however they are spelt.
    let labels = many(40, &|i| ["yes", "no", "Yes", "NO "][i % 4].to_owned());
    assert_eq!(by_type("boolean", "", &labels), none);
    let third = many(40, &|i| if i == 7 { "maybe".into() } else { labels[i].clone() });
    assert_eq!(by_type("boolean", "", &third), [Check::Type]);
    // Every value of an identifier is one row's, unless the contract allows others.
    let ids = many(40, &|i| format!("K{i}"));
    assert_eq!(by_type("identifier", "", &ids), none);
    let again = many(40, &|i| format!("K{}", i.min(38)));
    assert_eq!(by_type("identifier", "", &again), [Check::Unique]);
    assert_eq!(by_type("identifier", "unique = false\nmax_missing = 0\n", &again), none);
    // Texts are words, a few numbers among them do not matter.
    let words = many(40, &|i| if i % 2 == 0 { format!("{i}") } else { format!("order {i} late") });
    assert_eq!(by_type("text", "", &words), none);
    assert_eq!(by_type("text", "", &many(40, &|i| i.to_string())), [Check::Type]);
    assert_eq!(by_type("text", "", &many(12, &|i| i.to_string())), none, "too few to say");
    // Of many values levels occur again.
    let levels = many(1200, &|i| format!("L{}", i % 700));
    assert_eq!(by_type("categorical", "", &levels), none);
    assert_eq!(by_type("categorical", "", &many(1200, &|i| format!("L{i}"))), [Check::Type]);
    assert_eq!(by_type("categorical", "", &many(300, &|i| format!("L{i}"))), none);
}

#[test]
fn an_identifier_that_repeats_in_the_reference_may_repeat() {
    let clean = clean(900, 1);
    let types = BTreeMap::from([("id".to_owned(), ruska::Kind::Identifier)]);
    let twice = clean.edit("id", (5, 9000), |_| "K-00000".into());
    let (_folder, _, table) = twice.read();
    let suggested = suggest(&table, None, &types, &BTreeSet::new(), NOW).unwrap();
    let terms = &suggested.contract.columns["id"];
    assert_eq!((terms.unique, terms.max_missing), (Some(false), Some(0.0)));
    let text = toml(&suggested, "t.csv");
    let contract = Contract::parse("t.toml", text.as_bytes()).unwrap();
    assert!(twice.checked(&contract).holds());
    let missing = clean.edit("id", (5, 9000), |_| String::new());
    let broken: Vec<Check> =
        missing.checked(&contract).breaches.into_iter().map(|b| b.check).collect();
    assert_eq!(broken, [Check::Missing], "one row without an id is one too many");
}

#[test]
fn a_sensitive_column_of_two_values_is_still_checked() {
    let clean = clean(400, 1);
    let new = clean.add("member", |i, _| ["yes", "no"][i % 2].to_owned());
    let new = new.add("count", |i, _| (i / 3 % 2).to_string());
    let (_folder, _, table) = new.read();
    let hidden = BTreeSet::from(["member".to_owned(), "count".to_owned()]);
    let suggested = suggest(&table, None, &BTreeMap::new(), &hidden, NOW).unwrap();
    let contract = Contract::parse("c.toml", toml(&suggested, "t.csv").as_bytes()).unwrap();
    assert!(new.checked(&contract).holds());
    let third = new.edit("member", (3, 900), |_| "Carla".into());
    let verdict = third.checked(&contract);
    assert_eq!((verdict.breaches.len(), verdict.breaches[0].check), (1, Check::Type));
    assert!(!verdict.breaches[0].what.contains("Carla"), "{verdict:?}");
    let two = new.edit("count", (3, 900), |_| "2".into());
    assert!(two.checked(&contract).holds(), "a count of 0 and 1 may be 2 once");
}

#[test]
fn small_batches_are_not_judged_by_chance() {
    let clean_rows = clean(900, 1);
    let mut contract = clean_rows.contract().spec().clone();
    contract.table.min_rows = None;
    // The times of the first rows are old.
    contract.columns.get_mut("joined").unwrap().max_age = None;
    for rows in [1, 2, 5, 12, 40, 99] {
        let mut broken = 0;
        for seed in 2..42 {
            let (_folder, _, table) = clean(rows, seed).read();
            broken += usize::from(!check(&table, &contract, NOW).unwrap().holds());
        }
        assert_eq!(broken, 0, "{rows} rows");
    }
    // What is wrong in nearly every row is no chance.
    let lost = clean(12, 2).edit("age", (0, 1), |_| String::new());
    let (_folder, _, table) = lost.read();
    let verdict = check(&table, &contract, NOW).unwrap();
    assert!(verdict.breaches.iter().any(|b| b.check == Check::Missing), "{verdict:?}");
}

#[test]
fn one_row_decides_nothing_and_that_is_told() {
    let one = clean(1, 1);
    let (_folder, _, table) = one.read();
    let types = BTreeMap::from([
        ("id".to_owned(), ruska::Kind::Identifier),
        ("age".to_owned(), ruska::Kind::Numeric),
        ("joined".to_owned(), ruska::Kind::Time),
    ]);
    let suggested = suggest(&table, None, &types, &BTreeSet::new(), NOW).unwrap();
    assert_eq!(suggested.caveats.len(), 1, "{:?}", suggested.caveats);
    assert!(suggested.caveats[0].contains("one row"), "{:?}", suggested.caveats);
    for (name, terms) in &suggested.contract.columns {
        assert_eq!((&terms.min, &terms.max, &terms.levels), (&None, &None, &None), "{name}");
        assert_ne!(terms.unique, Some(true), "{name}");
    }
    let contract = Contract::parse("c.toml", toml(&suggested, "t.csv").as_bytes()).unwrap();
    for seed in 2..6 {
        let verdict = clean(400, seed).checked(&contract);
        assert!(verdict.holds(), "{}", verdict.summary());
    }
    let blank = clean(300, 1).add("note", |_, _| String::new());
    let (_folder, _, table) = blank.read();
    let suggested = suggest(&table, None, &BTreeMap::new(), &BTreeSet::new(), NOW).unwrap();
    assert_eq!(suggested.caveats, ["nothing is promised of columns without any value: `note`"]);
}

#[test]
fn what_is_suggested_for_hostile_numbers_loads_and_holds() {
    let columns: [(&str, &[&str]); 8] = [
        ("both ends", &["1e308", "-1e308", "0", "1"]),
        ("one end", &["0", "1e308", "2", "3"]),
        ("greatest", &["1.7976931348623157e308", "-1.7976931348623157e308"]),
        ("one value", &["1e308"]),
        ("subnormal", &["5e-324", "1e-310", "-5e-324", "0"]),
        ("infinities", &["inf", "-inf", "1.5", "2.5", "Infinity"]),
        ("zeros", &["-0", "0", "0.0", "-0.0"]),
        ("close", &["1000000000000000.5", "1000000000000001", "1000000000000003"]),
    ];
    let mut all = clean(300, 11);
    for (name, values) in columns {
        all = all.add(name, |i, _| values[i % values.len()].to_owned());
    }
    let far = ["0001-01-01", "9999-12-31", "1970-01-01"];
    all = all.add("far", |i, _| far[i % far.len()].to_owned());
    let contract = all.contract();
    let verdict = all.checked(&contract);
    assert!(verdict.holds(), "{:#?}", verdict.breaches);
}
