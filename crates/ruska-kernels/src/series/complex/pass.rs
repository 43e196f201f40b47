//! A run there, back and there again, so that the start is what the series itself says of it.

use super::number::{Dual, Number};
use super::state::{Rates, Recursion, State, Turn};

/// Most parameters of a variant.
pub(super) const MOST: usize = 4;

/// Squared errors, their gradient halved and Gauss and Newton's matrix, by the parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Squares {
    pub sum: f64,
    pub gradient: [f64; MOST],
    pub curvature: [[f64; MOST]; MOST],
}

impl Squares {
    /// What inadmissible parameters have.
    pub(super) const NEVER: Self =
        Self { sum: f64::INFINITY, gradient: [0.0; MOST], curvature: [[0.0; MOST]; MOST] };
}

/// Rates of K parameters: of the level, then of the season.
pub(super) fn rates<N: Number>(parameters: &[N]) -> Rates<N> {
    let zero = N::constant(0.0);
    let at = |k: usize| parameters.get(k).copied().unwrap_or(zero);
    Rates { alpha: Turn::new(at(0), at(1)), beta: Turn::new(at(2), at(3)) }
}

/// Squares at `parameters`, of which there are K. `state` is where to begin, and room for the run.
pub(super) fn squares<R: Recursion, const K: usize>(
    values: &[f64],
    parameters: &[f64],
    state: &mut State<Dual<K>>,
) -> Squares {
    let parameters: [Dual<K>; K] = std::array::from_fn(|k| Dual::parameter(parameters[k], k));
    let rates = rates(&parameters);
    there_and_back::<R, _>(values, &rates, state);
    let (mut squares, mut gradient, mut curvature) = (0.0, [0.0; K], [[0.0; K]; K]);
    forward::<R, _>(values, &rates, state, |error| {
        squares += error.value * error.value;
        for k in 0..K {
            gradient[k] += error.value * error.slopes[k];
            for l in 0..K {
                curvature[k][l] += error.slopes[k] * error.slopes[l];
            }
        }
    });
    let mut wide = Squares { sum: squares, gradient: [0.0; MOST], curvature: [[0.0; MOST]; MOST] };
    for k in 0..K {
        wide.gradient[k] = gradient[k];
        wide.curvature[k][..K].copy_from_slice(&curvature[k]);
    }
    wide
}

/// From a state to begin with to the one before the first value.
pub(super) fn there_and_back<R: Recursion, N: Number>(
    values: &[f64],
    rates: &Rates<N>,
    state: &mut State<N>,
) {
    forward::<R, N>(values, rates, state, |_| ());
    R::beyond(state, rates);
    backward::<R, N>(values, rates, state);
    R::beyond(state, rates);
}

/// Runs over the values, telling each error.
#[inline(always)]
pub(super) fn forward<R: Recursion, N: Number>(
    values: &[f64],
    rates: &Rates<N>,
    state: &mut State<N>,
    mut tell: impl FnMut(N),
) {
    let period = state.season.len().max(1);
    for cycle in values.chunks(period) {
        for (phase, value) in cycle.iter().enumerate() {
            let error = N::constant(*value) - R::expected(state, phase);
            tell(error);
            R::step(state, rates, phase, error);
        }
    }
}

/// Runs over the values from the last to the first.
#[inline(always)]
fn backward<R: Recursion, N: Number>(values: &[f64], rates: &Rates<N>, state: &mut State<N>) {
    let period = state.season.len().max(1);
    for cycle in values.chunks(period).rev() {
        for (phase, value) in cycle.iter().enumerate().rev() {
            let error = N::constant(*value) - R::expected(state, phase);
            R::step(state, rates, phase, error);
        }
    }
}
