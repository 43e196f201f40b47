//! Declared search spaces: printable and checkable before anything runs.

use crate::Rng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One value of a parameter.
#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite real number.
    Float(f64),
    /// A name.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            Self::Float(v) if *v != 0.0 && !(1e-3..1e5).contains(&v.abs()) => write!(f, "{v:.3e}"),
            Self::Float(v) => {
                let digits = format!("{v:.4}");
                f.write_str(digits.trim_end_matches('0').trim_end_matches('.'))
            }
            Self::Text(v) => f.write_str(v),
        }
    }
}

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Bool(v)
    }
}

impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}

impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Self::Float(v)
    }
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}

/// Parameters by name. What is not named has its default.
pub type Params = BTreeMap<String, Value>;

/// The values a parameter may take; both ends included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// Real numbers.
    Float {
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
        /// Uniform in the logarithm; `low` > 0.
        log: bool,
    },
    /// Whole numbers.
    Int {
        /// Least value.
        low: i64,
        /// Greatest value.
        high: i64,
        /// Uniform in the logarithm; `low` > 0.
        log: bool,
    },
    /// One of a list, not empty.
    Choice(Vec<Value>),
    /// Yes or no.
    Bool,
}

impl Domain {
    /// Whether a value lies inside.
    pub fn contains(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Float { low, high, .. }, Value::Float(v)) => (low..=high).contains(&v),
            (Self::Int { low, high, .. }, Value::Int(v)) => (low..=high).contains(&v),
            (Self::Choice(list), v) => list.contains(v),
            (Self::Bool, Value::Bool(_)) => true,
            _ => false,
        }
    }

    /// A value drawn uniformly, in the logarithm where declared.
    pub fn sample(&self, rng: &mut Rng) -> Value {
        self.at(rng.unit())
    }

    /// The value at a place, 0 ≤ `u` ≤ 1: uniform places give uniform values, in the logarithm where
    /// declared.
    pub fn at(&self, u: f64) -> Value {
        let below = |n: usize| ((u * n as f64) as usize).min(n - 1);
        match self {
            Self::Float { low, high, log } => {
                let v = if *log {
                    (low.ln() + u * (high / low).ln()).exp()
                } else {
                    low + u * (high - low)
                };
                Value::Float(v.clamp(*low, *high))
            }
            Self::Int { low, high, log: false } => {
                Value::Int(low + below((high - low) as usize + 1) as i64)
            }
            Self::Int { low, high, log: true } => {
                let (a, b) = (*low as f64, *high as f64 + 1.0);
                let v = (a.ln() + u * (b / a).ln()).exp();
                Value::Int((v as i64).clamp(*low, *high))
            }
            Self::Choice(list) => list[below(list.len())].clone(),
            Self::Bool => Value::Bool(below(2) == 1),
        }
    }

    /// The place of a value, the middle of the places that give it; `None` where it lies outside.
    pub fn place(&self, value: &Value) -> Option<f64> {
        let part = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.5 };
        let u = match (self, value) {
            (Self::Float { low, high, log: true }, Value::Float(v)) => {
                part((v / low).ln(), (high / low).ln())
            }
            (Self::Float { low, high, .. }, Value::Float(v)) => part(v - low, high - low),
            (Self::Int { low, high, log: true }, Value::Int(v)) => {
                let (a, b) = (*low as f64, *high as f64 + 1.0);
                part(((*v as f64 + 0.5) / a).ln(), (b / a).ln())
            }
            (Self::Int { low, high, .. }, Value::Int(v)) => {
                part((v - low) as f64 + 0.5, (high - low) as f64 + 1.0)
            }
            (Self::Choice(list), v) => {
                part(list.iter().position(|c| c == v)? as f64 + 0.5, list.len() as f64)
            }
            (Self::Bool, Value::Bool(v)) => part(f64::from(u8::from(*v)) + 0.5, 2.0),
            _ => return None,
        };
        (0.0..=1.0).contains(&u).then_some(u)
    }

    /// The value inside that is nearest to one wanted; `None` where nothing is near, such as another
    /// choice.
    pub fn nearest(&self, wanted: &Value) -> Option<Value> {
        let number = match wanted {
            Value::Int(v) => Some(*v as f64),
            Value::Float(v) => Some(*v).filter(|v| v.is_finite()),
            _ => None,
        };
        match (self, number) {
            (Self::Float { low, high, .. }, Some(v)) => Some(Value::Float(v.clamp(*low, *high))),
            (Self::Int { low, high, .. }, Some(v)) => {
                Some(Value::Int((v.round() as i64).clamp(*low, *high)))
            }
            _ => Some(wanted.clone()).filter(|v| self.contains(v)),
        }
    }

    /// The extreme values: both ends, or every choice.
    pub fn extremes(&self) -> Vec<Value> {
        match self {
            Self::Float { low, high, .. } => vec![Value::Float(*low), Value::Float(*high)],
            Self::Int { low, high, .. } => vec![Value::Int(*low), Value::Int(*high)],
            Self::Choice(list) => list.clone(),
            Self::Bool => vec![Value::Bool(false), Value::Bool(true)],
        }
    }

    fn is_valid(&self) -> bool {
        match self {
            Self::Float { low, high, log } => {
                low.is_finite() && high.is_finite() && low <= high && (!log || *low > 0.0)
            }
            Self::Int { low, high, log } => low <= high && (!log || *low > 0),
            Self::Choice(list) => !list.is_empty(),
            Self::Bool => true,
        }
    }
}

