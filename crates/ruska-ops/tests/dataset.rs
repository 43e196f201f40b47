//! What a register of data promises: versions by bytes, exact statistics, nothing personal, lineage.
#![allow(clippy::unwrap_used, clippy::format_push_string, clippy::format_collect)]

use ruska::register::{DatasetColumn, DatasetVersion, Origin, Role, Stamp};
use ruska::{AutoMl, Digest, Kind, Model, ReadOptions, Store};
use ruska_ops::Error;
use ruska_ops::dataset::{
    Added, DatasetDiff, DatasetReference, FileState, add, diff, list, models, of_source, show,
};
use ruska_ops::register::{Promotion, promote, register};
use std::fs;
use std::path::PathBuf;

const ANN: Stamp<'static> = Stamp { at_ms: 7, actor: "ann" };

/// A folder with a store beside files.
struct Place {
    dir: tempfile::TempDir,
    store: Store,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        Self { dir, store }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file and gives its path.
    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn add(&self, name: &str, source: &str) -> Result<Added, Error> {
        add(&self.store, name, source, &ReadOptions::default(), ANN)
    }

    /// Writes a table and adds it.
    fn version(&self, name: &str, content: &str) -> DatasetVersion {
        let source = self.write(&format!("{name}.csv"), content);
        self.add(name, &source).unwrap().version
    }

    fn diff(&self, name: &str) -> DatasetDiff {
        diff(&self.store, &reference(name), None).unwrap()
    }

    fn state(&self, text: &str) -> FileState {
        show(&self.store, &reference(text)).unwrap().file
    }
}

fn reference(text: &str) -> DatasetReference {
    text.parse().unwrap()
}

fn column<'a>(version: &'a DatasetVersion, name: &str) -> &'a DatasetColumn {
    version.columns.iter().find(|c| c.name == name).unwrap()
}

#[track_caller]
fn refused<T>(result: Result<T, Error>, words: &[&str]) {
    let message = result.err().unwrap().to_string();
    assert!(words.iter().all(|w| message.contains(w)), "{message}");
}

#[test]
fn a_version_is_its_bytes() {
    let place = Place::new();
    let source = place.write("t.csv", "x,y\n1,a\n2,b\n3,a\n");
    let first = place.add("t", &source).unwrap();
    let version = &first.version;
    assert_eq!((version.version, first.new), (1, true));
    assert_eq!((version.rows, version.bytes), (3, 16));
    assert_eq!(version.digest, Digest::of(b"x,y\n1,a\n2,b\n3,a\n").to_string());
    assert_eq!(version.source, source);
    let again = place.add("t", &source).unwrap();
    assert_eq!((&again.version, again.new), (version, false));
    let elsewhere = place.write("copy.csv", fs::read(&source).unwrap());
    assert_eq!(place.add("t", &elsewhere).unwrap().version, *version);

    let second = place.version("t", "x,y\n1,a\n2,b\n3,a\n4,c\n");
    assert_eq!((second.version, second.rows), (2, 4));
    assert_ne!(second.fingerprint, version.fingerprint);
    let back = place.version("t", "x,y\n1,a\n2,b\n3,a\n");
    assert_eq!(back.version, 1, "bytes that come again are the version they were");
    let heads = list(&place.store, None).unwrap();
    let numbers: Vec<u32> = heads.iter().map(|h| h.version).collect();
    assert_eq!((numbers.as_slice(), heads[0].columns), (&[2, 1][..], 2));
    assert_eq!((heads[0].at_ms, heads[0].author.as_str()), (7, "ann"));
}

