//! The job files that a scheduler watches, as they are now: what comes, goes, breaks and is mended is told once.

use super::Happened;
use crate::Error;
use crate::job::Job;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Is told what happens to a file or job.
type Tell<'a> = &'a dyn Fn(&str, &Happened);

/// Job files, and folders of them.
pub(super) struct Files<'a> {
    named: &'a [PathBuf],
    /// Files whose jobs were watched when they were last read.
    watched: BTreeSet<PathBuf>,
    /// What was wrong with a file when it was last read.
    wrong: BTreeMap<PathBuf, String>,
}

impl<'a> Files<'a> {
    pub(super) fn new(named: &'a [PathBuf]) -> Self {
        Self { named, watched: BTreeSet::new(), wrong: BTreeMap::new() }
    }

    /// The jobs with triggers, for the first time.
    ///
    /// Fails when a file that was named cannot be used or has no triggers, when a folder cannot be read, when two
    /// files are the same job, and where nothing is left to watch.
    pub(super) fn first(&mut self, tell: Tell<'_>) -> Result<Vec<Job>, Error> {
        let mut jobs: Vec<(PathBuf, Job)> = vec![];
        let mut wrong = vec![];
        for Found { path, named, unreadable } in self.find() {
            match unreadable.map_or_else(|| Job::load(&path), Err) {
                Ok(job) if job.spec().triggers.is_none() => {
                    if named {
                        let what =
                            "the job has no [triggers]; without them nothing runs it by itself";
                        return Err(Error::Job(format!("{}: {what}", path.display())));
                    }
                }
                Ok(job) => match twice(&jobs, &path, &job) {
                    Some(error) => return Err(error),
                    None => jobs.push((path, job)),
                },
                Err(error) if named => return Err(error),
                Err(error) => wrong.push((path, error.to_string())),
            }
        }
        if jobs.is_empty() {
            let none = "no job file with [triggers] was named; add the section to a job, or name its folder";
            let why = wrong.into_iter().next().map_or_else(|| none.to_owned(), |(_, why)| why);
            return Err(Error::Job(why));
        }
        Ok(self.settle(jobs, wrong, tell))
    }

    /// The same again. What cannot be used is told of, and waits until it can.
    pub(super) fn again(&mut self, tell: Tell<'_>) -> Vec<Job> {
        let mut jobs: Vec<(PathBuf, Job)> = vec![];
        let mut wrong = vec![];
        // Of two files of one job the one that is watched stays.
        let mut found = self.find();
        found.sort_by_key(|found| !self.watched.contains(&found.path));
        for Found { path, unreadable, .. } in found {
            match unreadable.map_or_else(|| Job::load(&path), Err) {
                Ok(job) if job.spec().triggers.is_none() => {}
                Ok(job) => match twice(&jobs, &path, &job) {
                    Some(error) => wrong.push((path, error.to_string())),
                    None => jobs.push((path, job)),
                },
                Err(error) => wrong.push((path, error.to_string())),
            }
        }
        self.settle(jobs, wrong, tell)
    }

    /// Tells what is other than it was.
    fn settle(
        &mut self,
        jobs: Vec<(PathBuf, Job)>,
        mut wrong: Vec<(PathBuf, String)>,
        tell: Tell<'_>,
    ) -> Vec<Job> {
        let now: BTreeSet<PathBuf> = jobs.iter().map(|(path, _)| path.clone()).collect();
        for path in self.watched.difference(&now) {
            if wrong.iter().all(|(other, _)| other != path) {
                let there = path.exists();
                let why = if there {
                    "it has no [triggers] any more"
                } else {
                    "it is not there any more"
                };
                wrong.push((path.clone(), why.to_owned()));
            }
        }
        let name = |path: &Path| path.display().to_string();
        for (path, why) in &wrong {
            if self.wrong.get(path) != Some(why) {
                tell(&name(path), &Happened::Unusable { why: why.clone() });
            }
        }
        for path in self.wrong.keys().filter(|path| now.contains(*path)) {
            tell(&name(path), &Happened::Usable);
        }
        // What went stays among the watched ones, so that its coming back is told.
        self.watched.extend(now);
        self.wrong = wrong.into_iter().collect();
        jobs.into_iter().map(|(_, job)| job).collect()
    }

    /// The files there are, each once, those that were named first.
    fn find(&self) -> Vec<Found> {
        let mut found: Vec<Found> = vec![];
        let mut seen = BTreeSet::new();
        let (folders, files): (Vec<&PathBuf>, Vec<&PathBuf>) =
            self.named.iter().partition(|path| path.is_dir());
        for path in files {
            if seen.insert(identity(path)) {
                found.push(Found { path: path.clone(), named: true, unreadable: None });
            }
        }
        for folder in folders {
            match in_folder(folder) {
                Ok(files) => {
                    let new = files.into_iter().filter(|path| seen.insert(identity(path)));
                    found.extend(new.map(|path| Found { path, named: false, unreadable: None }));
                }
                Err(why) => {
                    let path = folder.clone();
                    found.push(Found { path, named: true, unreadable: Some(why) });
                }
            }
        }
        found
    }
}

