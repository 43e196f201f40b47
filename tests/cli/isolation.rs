//! `--isolate`: trials in child processes.

use crate::Place;

#[test]
fn a_model_is_the_same_wherever_its_trials_run() {
    let place = Place::new();
    place.churn("churn.csv");
    let fit = "fit churn.csv --target churned --trials 20 --seed 1 --output";
    let board = |study: &str| {
        let mut board = place.run(&format!("leaderboard {study} --json")).json()["entries"].take();
        for entry in board.as_array_mut().unwrap() {
            let entry = entry.as_object_mut().unwrap();
            entry.retain(|name, _| !["fit_seconds", "predict_us"].contains(&name.as_str()));
        }
        board
    };
    place.run(&format!("{fit} here.ruska --study here")).ok();
    for workers in [1, 2] {
        let (model, study) = (format!("there{workers}.ruska"), format!("there{workers}"));
        let line = format!("{fit} {model} --isolate --workers {workers} --study {study}");
        place.run(&line).ok();
        assert_eq!(place.bytes(&model), place.bytes("here.ruska"), "{workers} workers");
        assert_eq!(board(&study), board("here"));
    }
    // What was run in child processes is made again, and gone on with, in one.
    assert_eq!(place.run("replay there1 --all --json").json()["identical"], true);
    place.run(&format!("{fit} part.ruska --study part --isolate").replace("20", "9")).ok();
    place.run("resume part --trials 20 --isolate --output whole.ruska").ok();
    assert_eq!(place.bytes("whole.ruska"), place.bytes("here.ruska"));
}

#[cfg(target_os = "linux")]
mod processes {
    use crate::{Place, dataset};
    use std::fs;
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    /// Whether a process serves trials.
    fn serves(process: u32) -> bool {
        let words = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        words.split(|b| *b == 0).any(|word| word == b"trial-worker")
    }

    /// The child processes of a process that serve trials.
    fn children(parent: u32) -> Vec<u32> {
        let of_it = |process: &u32| {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            let after_name = stat.rsplit(')').next().unwrap_or_default();
            after_name.split_whitespace().nth(1) == Some(parent.to_string().as_str())
        };
        let entries = fs::read_dir("/proc").unwrap();
        let numbers = entries.filter_map(|e| e.unwrap().file_name().to_str()?.parse().ok());
        numbers.filter(of_it).filter(|process| serves(*process)).collect()
    }

    /// Waits until something is so, as it must be soon.
    #[track_caller]
    fn wait_until(what: &str, so: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_mins(2);
        while !so() {
            assert!(Instant::now() < end, "it never came: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A long search, and what it says once so many lines of that are read and children are there.
    fn search(place: &Place, lines: usize) -> (Child, Vec<u32>, BufReader<impl Read + use<>>) {
        fs::copy(dataset("churn.csv"), place.path("churn.csv")).unwrap();
        let line = "fit churn.csv --target churned --trials 100000 --isolate --workers 2 --verbose";
        let mut search = Command::new(env!("CARGO_BIN_EXE_ruska"))
            .args(line.split(' '))
            .current_dir(place.folder())
            .env_remove("RUSKA_STORE")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut says = BufReader::new(search.stderr.take().unwrap());
        let mut said = String::new();
        (0..lines).for_each(|_| assert!(says.read_line(&mut said).unwrap() > 0, "{said}"));
        wait_until("a child", || !children(search.id()).is_empty());
        let found = children(search.id());
        (search, found, says)
    }

    fn wait_for_the_end_of(children: &[u32]) {
        wait_until("the end of the children", || !children.iter().any(|child| serves(*child)));
    }

    #[test]
    fn no_child_outlives_a_study_that_is_killed() {
        for lines in [0, 1, 12] {
            let place = Place::new();
            let (mut search, children, _says) = search(&place, lines);
            search.kill().unwrap();
            search.wait().unwrap();
            wait_for_the_end_of(&children);
            place.run("resume --trials 3").ok();
        }
    }

    #[test]
    fn a_study_that_is_stopped_ends_its_children_and_says_no_more_than_that() {
        let place = Place::new();
        let (mut search, children, mut says) = search(&place, 12);
        let stop = ["-INT", &search.id().to_string()].map(str::to_owned);
        assert!(Command::new("kill").args(stop).status().unwrap().success());
        let mut said = String::new();
        says.read_to_string(&mut said).unwrap();
        assert_eq!(search.wait().unwrap().code(), Some(130), "{said}");
        wait_for_the_end_of(&children);
        assert!(said.contains("stopped by you") && !said.contains("crashed"), "{said}");
        place.run("predict churn.ruska churn.csv --output p.csv").ok();
    }
}
