//! Linear models over dense and sparse rows.