/// A parameter exists only where another one has one of these values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// Name of an earlier dimension.
    pub parameter: String,
    /// The values under which the dependent one exists.
    pub is: Vec<Value>,
}

/// One parameter of a space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// Name of the parameter.
    pub name: String,
    /// Its values.
    pub domain: Domain,
    /// Where a search starts.
    pub default: Value,
    /// When it exists; always, if `None`.
    pub when: Option<Condition>,
}

/// Why a space or a point of it is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpaceError {
    /// A dimension's bounds or default make no sense.
    #[error("parameter `{name}`: {why}")]
    Dimension {
        /// The dimension.
        name: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A value lies outside its domain.
    #[error("parameter `{name}` is {got}, which is outside its domain")]
    Outside {
        /// The parameter.
        name: String,
        /// Its value.
        got: String,
    },
}

/// An ordered list of parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Space {
    /// The parameters; a condition refers to an earlier one.
    pub dimensions: Vec<Dimension>,
}

impl Space {
    /// A space without parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a real parameter.
    #[must_use]
    pub fn float(self, name: &str, low: f64, high: f64, default: f64) -> Self {
        self.add(name, Domain::Float { low, high, log: false }, default.into())
    }

    /// Adds a real parameter searched in the logarithm.
    #[must_use]
    pub fn log_float(self, name: &str, low: f64, high: f64, default: f64) -> Self {
        self.add(name, Domain::Float { low, high, log: true }, default.into())
    }

    /// Adds a whole-number parameter.
    #[must_use]
    pub fn int(self, name: &str, low: i64, high: i64, default: i64) -> Self {
        self.add(name, Domain::Int { low, high, log: false }, default.into())
    }

    /// Adds a whole-number parameter searched in the logarithm.
    #[must_use]
    pub fn log_int(self, name: &str, low: i64, high: i64, default: i64) -> Self {
        self.add(name, Domain::Int { low, high, log: true }, default.into())
    }

    /// Adds a choice.
    #[must_use]
    pub fn choice<V: Into<Value> + Clone>(self, name: &str, options: &[V], default: V) -> Self {
        let options = options.iter().cloned().map(Into::into).collect();
        self.add(name, Domain::Choice(options), default.into())
    }

    /// Adds a yes-or-no parameter.
    #[must_use]
    pub fn bool(self, name: &str, default: bool) -> Self {
        self.add(name, Domain::Bool, default.into())
    }

    /// Makes the last parameter exist only where an earlier one has one of `values`.
    #[must_use]
    pub fn when<V: Into<Value> + Clone>(mut self, parameter: &str, values: &[V]) -> Self {
        if let Some(last) = self.dimensions.last_mut() {
            let is = values.iter().cloned().map(Into::into).collect();
            last.when = Some(Condition { parameter: parameter.to_owned(), is });
        }
        self
    }

    fn add(mut self, name: &str, domain: Domain, default: Value) -> Self {
        self.dimensions.push(Dimension { name: name.to_owned(), domain, default, when: None });
        self
    }

    /// Checks bounds, defaults, names and conditions.
    pub fn validate(&self) -> Result<(), SpaceError> {
        for (i, d) in self.dimensions.iter().enumerate() {
            let fail = |why| Err(SpaceError::Dimension { name: d.name.clone(), why });
            let earlier = &self.dimensions[..i];
            if !d.domain.is_valid() {
                return fail("its bounds are empty or not finite");
            }
            if !d.domain.contains(&d.default) {
                return fail("its default is outside its domain");
            }
            if earlier.iter().any(|e| e.name == d.name) {
                return fail("its name occurs twice");
            }
            if let Some(when) = &d.when
                && !earlier.iter().any(|e| e.name == when.parameter)
            {
                return fail("its condition names no earlier parameter");
            }
        }
        Ok(())
    }

    fn build(&self, mut value: impl FnMut(&Dimension) -> Value) -> Params {
        let mut point = Params::new();
        for d in &self.dimensions {
            let exists = d
                .when
                .as_ref()
                .is_none_or(|c| point.get(&c.parameter).is_some_and(|v| c.is.contains(v)));
            if exists {
                point.insert(d.name.clone(), value(d));
            }
        }
        point
    }

    /// The point at which every parameter has its default.
    pub fn defaults(&self) -> Params {
        self.build(|d| d.default.clone())
    }

