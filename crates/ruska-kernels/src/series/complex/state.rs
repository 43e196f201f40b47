//! The recursions: a level and a season of complex numbers, moved on by the error of each forecast.

use super::number::Number;
use serde::{Deserialize, Serialize};

/// A complex number: what is seen of a component, and what is known of where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pair<N> {
    pub seen: N,
    pub hidden: N,
}

/// How a component moves on, from its complex rate of smoothing a₀ + i·a₁.
#[derive(Clone, Copy)]
pub(super) struct Turn<N> {
    seen_from_hidden: N,
    hidden_from_hidden: N,
    seen_gain: N,
    hidden_gain: N,
}

impl<N: Number> Turn<N> {
    pub(super) fn new(real: N, imaginary: N) -> Self {
        let one = N::constant(1.0);
        Self {
            seen_from_hidden: imaginary - one,
            hidden_from_hidden: one - real,
            seen_gain: real - imaginary,
            hidden_gain: real + imaginary,
        }
    }
}

impl<N: Number> Pair<N> {
    /// From where the recursions start.
    pub(super) fn start(seen: f64) -> Self {
        Self { seen: N::constant(seen), hidden: N::constant(seen / 1.1) }
    }

    #[inline(always)]
    fn turn(&mut self, turn: &Turn<N>, error: N) {
        let Self { seen, hidden } = *self;
        self.seen = seen + turn.seen_from_hidden * hidden + turn.seen_gain * error;
        self.hidden = seen + turn.hidden_from_hidden * hidden + turn.hidden_gain * error;
    }

    /// One step as forecast.
    #[inline(always)]
    fn coast(&mut self, turn: &Turn<N>) {
        let Self { seen, hidden } = *self;
        self.seen = seen + turn.seen_from_hidden * hidden;
        self.hidden = seen + turn.hidden_from_hidden * hidden;
    }
}

/// The rates of level and season. Of a partial season, `beta` has the gain alone.
#[derive(Clone, Copy)]
pub(super) struct Rates<N> {
    pub alpha: Turn<N>,
    pub beta: Turn<N>,
}

/// Level and season: one of the two for a series without season or with a simple one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State<N> {
    pub level: Pair<N>,
    pub season: Vec<Pair<N>>,
}

/// A variant's way to go on.
pub(super) trait Recursion {
    /// Whether there is a level beside the season.
    const LEVEL: bool;
    /// Whether there is a season.
    const SEASON: bool;
    /// Whether the season is complex.
    const TURNS: bool;

    /// What is expected of a step in `phase`.
    #[inline(always)]
    fn expected<N: Number>(state: &State<N>, phase: usize) -> N {
        match (Self::LEVEL, Self::SEASON) {
            (true, true) => state.level.seen + state.season[phase].seen,
            (true, false) => state.level.seen,
            (false, _) => state.season[phase].seen,
        }
    }

    /// Goes on with an error.
    #[inline(always)]
    fn step<N: Number>(state: &mut State<N>, rates: &Rates<N>, phase: usize, error: N) {
        if Self::LEVEL {
            state.level.turn(&rates.alpha, error);
        }
        if Self::SEASON {
            let season = &mut state.season[phase];
            if Self::TURNS {
                season.turn(if Self::LEVEL { &rates.beta } else { &rates.alpha }, error);
            } else {
                season.seen = season.seen + rates.beta.seen_gain * error;
            }
        }
    }

    /// Goes on beyond an end of the series: level by a step, season by a period.
    fn beyond<N: Number>(state: &mut State<N>, rates: &Rates<N>) {
        if Self::LEVEL {
            state.level.coast(&rates.alpha);
        }
        if Self::SEASON && Self::TURNS {
            for season in &mut state.season {
                season.coast(if Self::LEVEL { &rates.beta } else { &rates.alpha });
            }
        }
    }
}

pub(super) struct Plain;
pub(super) struct Simple;
pub(super) struct Partial;
pub(super) struct Full;

impl Recursion for Plain {
    const LEVEL: bool = true;
    const SEASON: bool = false;
    const TURNS: bool = false;
}

impl Recursion for Simple {
    const LEVEL: bool = false;
    const SEASON: bool = true;
    const TURNS: bool = true;
}

impl Recursion for Partial {
    const LEVEL: bool = true;
    const SEASON: bool = true;
    const TURNS: bool = false;
}

impl Recursion for Full {
    const LEVEL: bool = true;
    const SEASON: bool = true;
    const TURNS: bool = true;
}
