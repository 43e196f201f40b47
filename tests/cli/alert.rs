//! `ruska alert`: what the commands say; what is sent is in the tests of `ruska-ops`.

use crate::{Place, small};
use std::net::TcpListener;

fn job(url: &str, rest: &str) -> String {
    format!(
        "[job]\nname = \"churn\"\n[data]\ntrain = \"a.csv\"\ntarget = \"y\"\n[fit]\ntrials = 2\n\
         include = [\"linear\"]\n[[alert]]\nurl = \"{url}\"\n{rest}"
    )
}

#[test]
fn what_nobody_takes_waits_and_is_shown_without_its_secrets() {
    let place = Place::new();
    // A port on which nobody listens.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/T0/token");
    place.write("a.csv", small(100)).write("secret", "0123456789abcdef");
    let rest =
        "on = [\"registered\", \"failed\"]\nsecret_file = \"secret\"\nallow_private = true\n";
    place.write("job.toml", job(&url, rest));
    // The run is done whatever becomes of its events.
    let ran = place.run("job run job.toml");
    assert!(ran.stderr.contains("event `registered`"), "{}", ran.stderr);
    assert!(ran.ok().contains("registered"));
    let listed = place.run("alert list").ok();
    assert!(listed.contains("registered") && listed.contains("nothing stands"), "{listed}");
    assert!(!listed.contains("token"), "{listed}");
    assert!(listed.lines().all(|line| line.chars().count() <= 100), "{listed}");
    let document = place.run("alert list --json").json();
    assert_eq!(document["events"][0]["state"], "waiting");
    assert!(!document.to_string().contains("token"), "{document}");
    let said = place.run("alert test job.toml").fails(1);
    assert!(said.contains("1 of 1 receivers"), "{said}");
    place.write("quiet.toml", job(&url, rest).split("[[alert]]").next().unwrap());
    assert!(place.run("alert test quiet.toml").fails(1).contains("no [[alert]]"));
}

#[test]
fn receivers_that_nothing_could_be_sent_to_are_refused_at_their_place() {
    let place = Place::new();
    let secret = "secret_env = \"HOOK\"\n";
    let cases = [
        (job("https://127.0.0.1/x", secret), "job.toml:10:7: [[alert]] url: 127.0.0.1 is loopback"),
        (job("https://2130706433/", secret), "job.toml:10:7"),
        (job("http://hooks.example.org/", secret), "not encrypted"),
        (job("https://hooks.example.org/", ""), "secret_env"),
        (job("https://hooks.example.org/", "secret_env = \"a secret!\"\n"), "job.toml:11:14"),
        (job("https://hooks.example.org/", "secret = \"x\"\n"), "unknown key `secret`"),
        (job("https://hooks.example.org/", "on = []\nsecret_env = \"HOOK\"\n"), "names nothing"),
        (
            job("https://hooks.example.org/", "on = [\"promotd\"]\nsecret_env = \"HOOK\"\n"),
            "did you mean `promoted`",
        ),
    ];
    for (text, wanted) in cases {
        place.write("job.toml", &text);
        let said = place.run("job validate job.toml").fails(1);
        assert!(said.contains(wanted), "{text}\n{said}");
    }
    place.write("job.toml", job("https://hooks.example.org/x", secret));
    place.run("job validate job.toml").ok();
}
