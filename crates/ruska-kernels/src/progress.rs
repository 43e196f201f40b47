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

/// Says stop after so many questions.
#[cfg(test)]
pub(crate) struct StopAfter {
    allowed: u32,
    asked: std::sync::atomic::AtomicU32,
}

#[cfg(test)]
impl StopAfter {
    pub(crate) fn new(allowed: u32) -> Self {
        Self { allowed, asked: 0.into() }
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> u32 {
        self.asked.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[cfg(test)]
impl Progress for StopAfter {
    fn proceed(&self) -> bool {
        self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < self.allowed
    }
}
