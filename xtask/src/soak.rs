//! `cargo xtask soak [NAME]`: long proofs with the release binary. Figures go to `benches/RESULTS.md`.

use crate::bench::python;
use crate::{call, release_binary, root};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const NAMES: &str = "soaks:
  kill          kill -9 at random moments, then resume
  fuzz          a million damaged model files
  register      500 processes killed in the middle of registrations and decisions
  job           job runs and promotions killed at 50 moments each
  scheduler     a scheduler killed at 50 moments
  promotions    200 real retrains of each kind against rules
  predict       5,000,000 rows: memory and rows per second
  gate DIR [SEEDS [PLANTER]]  flaws planted in the tables of DIR/manifest.csv, by PLANTER or of its own
  contracts DIR [SEEDS [PLANTER [TABLES]]]  the same planted in new data, found by contracts of clean data
  drift DIR [SEEDS [ROWS [FIT OPTIONS]]]  halves of the tables of DIR/manifest.csv, which have not drifted
  pages [TABLE:TARGET ...]  reports of studies and tables in Chromium, which it installs where missing
  miri          the vector code of the trees under Miri (needs nightly with Miri)
  full-disk     a store and a model on a file system that is full (needs the right to mount)";

pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    match words {
        [] => {
            let all = [
                "kill",
                "fuzz",
                "register",
                "job",
                "scheduler",
                "promotions",
                "predict",
                "full-disk",
            ];
            all.iter().try_for_each(|name| run(&[name]))
        }
        ["kill"] => kill(),
        ["fuzz"] => fuzz(),
        ["register"] => register(),
        ["job"] => job(),
        ["scheduler"] => scheduler(),
        ["promotions"] => promotions(),
        ["predict"] => predict(),
        ["gate", tables, rest @ ..] => gate(tables, rest),
        ["contracts", tables, rest @ ..] => contracts(tables, rest),
        ["drift", tables, rest @ ..] => drift(tables, rest),
        ["pages", tables @ ..] => pages(tables),
        ["miri"] => miri(),
        ["full-disk"] => full_disk(),
        _ => Err(NAMES.to_owned()),
    }
}

/// A folder of its own under the system's temporary folder.
fn workplace(name: &str) -> Result<PathBuf, String> {
    let path = std::env::temp_dir().join(format!("ruska-soak-{name}-{}", std::process::id()));
    fs::create_dir_all(&path).map_err(|e| e.to_string())?;
    Ok(path)
}

fn churn() -> PathBuf {
    root().join("datasets/churn.csv")
}

/// Runs ruska and gives stdout, or stderr as the error.
fn ruska(binary: &Path, args: &[&str]) -> Result<String, String> {
    let output = Command::new(binary).args(args).output().map_err(|e| e.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let why = String::from_utf8_lossy(&output.stderr);
        Err(format!("ruska {}: {} {why}", args.join(" "), output.status))
    }
}

/// How often a word stands in a text.
fn count(text: &str, word: &str) -> usize {
    text.matches(word).count()
}

/// Looks for undefined behaviour where rows are moved by permutations.
fn miri() -> Result<(), String> {
    let tests = ["trees::partition", "trees::histogram"];
    let words = ["run", "nightly", "cargo", "miri", "test", "--package", "ruska-kernels", "--lib"];
    call("rustup", &[&words[..], &["--"], &tests].concat())
}

