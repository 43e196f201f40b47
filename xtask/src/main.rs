//! Chores of the workspace: `cargo xtask check | bench NAME | soak [NAME] | new-learner NAME`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod check;
mod new_learner;
mod soak;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "usage: cargo xtask COMMAND

  check                 format, lints, tests, docs, dependencies: all that must be green
  bench NAME [ARGS]     measure; without NAME, lists what there is
  soak [NAME] [ARGS]    long proofs: kills, damaged files, big tables; without NAME, all of them
  new-learner NAME      a learner's file from a template, registered in the catalog";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["check"] => check::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["soak", rest @ ..] => soak::run(rest),
        ["new-learner", name] => new_learner::run(name),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Runs a program in the root and fails if it does.
fn call(program: &str, args: &[&str]) -> Result<(), String> {
    println!("$ {program} {}", args.join(" "));
    let status = Command::new(program).args(args).current_dir(root()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} {}: {status}", args.join(" "))),
        Err(e) => Err(format!("cannot run {program}: {e}")),
    }
}

/// Builds the release binary and gives its path.
fn release_binary() -> Result<PathBuf, String> {
    call("cargo", &["build", "--release", "--workspace", "--locked"])?;
    Ok(target().join("release/ruska"))
}

/// Where cargo puts what it builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from)
}
