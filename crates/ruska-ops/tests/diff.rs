//! What is told of two models, against counting by hand.
#![allow(clippy::unwrap_used)]

use ruska::{AutoMl, Column, Field, Frame, Kind, Model, Rng, TaskKind};
use ruska_ops::diff::{
    Cost, Diff, Options, Profit, Quantity, Said, ThresholdSource, UsedBy, Values, check_output,
    diff, write,
};

fn frame(fields: Vec<(&str, Column)>) -> Frame {
    let field = |(name, column)| Field::new(name, Kind::Numeric, column);
    Frame::new(fields.into_iter().map(field).collect()).unwrap()
}

fn floats(rows: usize, of: impl Fn(usize) -> f64) -> Column {
    Column::float((0..rows).map(of).collect())
}

fn texts<'a>(rows: usize, of: impl Fn(usize) -> Option<&'a str>) -> Column {
    Column::from_strings((0..rows).map(of))
}

/// Pseudo-random but fixed numbers in 0..n.
fn scatter(row: usize, salt: usize, n: usize) -> usize {
    (row * 7919 + salt * 104_729 + row * row * 31) % 10_007 % n
}

fn contract(row: usize) -> &'static str {
    ["monthly", "yearly", "two years"][scatter(row, 3, 3)]
}

/// Whoever uses little churns; in the later table those with a monthly contract, too.
fn customers(rows: usize, later: bool) -> Frame {
    let use_of = |row| scatter(row, 1, 100) as f64;
    let churns = |row| {
        let noise = scatter(row, 2, 10) == 0;
        let leaves = use_of(row) < 40.0 || (later && contract(row) == "monthly");
        Some(if leaves == noise { "no" } else { "yes" })
    };
    frame(vec![
        ("use", floats(rows, use_of)),
        ("contract", texts(rows, |row| Some(contract(row)))),
        ("y", texts(rows, churns)),
    ])
}

fn classifier(table: &Frame, trials: u32) -> Model {
    AutoMl::classification("y").trials(trials).fit(table).unwrap().into_best()
}

fn regressor(table: &Frame, trials: u32) -> Model {
    AutoMl::regression("y").trials(trials).fit(table).unwrap().into_best()
}

fn without(table: &Frame, column: &str) -> Frame {
    table.select(|field| &*field.name != column)
}

fn compare(old: &Model, new: &Model, table: &Frame) -> Diff {
    diff(old, new, table, &Options::default()).unwrap()
}

fn refused(old: &Model, new: &Model, table: &Frame, options: Options) -> String {
    diff(old, new, table, &options).err().unwrap().to_string()
}

fn labels(table: &Frame) -> Vec<String> {
    let column = &table.field("y").unwrap().column;
    (0..table.rows()).map(|row| ruska::value_text(column, row).unwrap_or_default()).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
}

