//! A new project: jobs with their rules of promotion, a contract of what the data hold, folders of data,
//! what the stages from lab to production do, pipelines and schedules. The files are templates in `templates/`, with `@WORD@`
//! where something is filled in; what they make runs as it is.

mod files;
mod place;
mod quote;

use crate::{Error, contract};
use files::FILES;
use place::relative;
use quote::{markdown, slug, toml};
use ruska::notation::shell_word;
use ruska::words::{cut, file_name};
use ruska::{AutoMl, Finding, FindingCode, ReadOptions, ReadTable};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A small made-up table of customers, with which a project begins that is given none.
const TRAIN: &str = include_str!("../../templates/data/train.csv");
/// Its target, and the column that names its rows.
const TARGET: (&str, &str) = ("churned", "customer");
/// Where it is read from for the contract.
const FIRST: &str = "data/dev/train.csv";
/// The environments, each with a folder of data.
const ENVIRONMENTS: [&str; 4] = ["lab", "dev", "test", "prod"];

/// What stands between a key and what is said of it.
const PAD: &str = "                 ";

/// A project that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    /// Its name, which is that of its job and model.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Column that is predicted.
    pub target: String,
    /// Id of the measure that is optimised.
    pub metric: String,
    /// The table that it was given, from the folder where it lies near, absolute otherwise.
    pub data: Option<String>,
    /// Columns of it that tell the target nearly alone; its jobs leave them out.
    pub leaks: Vec<String>,
    /// What its contract promises less than it seems to, in sentences.
    pub caveats: Vec<String>,
    /// Its files, relative to the folder.
    pub files: Vec<String>,
}

/// Writes a project into a folder that is empty or not there yet. It learns from a table of its own,
/// or from a source of data and a column of it. `now_ms` is the present in milliseconds since 1970.
///
/// Fails when the name cannot be one of a model, when the folder holds something, and when the
/// column cannot be predicted from the data. Nothing is left in the folder then.
pub fn init(
    folder: &Path,
    name: &str,
    data: Option<(&str, &str)>,
    now_ms: i64,
) -> Result<Project, Error> {
    if !ruska::register::is_name(name) {
        let name: String = name.chars().take(100).collect();
        return Err(ruska::StoreError::BadRegisterName { what: "model", name }.into());
    }
    if folder.exists() && fs::read_dir(folder).map_err(io(folder))?.next().is_some() {
        let folder = folder.display();
        return Err(Error::Refused(format!("{folder} is not empty; choose a new folder")));
    }
    // What cannot be learned from is told before anything is written.
    let given = data.map(|(source, target)| Given::new(folder, source, target)).transpose()?;
    let new = !folder.exists();
    let made = write(folder, name, given.as_ref(), now_ms);
    if made.is_err() {
        // The folder was empty or not there, so all that is in it now is a part of a project.
        let parts = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        parts.for_each(|part| {
            let path = part.path();
            let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
        });
        let _ = new.then(|| fs::remove_dir(folder));
    }
    made
}

/// A table of one's own.
struct Given<'a> {
    /// As it was named.
    source: &'a str,
    /// As it is found from the project, or from anywhere.
    path: String,
    /// Whether it is found from the project alone.
    near: bool,
    target: &'a str,
    metric: String,
    table: ReadTable,
    /// Columns that tell the target nearly alone.
    leaks: Vec<String>,
}

impl<'a> Given<'a> {
    fn new(folder: &Path, source: &'a str, target: &'a str) -> Result<Self, Error> {
        let plan = AutoMl::of(target).data(source).trials(1).plan()?;
        let table = read(source)?;
        let found = ruska::profile(&table, Some(target), &BTreeMap::new())?.findings;
        let leak = |finding: &Finding| finding.code == FindingCode::SuspectedLeak;
        let leaks = found.into_iter().filter(leak).filter_map(|finding| finding.column).collect();
        let near = relative(source, folder);
        let path = match &near {
            Some(path) => path.clone(),
            None => {
                std::path::absolute(source).map_err(io(Path::new(source)))?.display().to_string()
            }
        };
        Ok(Self { source, path, near: near.is_some(), target, metric: plan.metric, table, leaks })
    }
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |e| Error::Io { path: path.clone(), why: e.to_string() }
}

fn read(source: &str) -> Result<ReadTable, Error> {
    Ok(ruska::read_table(source, &ReadOptions::default()).map_err(ruska::Error::from)?)
}

