//! The order of a model, found by itself.
//!
//! Differences by tests; then from a few models to neighbours whose criterion is lower (Hyndman and
//! Khandakar, 2008): one or two terms more or fewer, with and without the constant. Models whose
//! roots are near the circle are refused: they are unstable, or have two parts that cancel. For an
//! autoregression, near is what so many values cannot tell from the circle.

use super::Arima;
use super::differences::differenced;
use super::fit::{Differenced, Series, fit, polished};
use super::likelihood::Form;
use super::optimise::{Patience, minimise};
use super::order::{Degrees, Order};
use super::process::{Coefficients, Radii};
use super::start::adapted;
use super::stationarity::{differences, is_constant, is_strong_season};
use crate::{Progress, Stopped};

/// Seasons longer than this have no part of their own.
const LONGEST_SEASON: usize = 24;
/// Most terms of each kind.
const MOST_TERMS: usize = 5;
/// Most seasonal terms of each kind.
const MOST_SEASONAL: usize = 2;
/// Roots of a moving average nearer to 0 than this are refused.
const LEAST_MA_ROOT: f64 = 1.01;
/// Those of an autoregression nearer than 1 + this / √n, for `n` values or seasons.
const LEAST_AR_ROOT: f64 = 0.5;
/// A fit among others.
const QUICK: Patience = Patience { steps: 25, gain: 1e-3 };
/// Variances nearer to the last count as it, among others.
const TOLERANCE: f64 = 1e-5;
/// Values times length of the state up to which the likelihood is exact.
const EXACT_WORK: usize = 40_000;

/// How an order is sought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Values per season; below 2 and above 24 there is no seasonal part.
    pub period: usize,
    /// Whether to take seasonal differences; by the strength of the season where not said.
    pub seasonal_difference: Option<bool>,
    /// Most regular differences, at most 2. Where the second one is allowed, the growth itself may
    /// wander: forecasts of business series are worse for it, M3's by 1 to 4 %.
    pub differences: usize,
    /// Most models that are fitted, ≥ 1.
    pub models: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self { period: 1, seasonal_difference: None, differences: 1, models: 94 }
    }
}

impl Search {
    /// Finds an order and fits it. Values are as for [`Arima::fit`]. Where [`Progress::enough`] says
    /// so after a model, the best so far is the answer.
    pub fn fit(&self, values: &[f64], progress: &dyn Progress) -> Result<Arima, Stopped> {
        let series = Series::new(values);
        let base = self.base(&series);
        if base.within(values.len()) != base || is_plain(&series, &base) {
            return fit(values, &base, progress);
        }
        let mut walk = Walk::new(&series, base, self.models.max(1), progress);
        walk.go()?;
        walk.winner()
    }

    /// Differences and the constant.
    fn base(&self, series: &Series) -> Order {
        let seasonal = (2..=LONGEST_SEASON).contains(&self.period);
        let period = if seasonal { self.period } else { 1 };
        let x = &series.values;
        let enough = seasonal && x.len() > 2 * period;
        let strong = || is_strong_season(x, period);
        let season = usize::from(enough && self.seasonal_difference.unwrap_or_else(strong));
        let mut order = Order { seasonal: Degrees::new(0, season, 0), period, ..Order::default() };
        order.regular.difference = differences(&differenced(x, &order), self.differences.min(2));
        order.constant = order.regular.difference + season < 2;
        order
    }
}

/// Whether differences leave nothing, or too little, to find terms for.
fn is_plain(series: &Series, base: &Order) -> bool {
    let w = differenced(&series.values, base);
    let (least, most) = w.iter().fold((w[0], w[0]), |(a, b), v| (v.min(a), v.max(b)));
    is_constant(&w) || most - least < 1e-12
}

/// A model that was fitted.
struct Tried {
    order: Order,
    criterion: f64,
    partials: Vec<f64>,
}

/// From model to model.
struct Walk<'a> {
    series: &'a Series,
    base: Order,
    /// The differences with the constant, and without.
    differenced: [Differenced; 2],
    form: Form,
    most: Order,
    tried: Vec<Tried>,
    models: usize,
    /// Place of the best among those tried.
    best: usize,
    progress: &'a dyn Progress,
}

impl<'a> Walk<'a> {
    fn new(series: &'a Series, base: Order, models: usize, progress: &'a dyn Progress) -> Self {
        let n = series.values.len();
        let regular = MOST_TERMS.min(n / 3);
        let regular = if base.period > 1 { regular.min(base.period - 1) } else { regular };
        let seasonal = if base.period > 1 { MOST_SEASONAL.min(n / 3 / base.period) } else { 0 };
        let terms = |most| Degrees::new(most, 0, most);
        let most = Order { regular: terms(regular), seasonal: terms(seasonal), ..base };
        let work = n * (most.ar_lag() + 1);
        let exact = work <= EXACT_WORK;
        Self {
            series,
            base,
            differenced: [true, false].map(|constant| {
                let constant = constant && base.constant;
                Differenced::new(series, &Order { constant, ..base })
            }),
            form: if exact { Form::Exact(TOLERANCE) } else { Form::Conditional },
            most,
            tried: Vec::new(),
            models,
            best: 0,
            progress,
        }
    }