#[test]
fn statistics_are_those_of_all_rows() {
    let place = Place::new();
    let mut text = String::from("x,level,day,flag,few\n");
    // x is 0, …, 128 and twice missing; level is a in two thirds of 131 rows.
    for i in 0..131 {
        let x = if i < 129 { format!("{i}.0") } else { String::new() };
        let level = if i % 3 == 2 { "b" } else { "a" };
        let flag = if i % 4 == 0 { "yes" } else { "no" };
        text += &format!("{x},{level},2024-01-{:02},{flag},{}\n", i % 28 + 1, i % 3);
    }
    let version = place.version("t", &text);
    let x = column(&version, "x");
    assert_eq!((x.kind, x.missing, x.distinct), (Kind::Numeric, 2, 129));
    // Of 0, …, n − 1 the mean is (n − 1)/2, the variance n (n + 1)/12, quantile i/64 is 2 i.
    assert_eq!(x.mean, Some(64.0));
    assert!((x.sd.unwrap().powi(2) - 129.0 * 130.0 / 12.0).abs() < 1e-9);
    assert!((0..65).all(|i| x.quantiles[i] == 2.0 * i as f64), "{:?}", x.quantiles);
    assert!(x.levels.is_empty(), "more values than are listed");
    let level = column(&version, "level");
    assert_eq!((level.kind, level.distinct, level.mean), (Kind::Categorical, 2, None));
    assert_eq!(level.levels, [("a".to_owned(), 88), ("b".to_owned(), 43)]);
    let flag = column(&version, "flag");
    assert_eq!((flag.kind, flag.mean), (Kind::Boolean, Some(33.0 / 131.0)));
    assert_eq!(flag.levels, [("0".to_owned(), 98), ("1".to_owned(), 33)]);
    let day = column(&version, "day");
    assert_eq!((day.kind, day.mean, day.distinct), (Kind::Time, None, 28));
    let first = 1_704_067_200_000.0; // 2024-01-01 UTC
    assert_eq!((day.quantiles[0], day.quantiles[64]), (first, first + 27.0 * 86_400_000.0));
    let few = column(&version, "few");
    assert_eq!(few.levels.iter().map(|(_, n)| n).sum::<u64>(), 131);
    assert_eq!(few.levels[0], ("0".to_owned(), 44));
}

#[test]
fn nothing_personal_is_kept() {
    let place = Place::new();
    let mut text = String::from("customer_id,mail,note,city,age\n");
    for i in 0..60 {
        let note = format!("customer {i} called about canary{i} and will call again soon");
        let city = if i == 30 { "canaryville" } else { "Bern" };
        text += &format!("canary-{i:04},canary{i}@example.org,{note},{city},{}\n", 20 + i % 40);
    }
    let people = place.version("people", &text);
    let few = "name,sum\nCanary Smith,1\nJohn Canary,2\nEve Canary,3\n";
    let few = place.version("few", few);
    for version in [&people, &few] {
        let kept = serde_json::to_string(version).unwrap().to_lowercase();
        assert!(!kept.contains("canary"), "{kept}");
    }
    let kinds = ["customer_id", "mail", "note"].map(|name| column(&people, name).kind);
    assert_eq!(kinds, [Kind::Identifier, Kind::Identifier, Kind::Text]);
    assert_eq!(column(&people, "mail").distinct, 60);
    assert_eq!(column(&people, "city").levels, [("Bern".to_owned(), 59)]);
    // Names of accounts stay names when they come again.
    let row = |i: usize| format!("CANARY{i},canary{}@example.org,{}\n", i % 30, i % 3);
    let text: String = (0..900).map(|i| row(i % 300)).collect();
    let again = place.version("again", &format!("customer_id,mail,x\n{text}"));
    let kept = serde_json::to_string(&again).unwrap().to_lowercase();
    assert!(!kept.contains("canary"), "{kept}");
    let kinds = ["customer_id", "mail"].map(|name| column(&again, name).kind);
    assert_eq!(kinds, [Kind::Categorical; 2]);
    let numbers: String = (0..40).map(|i| format!("{},{}\n", 900_000 + 7 * i, i % 5)).collect();
    let numbered = place.version("numbered", &format!("account_id,x\n{numbers}"));
    let id = column(&numbered, "account_id");
    assert_eq!((id.kind, id.distinct), (Kind::Identifier, 40));
    assert!(id.mean.is_none() && id.quantiles.is_empty() && id.levels.is_empty());
}

