//! What the checks of saved states share: each says what is wrong with a state, if anything.

/// Fails unless the condition holds; `why` says what is wrong then.
pub(crate) fn ensure(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

/// Fails unless there are as many values as the product says; a product too large for a number
/// is never met.
pub(crate) fn count(what: &str, got: usize, expected: [usize; 2]) -> Result<(), String> {
    if expected[0].checked_mul(expected[1]) == Some(got) {
        return Ok(());
    }
    Err(format!("{got} {what} instead of {} times {}", expected[0], expected[1]))
}

/// Fails unless all values are finite.
pub(crate) fn all_finite<'a>(
    what: &str,
    values: impl IntoIterator<Item = &'a f64>,
) -> Result<(), String> {
    ensure(values.into_iter().all(|v| v.is_finite()), &format!("{what} are not finite"))
}

/// Fails unless the values ascend without repetition and are all below `limit`.
pub(crate) fn ascending(what: &str, values: &[u32], limit: usize) -> Result<(), String> {
    let ascends = values.windows(2).all(|w| w[0] < w[1]);
    let within = values.last().is_none_or(|&last| (last as usize) < limit);
    ensure(ascends && within, &format!("{what} are not in order or out of range"))
}
