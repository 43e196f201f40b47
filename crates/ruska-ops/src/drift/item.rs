//! What is asked of one column, and the answer.

use super::Options;
use super::compare::{Asked, Compared, DISTANCE, Pair, compare};
use super::verdict::{ColumnDrift, Side, State};
use ruska::Kind;

/// A column to be judged.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) what: What,
    /// Whether its missing values count.
    pub(super) missing: bool,
}

/// What there is of it.
pub(super) enum What {
    /// Both sides.
    Both(Pair),
    /// What it may have been before beside what it is now: it has not changed where it is as one of them.
    Either(Vec<Pair>),
    /// Both sides, of which only missing values can be compared, and why.
    Aside(Pair, &'static str),
    /// No values now that could be compared, and why; that is drift.
    Broken(String),
}

impl Item {
    /// Of a column that the table has.
    pub(super) fn new(name: &str, kind: Kind, what: What) -> Self {
        Self { name: name.to_owned(), kind, what, missing: true }
    }

    /// The answer, each effect being given the probability `a` of chance.
    pub(super) fn judged(&self, a: f64, options: &Options) -> ColumnDrift {
        let distance = options.thresholds.get(&self.name).copied().or(options.threshold);
        let distance = distance.unwrap_or(DISTANCE);
        let asked = |distribution| Asked { a, distance, distribution, missing: self.missing };
        match &self.what {
            What::Both(pair) => self.of(compare(pair, asked(true)), None),
            What::Either(pairs) => {
                let found = pairs.iter().map(|pair| compare(pair, asked(true)));
                // One of too few rows is nearest to nothing.
                let key = |found: &Compared| (found.too_few.is_some(), found.largest());
                let nearest = found.min_by(|a, b| {
                    let (a, b) = (key(a), key(b));
                    a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
                });
                self.of(nearest.unwrap_or_default(), None)
            }
            What::Aside(pair, why) => self.of(compare(pair, asked(false)), Some(why)),
            What::Broken(why) => {
                let found = Compared::default();
                ColumnDrift { state: State::Drift, why: why.clone(), ..self.of(found, None) }
            }
        }
    }

    fn of(&self, found: Compared, aside: Option<&'static str>) -> ColumnDrift {
        let drift = found.effects.iter().any(|effect| effect.drift);
        let (state, why) = match (found.too_few, aside) {
            _ if drift => (State::Drift, String::new()),
            (_, Some(why)) => (State::NotCompared, why.to_owned()),
            (Some(why), None) => (State::InsufficientData, why),
            (None, None) => (State::NoDrift, String::new()),
        };
        let (reference, current): (Side, Side) = found.sides;
        ColumnDrift {
            name: self.name.clone(),
            kind: self.kind,
            state,
            why,
            weight: None,
            reference,
            current,
            effects: found.effects,
            statistics: found.statistics,
            test: found.test,
            evidently: found.evidently,
            new_levels: found.new_levels,
        }
    }
}
