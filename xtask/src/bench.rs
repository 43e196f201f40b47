//! `cargo xtask bench NAME`: figures for `benches/RESULTS.md`. Run nothing else beside it.

use crate::{call, release_binary, root, target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

const NAMES: &str = "benches:
  startup                     milliseconds of `ruska --version`
  trees [PAIRS [TABLES]]      fit CPU, memory, prediction and score of boosted trees and forests
                              against their peers, in 7 alternating pairs, on the tables A to G
  real-trees DIR FILE [TABLES] loss and CPU of boosted trees against LightGBM and CatBoost on the
                              tables of DIR/manifest.csv, five folds; FILE keeps the results
  learners DIR FILE [TABLES]  score and CPU of every learner's defaults beside scikit-learn's
                              counterparts on the tables of DIR/manifest.csv; FILE keeps the results
  estimates DIR FILE SECONDS  how far the score that a search expects is from that of rows kept away,
                              on the tables of DIR/manifest.csv, three folds; FILE keeps the results
  intervals DIR FILE SECONDS  what 90 % intervals hold of rows kept away, on the regression tables of
                              DIR/manifest.csv, 20 resamples each; FILE keeps the results
  portfolio DIR LOG           fits many settings on the tables of DIR/manifest.csv, keeps what they
                              gave in the folder LOG, and learns the portfolio of the search
  clustering [OPTIONS]        clusters found in 116 tables without their labels, beside what
                              scikit-learn finds: --time 20s, --tables PATTERN, --made SEED,
                              --real DIR, --ruska PROGRAM; --honest [SEEDS] looks at noise and at two
                              heaps near and far instead, --big [ROWS] at seconds and memory
  forecasting DIR [OPTIONS]   forecasts of the panels of DIR/manifest.csv beside statsforecast's:
                              --panels PATTERN, --series N, --time SECONDS|peer, --intervals,
                              --ruska PROGRAM; --covariates looks at what columns known ahead bring
                              instead, --big at seconds and memory
  kmeans [PAIRS]              CPU of k-means against scikit-learn's from the same centres, in 3 pairs
  linear [PAIRS]              fit CPU and score of linear models against scikit-learn's, in 3 pairs
  shap [PAIRS]                CPU of Shapley values of 1000 rows by 500 trees of 31 leaves against the
                              shap package's, in 3 pairs
  drift [ROWS COLS]           seconds of the verdict on two tables of so many numbers (100000 × 20)
  store [STUDIES]             pages of the list of 10000 studies, trials written per second
  first-model DIR [ROWS COLS] seconds until a saved model beats the constant beyond noise, for every
                              table of DIR/manifest.csv up to ROWS × COLS (50000 × 30)";

pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    match words {
        ["startup"] => startup(),
        ["trees", rest @ ..] => {
            let tables = peers_folder().join("tables").display().to_string();
            let pairs: &[&str] = if rest.is_empty() { &["7"] } else { rest };
            trees("trees.py", &[&[&*tables], pairs].concat())
        }
        ["real-trees", dir, file, rest @ ..] => {
            trees("real_trees.py", &[&[*dir, *file], rest].concat())
        }
        ["learners", dir, file, rest @ ..] => {
            let program = bench_program("ruska", "learners")?;
            python("learners.py", &[&[&*program, *dir, *file], rest].concat())
        }
        ["estimates", dir, file, seconds, rest @ ..] => {
            let program = release_binary()?.display().to_string();
            python("estimates.py", &[&[&*program, *dir, *file, *seconds], rest].concat())
        }
        ["intervals", dir, file, seconds, rest @ ..] => {
            let program = release_binary()?.display().to_string();
            python("intervals.py", &[&[&*program, *dir, *file, *seconds], rest].concat())
        }
        ["portfolio", dir, log] => {
            let program = bench_program("ruska", "portfolio")?;
            python("portfolio.py", &["try", &program, dir, log])?;
            let file = root().join("crates/ruska/portfolio.json").display().to_string();
            python("portfolio.py", &["learn", log, &file])
        }
        ["clustering", rest @ ..] => {
            let tables = peers_folder().join("clustering").display().to_string();
            beside_ruska("clustering_ruska.py", &tables, rest)
        }
        ["forecasting", dir, rest @ ..] => beside_ruska("forecasting.py", dir, rest),
        ["kmeans", rest @ ..] => {
            let program = bench_program("ruska-kernels", "kmeans")?;
            let tables = peers_folder().join("kmeans").display().to_string();
            python("kmeans.py", &[&*program, &*tables, rest.first().unwrap_or(&"3")])
        }
        ["linear", rest @ ..] => {
            let program = bench_program("ruska-catalog", "linear")?;
            let tables = peers_folder().join("linear").display().to_string();
            let pairs = rest.first().unwrap_or(&"3");
            python("linear.py", &[&*program, &*tables, pairs])
        }
        ["shap", rest @ ..] => {
            let program = bench_program("ruska-kernels", "shap")?;
            let folder = peers_folder().join("shap").display().to_string();
            python("shap_values.py", &[&*program, &*folder, rest.first().unwrap_or(&"3")])
        }
        ["drift", size @ ..] => {
            let bench = ["bench", "--package", "ruska-ops", "--bench", "drift", "--"];
            call("cargo", &[bench.as_slice(), size].concat())
        }
        ["store", studies @ ..] => {
            let bench = ["bench", "--package", "ruska-store", "--bench", "store", "--"];
            call("cargo", &[bench.as_slice(), studies].concat())
        }
        ["first-model", dir] => first_models(Path::new(dir), 50_000, 30),
        ["first-model", dir, rows, cols] => {
            let number = |text: &str| text.parse().map_err(|_| format!("{text} is no number"));
            first_models(Path::new(dir), number(rows)?, number(cols)?)
        }
        _ => Err(NAMES.to_owned()),
    }
}

