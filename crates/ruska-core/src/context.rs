//! What a fit may know of the world: its seed, whether to stop, and shared derived data.

use crate::{FitError, Rng, hash};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Tells a fit to stop.
pub trait Stop: Send + Sync {
    /// The reason to stop now, if there is one.
    fn reason(&self) -> Option<FitError>;

    /// Whether a fit that improves round by round should return what it has: its share of the
    /// time is used up. Never so under a trial budget. Once it is so, it stays so.
    ///
    /// What is recorded of a fit that was cut is how often it had asked, and a replay answers at
    /// the same place. So a fit asks from one thread, at places that its parameters, data and seed
    /// alone decide.
    fn wrap_up(&self) -> bool {
        false
    }
}

/// Never stops.
#[derive(Clone, Copy, Debug)]
pub struct NeverStop;

impl Stop for NeverStop {
    fn reason(&self) -> Option<FitError> {
        None
    }
}

type Slot = Arc<OnceLock<Arc<dyn Any + Send + Sync>>>;

/// Data derived from a study's own columns (bins, sorted orders), built once and shared by all
/// trials and folds, up to a number of bytes. Keys name the column by [`crate::Field::origin`].
#[derive(Debug)]
pub struct Derived {
    slots: Mutex<(HashMap<String, Slot>, usize)>,
    cap: usize,
}

impl Derived {
    /// An empty cache that keeps at most `cap` bytes.
    pub fn new(cap: usize) -> Self {
        Self { slots: Mutex::new((HashMap::new(), 0)), cap }
    }

    /// The value of a key, built on first use. `build` returns the value and its bytes. What does
    /// not fit under the cap is built anew each time. Never changes a result, only its cost.
    pub fn get<T: Send + Sync + 'static>(
        &self,
        key: &str,
        build: impl FnOnce() -> (T, usize),
    ) -> Arc<T> {
        let slot = {
            let mut guard = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            if guard.1 >= self.cap && !guard.0.contains_key(key) {
                drop(guard);
                return Arc::new(build().0);
            }
            Arc::clone(guard.0.entry(key.to_owned()).or_default())
        };
        let mut bytes = 0;
        let value = Arc::clone(slot.get_or_init(|| {
            let (value, size) = build();
            bytes = size;
            Arc::new(value)
        }));
        if bytes > 0 {
            self.slots.lock().unwrap_or_else(PoisonError::into_inner).1 += bytes;
        }
        value.downcast::<T>().expect("a derived key always holds one type")
    }
}

/// The context of one fit.
#[derive(Clone, Copy)]
pub struct RunContext<'a> {
    seed: u64,
    stop: &'a dyn Stop,
    derived: Option<&'a Derived>,
    threads: usize,
}

impl<'a> RunContext<'a> {
    /// A context without shared data.
    pub fn new(seed: u64, stop: &'a dyn Stop) -> Self {
        Self { seed, stop, derived: None, threads: 1 }
    }

    /// The same with a cache of derived data.
    #[must_use]
    pub fn with_derived(self, derived: &'a Derived) -> Self {
        Self { derived: Some(derived), ..self }
    }

    /// The same with more threads of the pool to use, at least 1.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// Threads of the pool that a fit may use. The model does not depend on it.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The same with a seed of its own for a part of the work.
    #[must_use]
    pub fn part(self, part: u64) -> Self {
        Self { seed: hash::combine(&[self.seed, part]), ..self }
    }

    /// The seed of this fit.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A random source from the seed.
    pub fn rng(&self) -> Rng {
        Rng::new(self.seed)
    }

    /// Fails when the fit should stop. Own learners call it often enough to stop within 100 ms.
    pub fn check(&self) -> Result<(), FitError> {
        self.stop.reason().map_or(Ok(()), Err)
    }

    /// Whether a fit that improves round by round should return what it has by now; see
    /// [`Stop::wrap_up`] for when to ask.
    pub fn wrap_up(&self) -> bool {
        self.stop.wrap_up()
    }

    /// See [`Derived::get`]; builds each time where there is no cache.
    pub fn derived<T: Send + Sync + 'static>(
        &self,
        key: &str,
        build: impl FnOnce() -> (T, usize),
    ) -> Arc<T> {
        match self.derived {
            Some(cache) => cache.get(key, build),
            None => Arc::new(build().0),
        }
    }
}