#[test]
fn several_files_are_one_dataset_in_the_order_of_their_names() {
    let place = Place::new();
    place.write("in/b.csv", "x\n3\n4\n");
    place.write("in/a.csv", "x\n1\n2\n");
    place.write("in/notes.md", "left alone");
    let folder = place.path("in").display().to_string();
    let glob = place.path("in/*.csv").display().to_string();
    let first = place.add("t", &folder).unwrap().version;
    assert_eq!((first.rows, first.bytes, &first.source), (4, 12, &folder));
    let hashes = ["x\n1\n2\n", "x\n3\n4\n"].map(|t| Digest::of(t.as_bytes()));
    let joined: Vec<u8> = hashes.iter().flat_map(|h| *h.bytes()).collect();
    assert_eq!(first.digest, Digest::of(&joined).to_string());
    assert_eq!(place.add("t", &glob).unwrap().version, first);
    assert_eq!(place.state("t"), FileState::Unchanged);
    // The same bytes cut elsewhere are other files.
    place.write("cut/a.csv", "x\n1\n");
    place.write("cut/b.csv", "x\n2\n3\n4\n");
    let cut = place.add("cut", &place.path("cut").display().to_string()).unwrap().version;
    assert_ne!(cut.digest, first.digest);
    assert_eq!(cut.fingerprint, first.fingerprint, "the table is the same");
    place.write("in/c.csv", "x\n5\n");
    assert_eq!(place.state("t"), FileState::Changed);
    assert_eq!(place.add("t", &glob).unwrap().version.rows, 5);
}

#[test]
fn what_cannot_be_read_or_named_is_refused_and_nothing_is_kept() {
    let place = Place::new();
    let good = place.write("t.csv", "x\n1\n2\n");
    for name in ["", "../x", "a/b", ".hidden", "a:1", "a@b", "ü", "a b", &"a".repeat(101)] {
        let error = place.add(name, &good).unwrap_err();
        assert!(error.is_usage(), "{error}");
        assert!(error.to_string().contains("name of a dataset"), "{error}");
    }
    refused(place.add("t", "-"), &["standard input", "write it to a file"]);
    refused(place.add("t", &place.write("empty.csv", "")), &["empty.csv", "empty"]);
    refused(place.add("t", &place.write("header.csv", "x,y\n")), &["header.csv", "no row"]);
    refused(place.add("t", &place.path("none.csv").display().to_string()), &["none.csv"]);
    refused(place.add("t", &place.path("none*.csv").display().to_string()), &["no file"]);
    refused(place.add("t", &place.write("t.doc", "x")), &["t.doc", "format"]);
    assert!(list(&place.store, None).unwrap().is_empty());
    refused(list(&place.store, Some("t")), &["no dataset `t`", "ruska dataset add t FILE"]);
    place.add("churn", &good).unwrap();
    refused(list(&place.store, Some("chrun")), &["did you mean `churn`"]);
    refused(show(&place.store, &reference("churn:2")), &["churn:2", "the last version is churn:1"]);
}

#[test]
fn bytes_read_in_two_ways_are_not_one_version() {
    let place = Place::new();
    let source = place.write("t.csv", "a,b;c\n1,2;3\n4,5;6\n7,8;9\n");
    let read = |delimiter: u8| {
        let options = ReadOptions { delimiter: Some(delimiter), ..ReadOptions::default() };
        add(&place.store, "t", &source, &options, ANN)
    };
    let first = read(b',').unwrap().version;
    assert_eq!(first.reading.get("delimiter").map(String::as_str), Some(","));
    assert!(!read(b',').unwrap().new);
    refused(read(b';'), &["t:1 holds these bytes", "delimiter `,`", "another name"]);
    fs::write(&source, "a,b\n1,2\n").unwrap();
    let note = of_source(&place.store, &source).unwrap()[0].note().unwrap();
    assert!(note.ends_with(&format!("ruska dataset add t {source} --delimiter ,")), "{note}");
}

