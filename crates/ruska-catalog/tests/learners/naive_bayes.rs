use super::*;
use ruska_core::{MISSING, Sparse};

/// Rows as a sparse block.
fn block(rows: &[Vec<f64>]) -> Field {
    let mut block =
        Sparse { width: rows[0].len(), offsets: vec![0], indices: vec![], values: vec![] };
    for row in rows {
        for (j, &v) in row.iter().enumerate().filter(|(_, v)| **v != 0.0) {
            block.indices.push(j as u32);
            block.values.push(v);
        }
        block.offsets.push(block.indices.len());
    }
    Field::new("words", Kind::Numeric, Column::Sparse(Arc::new(block)))
}

/// Columns of codes as categories whose levels are not in order.
fn categories(rows: &[Vec<f64>]) -> Vec<Field> {
    let column =
        |j: usize| Column::from_strings(rows.iter().map(|r| Some(format!("level {}", r[j]))));
    (0..rows[0].len()).map(|j| Field::new(format!("c{j}"), Kind::Categorical, column(j))).collect()
}

fn plain() -> Params {
    [("calibrate".to_owned(), false.into())].into()
}

fn alpha(extra: &[(&str, &str)]) -> Params {
    let mut p = params([("alpha", 0.7.into()), ("calibrate", false.into())]);
    p.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))));
    p
}

#[test]
fn every_kind_of_column_equals_scikit_learn() {
    let r = reference();
    let (y, w) = (codes(&r["classes"], 3), numbers(&r["weights"]));
    let numeric = fields('x', &table(&r["x"]));
    let (words, levels) = (block(&table(&r["words"])), categories(&table(&r["levels"])));
    let flags = fields('f', &table(&r["flags"]));
    let check = |name: &str, fields: Vec<Field>, p: &Params| {
        let x = Frame::new(fields).unwrap();
        let got = fit("naive_bayes", p, &x, &y, Some(&w), &x);
        close(got.values(), &table(&r["naive_bayes"][name]).concat(), 1e-7);
    };
    check("gaussian", numeric.clone(), &plain());
    check("multinomial", vec![words.clone()], &alpha(&[("words", "counts")]));
    check("bernoulli", vec![words.clone()], &alpha(&[]));
    check("categorical", levels.clone(), &alpha(&[]));
    let mixed = [numeric, levels, vec![words], flags].concat();
    check("mixed", mixed, &alpha(&[("words", "counts")]));
}

#[test]
fn evidence_that_is_told_again_does_not_count_again() {
    let r = reference();
    let y = codes(&r["classes"], 3);
    let column = &fields('x', &table(&r["x"]))[0];
    let copies = |n: usize| {
        let copy =
            |i| Field::new(format!("{}{i}", column.name), column.kind, column.column.clone());
        Frame::new((0..n).map(copy).collect()).unwrap()
    };
    let of = |n, p: &Params| fit("naive_bayes", p, &copies(n), &y, None, &copies(n));
    let (some, more) = (of(4, &Params::new()), of(8, &Params::new()));
    close(some.values(), more.values(), 1e-5);
    let sure = |p: &Predictions| p.values().iter().copied().fold(0.0, f64::max);
    assert!(sure(&some) < sure(&of(4, &plain())));
}

#[test]
fn what_is_missing_or_new_says_nothing() {
    let y = classes([0, 0, 0, 1], 2);
    let number = |v: [f64; 4]| Field::new("n", Kind::Numeric, Column::float(v.to_vec()));
    let flag = |v: [f64; 4]| Field::new("f", Kind::Boolean, Column::float(v.to_vec()));
    let text = |v: [Option<&str>; 4]| Field::new("c", Kind::Categorical, Column::from_strings(v));
    let fields = [
        number([1.0, 2.0, 3.0, 9.0]),
        flag([0.0, 0.0, 1.0, 1.0]),
        text([Some("a"), Some("b"), Some("a"), Some("b")]),
    ];
    let x = Frame::new(fields.to_vec()).unwrap();
    let nan = f64::NAN;
    let Column::Str(unseen) = text([Some("z"); 4]).column else { unreachable!("text stays text") };
    let none = Column::text(vec![MISSING; 4], unseen.levels.to_vec());
    let none = Field::new("c", Kind::Categorical, none);
    for last in [text([Some("z"); 4]), none] {
        let empty = Frame::new(vec![number([nan; 4]), flag([nan; 4]), last]).unwrap();
        close(
            fit("naive_bayes", &Params::new(), &x, &y, None, &empty).row(0),
            &[0.75, 0.25],
            1e-12,
        );
    }
    // The numbers of one class may all be missing.
    let holes = Frame::new(vec![number([1.0, 2.0, 3.0, nan])]).unwrap();
    let got = fit("naive_bayes", &Params::new(), &holes, &y, None, &holes);
    close(got.row(3), &[0.75, 0.25], 1e-12);
}

#[test]
fn text_and_a_lost_category_are_refused_by_name() {
    let y = classes([0, 1], 2);
    let text = |kind| Field::new("city", kind, Column::from_strings([Some("a"), Some("b")]));
    let x = Frame::new(vec![text(Kind::Text)]).unwrap();
    let error = try_fit("naive_bayes", &Params::new(), &x, &y, None).err().unwrap().to_string();
    assert!(error.contains("`city`") && error.contains("text"), "{error}");
    let x = Frame::new(vec![text(Kind::Categorical)]).unwrap();
    let model = try_fit("naive_bayes", &Params::new(), &x, &y, None).unwrap();
    let none = Frame::with_rows(vec![], 2).unwrap();
    assert!(model.predict(&none, &[0]).unwrap_err().to_string().contains("`city`"));
}