fn kill() -> Result<(), String> {
    let binary = release_binary()?;
    let work = workplace("kill")?;
    let store = work.join("store").display().to_string();
    let model = work.join("m.ruska").display().to_string();
    let data = churn().display().to_string();
    let mut moment = 0x2545_f491_4f6c_dd1d_u64 ^ u64::from(std::process::id());
    let mut done = 0;
    for round in 0..8 {
        let args: Vec<&str> = if round == 0 {
            vec![
                "fit", &data, "--target", "churned", "--trials", "60", "--study", "soak",
                "--store", &store, "--output", &model,
            ]
        } else {
            vec!["resume", "soak", "--store", &store, "--output", &model]
        };
        let mut child = Command::new(&binary)
            .args(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let wait = Duration::from_millis(150 + (moment >> 33) % 2500);
        let start = Instant::now();
        while start.elapsed() < wait && child.try_wait().map_err(|e| e.to_string())?.is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().map_err(|e| e.to_string())?;
        child.wait().map_err(|e| e.to_string())?;
        let trials = ruska(&binary, &["trials", "soak", "--store", &store, "--json"])?;
        let now = count(&trials, "\"rank\":") - count(&trials, "\"rank\": null");
        println!(
            "killed after {:>4} ms: the store opens, {now} trials with a score",
            wait.as_millis()
        );
        if now < done {
            return Err(format!("{done} finished trials became {now}"));
        }
        done = now;
    }
    ruska(&binary, &["resume", "soak", "--store", &store, "--output", &model])?;
    let whole = work.join("whole.ruska").display().to_string();
    ruska(
        &binary,
        &[
            "fit", &data, "--target", "churned", "--trials", "60", "--study", "whole", "--store",
            &store, "--output", &whole,
        ],
    )?;
    let same = fs::read(&model).ok() == fs::read(&whole).ok();
    println!("resumed to the end; the model equals that of a study never killed: {same}");
    let _ = fs::remove_dir_all(&work);
    if same { Ok(()) } else { Err("the resumed model differs".into()) }
}

fn fuzz() -> Result<(), String> {
    let args =
        ["test", "--release", "--workspace", "--test", "damaged_models", "--", "--nocapture"];
    // The test reads this number of mutations.
    let passed = cargo(&args, "RUSKA_MUTATIONS", "1000000")?;
    if passed { Ok(()) } else { Err("a damaged model file was not refused".into()) }
}

fn register() -> Result<(), String> {
    let args = ["test", "--release", "--package", "ruska-store", "--test", "register"];
    // The test reads how many processes it kills.
    let passed = cargo(&args, "RUSKA_KILLS", "500")?;
    if passed { Ok(()) } else { Err("the register lost or doubled a version".into()) }
}

fn job() -> Result<(), String> {
    let args = ["test", "--release", "--workspace", "--test", "cli", "kills_in_the_middle"];
    // The tests read at how many moments they kill.
    let passed = cargo(&args, "RUSKA_JOB_KILLS", "50")?;
    if passed { Ok(()) } else { Err("a killed run lost or doubled something".into()) }
}

fn scheduler() -> Result<(), String> {
    let args = ["test", "--release", "--workspace", "--test", "cli", "kills_of_a_scheduler"];
    // The test reads at how many moments it kills.
    let passed = cargo(&args, "RUSKA_SCHEDULER_KILLS", "50")?;
    if passed { Ok(()) } else { Err("a killed scheduler lost a slot or ran one twice".into()) }
}

fn promotions() -> Result<(), String> {
    let args = ["test", "--release", "--workspace", "--test", "retrains", "--", "--nocapture"];
    // The test reads how many models it trains of each kind.
    let passed = cargo(&args, "RUSKA_RETRAINS", "200")?;
    if passed { Ok(()) } else { Err("rules let the wrong challengers pass".into()) }
}

fn gate(tables: &str, rest: &[&str]) -> Result<(), String> {
    let binary = release_binary()?.display().to_string();
    python("gate.py", &[&[&*binary, tables], rest].concat())
}

fn contracts(tables: &str, rest: &[&str]) -> Result<(), String> {
    let binary = release_binary()?.display().to_string();
    python("contracts.py", &[&[&*binary, tables], rest].concat())
}

fn drift(tables: &str, rest: &[&str]) -> Result<(), String> {
    let binary = release_binary()?.display().to_string();
    python("drift.py", &[&[&*binary, tables], rest].concat())
}

/// Looks at reports in a browser, also at those of tables given as TABLE:TARGET.
fn pages(tables: &[&str]) -> Result<(), String> {
    let binary = release_binary()?.display().to_string();
    call("tests/browser/check.sh", &[&[&*binary], tables].concat())
}

/// Runs cargo with a variable set; tells whether it went well.
fn cargo(args: &[&str], variable: &str, value: &str) -> Result<bool, String> {
    println!("$ {variable}={value} cargo {}", args.join(" "));
    let mut command = Command::new("cargo");
    command.args(args).env(variable, value).current_dir(root());
    Ok(command.status().map_err(|e| e.to_string())?.success())
}

fn predict() -> Result<(), String> {
    const ROWS: usize = 5_000_000;
    let binary = release_binary()?;
    let work = workplace("predict")?;
    let path = |name: &str| work.join(name).display().to_string();
    let (model, store, input) = (path("m.ruska"), path("store"), path("rows.csv"));
    let data = churn().display().to_string();
    ruska(
        &binary,
        &[
            "fit", &data, "--target", "churned", "--time", "20s", "--store", &store, "--output",
            &model,
        ],
    )?;
    let text = fs::read_to_string(churn()).map_err(|e| e.to_string())?;
    let (header, rows) = text.split_once('\n').ok_or("churn.csv has no rows")?;
    let lines: Vec<&str> = rows.lines().collect();
    let mut file = BufWriter::new(File::create(&input).map_err(|e| e.to_string())?);
    writeln!(file, "{header}").map_err(|e| e.to_string())?;
    for row in 0..ROWS {
        writeln!(file, "{}", lines[row % lines.len()]).map_err(|e| e.to_string())?;
    }
    drop(file);
    for output in ["predictions.csv", "predictions.parquet"] {
        let output = path(output);
        let start = Instant::now();
        let mut child = Command::new(&binary)
            .args(["predict", &model, &input, "--output", &output, "--keep", "customer_id"])
            .stdout(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        let mut peak = 0;
        while child.try_wait().map_err(|e| e.to_string())?.is_none() {
            peak = peak.max(high_water(child.id()).unwrap_or(0));
            std::thread::sleep(Duration::from_millis(20));
        }
        let seconds = start.elapsed().as_secs_f64();
        let speed = ROWS as f64 / seconds;
        println!("{output}: {ROWS} rows in {seconds:.1} s, {speed:.0} rows/s, peak {peak} MB");
        if peak >= 500 {
            return Err(format!("predict took {peak} MB"));
        }
    }
    let _ = fs::remove_dir_all(&work);
    Ok(())
}

/// Most megabytes a process has had in memory.
fn high_water(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find(|l| l.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1000)
}

fn full_disk() -> Result<(), String> {
    let binary = release_binary()?;
    let work = workplace("full")?;
    let disk = work.join("disk");
    fs::create_dir_all(&disk).map_err(|e| e.to_string())?;
    let mount = disk.display().to_string();
    call("mount", &["-t", "tmpfs", "-o", "size=600k", "tmpfs", &mount])?;
    let outcome = on_full_disk(&binary, &work, &disk);
    let unmounted = call("umount", &[&mount]);
    let _ = fs::remove_dir_all(&work);
    outcome.and(unmounted)
}

fn on_full_disk(binary: &Path, work: &Path, disk: &Path) -> Result<(), String> {
    let data = churn().display().to_string();
    let small = |path: PathBuf| path.display().to_string();
    let elsewhere = small(work.join("m.ruska"));
    for (what, store, output) in [
        ("store", small(disk.join("store")), elsewhere),
        ("model file", small(work.join("store")), small(disk.join("m.ruska"))),
    ] {
        let filler = disk.join("filler");
        if what == "model file" {
            let _ = fs::remove_dir_all(disk.join("store"));
            let _ = fs::write(&filler, vec![0u8; 590 << 10]);
        }
        let args = [
            "fit", &data, "--target", "churned", "--trials", "40", "--store", &store, "--output",
            &output,
        ];
        let done = Command::new(binary).args(args).output().map_err(|e| e.to_string())?;
        let said = String::from_utf8_lossy(&done.stderr);
        let last = said.lines().last().unwrap_or_default();
        println!("full disk under the {what}: exit {:?}: {last}", done.status.code());
        if done.status.code() != Some(1)
            || !last.starts_with("error: ")
            || said.contains("panicked")
        {
            return Err(format!("a full disk under the {what} is not told clearly: {said}"));
        }
        let _ = fs::remove_file(&filler);
    }
    Ok(())
}
