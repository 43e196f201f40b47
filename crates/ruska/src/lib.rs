//! AutoML in Rust: the public API