#[test]
fn decisions_are_counted_as_by_hand() {
    let (old, new) = (classifier(&customers(400, false), 3), classifier(&customers(400, true), 3));
    let table = customers(700, true);
    let report = compare(&old, &new, &table).report;
    let (a, b) = (old.predict(&table).unwrap(), new.predict(&table).unwrap());
    let truth = labels(&table);
    let (mut changed, mut better, mut worse, mut no_yes, mut sum, mut size) =
        (0, 0, 0, 0, 0.0, 0.0);
    let mut largest: (f64, usize) = (0.0, 0);
    for row in 0..700 {
        let (before, after) = (a.label(row), b.label(row));
        let change = b.numbers.row(row)[1] - a.numbers.row(row)[1];
        sum += change;
        size += change.abs();
        if change.abs() > largest.0.abs() {
            largest = (change, row + 1);
        }
        if before != after {
            changed += 1;
            better += usize::from(after == truth[row]);
            worse += usize::from(before == truth[row]);
            no_yes += usize::from(before == "no");
        }
    }
    assert!(changed > 50 && better > worse, "{changed} {better} {worse}");
    assert_eq!(
        (report.task, report.rows, report.changed),
        (TaskKind::Classification, 700, changed)
    );
    let labels = report.labels.as_ref().unwrap();
    assert_eq!((labels.rows, labels.changed, labels.missing), (700, changed, 0));
    assert_eq!((labels.better, labels.worse), (better, worse));
    assert!(close(report.share, changed as f64 / 700.0));
    let going = report.decisions.iter().find(|t| t.old == "no").unwrap();
    assert_eq!((going.new.as_str(), going.rows), ("yes", no_yes));
    assert_eq!(report.decisions.iter().map(|t| t.rows).sum::<usize>(), changed);
    assert_eq!(report.decisions.iter().map(|t| t.better.unwrap()).sum::<usize>(), better);
    assert_eq!(report.quantity, Quantity::ProbabilityOf("yes".into()));
    assert!(close(report.spread.mean, sum / 700.0));
    assert!(close(report.spread.mean_absolute, size / 700.0));
    assert_eq!((report.spread.largest, report.spread.largest_row), largest);
    assert!(report.spread.quantiles.windows(2).all(|w| w[0].value <= w[1].value));
    let accuracy = report.metrics.iter().find(|m| m.metric == "accuracy").unwrap();
    let gained = (better as f64 - worse as f64) / 700.0;
    assert!((accuracy.gain - gained).abs() < 1e-12, "{} {gained}", accuracy.gain);
    assert!(accuracy.low.unwrap() < gained && gained < accuracy.high.unwrap());
    let first = &report.metrics[0];
    assert_eq!((first.metric.as_str(), first.method), ("auc", Some("delong")));
    let logloss = report.metrics.iter().find(|m| m.metric == "logloss").unwrap();
    assert!(close(logloss.gain, logloss.old - logloss.new) && !logloss.higher_is_better);
    assert!(report.threshold.is_none() && report.relative.is_none() && report.money.is_none());
}

#[test]
fn the_column_that_changed_its_meaning_is_named_with_its_rows() {
    let (old, new) = (classifier(&customers(400, false), 3), classifier(&customers(400, true), 3));
    let table = customers(25_000, true);
    let done = compare(&old, &new, &table);
    let drivers = &done.report.drivers;
    assert_eq!((drivers.columns, drivers.rows), (2, 20_000));
    let first = &drivers.listed[0];
    assert_eq!((first.column.as_str(), first.used_by), ("contract", UsedBy::Both));
    assert!(first.explains > 0.3 && first.explains > drivers.chance, "{first:?}");
    let segment = first.segment.as_ref().unwrap();
    let levels = vec!["monthly".to_owned()];
    assert_eq!(segment.values, Values::Among { levels, missing: false, unseen: false });
    // The rows told are those of the whole table, not of the sample.
    let (a, b) = (old.predict(&table).unwrap(), new.predict(&table).unwrap());
    let rows: Vec<usize> = (0..25_000).filter(|row| contract(*row) == "monthly").collect();
    let change = |row: &usize| b.numbers.row(*row)[1] - a.numbers.row(*row)[1];
    assert_eq!(segment.rows, rows.len());
    assert!(close(segment.mean_change, rows.iter().map(change).sum::<f64>() / rows.len() as f64));
    let moved = rows.iter().filter(|row| a.label(**row) != b.label(**row)).count();
    assert_eq!((segment.changed, segment.better.is_some()), (moved, true));
}

