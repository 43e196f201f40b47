//! Life after the search: the register of data and models, promotion rules, retraining jobs, alerts
//! and the log of all actions.
//!
//! ```text
//! model file ─▶ register ─▶ lab ─▶ dev ─▶ test ─▶ prod ─▶ predict, stamped with the version
//!                  ▲                        │
//! data ─▶ job ─▶ challenger ─▶ rules: both models on rows neither has seen ─▶ decision
//!   │                                 every action ─▶ ledger, chained ─▶ audit · outbox ─▶ webhooks
//!   ├──▶ dataset version: hash of the bytes, sketch of the columns ─▶ who learned from it, what changed
//!   ├──▶ drift: table or model and a newer table ─▶ one verdict
//!   └──▶ contract: what is expected of the columns ─▶ what is broken, on which lines
//! predictions by id, outcomes by id ─▶ what each version turned out to be worth
//! ```
//!
//! Invariants
//! 1. Whoever acts and when are arguments; nothing here reads a clock or asks who is there, but a
//!    request over the network, which has a limit of time.
//! 2. What is registered never changes; where it stands is a function of the ledger's entries.
//! 3. A decision and what follows from it are one entry of the ledger: both or neither.
//! 4. Champion and challenger are compared on the same rows, which neither was trained on.
//!    A missing value declines, too few rows hold.

pub mod alert;
pub mod audit;
pub mod compare;
pub mod contract;
pub mod dataset;
pub mod diff;
pub mod drift;
mod error;
pub mod feedback;
pub mod init;
pub mod job;
pub mod register;
pub mod schedule;
mod written;

pub use error::Error;
