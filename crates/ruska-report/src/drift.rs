//! Whether a table has drifted: the answer, what changed, and what that means for a model.

use crate::chart::{Bar, bars};
use crate::page::{Answer, Page, Part, Section};
use crate::table::{Cell, Table};
use crate::words::{counted, listed, plain, quoted};
use ruska::Kind;
use ruska::words::{file_name, percent};
use ruska_ops::drift::{ColumnDrift, Effect, Performance, State, Test, Verdict};

/// Columns named in an answer, and drawn.
const NAMED: usize = 3;
const DRAWN: usize = 20;
/// Levels named of a column.
const LEVELS: usize = 5;

/// Tells a verdict; `reference` and `current` are what the two sides are called.
pub fn drift(verdict: &Verdict, reference: &str, current: &str) -> Page {
    let [reference, current] = [reference, current].map(|name| quoted(file_name(name)));
    let what = if verdict.reference.kind == "model" { "training data of" } else { "table" };
    let mut sections = vec![
        Section { id: "changes", title: "What changed".to_owned(), parts: changes(verdict) },
        Section { id: "columns", title: "All columns".to_owned(), parts: columns(verdict) },
    ];
    if let Some(performance) = &verdict.performance {
        let parts = vec![Part::Table(expected(performance)), Part::Text(PROMISE.to_owned())];
        let title = "What the model is expected to achieve".to_owned();
        sections.push(Section { id: "performance", title, parts });
    }
    sections.push(Section {
        id: "measures",
        title: "How it was measured".to_owned(),
        parts: measures(verdict),
    });
    Page {
        title: format!("Has {current} drifted?"),
        subtitle: format!(
            "{} beside the {what} {reference}, {}",
            counted(verdict.rows, "row"),
            counted(verdict.reference.rows, "row")
        ),
        answers: answers(verdict),
        sections,
    }
}

/// What confidence-based estimation takes for granted.
const PROMISE: &str = "Estimated without labels: every row counts as a row of each class with the probability that \
    the model tells of it. That is right as far as these probabilities hold; where what the columns mean for the \
    target has changed, only labels can tell.";

fn answers(verdict: &Verdict) -> Vec<Answer> {
    let Verdict { drifted, compared, insufficient, .. } = verdict;
    let short = match verdict.verdict {
        State::Drift => "Yes.".to_owned(),
        State::NoDrift => "No.".to_owned(),
        State::InsufficientData | State::NotCompared => {
            "There are too few rows to tell.".to_owned()
        }
    };
    let mut more = vec![format!(
        "{drifted} of {} changed by more than chance gives.",
        counted(*compared, "column")
    )];
    if *insufficient > 0 {
        more.push(format!(
            "Of {} too few rows are there to tell.",
            counted(*insufficient, "column")
        ));
    }
    let mut answers = vec![Answer { question: "Has it drifted?".to_owned(), short, more }];
    let named: Vec<String> = verdict.drifted().take(NAMED).map(|c| quoted(&c.name)).collect();
    if !named.is_empty() {
        let all = verdict.drifted().count();
        let rest = all.saturating_sub(NAMED);
        let short = if rest == 0 {
            format!("{}.", listed(&named))
        } else {
            format!("{} and {rest} more.", named.join(", "))
        };
        let more: Vec<String> = verdict.drifted().take(NAMED).map(sentence).collect();
        answers.push(Answer { question: "What changed?".to_owned(), short, more });
    }
    answers.extend(verdict.weighted_share.map(|share| {
        let predictions = match verdict.predictions.iter().map(|c| c.state).min() {
            None => "What the model says could not be compared.",
            Some(State::Drift) => "What the model says has changed too.",
            Some(_) => "What the model says has not changed by more than chance gives.",
        };
        Answer {
            question: "Does it matter for the model?".to_owned(),
            short: format!(
                "{} of what moves its predictions is in drifted columns.",
                percent(share)
            ),
            more: vec![predictions.to_owned()],
        }
    }));
    answers
}

