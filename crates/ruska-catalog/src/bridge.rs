//! Small helpers that join core's types to the kernels.

use ruska_core::{FitError, RunContext};
use ruska_kernels::{Progress, Stopped};

/// Lets a kernel see the context's deadline.
pub(crate) struct Watch<'a>(pub(crate) &'a RunContext<'a>);

impl Progress for Watch<'_> {
    fn proceed(&self) -> bool {
        self.0.check().is_ok()
    }

    fn enough(&self) -> bool {
        self.0.wrap_up()
    }
}

/// The same for work that is of no use half done: it is never enough.
pub(crate) struct Uncut<'a>(pub(crate) &'a RunContext<'a>);

impl Progress for Uncut<'_> {
    fn proceed(&self) -> bool {
        self.0.check().is_ok()
    }
}

/// The reason for which a kernel was stopped.
pub(crate) fn stopped(ctx: &RunContext<'_>, _: Stopped) -> FitError {
    ctx.check().err().unwrap_or(FitError::Deadline)
}