#[test]
fn profit_is_that_of_every_row_at_each_models_decision() {
    let (old, new) = (classifier(&customers(400, false), 3), classifier(&customers(400, true), 3));
    let table = customers(500, true);
    let profit: Profit = "tp=100,fp=-20,fn=-50,tn=1".parse().unwrap();
    let options = Options { profit: Some(profit), ..Options::default() };
    let money = diff(&old, &new, &table, &options).unwrap().report.money.unwrap();
    let of = |model: &Model| {
        let said = model.predict(&table).unwrap();
        let worth =
            |(row, truth): (usize, &String)| match (said.label(row).as_str(), truth.as_str()) {
                ("yes", "yes") => 100.0,
                ("yes", _) => -20.0,
                (_, "yes") => -50.0,
                _ => 1.0,
            };
        labels(&table).iter().enumerate().map(worth).sum::<f64>() * 1000.0 / 500.0
    };
    assert!(close(money.old, of(&old)) && close(money.new, of(&new)), "{money:?}");
    assert!(close(money.gain, of(&new) - of(&old)));
    assert!(money.low.unwrap() < money.gain && money.gain < money.high.unwrap());
    assert_eq!(money.parts.iter().map(|p| p.old).sum::<f64>(), 500.0);
    assert_eq!(money.parts.iter().map(|p| p.new).sum::<f64>(), 500.0);
    let told = refused(&old, &new, &without(&table, "y"), options);
    assert!(
        told.contains("--profit needs to know what was true") && told.contains("`y`"),
        "{told}"
    );
    let cost = Options { cost: Some(Cost { over: 1.0, under: 1.0 }), ..Options::default() };
    assert!(refused(&old, &new, &table, cost).contains("use --profit"));
    let threshold = Options { threshold: Some(1.0), ..Options::default() };
    assert!(refused(&old, &new, &table, threshold).contains("is a class"));
}

/// `y` is 3·x, and 20 more in the later table where `shop` is b.
fn sales(rows: usize, later: bool) -> Frame {
    let x = |row| scatter(row, 5, 50) as f64;
    let shop = |row| ["a", "b"][scatter(row, 6, 2)];
    let more = |row| if later && shop(row) == "b" { 20.0 } else { 0.0 };
    frame(vec![
        ("x", floats(rows, x)),
        ("shop", texts(rows, |row| Some(shop(row)))),
        ("y", floats(rows, |row| 3.0 * x(row) + more(row) + scatter(row, 7, 9) as f64)),
    ])
}

#[test]
fn numbers_change_beyond_a_threshold() {
    let (old, new) = (regressor(&sales(300, false), 3), regressor(&sales(300, true), 3));
    let table = sales(400, true);
    let cost = Cost { over: 1.0, under: 3.0 };
    let options = Options { threshold: Some(4.0), cost: Some(cost), profit: None };
    let report = diff(&old, &new, &table, &options).unwrap().report;
    let (a, b) = (old.predict(&table).unwrap(), new.predict(&table).unwrap());
    let truth = table.field("y").unwrap().floats().unwrap();
    let (mut changed, mut better, mut costs, mut squares) = (0, 0, [0.0; 2], [0.0; 2]);
    for row in 0..400 {
        let said = [a.numbers.row(row)[0], b.numbers.row(row)[0]];
        if (said[1] - said[0]).abs() > 4.0 {
            changed += 1;
            better += usize::from((said[1] - truth[row]).abs() < (said[0] - truth[row]).abs());
        }
        for (side, said) in said.iter().enumerate() {
            let error = said - truth[row];
            costs[side] += if error > 0.0 { error } else { -3.0 * error };
            squares[side] += error * error;
        }
    }
    assert!(changed > 100 && changed < 400, "{changed}");
    assert_eq!((report.changed, report.labels.unwrap().better), (changed, better));
    assert_eq!(report.threshold.unwrap().source, ThresholdSource::Given);
    let money = report.money.unwrap();
    assert!(close(money.old, costs[0] * 2.5) && close(money.new, costs[1] * 2.5), "{money:?}");
    assert!(close(money.gain, (costs[0] - costs[1]) * 2.5));
    let rmse = report.metrics.iter().find(|m| m.metric == "rmse").unwrap();
    assert!((rmse.old - (squares[0] / 400.0).sqrt()).abs() < 1e-9);
    assert!(rmse.gain > 0.0 && rmse.low.unwrap() > 0.0);
    assert_eq!(report.drivers.listed[0].column, "shop");
    assert!(report.relative.unwrap().median > 0.0 && report.decisions.is_empty());
    let told = refused(
        &old,
        &new,
        &table,
        Options { profit: Some("tp=1,fp=1,fn=1,tn=1".parse().unwrap()), ..Options::default() },
    );
    assert!(told.contains("use --cost"), "{told}");
}