/// A drifted column in a sentence.
fn sentence(column: &ColumnDrift) -> String {
    let name = quoted(&column.name);
    let (before, now) = (&column.reference, &column.current);
    if !column.why.is_empty() {
        return format!("{name}: {}.", column.why);
    }
    match column.largest() {
        Some(e) if e.measure.starts_with("missing") => {
            let (before, now) = (percent(before.missing), percent(now.missing));
            format!("{name} has no value in {now} of rows, it was {before}.")
        }
        Some(e) if e.measure.starts_with("new_level") => {
            let levels: Vec<String> =
                column.new_levels.iter().take(LEVELS).map(|l| quoted(&l.level)).collect();
            format!("{name} has new values in {} of rows: {}.", percent(e.value), listed(&levels))
        }
        _ => match (before.mean, now.mean) {
            (Some(a), Some(b)) => {
                format!("{name} is {} on average, it was {}.", plain(b), plain(a))
            }
            _ => format!("The values of {name} are in other shares than before."),
        },
    }
}

fn changes(verdict: &Verdict) -> Vec<Part> {
    let all: Vec<&ColumnDrift> =
        verdict.target.iter().chain(&verdict.predictions).chain(&verdict.columns).collect();
    let ratio = |column: &&ColumnDrift| {
        let effect = column.largest()?;
        Some((column.name.clone(), effect.value / effect.limit().max(1e-12), *effect))
    };
    let mut sizes: Vec<(String, f64, Effect)> = all.iter().filter_map(ratio).collect();
    sizes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let bar = |(name, value, effect): (String, f64, Effect)| Bar {
        name,
        value,
        span: None,
        others: vec![],
        text: format!("{} {:.3} of {:.3}", measure(&effect), effect.value, effect.limit()),
    };
    let drawn: Vec<Bar> = sizes.into_iter().take(DRAWN).map(bar).collect();
    let mut parts = vec![];
    if !drawn.is_empty() {
        let title = "Size of the change over its limit; above 1 is drift";
        parts.push(Part::Pictures(vec![bars(title, drawn, true)]));
    }
    let found: Vec<String> = verdict.drifted().map(sentence).collect();
    parts.push(if found.is_empty() {
        Part::Text("Nothing changed by more than its limit.".to_owned())
    } else {
        Part::List(found)
    });
    let few = all.iter().filter(|c| c.state == State::InsufficientData);
    let few: Vec<String> = few.map(|c| format!("{}: {}", quoted(&c.name), c.why)).collect();
    if !few.is_empty() {
        parts.push(Part::Note("Too few rows to tell a change from chance:".to_owned()));
        parts.push(Part::List(few));
    }
    let aside = verdict.columns.iter().filter(|c| c.state == State::NotCompared);
    let aside: Vec<String> = aside.map(|c| format!("{} ({})", quoted(&c.name), c.why)).collect();
    if !aside.is_empty() {
        parts.push(Part::Text(format!("Not compared: {}.", listed(&aside))));
    }
    if let Some(why) = &verdict.without_predictions {
        parts.push(Part::Note(format!("Predictions were not compared: {why}.")));
    }
    if !verdict.new_columns.is_empty() {
        let names: Vec<String> = verdict.new_columns.iter().map(|name| quoted(name)).collect();
        parts.push(Part::Text(format!("New columns, which are not judged: {}.", listed(&names))));
    }
    parts
}

/// The name of a measure without whose definition it is.
fn measure(effect: &Effect) -> String {
    let name = effect.measure.split('/').next().unwrap_or(effect.measure);
    name.replace('_', " ")
}

fn columns(verdict: &Verdict) -> Vec<Part> {
    let header = [
        "column",
        "verdict",
        "measure",
        "size",
        "limit",
        "missing before, %",
        "missing now, %",
        "mean before",
        "mean now",
        "weight",
        "type",
        "threshold",
        "by chance",
        "p, adjusted",
        "why",
    ];
    let caption =
        "Every column, its largest effect first. The limit is the threshold or what chance gives.";
    let mut effects = Table::new("drift-columns", caption, &header);
    (effects.shown, effects.across) = (200, 10);
    let mut told: Vec<&ColumnDrift> =
        verdict.target.iter().chain(&verdict.predictions).chain(&verdict.columns).collect();
    told.sort_by_key(|column| column.state);
    told.iter().for_each(|column| effects.row(cells(column)));
    let mut all = Table::new(
        "drift-measures",
        "Every measure of every column.",
        &["column", "measure", "value"],
    );
    all.shown = 400;
    for column in told {
        let effects = column.effects.iter().map(|e| (e.measure, e.value));
        let told = column.statistics.iter().map(|s| (s.measure, s.value));
        let tests = column.test.iter().map(|t| (t.name, t.p));
        for (measure, value) in effects.chain(told).chain(tests) {
            let value = Cell::number(value, ruska::words::number(value));
            all.row([Cell::text(column.name.as_str()), Cell::text(measure), value]);
        }
    }
    vec![Part::Table(effects), Part::Table(all)]
}

