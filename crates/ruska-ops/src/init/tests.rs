#![allow(clippy::unwrap_used, clippy::format_collect)]
use super::*;
use crate::job::{Job, Mode};

/// 24 November 2026, milliseconds since 1970.
const NOW: i64 = 1_795_478_400_000;

fn made(name: &str, data: Option<(&str, &str)>) -> (tempfile::TempDir, Project) {
    let dir = tempfile::tempdir().unwrap();
    let project = init(&dir.path().join("project"), name, data, NOW).unwrap();
    (dir, project)
}

fn read(project: &Project, file: &str) -> String {
    fs::read_to_string(project.folder.join(file)).unwrap()
}

#[test]
fn everything_is_filled_in_and_the_jobs_are_sound() {
    let (_dir, project) = made("Churn_v1.2", None);
    for file in project.files.iter().filter(|f| !f.starts_with("data/")) {
        let text = read(&project, file);
        let left = text.split('@').skip(1).find(|rest| {
            let word: String = rest.chars().take_while(char::is_ascii_uppercase).collect();
            word.len() > 1 && rest[word.len()..].starts_with(['@', '_'])
        });
        assert_eq!(left, None, "{file}");
        assert!(text.lines().all(|line| line == line.trim_end() && !line.contains('\t')), "{file}");
    }
    for file in ["jobs/dev.toml", "jobs/prod.toml"] {
        let job = Job::load(&project.folder.join(file)).unwrap();
        assert_eq!((job.name(), job.spec().data.target.as_str()), ("Churn_v1.2", "churned"));
        let promotion = job.spec().promotion.as_ref().unwrap();
        assert_eq!((promotion.mode, promotion.rules.len()), (Mode::Auto, 3));
        // What is commented out is sound as well.
        let whole: String = read(&project, file)
            .lines()
            .map(|line| {
                let line =
                    line.strip_prefix("# ").filter(|l| l.contains(" = ") || l.starts_with('['));
                line.unwrap_or_default().to_owned() + "\n"
            })
            .collect();
        let text = read(&project, file) + &whole;
        let all = Job::parse(file, text.as_bytes(), project.folder.join("jobs")).unwrap();
        assert_eq!(all.spec().alerts.len(), usize::from(file.contains("prod")));
    }
    assert!(read(&project, "deploy/cronjob.yaml").contains("name: \"ruska-churn-v1-2\""));
    assert!(project.files.contains(&"deploy/ruska-Churn_v1.2.timer".to_owned()));
}

/// Keys of an ini file by section, as systemd reads it.
#[test]
fn units_name_what_a_timer_needs() {
    let (_dir, project) = made("churn", None);
    let units = [
        ("deploy/ruska-churn.service", ["[Unit]", "[Service]", "Type=oneshot", "ExecStart=/"]),
        (
            "deploy/ruska-churn.timer",
            ["[Unit]", "[Timer]", "OnCalendar=", "WantedBy=timers.target"],
        ),
    ];
    for (file, wanted) in units {
        let text = read(&project, file);
        for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
            assert!(line.starts_with('[') || line.contains('='), "{file}: {line}");
        }
        assert!(wanted.iter().all(|w| text.lines().any(|l| l.starts_with(w))), "{file}");
    }
    let crontab = read(&project, "deploy/crontab");
    let line = crontab.lines().last().unwrap();
    assert_eq!(line.split(' ').take(5).collect::<Vec<_>>(), ["17", "3", "*", "*", "*"]);
    assert!(!line.contains('%'), "a percent sign ends a command of cron");
}

#[test]
fn a_table_of_ones_own_is_read_where_it_is_and_its_names_are_only_names() {
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("it's \"my\" $(table).csv");
    let row =
        |i: usize| format!("{},{}\n", i * 7 % 23, (i * 7 % 23) as f64 * 1.5 + (i % 7) as f64 / 8.0);
    let rows: String = (0..200).map(row).collect();
    fs::write(&table, format!("x,the `y`\n{rows}")).unwrap();
    let source = table.display().to_string();
    let (_dir, project) = made("numbers", Some((&source, "the `y`")));
    assert_eq!(project.metric, "rmse");
    let job = Job::load(&project.folder.join("jobs/prod.toml")).unwrap();
    let real = |path: &str| fs::canonicalize(path).unwrap();
    assert_eq!((real(&job.train()), &*job.spec().data.target), (real(&source), "the `y`"));
    assert!(job.spec().data.ignore.is_empty());
    assert!(read(&project, "ci/lab.sh").contains(&shell_word(project.data.as_deref().unwrap())));

    let refused = |name: &str, target| {
        init(&project.folder.join("new"), name, Some((&source, target)), NOW)
            .unwrap_err()
            .to_string()
    };
    assert!(refused("../x", "x").contains("letters, digits"));
    assert!(refused("x", "z").contains('z'));
    let again = init(&project.folder, "numbers", None, NOW).unwrap_err().to_string();
    assert!(again.contains("is not empty"), "{again}");
}
