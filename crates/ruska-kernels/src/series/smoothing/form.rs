//! The forms of the family: how error, trend and season come together.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a component acts on the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Component {
    /// It is added.
    Additive,
    /// It is a factor.
    Multiplicative,
}

/// How the level moves on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Trend {
    /// It does not.
    None,
    /// By a slope at each step.
    Additive,
    /// By a slope that shrinks by a factor at each step.
    Damped,
}

/// One of the 18 forms, written like `ETS(M,Ad,M)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Form {
    /// Whether errors are of the size of the data's unit or relative to the forecast.
    pub error: Component,
    /// The trend.
    pub trend: Trend,
    /// The season, where there is one.
    pub season: Option<Component>,
}

impl Form {
    /// Simple exponential smoothing.
    pub const SIMPLE: Self = Self { error: Component::Additive, trend: Trend::None, season: None };
    /// Holt's linear trend.
    pub const HOLT: Self = Self { trend: Trend::Additive, ..Self::SIMPLE };
    /// Holt's trend, damped.
    pub const DAMPED: Self = Self { trend: Trend::Damped, ..Self::SIMPLE };

    /// Every form, simple ones first.
    pub fn all() -> impl Iterator<Item = Self> {
        use Component::{Additive, Multiplicative};
        let seasons = [None, Some(Additive), Some(Multiplicative)];
        let trends = [Trend::None, Trend::Additive, Trend::Damped];
        [Additive, Multiplicative].into_iter().flat_map(move |error| {
            seasons.into_iter().flat_map(move |season| {
                trends.into_iter().map(move |trend| Self { error, trend, season })
            })
        })
    }

    /// Whether its variance may be infinite: additive errors with a multiplicative season. Such forms
    /// are not chosen automatically.
    pub fn is_unstable(self) -> bool {
        self.error == Component::Additive && self.season == Some(Component::Multiplicative)
    }

    /// Whether it takes values above zero only.
    pub fn is_positive(self) -> bool {
        self.error == Component::Multiplicative || self.season == Some(Component::Multiplicative)
    }

    /// Numbers estimated for a season of `period` steps: smoothing parameters and first states.
    pub fn parameters(self, period: usize) -> usize {
        let trend = match self.trend {
            Trend::None => 0,
            Trend::Additive => 2,
            Trend::Damped => 3,
        };
        2 + trend + self.season.map_or(0, |_| period)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = |c: Component| match c {
            Component::Additive => "A",
            Component::Multiplicative => "M",
        };
        let trend = match self.trend {
            Trend::None => "N",
            Trend::Additive => "A",
            Trend::Damped => "Ad",
        };
        write!(f, "ETS({},{trend},{})", letter(self.error), self.season.map_or("N", letter))
    }
}
