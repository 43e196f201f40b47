//! The search engine: ask for a candidate, evaluate it on folds, tell what came of it.
//!
//! ```text
//! Sampler ──ask──▶ coordinator ──job──▶ worker threads (one trial each) ──▶ Executor: here or in a
//!    ▲                 │  ▲                    │                                child process
//!    └──── history ────┘  └── folds, ends ◀────┘       every outcome ─▶ Hooks (journal, model file)
//! ```
//!
//! Invariants
//! 1. Trial *i* is asked for with the results of trials ≤ *i* − [`LAG`], all of them under a trial
//!    budget, so the number of workers never changes what is tried.
//! 2. The best trial is the least (loss, number), and the model the mean of the best few, or that of the
//!    simplest near the best, so the order in which trials end does not matter.
//! 3. Workers only evaluate; sampler, history, journal and model file belong to the coordinator.
//! 4. A trial may panic, fail, return NaN or hang, and in a child process also crash or run out of
//!    memory: the study goes on and the trial says why.
//! 5. Nothing here knows the id of a learner, step or measure.

mod adaptive;
mod calibrate;
mod candidates;
mod children;
mod choice;
mod display;
mod emit;
mod engine;
mod ensemble;
mod evaluate;
mod executor;
mod flat;
mod groups;
mod halves;
mod history;
mod judge;
mod leaderboard;
mod mean;
mod optimism;
mod plan;
mod portfolio;
mod pruner;
mod racing;
mod refits;
mod replay;
mod rivals;
mod sampler;
mod serve;
mod spec;
mod speed;
mod standing;
mod stop;
mod wire;
mod worker;

pub use children::{Isolation, TRIAL_WORKER};
pub use choice::{Prefer, Wanted};
pub use engine::{Best, Emission, Hooks, Outcome, run};
pub use ensemble::Member;
pub use evaluate::{FoldOutcome, scores};
pub use halves::{Gain, Halved};
pub use history::{History, record};
pub use leaderboard::{Entry, Leaderboard};
pub use plan::{Budget, SplitPlan, plan_split};
pub use portfolio::{Kind, List, Portfolio, Setting};
pub use pruner::{FoldLoss, NeverPrune, Pruner, Rival};
pub use racing::Racing;
pub use replay::{FoldReplay, ReplaySpec, Replayed, replay};
pub use sampler::{Asked, Sampler, Search};
pub use serve::serve;
pub use spec::{LAG, SearchError, StudySpec, most_declared};
