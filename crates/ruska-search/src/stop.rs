//! What stops a fold's fit, and asks it to wrap up.

use crate::worker::Shared;
use ruska_core::{FitError, Stop};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// When a fold's fit is asked to wrap up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WrapUp {
    /// Never.
    Never,
    /// From a moment on.
    At(Instant),
    /// From the time on that it has asked, and was told to go on, so often.
    After(u64),
}

impl WrapUp {
    /// As it was in a recorded fit.
    pub(crate) fn recorded(cut_after: Option<u64>) -> Self {
        cut_after.map_or(Self::Never, Self::After)
    }
}

/// Stops a fold's fit when the run is over, unless it must be done, asks it to wrap up, and counts
/// how often it was told to go on before.
pub(crate) struct FoldStop<'a> {
    shared: &'a Shared,
    always: bool,
    wrap_up: WrapUp,
    told_to_go_on: AtomicU64,
    cut: AtomicBool,
}

impl<'a> FoldStop<'a> {
    pub(crate) fn new(shared: &'a Shared, always: bool, wrap_up: WrapUp) -> Self {
        let (told_to_go_on, cut) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { shared, always, wrap_up, told_to_go_on, cut }
    }

    /// How often the fit was told to go on before it was told to wrap up; `None` where it never was.
    pub(crate) fn cut_after(&self) -> Option<u64> {
        let cut = self.cut.load(Ordering::Relaxed);
        cut.then(|| self.told_to_go_on.load(Ordering::Relaxed))
    }
}

impl Stop for FoldStop<'_> {
    fn reason(&self) -> Option<FitError> {
        if self.always { None } else { self.shared.reason() }
    }

    fn wrap_up(&self) -> bool {
        // Once told, a fit is told so ever after, whatever the clock says: only the first place counts.
        if self.cut.load(Ordering::Relaxed) {
            return true;
        }
        let now = match self.wrap_up {
            WrapUp::Never => false,
            WrapUp::At(moment) => Instant::now() >= moment,
            WrapUp::After(asked) => self.told_to_go_on.load(Ordering::Relaxed) >= asked,
        };
        if now {
            self.cut.store(true, Ordering::Relaxed);
        } else {
            self.told_to_go_on.fetch_add(1, Ordering::Relaxed);
        }
        now
    }
}