/// Compares with the peers by a script.
fn trees(script: &str, words: &[&str]) -> Result<(), String> {
    let program = bench_program("ruska-catalog", "trees")?;
    python(script, &[&[&*program], words].concat())
}

/// Compares the release binary, or the program that the words name, with the peers by a script.
fn beside_ruska(script: &str, folder: &str, words: &[&str]) -> Result<(), String> {
    if words.contains(&"--ruska") {
        return python(script, &[&[folder], words].concat());
    }
    let program = release_binary()?.display().to_string();
    python(script, &[&[folder, "--ruska", &*program], words].concat())
}

/// Runs a script of `benches/peers` in a virtual environment of pinned versions under `target`: one
/// of its own where it has `requirements-NAME.txt`.
pub(crate) fn python(script: &str, words: &[&str]) -> Result<(), String> {
    let peers = root().join("benches/peers");
    let name = script.trim_end_matches(".py");
    let own = peers.join(format!("requirements-{name}.txt"));
    let (requirements, venv) = if own.exists() {
        (own, format!("venv-{name}"))
    } else {
        (peers.join("requirements.txt"), "venv".to_owned())
    };
    let venv = peers_folder().join(venv);
    let python = venv.join("bin/python");
    let text = |path: &Path| path.display().to_string();
    if !python.exists() {
        call("python3", &["-m", "venv", &text(&venv)])?;
    }
    let install = ["-m", "pip", "install", "--quiet", "-r", &text(&requirements)];
    call(&text(&python), &install)?;
    let script = text(&peers.join(script));
    call(&text(&python), &[&[&*script], words].concat())
}

/// Where the peers and their tables are kept.
fn peers_folder() -> PathBuf {
    target().join("peers")
}

/// Builds a bench and gives the path of its program.
fn bench_program(package: &str, name: &str) -> Result<String, String> {
    let output = Command::new("cargo")
        .args(["bench", "--no-run", "--locked", "--message-format", "json"])
        .args(["--package", package, "--bench", name])
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cannot run cargo: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mark = "\"executable\":\"";
    let found = text.lines().rev().find_map(|line| {
        let rest = &line[line.find(mark)? + mark.len()..];
        Some(rest[..rest.find('"')?].to_owned())
    });
    found.ok_or_else(|| format!("cargo built no program for the bench {name}"))
}

fn startup() -> Result<(), String> {
    let ruska = release_binary()?;
    let mut times: Vec<f64> = (0..50)
        .map(|_| {
            let start = Instant::now();
            let done = Command::new(&ruska).arg("--version").stdout(Stdio::null()).status();
            done.map_err(|e| e.to_string())?;
            Ok(start.elapsed().as_secs_f64() * 1e3)
        })
        .collect::<Result<_, String>>()?;
    times.sort_by(f64::total_cmp);
    println!("ruska --version: median {:.1} ms, worst {:.1} ms of 50", times[25], times[49]);
    Ok(())
}