    fn go(&mut self) -> Result<(), Stopped> {
        let (p, s) = (self.most.regular.ar, self.most.seasonal.ar);
        let few = self.series.values.len() < 10;
        let start =
            if few { [p.min(1), p.min(1), 0, 0] } else { [p.min(2), p.min(2), s.min(1), s.min(1)] };
        let first = [
            (start, true),
            ([0, 0, 0, 0], true),
            ([p.min(1), 0, s.min(1), 0], true),
            ([0, p.min(1), 0, s.min(1)], true),
            ([0, 0, 0, 0], false),
        ];
        for (terms, constant) in first {
            self.try_one(terms, constant)?;
        }
        while self.improve()? {}
        Ok(())
    }

    /// Whether a neighbour of the best is better; the first such one is the best then.
    fn improve(&mut self) -> Result<bool, Stopped> {
        let best = &self.tried[self.best].order;
        let constant = best.constant;
        let at = [best.regular.ar, best.regular.ma, best.seasonal.ar, best.seasonal.ma];
        for (p, q, sp, sq) in NEIGHBOURS {
            let terms = at.iter().zip([p, q, sp, sq]).map(|(n, by)| n.checked_add_signed(by));
            let Some(terms) = terms.collect::<Option<Vec<usize>>>() else { continue };
            let before = self.best;
            self.try_one([terms[0], terms[1], terms[2], terms[3]], constant)?;
            if self.best != before {
                return Ok(true);
            }
        }
        let before = self.best;
        self.try_one(at, !constant)?;
        Ok(self.best != before)
    }

    /// Fits a model unless it was, is too large or nothing more may be fitted.
    fn try_one(&mut self, [p, q, sp, sq]: [usize; 4], constant: bool) -> Result<(), Stopped> {
        let order = Order {
            regular: Degrees::new(p, self.base.regular.difference, q),
            seasonal: Degrees::new(sp, self.base.seasonal.difference, sq),
            constant: constant && self.base.constant,
            ..self.base
        };
        let (regular, seasonal) = (self.most.regular.ar, self.most.seasonal.ar);
        let large = p.max(q) > regular || sp.max(sq) > seasonal;
        let known = self.tried.iter().any(|t| t.order == order);
        let done =
            self.tried.len() >= self.models || (!self.tried.is_empty() && self.progress.enough());
        if large || known || done {
            return Ok(());
        }
        let tried = self.fit(order)?;
        self.tried.push(tried);
        if self.tried[self.tried.len() - 1].criterion < self.tried[self.best].criterion {
            self.best = self.tried.len() - 1;
        }
        Ok(())
    }

    fn radii(&self) -> Radii {
        let n = self.series.values.len() as f64;
        let least = |n: f64| 1.0 + LEAST_AR_ROOT / n.sqrt();
        let seasonal_ar = least(n / self.base.period as f64);
        Radii { ar: least(n), seasonal_ar, ma: LEAST_MA_ROOT }
    }

    fn fit(&self, order: Order) -> Result<Tried, Stopped> {
        let differenced = &self.differenced[usize::from(!order.constant)];
        let mut likelihood = differenced.likelihood(order, self.form);
        let mut starts = differenced.guess.starts(&order, self.progress)?;
        if let Some(best) = self.tried.get(self.best) {
            starts.push(adapted(&best.partials, &best.order, &order));
        }
        let found = minimise(&mut likelihood, &starts, QUICK, self.progress)?;
        let n = differenced.len() as f64;
        let k = differenced.parameters(&order) as f64;
        let left = n - k - 1.0;
        let coefficients = Coefficients::of_partials(&order, &found.partials);
        let sound = left > 0.0 && coefficients.roots_beyond(&self.radii());
        let square = (found.sum / likelihood.count() as f64).max(f64::MIN_POSITIVE);
        let criterion = n * square.ln() + 2.0 * k + 2.0 * k * (k + 1.0) / left;
        let criterion = if sound { criterion } else { f64::INFINITY };
        Ok(Tried { order, criterion, partials: found.partials })
    }

    /// The best model, fitted well; the next best where its roots turn out bad.
    fn winner(mut self) -> Result<Arima, Stopped> {
        self.tried.sort_by(|a, b| a.criterion.total_cmp(&b.criterion));
        let (radii, mut first) = (self.radii(), None);
        for tried in self.tried.iter().take(3) {
            let differenced = &self.differenced[usize::from(!tried.order.constant)];
            let partials = tried.partials.clone();
            let model = polished(self.series, differenced, &tried.order, partials, self.progress)?;
            if model.parts().roots_beyond(&radii) {
                return Ok(model);
            }
            first.get_or_insert(model);
        }
        Ok(first.expect("a model was tried"))
    }
}

/// Terms more or fewer of each kind: regular and seasonal autoregression and moving average.
const NEIGHBOURS: [(isize, isize, isize, isize); 16] = [
    (0, 0, -1, 0),
    (0, 0, 0, -1),
    (0, 0, 1, 0),
    (0, 0, 0, 1),
    (0, 0, -1, -1),
    (0, 0, -1, 1),
    (0, 0, 1, -1),
    (0, 0, 1, 1),
    (-1, 0, 0, 0),
    (0, -1, 0, 0),
    (1, 0, 0, 0),
    (0, 1, 0, 0),
    (-1, -1, 0, 0),
    (-1, 1, 0, 0),
    (1, -1, 0, 0),
    (1, 1, 0, 0),
];
