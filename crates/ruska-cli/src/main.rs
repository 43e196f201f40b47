//! The `ruska` command.
fn main() {}