/// The row of a column.
fn cells(column: &ColumnDrift) -> [Cell; 15] {
    let optional = |v: Option<f64>| v.map_or_else(Cell::none, |v| Cell::number(v, plain(v)));
    let effect = column.largest();
    let number = |of: fn(&Effect) -> f64| match effect {
        Some(effect) => Cell::number(of(effect), format!("{:.3}", of(effect))),
        None => Cell::none(),
    };
    let missing = |share: f64| Cell::number(100.0 * share, format!("{:.1}", 100.0 * share));
    let time = column.kind == Kind::Time;
    let p = |test: Test| Cell::number(test.p_adjusted, format!("{:.3}", test.p_adjusted));
    [
        Cell::text(column.name.as_str()),
        Cell::text(column.state.name()),
        effect.map_or_else(Cell::none, |e| Cell::text(e.measure)),
        number(|e| e.value),
        number(Effect::limit),
        missing(column.reference.missing),
        missing(column.current.missing),
        optional(column.reference.mean.filter(|_| !time)),
        optional(column.current.mean.filter(|_| !time)),
        column.weight.map_or_else(Cell::none, |w| Cell::number(w, percent(w))),
        Cell::text(column.kind.name()),
        number(|e| e.threshold),
        number(|e| e.by_chance),
        column.test.map_or_else(Cell::none, p),
        Cell::text(column.why.as_str()),
    ]
}

fn expected(performance: &Performance) -> Table {
    let caption = format!("Of {} without labels.", counted(performance.rows, "row"));
    let mut table =
        Table::new("drift-performance", &caption, &["metric", "expected now", "in training"]);
    for score in &performance.scores {
        let number = |v: f64| Cell::number(v, ruska::words::value(v));
        let before = score.in_training.map_or_else(Cell::none, number);
        table.row([Cell::text(score.metric.as_str()), number(score.expected), before]);
    }
    table
}

fn measures(verdict: &Verdict) -> Vec<Part> {
    let rule = format!(
        "A column has drifted where the size of a change is above its threshold and above what chance gives. All \
         columns together are above what chance gives with a probability of {} at most. p-values decide nothing: with \
         many rows they are small for changes of no consequence.",
        percent(verdict.significance)
    );
    let definition = |(name, text): (&&str, &&str)| format!("`{name}`: {text}");
    vec![Part::Text(rule), Part::List(verdict.definitions.iter().map(definition).collect())]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ruska::{Column, Field, Frame, Kind, ReadTable};
    use ruska_ops::drift::{Options, between};

    fn table(rows: usize, by: f64, level: &str) -> ReadTable {
        let values = (0..rows).map(|i| (i * 37 % rows) as f64 / rows as f64 + by).collect();
        let levels = (0..rows).map(|i| Some(if i % 3 == 0 { level } else { "<b>old</b>" }));
        let fields = vec![
            Field::new("amount <i>", Kind::Numeric, Column::float(values)),
            Field::new("shop", Kind::Categorical, Column::from_strings(levels.collect::<Vec<_>>())),
        ];
        ReadTable { frame: Frame::new(fields).unwrap(), findings: vec![], files: vec![] }
    }

    fn page(rows: usize, by: f64, level: &str) -> Page {
        let (reference, current) = (table(rows, 0.0, "a"), table(rows, by, level));
        let verdict = between(&reference, &current.frame, None, &Options::default()).unwrap();
        drift(&verdict, "in/last.csv", "in/today.csv")
    }

    #[test]
    fn the_answer_comes_first_and_names_are_no_markup() {
        let page = page(400, 0.5, "<script>");
        assert_eq!(
            (page.title.as_str(), page.answers[0].short.as_str()),
            ("Has `today.csv` drifted?", "Yes.")
        );
        assert!(page.answers[1].short.contains("`amount <i>`"), "{:?}", page.answers[1]);
        let html = page.html();
        assert!(
            html.contains("&lt;script&gt;")
                && !html.contains("<script>")
                && !html.contains("amount <i>")
        );
        assert!(html.contains("jensenshannon/evidently"));
        assert_eq!(page.tables().count(), 2);
    }

    #[test]
    fn quiet_and_small_tables_say_so() {
        assert_eq!(page(400, 0.0, "a").answers[0].short, "No.");
        assert_eq!(page(10, 0.0, "a").answers[0].short, "There are too few rows to tell.");
    }
}
