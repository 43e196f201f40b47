//! Asks [`Progress`] now and then, by work done.

use crate::{Progress, Stopped};

/// About a millisecond of work.
const UNITS: usize = 1 << 20;

/// Counts work and asks when enough of it was done.
pub(crate) struct Ticker<'a> {
    progress: &'a dyn Progress,
    units: usize,
}

impl<'a> Ticker<'a> {
    pub(crate) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, units: UNITS }
    }

    /// One for another thread, which asks at once.
    pub(crate) fn another(&self) -> Self {
        Self::new(self.progress)
    }

    /// Adds work of about `units` nanoseconds.
    pub(crate) fn work(&mut self, units: usize) -> Result<(), Stopped> {
        self.units += units;
        if self.units < UNITS {
            return Ok(());
        }
        self.units = 0;
        if self.progress.proceed() { Ok(()) } else { Err(Stopped) }
    }
}
