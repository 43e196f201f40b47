//! The search engine: ask, evaluate, tell
