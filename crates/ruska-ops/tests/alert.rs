//! Webhooks from what happens to what a receiver gets.
#![allow(clippy::unwrap_used, clippy::format_collect)]

use ruska::register::{Entry, Stamp, Subject};
use ruska::{LetterState, Store};
use ruska_ops::alert::{
    Delivery, Kind, Notice, Sending, deliver, raise, recover, signature, standing, tell, try_out,
};
use ruska_ops::job::{Job, Setting, Unwatched, run};
use serde_json::{Map, Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const NOW: i64 = 1_795_521_600_000;
const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

/// What a receiver got.
struct Got {
    headers: BTreeMap<String, String>,
    body: String,
}

impl Got {
    fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn kind(&self) -> String {
        self.event()["type"].as_str().unwrap().to_owned()
    }
}

/// Answers one request after the other with these heads; the last one goes on.
fn receiver(answers: &'static [&'static str]) -> (u16, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for (i, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            // First told, then answered: whoever has the answer finds it told.
            if tell.send(take(&stream)).is_err() {
                return;
            }
            let answer = answers[i.min(answers.len() - 1)];
            let head = "content-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(format!("HTTP/1.1 {answer}\r\n{head}").as_bytes());
        }
    });
    (port, told)
}

fn take(stream: &TcpStream) -> Got {
    let mut lines = BufReader::new(stream);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some((name, value)) => {
                headers.insert(name.to_lowercase(), value.to_owned());
            }
            None if line.trim_end().is_empty() => break,
            None => {
                headers.insert("request".into(), line.trim_end().to_owned());
            }
        }
    }
    let length = headers["content-length"].parse().unwrap();
    let mut body = vec![0; length];
    lines.read_exact(&mut body).unwrap();
    Got { headers, body: String::from_utf8(body).unwrap() }
}

/// A folder with a table, a secret, a store and a job that tells receivers.
struct Place {
    folder: tempfile::TempDir,
    job: Job,
}

impl Place {
    fn new(alerts: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("secret"), SECRET).unwrap();
        let text = format!(
            "[job]\nname = \"churn\"\n[data]\ntrain = \"train.csv\"\ntarget = \"y\"\n[fit]\n\
             trials = 2\ninclude = [\"linear\"]\n{alerts}"
        );
        std::fs::write(path("job.toml"), text).unwrap();
        let job = Job::load(&path("job.toml")).unwrap();
        Self { folder, job }
    }

    /// With one receiver on loopback, told of everything or of these.
    fn told(port: u16, on: &str) -> Self {
        Self::new(&format!(
            "[[alert]]\nurl = \"http://127.0.0.1:{port}/hook?x=1\"\n{on}secret_file = \"secret\"\n\
             allow_private = true\n"
        ))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store(&self) -> Store {
        Store::open(&self.path("store")).unwrap()
    }

    fn table(&self) {
        let rows = (0..120).map(|i| format!("{},{}\n", i % 10, if i % 10 > 4 { "a" } else { "b" }));
        std::fs::write(self.path("train.csv"), format!("x,y\n{}", rows.collect::<String>()))
            .unwrap();
    }

    fn run(&self) -> bool {
        let mut setting = Setting {
            actor: "ann",
            clock: &|| NOW,
            workers: Some(1),
            cancel: Arc::default(),
            watch: &mut Unwatched,
        };
        run(&self.path("store"), &self.job, &mut setting).is_ok()
    }

    /// What comes of sending, by a clock that goes on with every pause only, and the pauses.
    fn send(&self, patience: Duration) -> (Vec<Delivery>, Vec<u64>) {
        self.send_at(NOW, patience)
    }

    fn send_at(&self, now: i64, patience: Duration) -> (Vec<Delivery>, Vec<u64>) {
        let (now, pauses) = (Cell::new(now), RefCell::new(vec![]));
        let pause = |time: Duration| {
            pauses.borrow_mut().push(time.as_millis() as u64);
            now.set(now.get() + time.as_millis() as i64);
        };
        let sending = Sending { clock: &|| now.get(), pause: &pause, patience };
        (deliver(&self.store(), &sending).unwrap(), pauses.into_inner())
    }
}