#[test]
fn shapes_at_the_edge_are_described() {
    let place = Place::new();
    let one = place.version("one", "a,b\n5,x\n");
    assert_eq!((one.rows, column(&one, "a").quantiles[0]), (1, 5.0));
    assert_eq!((column(&one, "a").mean, column(&one, "a").sd), (Some(5.0), None));
    assert!(column(&one, "b").levels.is_empty());
    let none = place.version("none", "a,🦀 b,c\n1,,NA\n2,,\n3,,NA\n");
    let crab = column(&none, "🦀 b");
    assert_eq!((crab.kind, crab.missing, crab.distinct), (Kind::Ignored, 3, 0));
    assert_eq!((crab.mean, crab.quantiles.len(), crab.levels.len()), (None, 0, 0));
    let names: Vec<String> = (0..5000).map(|i| format!("c{i}")).collect();
    let row = |r: usize| (0..5000).map(|i| ((i * r) % 7).to_string()).collect::<Vec<_>>().join(",");
    let text = |rows: &[usize]| {
        let rows: Vec<String> = rows.iter().map(|r| row(*r)).collect();
        format!("{}\n{}\n", names.join(","), rows.join("\n"))
    };
    let wide = place.version("wide", &text(&[1, 2, 3, 4, 5]));
    assert_eq!(wide.columns.len(), 5000);
    place.version("wide", &text(&[1, 2, 3, 4, 5, 6]));
    assert_eq!(place.diff("wide").columns.len(), 5000);
    let huge = place.version("huge", "x\n1e308\n1.7e308\n-1e308\n");
    assert!(column(&huge, "x").mean.is_some_and(f64::is_finite));
    let far = place.version("far", "x\n9007199254740993\n9007199254740992\n9007199254740993\n1\n");
    assert_eq!(column(&far, "x").distinct, 3, "whole numbers beyond 2^53 are told apart");
}

#[test]
fn data_in_use_is_compared_with_what_was_registered() {
    let place = Place::new();
    let (old, new) = ("x\n1\n2\n", "x\n1\n2\n3\n");
    let source = place.write("t.csv", old);
    assert!(of_source(&place.store, &source).unwrap().is_empty());
    place.add("t", &source).unwrap();
    place.version("t", new);
    let used = |source: &str| {
        let used = of_source(&place.store, source).unwrap();
        used.into_iter().map(|u| (u.name.clone(), u.version.version, u.file)).collect::<Vec<_>>()
    };
    let is = |file| vec![("t".to_owned(), 2, file)];
    assert_eq!(used(&source), is(FileState::Unchanged));
    fs::create_dir(place.path("sub")).unwrap();
    let round_about = place.path("sub/../t.csv").display().to_string();
    assert_eq!(used(&round_about), is(FileState::Unchanged));
    assert!(used(&place.write("other.csv", old)).is_empty(), "another place is another source");
    assert!(used("-").is_empty());
    fs::write(&source, old).unwrap();
    assert_eq!(used(&source), is(FileState::Other { version: 1 }));
    assert_eq!(
        (place.state("t:1"), place.state("t:2")),
        (FileState::Unchanged, FileState::Other { version: 1 })
    );
    fs::write(&source, "x\n7\n8\n").unwrap();
    assert_eq!(used(&source), is(FileState::Changed));
    let note = of_source(&place.store, &source).unwrap()[0].note().unwrap();
    assert!(note.contains("changed since t:2"), "{note}");
    assert!(note.ends_with(&format!("ruska dataset add t {source}")), "{note}");
    fs::remove_file(&source).unwrap();
    assert_eq!(used(&source), is(FileState::Gone));
    // A dataset that goes on elsewhere has left its first place.
    place.add("t", &place.write("moved.csv", "x\n9\n1\n")).unwrap();
    assert!(used(&source).is_empty());
}

/// A table whose target follows from `x`, shifted a little.
fn labelled(shift: usize) -> String {
    let row = |i: usize| {
        format!("{},{}\n", (i * 37 + shift) % 100, if i.is_multiple_of(3) { "no" } else { "yes" })
    };
    format!("x,y\n{}", (0..60).map(row).collect::<String>())
}

fn fitted(source: &str, seed: u64) -> Model {
    let search = AutoMl::classification("y").trials(1).seed(seed).data(source);
    search.run().unwrap().into_best()
}

