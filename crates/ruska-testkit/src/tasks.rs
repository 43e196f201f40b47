//! Synthetic tasks: pure functions of a seed and a few knobs.

use ruska_core::{Column, Field, Frame, Grouping, Kind, MISSING, NO_VALUE, Rng, Target, Task};
use std::sync::Arc;

/// A recipe for a task. The target follows a score that is a sum over the features, of which the
/// first numeric one counts most; classes are equally frequent ranges of the score.
#[derive(Clone, Debug)]
pub struct Recipe {
    seed: u64,
    classes: usize,
    groups: usize,
    rows: usize,
    numeric: usize,
    booleans: usize,
    levels: Vec<usize>,
    text: bool,
    times: bool,
    missing: f64,
    weighted: bool,
    noise: f64,
}

impl Recipe {
    fn new(seed: u64, classes: usize) -> Self {
        Self {
            seed,
            classes,
            groups: 0,
            rows: 90,
            numeric: 3,
            booleans: 0,
            levels: vec![],
            text: false,
            times: false,
            missing: 0.0,
            weighted: false,
            noise: 0.3,
        }
    }

    /// Two classes; 90 rows of three standard normal features and little noise, as all recipes.
    pub fn binary(seed: u64) -> Self {
        Self::new(seed, 2)
    }

    /// Several classes, at least 2.
    pub fn multiclass(classes: usize, seed: u64) -> Self {
        Self::new(seed, classes)
    }

    /// A positive number, about 30 ± 5.
    pub fn regression(seed: u64) -> Self {
        Self::new(seed, 0)
    }

    /// So many groups, at least 1, of rows one after the other, whose numeric features are far apart;
    /// nobody is told which row is of which.
    pub fn clustering(groups: usize, seed: u64) -> Self {
        Self { groups, ..Self::new(seed, 0) }
    }

    /// Number of rows, at least 1.
    #[must_use]
    pub fn rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// Number of numeric features `n0`, `n1`, ….
    #[must_use]
    pub fn numeric(self, numeric: usize) -> Self {
        Self { numeric, ..self }
    }

    /// Number of boolean features `b0`, `b1`, ….
    #[must_use]
    pub fn booleans(self, booleans: usize) -> Self {
        Self { booleans, ..self }
    }

    /// Categorical features `c0`, `c1`, … with that many levels each.
    #[must_use]
    pub fn levels(self, levels: &[usize]) -> Self {
        Self { levels: levels.to_vec(), ..self }
    }

    /// One free-text feature `text`.
    #[must_use]
    pub fn text(self) -> Self {
        Self { text: true, ..self }
    }

    /// One time feature `time`, an hour a row from 2024 on.
    #[must_use]
    pub fn times(self) -> Self {
        Self { times: true, ..self }
    }

    /// Share of cells of every feature that are missing, 0..1.
    #[must_use]
    pub fn missing(self, missing: f64) -> Self {
        Self { missing, ..self }
    }

    /// Row weights in 0.5..2.
    #[must_use]
    pub fn weighted(self) -> Self {
        Self { weighted: true, ..self }
    }

    /// Standard deviation of the noise on the score, which itself has about 2.
    #[must_use]
    pub fn noise(self, noise: f64) -> Self {
        Self { noise, ..self }
    }

    /// Every kind of column, with holes.
    #[must_use]
    pub fn mixed(self) -> Self {
        self.booleans(1).levels(&[3, 40]).text().times().missing(0.1)
    }

    /// What is asked, in words.
    pub fn title(&self) -> String {
        match self.classes {
            0 if self.groups > 0 => format!("{} groups", self.groups),
            0 => "regression".to_owned(),
            2 => "two classes".to_owned(),
            k => format!("{k} classes"),
        }
    }