fn stamp() -> Stamp<'static> {
    Stamp { at_ms: NOW, actor: "ann" }
}

fn drift(key: &str) -> Notice<'_> {
    let data = json!({"psi": 0.31}).as_object().unwrap().clone();
    Notice { kind: Kind::Drift, key, reason: "psi 0.31 > 0.2", data }
}

const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn a_failure_is_told_once_and_once_more_when_it_has_recovered() {
    let (port, told) = receiver(&["204 No Content"]);
    let place = Place::told(port, "");
    assert!(!place.run() && !place.run(), "there is no table");
    assert_eq!(standing(&place.store()).unwrap().len(), 1);
    place.table();
    assert!(place.run() && place.run());
    assert!(standing(&place.store()).unwrap().is_empty());
    let (done, pauses) = place.send(MINUTE);
    assert!(
        done.iter().all(|d| d.state == LetterState::Sent && d.said == "answered 204"),
        "{done:?}"
    );
    assert!(pauses.is_empty() && place.store().letters(false).unwrap().is_empty());
    let got: Vec<Got> = told.try_iter().collect();
    let kinds: Vec<String> = got.iter().map(Got::kind).collect();
    let of = |kind: &str| format!("org.ruska.job.{kind}");
    assert_eq!(kinds, [of("failed"), of("recovered"), of("registered"), of("registered")]);
    let ids: std::collections::BTreeSet<&String> =
        got.iter().map(|g| &g.headers["webhook-id"]).collect();
    assert_eq!(ids.len(), 4);
    for got in &got {
        let Got { headers, body } = got;
        assert_eq!(headers["request"], "POST /hook?x=1 HTTP/1.1");
        assert_eq!(headers["content-type"], "application/cloudevents+json; charset=utf-8");
        let event = got.event();
        assert_eq!(event["id"], headers["webhook-id"].as_str());
        assert_eq!((&event["subject"], &event["data"]["actor"]), (&json!("churn"), &json!("ann")));
        // The signature is checked against the standard's library elsewhere.
        let timestamp = headers["webhook-timestamp"].parse().unwrap();
        let key: Vec<u8> = (0..24).collect();
        let signed = signature(&key, &headers["webhook-id"], timestamp, body);
        assert_eq!((timestamp, &headers["webhook-signature"]), (NOW / 1000, &signed));
        let all = format!("{headers:?}{body}");
        assert!(!all.contains(SECRET) && !all.contains("secret"), "{all}");
        // Where files are on the machine stays there.
        assert!(!all.contains(place.folder.path().to_str().unwrap()), "{all}");
    }
    let why = got[0].event()["data"]["reason"].to_string();
    assert!(why.contains("train.csv"), "{why}");
    assert_eq!(got[1].event()["data"]["recovered"], "failed");
    assert_eq!(got[2].event()["data"]["version"], 1);
    // Whoever keeps the events keeps heads of the ledger with them.
    let head = &got[3].event()["data"]["audit_head"];
    let head = format!("{} {}", head["seq"], head["hash"].as_str().unwrap());
    let checked = place.store().check_ledger(&[head.parse().unwrap()]).unwrap();
    assert_eq!((checked.heads, checked.broken), (1, None));
}

