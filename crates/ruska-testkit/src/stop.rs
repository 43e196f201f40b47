//! A fake clock: time passes by checks, so that deadlines are exact in tests.

use ruska_core::{FitError, Stop};
use std::sync::atomic::{AtomicU64, Ordering};

/// Lets a number of checks pass and then tells every further one to stop.
#[derive(Debug)]
pub struct CountingStop {
    seen: AtomicU64,
    allowed: u64,
    reason: FitError,
}

impl CountingStop {
    /// Stops with `reason` from check number `allowed` on, counted from 0.
    pub fn after(allowed: u64, reason: FitError) -> Self {
        Self { seen: AtomicU64::new(0), allowed, reason }
    }

    /// Only counts.
    pub fn never() -> Self {
        Self::after(u64::MAX, FitError::Deadline)
    }

    /// Number of checks so far.
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }
}

impl Stop for CountingStop {
    fn reason(&self) -> Option<FitError> {
        let before = self.seen.fetch_add(1, Ordering::Relaxed);
        (before >= self.allowed).then(|| self.reason.clone())
    }
}

/// Lets a fit ask a number of times whether to wrap up and tells it to from then on. It is never
/// stopped.
#[derive(Debug)]
pub struct WrapUpAfter {
    asked: AtomicU64,
    allowed: u64,
}

impl WrapUpAfter {
    /// Tells to wrap up from question number `allowed` on, counted from 0.
    pub fn new(allowed: u64) -> Self {
        Self { asked: AtomicU64::new(0), allowed }
    }

    /// Number of questions so far.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Stop for WrapUpAfter {
    fn reason(&self) -> Option<FitError> {
        None
    }

    fn wrap_up(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fires_after_the_allowed_checks_and_stays_fired() {
        let stop = CountingStop::after(2, FitError::Cancelled);
        let seen: Vec<_> = (0..4).map(|_| stop.reason()).collect();
        let fired = Some(FitError::Cancelled);
        assert_eq!(seen, [None, None, fired.clone(), fired]);
        assert_eq!(stop.seen(), 4);
        assert_eq!(CountingStop::never().reason(), None);
    }
}
