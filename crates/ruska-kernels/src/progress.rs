//! How a kernel reports and learns that it should stop.

/// Watches a long computation.
pub trait Progress: Sync {
    /// Called often, at least every 50 ms of work. `false` asks the kernel to stop.
    fn proceed(&self) -> bool;

    /// Whether what there is is enough: a kernel that improves its result round by round then
    /// returns what it has, rather than nothing. Asked from one thread, at places that the arguments
    /// alone decide, so that the same answers give the same result.
    fn enough(&self) -> bool {
        false
    }
}

/// Never stops anything.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn proceed(&self) -> bool {
        true
    }
}

/// The kernel was told to stop before it had a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped before there was a result")
    }
}

impl std::error::Error for Stopped {}