#[test]
fn what_is_not_taken_is_sent_again_with_the_same_id_ever_later() {
    let (port, told) = receiver(&["500 No", "429 No", "200 OK"]);
    let place = Place::told(port, "");
    assert!(raise(&place.store(), &place.job, &drift("age"), stamp()).unwrap());
    let (done, pauses) = place.send(Duration::ZERO);
    assert_eq!((done.len(), done[0].said.as_str(), done[0].attempts), (1, "answered 500", 1));
    assert!(pauses.is_empty());
    let (done, pauses) = place.send(MINUTE);
    let said: Vec<&str> = done.iter().map(|d| d.said.as_str()).collect();
    assert_eq!((said, pauses), (vec!["answered 429", "answered 200"], vec![2_000, 8_000]));
    let got: Vec<Got> = told.try_iter().collect();
    assert_eq!(got.len(), 3);
    assert!(got.iter().all(|g| g.body == got[0].body));
    assert!(got.windows(2).all(|g| g[0].headers["webhook-id"] == g[1].headers["webhook-id"]));
    assert!(place.send(MINUTE).0.is_empty());
}

#[test]
fn what_is_never_taken_is_given_up_and_may_be_tried_again_by_hand() {
    let (port, _told) = receiver(&["500 No"]);
    let place = Place::told(port, "");
    raise(&place.store(), &place.job, &drift(""), stamp()).unwrap();
    // What is tried by hand begins anew, however often it was tried.
    assert_eq!(place.send(MINUTE).0.last().unwrap().attempts, 4);
    assert_eq!(place.store().hurry_letters(false, NOW).unwrap(), 1);
    let (done, pauses) = place.send(Duration::from_hours(48));
    assert_eq!((done.len(), pauses.len()), (12, 11));
    assert_eq!(done.last().unwrap().state, LetterState::Dead);
    let dead = &place.store().letters(false).unwrap()[0];
    assert_eq!(
        (dead.state, dead.attempts, dead.last.as_str()),
        (LetterState::Dead, 12, "answered 500")
    );
    assert!(place.send(MINUTE).0.is_empty());
    assert_eq!(place.store().hurry_letters(false, NOW).unwrap(), 0);
    assert_eq!(place.store().hurry_letters(true, NOW).unwrap(), 1);
    let (done, _) = place.send(Duration::ZERO);
    assert_eq!((done[0].state, done[0].attempts), (LetterState::Waiting, 1));

    let (gone, _told) = receiver(&["410 Gone"]);
    let place = Place::told(gone, "");
    raise(&place.store(), &place.job, &drift(""), stamp()).unwrap();
    assert_eq!(place.send(MINUTE).0[0].state, LetterState::Dead);
}

#[test]
fn a_crash_in_the_middle_of_sending_loses_nothing() {
    let (port, told) = receiver(&["200 OK"]);
    let place = Place::told(port, "");
    raise(&place.store(), &place.job, &drift(""), stamp()).unwrap();
    // Somebody claims the letter and is never heard of again.
    assert!(place.store().claim_letter(NOW, NOW + 60_000).unwrap().is_some());
    assert!(place.send(Duration::ZERO).0.is_empty(), "it is somebody else's");
    let (done, _) = place.send_at(NOW + 60_000, Duration::ZERO);
    assert_eq!((done[0].state, done[0].attempts), (LetterState::Sent, 2));
    assert_eq!(told.try_iter().count(), 1);
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let to = elsewhere.local_addr().unwrap().port();
    let answer = format!("307 Elsewhere\r\nlocation: http://127.0.0.1:{to}/");
    let answers: &'static [&'static str] =
        Box::leak(Box::new([&*Box::leak(answer.into_boxed_str())]));
    let (port, told) = receiver(answers);
    let place = Place::told(port, "");
    raise(&place.store(), &place.job, &drift(""), stamp()).unwrap();
    let (done, _) = place.send(Duration::ZERO);
    assert!(done[0].said.contains("307") && done[0].state == LetterState::Waiting, "{done:?}");
    assert_eq!(told.try_iter().count(), 1);
    assert_eq!(elsewhere.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn a_receiver_that_never_answers_takes_a_bounded_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = Place::told(silent.local_addr().unwrap().port(), "");
    raise(&place.store(), &place.job, &drift(""), stamp()).unwrap();
    let (done, _) = place.send(Duration::ZERO);
    assert!(done[0].said.contains("did not answer within 1 s"), "{done:?}");
    assert_eq!(done[0].state, LetterState::Waiting);
}