/// A job file, or a folder that could not be read.
struct Found {
    path: PathBuf,
    /// Whether it was named, rather than found in a folder.
    named: bool,
    unreadable: Option<Error>,
}

/// What tells that two paths are one file.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Why a job cannot be watched beside others, if it cannot.
fn twice(jobs: &[(PathBuf, Job)], path: &Path, job: &Job) -> Option<Error> {
    let (other, _) = jobs.iter().find(|(_, other)| other.name() == job.name())?;
    Some(Error::Job(format!(
        "{} and {} are both the job `{}`; what one of them does would count for the other, so give one another name",
        other.display(),
        path.display(),
        job.name()
    )))
}

/// The job files in a folder: those that end in `.toml` and have a table `job`, and those that cannot be read as
/// TOML, of which nobody can say.
fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let io =
        |e: std::io::Error| Error::Io { path: folder.display().to_string(), why: e.to_string() };
    let mut files: Vec<PathBuf> = vec![];
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let toml = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
        if toml && path.is_file() && may_be_job(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn may_be_job(path: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return true };
    text.parse::<toml::Table>().map_or(true, |table| table.contains_key("job"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::cell::RefCell;

    const JOB: &str =
        "[job]\nname = 'a'\n[data]\ntrain = 'x.csv'\ntarget = 'y'\n[triggers]\ncron = '@daily'\n";

    /// What is told while something is done: the file's name and whether it can be used.
    fn told(act: impl FnOnce(Tell<'_>)) -> Vec<(String, bool)> {
        let all = RefCell::new(vec![]);
        act(&|file: &str, happened: &Happened| {
            let name = Path::new(file).file_name().unwrap().to_string_lossy().into_owned();
            all.borrow_mut().push((name, matches!(happened, Happened::Usable)));
        });
        all.into_inner()
    }

    #[test]
    fn what_goes_breaks_and_comes_back_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a.toml"), JOB).unwrap();
        // TOML without a job is none of ours, however it looks; broken TOML may be.
        std::fs::write(path("other.toml"), "text = '''\n[job]\nname = 1\n'''\n").unwrap();
        std::fs::write(path("broken.toml"), "job = [\n").unwrap();
        let inline = JOB.replace("[job]\nname = 'a'", "job = { name = 'b' }");
        std::fs::write(path("inline.toml"), inline).unwrap();
        let named = [folder.path().to_owned()];
        let mut files = Files::new(&named);
        let names = |files: &mut Files<'_>, first: bool| {
            let jobs = RefCell::new(vec![]);
            let told = told(|tell| {
                let read = if first { files.first(tell).unwrap() } else { files.again(tell) };
                jobs.borrow_mut().extend(read.iter().map(|j| j.name().to_owned()));
            });
            (jobs.into_inner(), told)
        };
        let said = |name: &str, usable| vec![(name.to_owned(), usable)];
        assert_eq!(
            names(&mut files, true),
            (vec!["a".into(), "b".into()], said("broken.toml", false))
        );
        assert_eq!(names(&mut files, false).1, []);
        std::fs::remove_file(path("a.toml")).unwrap();
        assert_eq!(names(&mut files, false), (vec!["b".into()], said("a.toml", false)));
        assert_eq!(names(&mut files, false).1, []);
        std::fs::write(path("a.toml"), JOB).unwrap();
        assert_eq!(names(&mut files, false).1, said("a.toml", true));
        std::fs::remove_file(path("broken.toml")).unwrap();
        assert_eq!(names(&mut files, false).1, []);
        let triggers = JOB.find("[triggers]").unwrap();
        std::fs::write(path("a.toml"), &JOB[..triggers]).unwrap();
        assert_eq!(names(&mut files, false).1, said("a.toml", false));
        assert_eq!(names(&mut files, false).1, []);
        std::fs::write(path("a.toml"), "[job]\n").unwrap();
        assert_eq!(names(&mut files, false).1, said("a.toml", false));
    }

    #[test]
    fn a_file_counts_once_and_a_job_has_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a.toml"), JOB).unwrap();
        let quiet: Tell<'_> = &|_, _| {};
        let named = [path("a.toml"), path("./a.toml"), folder.path().to_owned()];
        assert_eq!(Files::new(&named).first(quiet).unwrap().len(), 1);
        std::fs::write(path("copy.toml"), JOB).unwrap();
        for named in [vec![path("a.toml"), path("copy.toml")], vec![folder.path().to_owned()]] {
            let error = Files::new(&named).first(quiet).unwrap_err().to_string();
            assert!(error.contains("a.toml") && error.contains("copy.toml"), "{error}");
            assert!(error.contains("are both the job `a`"), "{error}");
        }
        std::fs::remove_file(path("copy.toml")).unwrap();
        let named = [folder.path().to_owned()];
        let mut files = Files::new(&named);
        files.first(quiet).unwrap();
        for name in ["copy.toml", "_first.toml"] {
            std::fs::write(path(name), JOB).unwrap();
            let said = told(|tell| assert_eq!(files.again(tell).len(), 1));
            assert_eq!(said, [(name.to_owned(), false)]);
        }
        // A file that was named is a job or an error.
        std::fs::write(path("broken.toml"), "job = [\n").unwrap();
        assert!(Files::new(&[path("broken.toml")]).first(quiet).is_err());
    }
}