#[test]
fn the_usual_threshold_is_what_the_old_model_is_wrong_by() {
    let table = sales(300, false);
    let old = regressor(&table, 3);
    let report = compare(&old, &regressor(&sales(300, true), 3), &table).report;
    let threshold = report.threshold.unwrap();
    assert_eq!(threshold.source, ThresholdSource::OldErrors);
    let errors = &old.reference().errors;
    let below = errors.iter().filter(|e| e.abs() <= threshold.value).count();
    assert!((below as f64 / errors.len() as f64 - 0.5).abs() < 0.01, "{below}");
}

#[test]
fn equal_models_change_nothing() {
    let table = customers(200, true);
    let model = classifier(&table, 3);
    let again = classifier(&table, 3);
    let report = compare(&model, &again, &table).report;
    assert_eq!((report.changed, report.spread.largest, report.share), (0, 0.0, 0.0));
    assert!(report.decisions.is_empty() && report.largest.is_empty());
    assert!(report.drivers.listed.is_empty());
    for m in &report.metrics {
        assert_eq!((m.gain, m.low, m.high), (0.0, Some(0.0), Some(0.0)), "{}", m.metric);
    }
    let numbers = sales(200, false);
    let model = regressor(&numbers, 2);
    assert_eq!(compare(&model, &regressor(&numbers, 2), &numbers).report.changed, 0);
}

#[test]
fn classes_of_both_models_count() {
    let table = |labels: [&'static str; 3]| {
        frame(vec![
            ("x", floats(150, |row| (row % 3) as f64)),
            ("y", texts(150, move |row| Some(labels[row % 3]))),
        ])
    };
    let (old, new) =
        (classifier(&table(["a", "b", "a"]), 3), classifier(&table(["a", "b", "c"]), 3));
    let seen = table(["a", "b", "c"]);
    let report = compare(&old, &new, &seen).report;
    assert_eq!(report.quantity, Quantity::ProbabilityOfOldClass);
    assert_eq!((report.changed, report.decisions.len()), (50, 1));
    let moved = &report.decisions[0];
    assert_eq!((moved.old.as_str(), moved.new.as_str(), moved.better), ("a", "c", Some(50)));
    assert!(report.spread.largest < -0.5, "the old class loses its probability");
    assert_eq!(report.largest[0].truth, Some(Said::Class("c".into())));
    let told = refused(
        &old,
        &new,
        &seen,
        Options { profit: Some("tp=1,fp=1,fn=1,tn=1".parse().unwrap()), ..Options::default() },
    );
    assert!(told.contains("has 3"), "{told}");
    // A class that neither knows, and one that is missing.
    let strange = frame(vec![
        ("x", floats(3, |row| row as f64)),
        ("y", texts(3, |row| [Some("a"), Some("zebra"), None][row])),
    ]);
    let labels = compare(&old, &new, &strange).report.labels.unwrap();
    assert_eq!((labels.rows, labels.missing, labels.unknown), (1, 1, 1));
}

#[test]
fn without_labels_there_is_neither_better_nor_worse() {
    let (old, new) = (classifier(&customers(400, false), 3), classifier(&customers(400, true), 3));
    let table = customers(300, true);
    let whole = compare(&old, &new, &table).report;
    let bare = compare(&old, &new, &without(&table, "y")).report;
    assert_eq!((bare.changed, &bare.spread), (whole.changed, &whole.spread));
    assert!(bare.labels.is_none() && bare.metrics.is_empty() && bare.decisions[0].better.is_none());
    assert!(bare.largest.iter().all(|row| row.truth.is_none() && row.effect.is_none()));
    assert_eq!(bare.drivers.listed[0].column, "contract");
    let mut fields = without(&table, "y").fields().to_vec();
    fields.push(Field::new("y", Kind::Text, texts(300, |_| None)));
    let empty = compare(&old, &new, &Frame::new(fields.clone()).unwrap()).report;
    let labels = empty.labels.unwrap();
    assert_eq!((labels.rows, labels.missing, labels.better), (0, 300, 0));
    assert!(empty.metrics.is_empty());
    // Half of the rows with labels: they alone speak of better and worse.
    let truth = self::labels(&table);
    fields[2] =
        Field::new("y", Kind::Text, texts(300, |row| (row % 2 == 0).then(|| truth[row].as_str())));
    let half = compare(&old, &new, &Frame::new(fields).unwrap()).report;
    let labels = half.labels.unwrap();
    assert_eq!((labels.rows, labels.missing, half.changed), (150, 150, whole.changed));
    let known = |row: &usize| row.is_multiple_of(2);
    let (a, b) = (old.predict(&table).unwrap(), new.predict(&table).unwrap());
    let better = |row: &usize| a.label(*row) != b.label(*row) && b.label(*row) == truth[*row];
    assert_eq!(labels.better, (0..300).filter(known).filter(better).count());
}

