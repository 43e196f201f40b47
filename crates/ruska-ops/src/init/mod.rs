//! A new project: jobs with their rules of promotion, a contract of what the data hold, folders of data,
//! what the stages from lab to production do, pipelines and schedules. The files are templates in `templates/`, with `@WORD@`
//! where something is filled in; what they make runs as it is.

mod files;
mod quote;

use crate::{Error, contract};
use files::FILES;
use quote::{markdown, shell, slug, toml};
use ruska::words::file_name;
use ruska::{AutoMl, ReadOptions};
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
    /// Its files, relative to the folder.
    pub files: Vec<String>,
}

/// Writes a project into a folder that is empty or not there yet. It learns from a table of its own,
/// or from a source of data and a column of it. `now_ms` is the present in milliseconds since 1970.
///
/// Fails when the name cannot be one of a model, when the folder holds something, and when the
/// column cannot be predicted from the data.
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
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |e: std::io::Error| Error::Io { path, why: e.to_string() }
    };
    if folder.exists() && fs::read_dir(folder).map_err(io(folder))?.next().is_some() {
        let folder = folder.display();
        return Err(Error::Refused(format!("{folder} is not empty; choose a new folder")));
    }
    let (target, metric) = match data {
        Some((source, target)) => {
            let plan = AutoMl::of(target).data(source).trials(1).plan()?;
            (target, plan.metric)
        }
        None => (TARGET.0, "auc".to_owned()),
    };
    let words = Words::new(name, data.map(|(source, _)| source), target, &metric)?;
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
        match data {
            None => write(&format!("data/{environment}/train.csv"), TRAIN)?,
            Some(_) => write(&format!("data/{environment}/.gitkeep"), "")?,
        }
    }
    let own = folder.join(FIRST).display().to_string();
    let source = data.map_or(own.as_str(), |(source, _)| source);
    let table = ruska::read_table(source, &ReadOptions::default()).map_err(ruska::Error::from)?;
    let (types, sensitive) = (BTreeMap::new(), BTreeSet::new());
    let suggested = contract::suggest(&table, Some(target), &types, &sensitive, now_ms)?;
    write("contract.toml", &contract::toml(&suggested, file_name(source)))?;
    let (name, folder, target) = (name.to_owned(), folder.to_owned(), target.to_owned());
    Ok(Project { name, folder, target, metric, files: written })
}

/// What is filled in.
struct Words(Vec<(&'static str, String)>);

impl Words {
    fn new(name: &str, source: Option<&str>, target: &str, metric: &str) -> Result<Self, Error> {
        let absolute = |source: &str| {
            let path = std::path::absolute(source)
                .map_err(|e| Error::Io { path: source.to_owned(), why: e.to_string() })?;
            Ok::<_, Error>(path.display().to_string())
        };
        let own = source.map(absolute).transpose()?;
        // In job files paths are relative to these, in scripts to the project.
        let table = |environment: &str, above: &str| {
            own.clone().unwrap_or_else(|| format!("{above}data/{environment}/*.csv"))
        };
        let ignore = if own.is_some() { vec![] } else { vec![toml(TARGET.1)] };
        // A margin in units of the target says nothing of another target; R² has none.
        let (rule, margin) = match metric {
            "auc" => ("auc", "0.01"),
            "rmse" => ("r2", "0.01"),
            other => (other, "0.02"),
        };
        let data = match &own {
            None => "to begin with, each holds the same made-up table".to_owned(),
            Some(_) => "empty yet: the jobs read the table that was named".to_owned(),
        };
        Ok(Self(vec![
            ("@DEV@", toml(&table("dev", "../"))),
            ("@PROD@", toml(&table("prod", "../"))),
            ("@LAB_SH@", shell(&table("lab", ""))),
            ("@TEST_SH@", shell(&table("test", ""))),
            ("@TARGET@", toml(target)),
            ("@TARGET_SH@", shell(target)),
            ("@TARGET_MD@", markdown(target)),
            ("@DATA_MD@", data),
            ("@IGNORE@", format!("[{}]", ignore.join(", "))),
            ("@METRIC@", metric.to_owned()),
            ("@RULE@", rule.to_owned()),
            ("@MARGIN@", margin.to_owned()),
            ("@SLUG@", slug(name)),
            // Names of models need no quotes anywhere.
            ("@NAME@", name.to_owned()),
        ]))
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