#[test]
fn receivers_get_what_they_ask_for_and_alerts_stand_by_what_they_are_about() {
    let (port, told) = receiver(&["200 OK"]);
    let place = Place::told(port, "on = [\"drift\", \"promoted\", \"recovered\"]\n");
    let (store, job) = (place.store(), &place.job);
    assert!(raise(&store, job, &drift("age"), stamp()).unwrap());
    assert!(!raise(&store, job, &drift("age"), stamp()).unwrap());
    assert!(raise(&store, job, &drift("income"), stamp()).unwrap());
    let contract = Notice { kind: Kind::Contract, ..drift("") };
    assert!(raise(&store, job, &contract, stamp()).unwrap());
    let promoted = Notice { kind: Kind::Promoted, key: "", reason: "better", data: Map::new() };
    tell(&store, job, &promoted, stamp()).unwrap();
    assert!(recover(&store, job, (Kind::Drift, "age"), "psi 0.01", stamp()).unwrap());
    assert!(!recover(&store, job, (Kind::Drift, "age"), "psi 0.01", stamp()).unwrap());
    assert!(recover(&store, job, (Kind::Contract, ""), "kept", stamp()).unwrap());
    let stands = standing(&store).unwrap();
    assert_eq!(stands.len(), 1);
    assert_eq!((stands[0].alert.as_str(), stands[0].key.as_str()), ("drift", "income"));
    place.send(MINUTE);
    // Nobody asked for contracts, so nobody is told that one is kept again.
    let got: Vec<(String, Value)> =
        told.try_iter().map(|g| (g.kind(), g.event()["data"]["about"].clone())).collect();
    let of = |kind: &str, about: Value| (format!("org.ruska.job.{kind}"), about);
    assert_eq!(
        got,
        [
            of("drift", json!("age")),
            of("drift", json!("income")),
            of("promoted", Value::Null),
            of("recovered", json!("age")),
        ]
    );
    // The ledger tells who raised what; it never holds a receiver.
    let entries = store.entries(Subject::Job, Some("churn")).unwrap();
    let raised = entries.iter().filter(|e| matches!(e.entry, Entry::AlertRaised(_))).count();
    assert_eq!((entries.len(), raised), (5, 3));
    assert!(!serde_json::to_string(&entries).unwrap().contains("127.0.0.1"));
}

#[test]
fn without_a_secret_nothing_is_sent() {
    let (port, told) = receiver(&["200 OK"]);
    let place = Place::told(port, "");
    let tried = try_out(&place.job, NOW);
    assert_eq!(tried[0].receiver, format!("http://127.0.0.1:{port}"));
    assert!(tried[0].taken && told.try_iter().count() == 1, "{tried:?}");
    std::fs::remove_file(place.path("secret")).unwrap();
    raise(&place.store(), &place.job, &drift(""), stamp()).unwrap();
    let (done, _) = place.send(Duration::ZERO);
    assert!(done[0].said.contains("secret") && done[0].state == LetterState::Waiting, "{done:?}");
    assert!(!try_out(&place.job, NOW)[0].taken);
    assert_eq!(told.try_iter().count(), 0);
    // Whoever has no secret uses up nobody's attempts.
    for hours in [1, 2, 3] {
        let (done, pauses) = place.send_at(NOW + hours * 3_600_000, MINUTE);
        assert_eq!((done.len(), done[0].attempts, pauses.len()), (1, 0, 0), "{done:?}");
    }
    std::fs::write(place.path("secret"), SECRET).unwrap();
    let later = NOW + Duration::from_hours(4).as_millis() as i64;
    let (done, _) = place.send_at(later, Duration::ZERO);
    assert_eq!((done[0].state, done[0].attempts), (LetterState::Sent, 1));
}
