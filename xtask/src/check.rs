//! `cargo xtask check`: all that must be green before a change lands.

use crate::{call, root};
use std::process::Command;

pub(crate) fn run() -> Result<(), String> {
    call("cargo", &["fmt", "--all", "--check"])?;
    call("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    call("cargo", &["test", "--workspace"])?;
    doc()?;
    deny()
}

fn doc() -> Result<(), String> {
    println!("$ cargo doc --workspace --no-deps");
    let status = Command::new("cargo")
        .args(["doc", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .current_dir(root())
        .status()
        .map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err("cargo doc has warnings".into()) }
}

/// Licences, sources and bans. `tests/tidy.rs` checks licences and sources as well, so this adds
/// the bans where cargo-deny is there.
fn deny() -> Result<(), String> {
    let there = Command::new("cargo").args(["deny", "--version"]).output();
    if !there.is_ok_and(|o| o.status.success()) {
        println!("cargo-deny is not installed, bans are not checked: cargo install cargo-deny");
        return Ok(());
    }
    call("cargo", &["deny", "--offline", "check", "bans", "licenses", "sources"])
}