    /// The point nearest to some wanted values; what is not wanted, or not near anything, has its
    /// default.
    pub fn nearest(&self, wanted: &Params) -> Params {
        let near = |d: &Dimension| wanted.get(&d.name).and_then(|v| d.domain.nearest(v));
        self.build(|d| near(d).unwrap_or_else(|| d.default.clone()))
    }

    /// A random point.
    pub fn sample(&self, rng: &mut Rng) -> Params {
        self.build(|d| d.domain.sample(rng))
    }

    /// A point near another: about one parameter in three, and at least one, is moved along its domain
    /// by a normal step of so great a deviation, in parts of the domain's length.
    pub fn near(&self, point: &Params, deviation: f64, rng: &mut Rng) -> Params {
        let surely = rng.below(self.dimensions.len().max(1));
        let mut i = 0;
        self.build(|d| {
            let moves = rng.below(3) == 0 || i == surely;
            i += 1;
            let place = point.get(&d.name).and_then(|v| d.domain.place(v));
            match place {
                Some(u) if moves => {
                    let moved = (u + deviation * rng.normal()).rem_euclid(2.0);
                    d.domain.at(if moved > 1.0 { 2.0 - moved } else { moved })
                }
                Some(_) => point[&d.name].clone(),
                None => d.domain.sample(rng),
            }
        })
    }

    /// The points that differ from the defaults in one parameter, which is at an extreme.
    pub fn corners(&self) -> Vec<Params> {
        let mut points = vec![];
        for moved in &self.dimensions {
            for extreme in moved.domain.extremes() {
                points.push(self.build(|d| {
                    if d.name == moved.name { extreme.clone() } else { d.default.clone() }
                }));
            }
        }
        points
    }

    /// Checks that every named parameter is known and inside its domain.
    pub fn check(&self, point: &Params) -> Result<(), SpaceError> {
        for (name, value) in point {
            let inside =
                self.dimensions.iter().any(|d| d.name == *name && d.domain.contains(value));
            if !inside {
                return Err(SpaceError::Outside { name: name.clone(), got: value.to_string() });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> Space {
        Space::new()
            .float("a", -1.0, 3.0, 0.0)
            .log_float("b", 1e-3, 1e3, 1.0)
            .int("c", -2, 5, 0)
            .log_int("d", 1, 300, 10)
            .choice("e", &["x", "y", "z"], "x")
            .bool("f", false)
    }

    #[test]
    fn the_place_of_a_value_gives_the_value() {
        let mut rng = Rng::new(1);
        for _ in 0..500 {
            for (name, value) in space().sample(&mut rng) {
                let domain =
                    &space().dimensions.into_iter().find(|d| d.name == name).map(|d| d.domain);
                let again = domain.as_ref().and_then(|d| Some(d.at(d.place(&value)?)));
                match (&value, &again) {
                    (Value::Float(a), Some(Value::Float(b))) => {
                        assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{name}: {a} {b}");
                    }
                    (value, again) => assert_eq!(Some(value), again.as_ref(), "{name}"),
                }
            }
        }
    }

    #[test]
    fn equal_parts_of_the_places_give_equal_shares_of_whole_numbers() {
        let domain = Domain::Int { low: -2, high: 5, log: false };
        let counts = (0..800).fold(BTreeMap::new(), |mut counts, i| {
            *counts.entry(domain.at((f64::from(i) + 0.5) / 800.0).to_string()).or_insert(0) += 1;
            counts
        });
        assert_eq!(counts.len(), 8);
        assert!(counts.values().all(|n| *n == 100), "{counts:?}");
    }

    #[test]
    fn a_near_point_lies_inside_and_small_steps_stay_close() {
        let (space, mut rng) = (space(), Rng::new(2));
        let mut point = space.defaults();
        for _ in 0..500 {
            point = space.near(&point, 0.3, &mut rng);
            assert_eq!(space.check(&point), Ok(()));
            assert_eq!(point.len(), 6);
        }
        let start = space.defaults();
        for _ in 0..100 {
            let near = space.near(&start, 1e-6, &mut rng);
            let (Value::Float(a), Value::Float(b)) = (&near["a"], &near["b"]) else {
                unreachable!("they stay real")
            };
            assert!(a.abs() < 1e-4 && (b - 1.0).abs() < 1e-3, "{near:?}");
        }
    }

    #[test]
    fn the_nearest_point_keeps_what_is_inside_and_brings_back_what_is_not() {
        let wanted = [
            ("a", Value::Int(2)),
            ("b", Value::Float(1e9)),
            ("d", Value::Float(7.4)),
            ("e", Value::from("w")),
            ("other", Value::Bool(true)),
        ];
        let near = space().nearest(&wanted.map(|(k, v)| (k.to_owned(), v)).into());
        let expected = Params::from([
            ("a".to_owned(), Value::Float(2.0)),
            ("b".to_owned(), Value::Float(1e3)),
            ("c".to_owned(), Value::Int(0)),
            ("d".to_owned(), Value::Int(7)),
            ("e".to_owned(), Value::from("x")),
            ("f".to_owned(), Value::Bool(false)),
        ]);
        assert_eq!(near, expected);
    }
}