#[test]
fn rows_that_a_model_has_learned_from_are_told() {
    let (first, second) = (customers(400, true), customers(800, true));
    let (old, new) = (classifier(&first, 3), classifier(&second, 3));
    let learned = compare(&old, &new, &second).report.labels.unwrap().learned;
    assert_eq!(learned.new, Some(800));
    assert!((400..800).contains(&learned.old.unwrap()), "{learned:?}");
    let rows: Vec<u32> = (0..400).collect();
    let fresh = sales(400, true).take(&rows);
    let other = regressor(&sales(200, false).take(&rows[..10]), 2);
    let learned = compare(&other, &other, &fresh).report.labels.unwrap().learned;
    assert!(learned.old.unwrap() < 100, "{learned:?}");
}

#[test]
fn one_row_is_enough_and_none_is_not() {
    let (old, new) = (classifier(&customers(400, false), 3), classifier(&customers(400, true), 3));
    let row = (0..400).find(|r| contract(*r) == "monthly" && scatter(*r, 1, 100) > 80).unwrap();
    let one = customers(400, true).take(&[row as u32]);
    let report = compare(&old, &new, &one).report;
    assert_eq!((report.rows, report.changed, report.largest[0].row), (1, 1, 1));
    assert!(report.drivers.listed.is_empty());
    assert!(report.metrics.iter().all(|m| m.low.is_none()), "one row has no interval");
    let told = refused(&old, &new, &one.take(&[]), Options::default());
    assert!(told.contains("no rows"), "{told}");
}

#[test]
fn a_missing_column_is_named_with_the_model_that_needs_it() {
    let table = customers(400, true);
    let (old, new) = (classifier(&table, 3), classifier(&without(&table, "contract"), 3));
    let told = refused(&old, &new, &without(&table, "contract"), Options::default());
    assert_eq!(told, "the old model: column `contract` is missing; the model needs it");
    let report = compare(&old, &new, &table).report;
    assert_eq!(report.drivers.old_only, ["contract"]);
    let first = &report.drivers.listed[0];
    assert_eq!((first.column.as_str(), first.used_by), ("contract", UsedBy::Old));
}

#[test]
fn models_of_different_questions_are_refused() {
    let (class, number) = (classifier(&customers(100, true), 2), regressor(&sales(100, true), 2));
    let told = refused(&class, &number, &customers(10, true), Options::default());
    assert_eq!(told, "one model predicts classification of `y`, another regression of `y`");
    let told = refused(&number, &class, &without(&customers(10, true), "y"), Options::default());
    assert!(told.starts_with("one model predicts regression of `y`"), "{told}");
}

#[test]
fn values_may_all_be_missing() {
    let (old, new) = (classifier(&customers(400, false), 3), classifier(&customers(400, true), 3));
    let table = frame(vec![
        ("use", floats(30, |_| f64::NAN)),
        ("contract", texts(30, |_| None)),
        ("y", texts(30, |_| None)),
    ]);
    let report = compare(&old, &new, &table).report;
    assert!(report.changed == 0 || report.changed == 30);
    assert!(report.drivers.listed.is_empty());
}

