//! `cargo xtask new-learner NAME`: a learner's file from a template, registered in the catalog.

use crate::root;
use std::fs;

const TEMPLATE: &str = include_str!("new_learner.template");

pub(crate) fn run(name: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(fits) {
        return Err(format!("`{name}` is no id; use lower-case letters, digits and _"));
    }
    let folder = root().join("crates/ruska-catalog/src/learners");
    let file = folder.join(format!("{name}.rs"));
    if file.exists() {
        return Err(format!("{} exists already", file.display()));
    }
    let camel: String = name
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect();
    let text = TEMPLATE.replace("{name}", name).replace("{Name}", &camel);
    fs::write(&file, text).map_err(|e| e.to_string())?;
    register(&folder.join("mod.rs"), name, &camel)?;
    println!("wrote {}", file.display());
    println!(
        "next: fill in space, cost and fit; add `{name}` to crates/ruska-catalog/tests/contract.rs;"
    );
    println!("      cargo test -p ruska-catalog {name}");
    Ok(())
}

fn register(table: &std::path::Path, name: &str, camel: &str) -> Result<(), String> {
    let text = fs::read_to_string(table).map_err(|e| e.to_string())?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let odd = || format!("{} has no list of learners to add to", table.display());
    let at = lines.iter().rposition(|l| l.starts_with("mod ")).ok_or_else(odd)?;
    lines.insert(at + 1, format!("mod {name};"));
    let at = lines.iter().rposition(|l| l.trim() == "]").ok_or_else(odd)?;
    lines.insert(at, format!("        Arc::new({name}::{camel}),"));
    fs::write(table, lines.join("\n") + "\n").map_err(|e| e.to_string())
}
