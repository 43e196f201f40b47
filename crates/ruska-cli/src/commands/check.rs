//! `ruska check`: whether a table keeps a data contract.

use super::{reading, stamp};
use crate::args::CheckData;
use crate::output::{Say, clean, file_name, keep_whole, short, table};
use crate::{Ending, Failure, Usage};
use ruska_ops::contract::{self, Breach, Contract, ContractVerdict};
use serde_json::json;

/// Checks a table and says no where it breaks the contract.
pub(crate) fn run(args: &CheckData, say: Say) -> Result<Ending, Failure> {
    if args.schema {
        let schema = contract::schema();
        say.result(&(serde_json::to_string_pretty(&schema)? + "\n"), &schema)?;
        return Ok(Ending::Done);
    }
    let (Some(file), Some(source)) = (&args.contract, &args.source) else {
        return Err(Usage("name DATA and --contract FILE.toml".into()).into());
    };
    let contract = Contract::load(file)?;
    let options = reading(&args.reading)?;
    let data = ruska::read_table(source, &options)?;
    let mut verdict = contract::check(&data, contract.spec(), stamp("").at_ms)?;
    verdict.locate(source, &options);
    let document = json!({
        "data": source,
        "contract": contract.file(),
        "digest": contract.digest(),
        "holds": verdict.holds(),
        "verdict": verdict,
    });
    say.result(&text(&verdict, source, contract.file()), &document)?;
    Ok(if verdict.holds() { Ending::Done } else { Ending::SaidNo })
}

fn text(verdict: &ContractVerdict, source: &str, contract: &str) -> String {
    let ContractVerdict { rows, columns, checks, breaches } = verdict;
    let (data, contract) = (short(file_name(source), 40), clean(contract));
    if verdict.holds() {
        return format!(
            "{data} keeps {contract}: {checks} checks on {rows} rows × {columns} columns\n"
        );
    }
    let broken = if breaches.len() == 1 { "1 thing is" } else { "things are" };
    let count = if breaches.len() == 1 { String::new() } else { format!("{} ", breaches.len()) };
    format!(
        "{data} breaks {contract}: {count}{broken} not as expected\n{}",
        self::breaches(verdict)
    )
}

/// What is broken, as a table.
pub(crate) fn breaches(verdict: &ContractVerdict) -> String {
    let mut shown = table(&["column", "check", "what", "rows", "where"]);
    for breach in &verdict.breaches {
        let count = if breach.count == 0 { String::new() } else { breach.count.to_string() };
        shown.add_row([
            short(breach.column.as_deref().unwrap_or("(table)"), 24),
            breach.check.name().replace('_', " "),
            short(&breach.what, 160),
            count,
            places(breach),
        ]);
    }
    keep_whole(&mut shown, [3]);
    format!("{shown}\n")
}

/// The first lines of a breach: `lines 4, 17, …`.
fn places(breach: &Breach) -> String {
    let rest = if breach.count > breach.rows.len() { ", …" } else { "" };
    let joined = |numbers: Vec<String>| numbers.join(", ");
    if breach.rows.is_empty() {
        return String::new();
    }
    if breach.places.is_empty() {
        let rows = breach.rows.iter().map(usize::to_string).collect();
        return format!("row {}{rest}", joined(rows));
    }
    let lines: Option<Vec<String>> =
        breach.places.iter().map(|p| p.strip_prefix("line ").map(str::to_owned)).collect();
    match lines {
        Some(lines) => format!("line {}{rest}", joined(lines)),
        None => format!("{}{rest}", joined(breach.places.clone())),
    }
}