    /// The task.
    pub fn build(&self) -> Task {
        let mut rng = Rng::new(self.seed);
        let mut score: Vec<f64> = (0..self.rows).map(|_| self.noise * rng.normal()).collect();
        let mut fields = vec![];
        for j in 0..self.numeric {
            let mut values: Vec<f64> = (0..self.rows).map(|_| rng.normal()).collect();
            for (row, value) in values.iter_mut().enumerate().filter(|_| self.groups > 0) {
                // Groups lie on a spiral, so that any two are apart in one feature or the other.
                let group = row * self.groups / self.rows;
                let at = group as f64 * std::f64::consts::TAU / self.groups as f64;
                *value += 8.0 * (at * (1 + j / 2) as f64 + [0.0, 1.5][j % 2]).sin();
            }
            let slope = [2.0, -1.5][j % 2] / (j / 2 + 1) as f64;
            score.iter_mut().zip(&values).for_each(|(s, v)| *s += slope * v);
            fields.push(Field::new(format!("n{j}"), Kind::Numeric, Column::float(values)));
        }
        for j in 0..self.booleans {
            let values: Vec<f64> = (0..self.rows).map(|_| rng.below(2) as f64).collect();
            score.iter_mut().zip(&values).for_each(|(s, v)| *s += v - 0.5);
            fields.push(Field::new(format!("b{j}"), Kind::Boolean, Column::float(values)));
        }
        for (j, &levels) in self.levels.iter().enumerate() {
            let effect: Vec<f64> = (0..levels).map(|_| rng.normal()).collect();
            let codes: Vec<u32> = (0..self.rows).map(|_| rng.below(levels) as u32).collect();
            score.iter_mut().zip(&codes).for_each(|(s, &c)| *s += effect[c as usize]);
            let labels = (0..levels).map(|l| format!("level {l:03}")).collect();
            fields.push(Field::new(
                format!("c{j}"),
                Kind::Categorical,
                Column::text(codes, labels),
            ));
        }
        if self.text {
            fields.push(text(&mut rng, &mut score));
        }
        if self.times {
            let start = 1_704_067_200_000;
            let times = (0..self.rows as i64).map(|r| start + r * 3_600_000).collect();
            fields.push(Field::new("time", Kind::Time, Column::Time(Arc::new(times))));
        }
        for field in &mut fields {
            punch(&mut field.column, self.missing, &mut rng);
        }
        let target =
            if self.groups > 0 { grouping(&fields, self.rows) } else { self.target(&score) };
        let x = Frame::with_rows(fields, self.rows).expect("columns of one length, distinct names");
        let task = Task::new(x, target).expect("a recipe makes valid targets");
        if !self.weighted {
            return task;
        }
        let weights = (0..self.rows).map(|_| 0.5 + 1.5 * rng.unit()).collect();
        task.with_weights(weights).expect("the weights are positive")
    }

    fn target(&self, score: &[f64]) -> Target {
        if self.classes == 0 {
            return Target::Values(Arc::new(score.iter().map(|s| 30.0 + 2.0 * s).collect()));
        }
        let mut order: Vec<usize> = (0..score.len()).collect();
        order.sort_by(|&a, &b| score[a].total_cmp(&score[b]));
        let mut codes = vec![0; score.len()];
        for (rank, row) in order.into_iter().enumerate() {
            codes[row] = (rank * self.classes / score.len()) as u32;
        }
        let classes = (0..self.classes).map(|c| format!("class {c}")).collect();
        Target::Classes { codes: Arc::new(codes), classes: Arc::new(classes), positive: 1 }
    }
}

/// The numeric features as points to judge groups by, missing ones as 0.
fn grouping(fields: &[Field], rows: usize) -> Target {
    let columns: Vec<&[f64]> = fields.iter().filter_map(Field::floats).collect();
    let known = |v: f64| if v.is_nan() { 0.0 } else { v };
    let row = |r: usize| columns.iter().map(move |c| known(c[r])).chain([0.0]);
    Target::Groups(Grouping {
        values: Arc::new((0..rows).flat_map(row).collect()),
        dims: columns.len() + 1,
        clusters: None,
        min_cluster_size: None,
    })
}

fn text(rng: &mut Rng, score: &mut [f64]) -> Field {
    const WORDS: [&str; 8] = ["the", "train", "was", "late", "and", "full", "again", "today"];
    let mut row = |score: &mut f64| {
        let mut words: Vec<&str> = (0..5).map(|_| WORDS[rng.below(WORDS.len())]).collect();
        let happy = rng.below(2) == 1;
        *score += if happy { 1.0 } else { -1.0 };
        words.push(if happy { "good" } else { "bad" });
        words.join(" ")
    };
    let texts: Vec<String> = score.iter_mut().map(&mut row).collect();
    Field::new("text", Kind::Text, Column::from_strings(texts.iter().map(Some)))
}

/// Makes a share of a column's cells missing.
fn punch(column: &mut Column, share: f64, rng: &mut Rng) {
    fn put<T: Copy>(values: &mut Arc<Vec<T>>, hole: T, share: f64, rng: &mut Rng) {
        for value in Arc::make_mut(values).iter_mut().filter(|_| rng.unit() < share) {
            *value = hole;
        }
    }
    match column {
        _ if share <= 0.0 => {}
        Column::Bool(v) => put(v, -1, share, rng),
        Column::Int(v) | Column::Time(v) => put(v, NO_VALUE, share, rng),
        Column::Float(v) => put(v, f64::NAN, share, rng),
        Column::Str(v) => put(&mut v.codes, MISSING, share, rng),
        Column::Sparse(_) => {}
    }
}

/// The column with every value missing; sparse blocks stay.
pub fn emptied(column: &Column) -> Column {
    let mut column = column.clone();
    punch(&mut column, 1.0, &mut Rng::new(0));
    column
}

/// Rows to train on and rows to test on: every third row is tested, so a class that stands in
/// sorted order is in both.
pub fn halves(rows: usize) -> (Vec<u32>, Vec<u32>) {
    (0..rows as u32).partition(|r| r % 3 != 2)
}