fn write(
    folder: &Path,
    name: &str,
    given: Option<&Given<'_>>,
    now_ms: i64,
) -> Result<Project, Error> {
    let (target, metric) = given.map_or((TARGET.0, "auc"), |given| (given.target, &*given.metric));
    let words = Words::new(name, given, target, metric);
    let mut written = vec![];
    let mut write = |file: &str, text: &str| -> Result<(), Error> {
        let path = folder.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io(parent))?;
        }
        fs::write(&path, text).map_err(io(&path))?;
        if file.starts_with("ci/") {
            executable(&path).map_err(io(&path))?;
        }
        written.push(file.to_owned());
        Ok(())
    };
    for (file, template) in FILES {
        write(&file.replace("@NAME@", name), &words.fill(template))?;
    }
    for environment in ENVIRONMENTS {
        match given {
            None => write(&format!("data/{environment}/train.csv"), TRAIN)?,
            Some(_) => write(&format!("data/{environment}/.gitkeep"), "")?,
        }
    }
    let own = match given {
        None => Some(read(&folder.join(FIRST).display().to_string())?),
        Some(_) => None,
    };
    let table = own.as_ref().or(given.map(|given| &given.table));
    let table = table.expect("a project without a table of its own is given one");
    let source = given.map_or(FIRST, |given| given.source);
    let (types, sensitive) = (BTreeMap::new(), BTreeSet::new());
    let suggested = contract::suggest(table, Some(target), &types, &sensitive, now_ms)?;
    write("contract.toml", &contract::toml(&suggested, file_name(source)))?;
    Ok(Project {
        name: name.to_owned(),
        folder: folder.to_owned(),
        target: target.to_owned(),
        metric: metric.to_owned(),
        data: given.map(|given| given.path.clone()),
        leaks: given.map_or(vec![], |given| given.leaks.clone()),
        caveats: suggested.caveats,
        files: written,
    })
}

/// What is filled in.
struct Words(Vec<(&'static str, String)>);

impl Words {
    fn new(name: &str, given: Option<&Given<'_>>, target: &str, metric: &str) -> Self {
        // In job files paths are relative to these, in scripts to the project.
        let table = |environment: &str, above: &str| match given {
            None => format!("{above}data/{environment}/*.csv"),
            Some(Given { path, near: true, .. }) => format!("{above}{path}"),
            Some(Given { path, .. }) => path.clone(),
        };
        let ignore = if given.is_some() { vec![] } else { vec![toml(TARGET.1)] };
        let leaks = given.map_or(&[][..], |given| given.leaks.as_slice());
        let leaks = match leaks {
            [] => String::new(),
            [one] => format!("\ndrop_leaks = true{PAD}# `{}` tells the target", cut(one, 40)),
            _ => format!("\ndrop_leaks = true{PAD}# {} columns tell the target", leaks.len()),
        };
        // A margin in units of the target says nothing of another target; R² has none.
        let (rule, margin) = match metric {
            "auc" => ("auc", "0.01"),
            "rmse" => ("r2", "0.01"),
            other => (other, "0.02"),
        };
        let data = match given {
            None => "to begin with, each holds the same made-up table".to_owned(),
            Some(Given { path, near: true, .. }) => format!(
                "empty yet: the jobs and `ci/` read `{}`, seen from here; move both together",
                markdown(path)
            ),
            Some(Given { path, .. }) => format!(
                "empty yet: the jobs and `ci/` read `{}`, which lies elsewhere: on another machine put \
                 it there, or change `train` in `jobs/` and the path in `ci/`",
                markdown(path)
            ),
        };
        Self(vec![
            ("@DEV@", toml(&table("dev", "../"))),
            ("@PROD@", toml(&table("prod", "../"))),
            ("@LAB_SH@", shell_word(&table("lab", ""))),
            ("@DEV_SH@", shell_word(&table("dev", ""))),
            ("@TEST_SH@", shell_word(&table("test", ""))),
            ("@TARGET@", toml(target)),
            ("@TARGET_SH@", shell_word(target)),
            ("@TARGET_MD@", markdown(target)),
            ("@DATA_MD@", data),
            ("@IGNORE@", format!("[{}]", ignore.join(", "))),
            ("@LEAKS@", leaks),
            ("@METRIC@", metric.to_owned()),
            ("@RULE@", rule.to_owned()),
            ("@MARGIN@", margin.to_owned()),
            ("@SLUG@", slug(name)),
            // Names of models need no quotes anywhere.
            ("@NAME@", name.to_owned()),
        ])
    }

    /// A template filled in, in one pass: what is filled in is not looked at again.
    fn fill(&self, template: &str) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some(at) = rest.find('@') {
            out += &rest[..at];
            rest = &rest[at..];
            if let Some((word, value)) = self.0.iter().find(|(word, _)| rest.starts_with(word)) {
                out += value;
                rest = &rest[word.len()..];
            } else {
                out.push('@');
                rest = &rest[1..];
            }
        }
        out + rest
    }
}

#[cfg(unix)]
fn executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
