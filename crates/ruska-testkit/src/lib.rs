//! Contract checks, synthetic tasks and the debug learner