/// The task on other features.
pub fn with_features(task: &Task, fields: Vec<Field>) -> Task {
    let x = Frame::with_rows(fields, task.rows()).expect("columns of one length, distinct names");
    Task { x: x.with_origins(), ..task.clone() }
}

/// The task with each feature changed.
pub fn map_features(task: &Task, change: impl FnMut(&Field) -> Field) -> Task {
    with_features(task, task.x.fields().iter().map(change).collect())
}

/// The task with a constant, a duplicate and an all-missing column of each kind it has.
pub fn with_awkward_columns(task: &Task) -> Task {
    let mut fields = task.x.fields().to_vec();
    for field in task.x.fields() {
        let named = |suffix: &str, column| {
            Field::new(format!("{} {suffix}", field.name), field.kind, column)
        };
        let first = vec![0; task.rows()];
        fields.push(named("constant", field.column.take(&first)));
        fields.push(named("duplicate", field.column.clone()));
        fields.push(named("empty", emptied(&field.column)));
    }
    with_features(task, fields)
}

/// The task with its numeric columns, and the target of a regression, on scales of 1e12 and
/// 1e-12 in turn and far from zero.
pub fn with_huge_scales(task: &Task) -> Task {
    let mut tiny = true;
    let mut out = map_features(task, |field| {
        let Some(values) = field.floats().filter(|_| field.kind == Kind::Numeric) else {
            return field.clone();
        };
        tiny = !tiny;
        let scale = if tiny { 1e-12 } else { -1e12 };
        let column = Column::float(values.iter().map(|v| (v + 3.0) * scale).collect());
        Field { column, ..field.clone() }
    });
    if let Target::Values(y) = &task.target {
        out.target = Target::Values(Arc::new(y.iter().map(|y| y * 1e12).collect()));
    }
    out
}

/// The task with column names that are hard to print, quote or escape.
pub fn with_odd_names(task: &Task) -> Task {
    let odd = ["🦀 crab", "a\"b'c", "new\nline", "<script>alert(1)</script>", "", "naïve ünïcødé"];
    let mut i = 0;
    map_features(task, |field| {
        let round = "·".repeat(i / odd.len());
        i += 1;
        Field { name: format!("{}{round}", odd[(i - 1) % odd.len()]).into(), ..field.clone() }
    })
}

/// The rows of a classification task whose class `keep` accepts; all rows of another task.
pub fn rows_of_class(task: &Task, keep: impl Fn(u32) -> bool) -> Vec<u32> {
    let rows = 0..task.rows() as u32;
    match &task.target {
        Target::Classes { codes, .. } => rows.filter(|&r| keep(codes[r as usize])).collect(),
        Target::Values(_) | Target::Groups(_) | Target::Series(_) => rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn counts(task: &Task) -> Vec<usize> {
        let of = |c| rows_of_class(task, |k| k == c).len();
        (0..task.target.n_classes() as u32).map(of).collect()
    }

    #[test]
    fn equal_seeds_give_equal_tasks_and_others_differ() {
        let task = |seed| Recipe::regression(seed).build();
        assert_eq!(task(1).x, task(1).x);
        assert_eq!(task(1).target, task(1).target);
        assert_ne!(task(1).target, task(2).target);
    }

    #[test]
    fn classes_are_equally_frequent_down_to_one_row_each() {
        assert_eq!(counts(&Recipe::multiclass(5, 1).rows(100).build()), [20; 5]);
        assert_eq!(counts(&Recipe::binary(1).rows(2).build()), [1, 1]);
    }

    #[test]
    fn a_mixed_task_has_every_kind_of_column_and_holes_in_each() {
        let task = Recipe::binary(3).mixed().weighted().build();
        let meta = task.meta();
        assert_eq!((meta.numeric, meta.text, meta.time), (4, 1, 1));
        assert_eq!(meta.levels, [3, 40]);
        assert!(meta.weighted && (0.05..0.15).contains(&meta.missing_share));
        assert!(task.x.fields().iter().all(|f| f.column.missing() > 0));
    }

    #[test]
    fn awkward_columns_are_what_they_say() {
        let task = with_awkward_columns(&Recipe::binary(3).numeric(1).levels(&[3]).build());
        let column = |name: &str| &task.x.field(name).unwrap().column;
        assert_eq!(task.x.fields().len(), 8);
        assert_eq!(column("n0 duplicate"), column("n0"));
        assert_eq!(column("c0 empty").missing(), 90);
        let Column::Float(v) = column("n0 constant") else { panic!("numeric stays numeric") };
        assert!(v.iter().all(|x| *x == v[0]));
    }

    #[test]
    fn odd_names_stay_distinct() {
        let task = with_odd_names(&Recipe::regression(1).numeric(13).build());
        assert_eq!(task.x.fields()[12].name.as_ref(), "🦀 crab··");
    }
}