#[test]
fn models_are_found_whether_registered_before_or_after_the_data() {
    let place = Place::new();
    let source = place.write("t.csv", labelled(0));
    let enter = |name: &str, model: &Model, dataset: Option<(String, u32)>| {
        register(&place.store, name, model, Origin::Registered, dataset, ANN).unwrap().0
    };
    assert_eq!(enter("before", &fitted(&source, 1), None).dataset, None);
    place.add("data", &source).unwrap();
    let linked = enter("after", &fitted(&source, 2), None);
    assert_eq!(linked.dataset, Some(("data".to_owned(), 1)));
    // A part of the rows has a fingerprint of its own; whoever fits it says where it is from.
    let part = fitted(&place.write("part.csv", labelled(1)), 3);
    enter("part", &part, Some(("data".to_owned(), 1)));
    let other = fitted(&place.write("other.csv", labelled(2)), 4);
    enter("other", &other, None);
    let names = |text: &str| -> Vec<String> {
        let found = models(&place.store, &reference(text)).unwrap();
        found.iter().map(|l| format!("{}:{}", l.name, l.version.version)).collect()
    };
    assert_eq!(names("data:1"), ["after:1", "before:1", "part:1"]);
    let promotion =
        Promotion { environment: "dev", role: Role::Champion, weight: None, reason: "" };
    promote(&place.store, &"after:1".parse().unwrap(), &promotion, ANN).unwrap();
    let shown = show(&place.store, &reference("data")).unwrap();
    assert_eq!(shown.models[0].stands_in, ["lab", "dev"]);
    fs::write(&source, labelled(2)).unwrap();
    place.add("data", &source).unwrap();
    assert_eq!(names("data"), ["other:1"]);
    assert_eq!(names("data:1").len(), 3);
}

#[test]
fn a_diff_tells_columns_types_and_distributions() {
    let place = Place::new();
    let table = |n: usize, shift: usize, levels: &[&str], extra: &str, id: &str| {
        let mut text = format!("steady,moved,level,kind,{extra}\n");
        for i in 0..n {
            let level = levels[i % levels.len()];
            text +=
                &format!("{},{}.5,{level},{id}{},{}\n", i % 10, i * 7 % 500 + shift, i % 7, i % 2);
        }
        text
    };
    place.version("t", &table(1000, 0, &["a", "b", "c"], "old", ""));
    refused(diff(&place.store, &reference("t"), None), &["no version before t:1"]);
    place.version("t", &table(1200, 200, &["a", "b", "d"], "new", "z"));
    let diff = place.diff("t");
    assert_eq!((diff.left.version, diff.right.version), (1, 2));
    assert_eq!((diff.added[0].name.as_str(), diff.removed[0].name.as_str()), ("new", "old"));
    let order: Vec<&str> = diff.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(order, ["kind", "moved", "level", "steady"]);
    let [kind, moved, level, steady] = diff.columns.as_slice() else { panic!("{order:?}") };
    assert_eq!((kind.left.kind, kind.right.kind), (Kind::Numeric, Kind::Categorical));
    assert!(kind.changed && kind.distance.is_none());
    // c gives way to d: of thirds, one is in each alone. The distance is √(1/3).
    assert!((level.distance.unwrap() - (1.0 / 3.0f64).sqrt()).abs() < 0.01);
    assert_eq!(
        (&level.new_levels[0].level, &level.vanished_levels[0].level),
        (&"d".into(), &"c".into())
    );
    assert!((level.new_levels[0].share - 1.0 / 3.0).abs() < 0.01);
    // Numbers even over 0 … 500 went up by 200: two fifths are in each alone, and their deviation is
    // 500/√12.
    assert!((moved.distance.unwrap() - 0.4f64.sqrt()).abs() < 0.03, "{:?}", moved.distance);
    let expected = 200.0 / (500.0 / 12f64.sqrt());
    assert!((moved.shift.unwrap() - expected).abs() < 0.02, "{:?}", moved.shift);
    assert!(moved.changed && !steady.changed && diff.changed == 3);
    assert!(steady.distance.unwrap() < 1e-9 && steady.shift.unwrap() < 1e-9);
    let same = place.diff("t:2");
    assert_eq!(same.columns, diff.columns);
    let one = reference("t:1");
    let none = ruska_ops::dataset::diff(&place.store, &one, Some(&one)).unwrap();
    assert_eq!((none.changed, none.added.len()), (0, 0));
}