/// `y` follows the first column, in the later table the second.
fn wide(names: &[String], rows: usize, later: bool) -> Frame {
    let mut rng = Rng::new(7);
    let columns: Vec<Vec<f64>> =
        names.iter().map(|_| (0..rows).map(|_| rng.unit()).collect()).collect();
    let told = &columns[usize::from(later)];
    let y = texts(rows, |row| Some(if told[row] > 0.5 { "yes" } else { "no" }));
    let x = names.iter().zip(columns.clone());
    let mut fields: Vec<Field> =
        x.map(|(name, v)| Field::new(&**name, Kind::Numeric, Column::float(v))).collect();
    fields.push(Field::new("y", Kind::Text, y));
    Frame::new(fields).unwrap()
}

#[test]
fn the_true_columns_are_found_among_many_with_any_names() {
    let names: Vec<String> = (0..500).map(|c| format!("c{c}\u{1b}[31m\n\"")).collect();
    let (old, new) =
        (classifier(&wide(&names, 300, false), 3), classifier(&wide(&names, 300, true), 3));
    let drivers = compare(&old, &new, &wide(&names, 300, true)).report.drivers;
    assert_eq!(drivers.columns, 500);
    let listed: Vec<&String> = drivers.listed.iter().map(|d| &d.column).collect();
    assert!(listed.len() <= 10 && listed[..2].iter().all(|c| names[..2].contains(c)), "{listed:?}");
}

#[test]
fn every_row_can_be_written() {
    let (old, new) = (classifier(&customers(400, false), 3), classifier(&customers(400, true), 3));
    let table = customers(90, true);
    let done = compare(&old, &new, &table);
    let rows = done.table(&table, &["contract".to_owned()]).unwrap();
    let names: Vec<&str> = rows.fields().iter().map(|f| &*f.name).collect();
    assert_eq!(
        names,
        [
            "row",
            "contract",
            "old",
            "new",
            "old_proba_yes",
            "new_proba_yes",
            "difference",
            "changed",
            "effect"
        ]
    );
    let folder = tempfile::tempdir().unwrap();
    for name in ["rows.csv", "rows.parquet", "rows.xlsx"] {
        let path = folder.path().join(name).to_str().unwrap().to_owned();
        check_output(&path, &[]).unwrap();
        write(&path, &rows).unwrap();
        let back = ruska::read(&path).unwrap();
        let text = |name: &str, row| ruska::value_text(&back.field(name).unwrap().column, row);
        let (a, b) = (old.predict(&table).unwrap(), new.predict(&table).unwrap());
        let mut changed = 0;
        for row in 0..90 {
            assert_eq!(text("row", row), Some((row + 1).to_string()));
            assert_eq!(text("contract", row).as_deref(), Some(contract(row)));
            assert_eq!(
                (text("old", row), text("new", row)),
                (Some(a.label(row)), Some(b.label(row)))
            );
            let difference: f64 = text("difference", row).unwrap().parse().unwrap();
            assert!(close(difference, b.numbers.row(row)[1] - a.numbers.row(row)[1]));
            changed += usize::from(text("changed", row).as_deref() == Some("true"));
        }
        assert_eq!(changed, done.report.changed, "{name}");
        let told = check_output(&path, &["no such file", &path]).unwrap_err().to_string();
        assert!(told.contains("which is read"), "{told}");
    }
    let told = check_output("rows.docx", &[]).unwrap_err().to_string();
    assert!(told.contains("rows.docx") && told.contains(".parquet"), "{told}");
    let told = done.table(&table, &["contrct".to_owned()]).unwrap_err().to_string();
    assert!(told.contains("did you mean `contract`?"), "{told}");
    let mut fields = table.fields().to_vec();
    fields.push(Field::new("old", Kind::Numeric, floats(90, |row| row as f64)));
    let clash = Frame::new(fields).unwrap();
    let told = done.table(&clash, &["old".to_owned()]).unwrap_err().to_string();
    assert!(told.contains("`old`") && told.contains("already"), "{told}");
}
