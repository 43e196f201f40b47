//! Whether rows are one heap, in which there are no groups to be found.

use ruska_core::Grouping;
use ruska_kernels::Silent;
use ruska_kernels::clusters::Points;
use ruska_kernels::clusters::structure::{Params, structure};

/// About an upper bound of the probability that one heap, of whatever shape and with one mode, looks as
/// little like one as these rows do; of more than 10,000 a sample is looked at. The method and its
/// references are those of [`ruska_kernels::clusters::structure`].
pub fn heap_p_value(grouping: &Grouping, seed: u64) -> f64 {
    let points = Points { values: &grouping.values, dims: grouping.dims };
    let params = Params { seed, ..Params::default() };
    structure(points, params, &Silent).expect("nothing stops it").p_value
}