/// A table of a manifest.
struct Table {
    name: String,
    file: PathBuf,
    target: String,
    metric: String,
    rows: usize,
    cols: usize,
}

/// Reads `name,file,task,target,metric,rows,cols,…`; these columns hold no quotes.
fn tables(dir: &Path) -> Result<Vec<Table>, String> {
    let path = dir.join("manifest.csv");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut found = vec![];
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [name, file, task, target, metric, rows, cols, ..] = cells.as_slice() else { continue };
        if *task == "clustering" {
            continue;
        }
        let number = |text: &str| text.parse().map_err(|_| format!("{text} is no number"));
        found.push(Table {
            name: (*name).to_owned(),
            file: dir.join(file),
            target: (*target).to_owned(),
            metric: (*metric).to_owned(),
            rows: number(rows)?,
            cols: number(cols)?,
        });
    }
    Ok(found)
}

fn first_models(dir: &Path, rows: usize, cols: usize) -> Result<(), String> {
    let ruska = release_binary()?;
    let work = std::env::temp_dir().join(format!("ruska-bench-{}", std::process::id()));
    fs::create_dir_all(&work).map_err(|e| e.to_string())?;
    println!(
        "{:22} {:>7} {:>4}  {:>8}  {:>10} {:>10}",
        "table", "rows", "cols", "seconds", "score", "constant"
    );
    let mut late = 0;
    for table in tables(dir)?.iter().filter(|t| t.rows <= rows && t.cols <= cols) {
        let found = first_model(&ruska, table, &work)?;
        let Some((seconds, score, constant)) = found else {
            println!("{:22} {:>7} {:>4}  none within 10 s", table.name, table.rows, table.cols);
            late += 1;
            continue;
        };
        late += usize::from(seconds > 1.0);
        println!(
            "{:22} {:>7} {:>4}  {seconds:>8.3}  {score:>10.4} {constant:>10.4}",
            table.name, table.rows, table.cols
        );
    }
    let _ = fs::remove_dir_all(&work);
    println!("later than 1 s: {late}");
    Ok(())
}

/// Seconds from exec to the first model file whose score differs from the constant's by more than
/// two standard errors for the better, its score and the constant's.
fn first_model(
    ruska: &Path,
    table: &Table,
    work: &Path,
) -> Result<Option<(f64, f64, f64)>, String> {
    let output = work.join(format!("{}.ruska", table.name));
    let start = Instant::now();
    let mut child = Command::new(ruska)
        .arg("fit")
        .arg(&table.file)
        .args(["--target", &table.target, "--metric", &table.metric, "--time", "10s", "--quiet"])
        .arg("--output")
        .arg(&output)
        .arg("--store")
        .arg(work.join("store"))
        .stdout(Stdio::null())
        .spawn()
        .map_err(|e| e.to_string())?;
    // Two models may be written within one tick of the file system's clock.
    let mut seen: Option<(SystemTime, u64)> = None;
    let mut found = None;
    while found.is_none() && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(1));
        let stamp = |m: fs::Metadata| Ok((m.modified()?, m.len()));
        let Ok(changed) = fs::metadata(&output).and_then(stamp) else { continue };
        if seen == Some(changed) {
            continue;
        }
        seen = Some(changed);
        let seconds = start.elapsed().as_secs_f64();
        let bytes = fs::read(&output).map_err(|e| e.to_string())?;
        found = beats_constant(&bytes, &table.metric)
            .map(|(score, constant)| (seconds, score, constant));
    }
    let _ = child.kill();
    let _ = child.wait();
    Ok(found)
}

/// Score and constant's score by a model file's manifest, if the difference is beyond noise.
fn beats_constant(file: &[u8], metric: &str) -> Option<(f64, f64)> {
    let text = String::from_utf8_lossy(file);
    let number = |after: &str| -> Option<f64> {
        let rest = &text[text.find(after)? + after.len()..];
        rest[..rest.find([',', '}'])?].parse().ok()
    };
    let score = number(&format!("\"{metric}\":"))?;
    let constant = number("\"baseline\":")?;
    // With one part kept aside there is no error over folds; a twentieth of the constant stands in.
    let error = number("\"standard_error\":").unwrap_or(0.05 * constant);
    let gain = if metric == "auc" { score - constant } else { constant - score };
    (gain > 2.0 * error).then_some((score, constant))
}
