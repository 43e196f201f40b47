//! The binary as users meet it: files in, files and exit codes out.
#![allow(clippy::unwrap_used, clippy::format_push_string, clippy::format_collect)]

mod alert;
mod audit;
mod catalog_page;
mod clustering;
mod contract;
mod covariates;
mod dataset;
mod diff;
mod drift;
mod drivers;
mod evaluate;
mod explain;
mod feedback;
mod fit;
mod forecast_pictures;
mod forecasting;
mod hierarchy;
mod hostile;
mod init;
mod intervals;
mod isolation;
mod job;
mod listings;
mod model;
mod predict;
mod replay;
mod report;
mod scheduler;
mod studies;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of its own in which commands run.
struct Place(tempfile::TempDir);

/// What a command left behind.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// Asserts success and gives stdout.
    #[track_caller]
    fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self.stdout
    }

    /// Asserts a failure with a clear message and gives stderr.
    #[track_caller]
    fn fails(self, code: i32) -> String {
        let all = format!("stdout: {}\nstderr: {}", self.stdout, self.stderr);
        assert_eq!(self.code, Some(code), "{all}");
        assert!(!self.stderr.contains("panicked"), "{all}");
        assert!(self.stderr.contains("error: "), "{all}");
        self.stderr
    }

    /// Asserts success and gives stdout as JSON.
    #[track_caller]
    fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.ok()).unwrap()
    }
}

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(place.folder()).unwrap();
        place
    }

    /// A folder in a folder of its own, so that what leaves it is seen.
    fn folder(&self) -> PathBuf {
        self.0.path().join("place")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs `ruska` with the words of a line; `\u{1f}` stands for a space within a word.
    fn run(&self, line: &str) -> Ran {
        let words: Vec<String> = line.split(' ').map(|word| word.replace('\u{1f}', " ")).collect();
        self.run_words(&words)
    }

    fn run_words<S: AsRef<std::ffi::OsStr>>(&self, words: &[S]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_ruska"))
            .args(words)
            .current_dir(self.folder())
            .env_remove("RUSKA_STORE")
            .output()
            .unwrap();
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Writes the churn table under the given name.
    fn churn(&self, name: &str) -> &Self {
        self.write(name, std::fs::read(dataset("churn.csv")).unwrap())
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A committed table.
fn dataset(name: &str) -> PathBuf {
    root().join("datasets").join(name)
}

/// A small table: `y` is yes where `x` is high; `city` tells a little.
fn small(rows: usize) -> String {
    let mut text = String::from("id,x,city,y\n");
    for i in 0..rows {
        let x = (i * 37 % 100) as f64 / 10.0;
        let city = ["Bern", "Oslo", "Rome"][i * 7 % 3];
        let y = if x + (i % 5) as f64 > 6.0 { "yes" } else { "no" };
        text += &format!("A{i:04},{x},{city},{y}\n");
    }
    text
}
