//! `ruska model` and `ruska env`: versions from lab to production.

use crate::{Place, small};

/// A place with two model files of one table, the first registered as `m:1`.
fn registered() -> Place {
    let place = Place::new();
    place.write("t.csv", small(120));
    place.run("fit t.csv --target y --trials 1 --seed 1 --study s1 --output a.ruska").ok();
    place.run("fit t.csv --target y --trials 4 --seed 2 --study s2 --output b.ruska").ok();
    place.run("model register m a.ruska --actor ann").ok();
    place
}

fn bring_to_prod(place: &Place, version: &str) {
    for environment in ["dev", "test", "prod"] {
        place.run(&format!("model promote {version} {environment} --actor ann")).ok();
    }
}

/// Times and digests differ from run to run and machine to machine.
fn steady(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive([' ', '\n']) {
        let bare = word.trim_end_matches([' ', '\n', '…']);
        let hex = bare.len() >= 12 && bare.bytes().all(|c| c.is_ascii_hexdigit());
        let time = bare.len() >= 16 && bare.starts_with("20") && bare.contains('T');
        let shown = if hex {
            "<digest>"
        } else if time {
            "<time>"
        } else {
            bare
        };
        out += shown;
        out += &word[bare.len()..];
    }
    out
}

#[test]
fn versions_are_numbered_and_equal_bytes_are_one() {
    let place = registered();
    assert!(place.run("model register m b.ruska").ok().contains("m:2 is registered"));
    let again = place.run("model register m a.ruska").ok();
    assert!(again.contains("m:1 holds these bytes already"), "{again}");
    place.run("model import other a.ruska --actor bob").ok();
    let listed = place.run("model list --json").json();
    let rows: Vec<(&str, u64)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|v| (v["name"].as_str().unwrap(), v["version"].as_u64().unwrap()))
        .collect();
    assert_eq!(rows, [("m", 2), ("m", 1), ("other", 1)]);
    assert_eq!(listed[1]["study"], "s1");
    assert_eq!((&listed[2]["origin"], &listed[2]["author"]), (&"imported".into(), &"bob".into()));
    assert_eq!(listed[0]["stands_in"], serde_json::json!(["lab"]));
}

#[test]
fn a_version_goes_from_lab_to_prod_step_by_step_and_back() {
    let place = registered();
    place.run("model register m b.ruska --actor bob").ok();
    let message = place.run("model promote m:1 prod").fails(1);
    assert!(message.contains("has not stood in dev"), "{message}");
    bring_to_prod(&place, "m:1");
    let again = place.run("model promote m:1 prod").ok();
    assert!(again.contains("already; nothing changed"), "{again}");
    bring_to_prod(&place, "m:2");
    assert_eq!(place.run("model rollback m prod --actor bob --json").json()["version"], 1);
    let message = place.run("model rollback m prod").fails(1);
    assert!(message.contains("nothing stood there before m:1"), "{message}");
    let diff = place.run("env diff test prod --json").json();
    assert_eq!(diff["differences"], 1);
    insta::assert_snapshot!("model_list", steady(&place.run("model list").ok()));
    insta::assert_snapshot!("model_show", steady(&place.run("model show m:1").ok()));
    insta::assert_snapshot!("env_diff", steady(&place.run("env diff test prod").ok()));
}

#[test]
fn references_name_models_for_prediction_and_evaluation() {
    let place = registered();
    let message = place.run("predict m t.csv").fails(1);
    assert!(message.contains("ruska model promote m:1 dev"), "{message}");
    bring_to_prod(&place, "m:1");
    let expected = place.run("predict a.ruska t.csv").ok();
    for reference in ["m", "m@test", "m@lab", "m:1"] {
        assert_eq!(place.run(&format!("predict {reference} t.csv")).ok(), expected, "{reference}");
    }
    assert_eq!(place.run("evaluate m t.csv --json").json()["rows"], 120);
    let message = place.run("predict n t.csv").fails(1);
    assert!(message.contains("no model `n`"), "{message}");
    place.write("m", "a file of this name wins");
    let message = place.run("predict m t.csv").fails(1);
    assert!(message.contains("not a ruska model"), "{message}");
}

#[test]
fn predictions_can_tell_which_version_made_them() {
    let place = registered();
    bring_to_prod(&place, "m:1");
    let digest = place.run("model list --json").json()[0]["digest"].as_str().unwrap().to_owned();
    let scored = place.run("predict m t.csv --keep id --stamp").ok();
    let mut lines = scored.lines();
    let header = lines.next().unwrap();
    assert_eq!(header, "id,prediction,proba_no,proba_yes,model_version,model_digest");
    assert!(lines.all(|line| line.ends_with(&format!(",m:1,{digest}"))), "{scored}");
    let scored = place.run("predict a.ruska t.csv --stamp").ok();
    assert!(scored.lines().skip(1).all(|line| line.ends_with(&format!(",,{digest}"))), "{scored}");
    let document = place.run("predict m t.csv --stamp --output p.parquet --json").json();
    assert_eq!((&document["version"], &document["rows"]), (&"m:1".into(), &120.into()));
    let columns = place.run("profile p.parquet --json").json();
    assert_eq!(columns["columns"].as_array().unwrap().len(), 5);
}

#[test]
fn a_fit_enters_its_model_by_name() {
    let place = registered();
    let fit = "fit t.csv --target y --trials 1 --seed 1";
    let document = place.run(&format!("{fit} --register m --json")).json();
    assert_eq!(
        document["registered"],
        serde_json::json!({"name": "m", "version": 1, "new": false})
    );
    let shown = place.run(&format!("{fit} --register fresh --actor eve")).ok();
    assert!(shown.contains("fresh:1 is registered"), "{shown}");
    assert_eq!(place.run("model list fresh --json").json()[0]["author"], "eve");
    let message = place.run(&format!("{fit} --register ../x --study bad")).fails(2);
    assert!(message.contains("../x"), "{message}");
    assert!(!place.run("studies").ok().contains("bad"), "refused before the search");
}

#[test]
fn a_tampered_model_is_refused() {
    let place = registered();
    bring_to_prod(&place, "m:1");
    let digest = place.run("model list --json").json()[0]["digest"].as_str().unwrap().to_owned();
    let blob = format!(".ruska/blobs/{}/{}", &digest[..2], &digest[2..]);
    let mut bytes = place.bytes(&blob);
    let last = bytes.len() - 1;
    bytes[last / 2] ^= 1;
    place.write(&blob, bytes);
    let message = place.run("predict m t.csv").fails(1);
    assert!(message.contains("damaged") && message.contains(&digest[2..]), "{message}");
    let message = place.run("predict m:1 t.csv --output p.csv").fails(1);
    assert!(message.contains("damaged") && !place.path("p.csv").exists(), "{message}");
    // Registering the file again mends it.
    place.run("model register m a.ruska").ok();
    place.run("predict m t.csv").ok();
}

#[test]
fn names_that_lead_out_of_the_register_are_refused() {
    let place = registered();
    for name in ["../x", "a/b", ".hidden", "a:1", "a@b", "ü", ""] {
        let message = place.run_words(&["model", "register", name, "a.ruska"]).fails(2);
        assert!(message.contains("name of a model"), "{message}");
        let message = place.run_words(&["model", "promote", name, "dev"]);
        assert_ne!(message.code, Some(0));
    }
    let message = place.run("model promote ../x:1 dev").fails(2);
    assert!(message.contains("../x:1"), "{message}");
    let message = place.run("env set lab ../x").fails(2);
    assert!(message.contains("../x"), "{message}");
    assert!(!place.path("../x").exists() && !place.path("x").exists());
}

#[test]
fn what_is_no_model_does_not_enter() {
    let place = registered();
    place.write("text.ruska", "hello there, this is no model at all");
    let message = place.run("model import m text.ruska").fails(1);
    assert!(message.contains("text.ruska") && message.contains("not a ruska model"), "{message}");
    let message = place.run("model register m none.ruska").fails(1);
    assert!(message.contains("none.ruska"), "{message}");
    assert_eq!(place.run("model list --json").json().as_array().unwrap().len(), 1);
}

#[test]
fn versions_are_rejected_retired_and_deleted() {
    let place = registered();
    place.run("model register m b.ruska").ok();
    bring_to_prod(&place, "m:1");
    let message = place.run("model delete m:1").fails(1);
    assert!(message.contains("stands in dev, prod, test"), "{message}");
    place.run("model reject m:2 --reason too_slow --actor bob").ok();
    let message = place.run("model promote m:2 dev").fails(1);
    assert!(message.contains("rejected by bob") && message.contains("too_slow"), "{message}");
    assert_eq!(place.run("model reject m:2").code, Some(2), "a rejection has a reason");
    place.run("model delete m:2").ok();
    assert!(!place.run("model list").ok().contains("m:2"));
    assert!(place.run("model list --all").ok().contains("deleted"));
    let message = place.run("predict m:2 t.csv").fails(1);
    assert!(message.contains("m:2 was deleted"), "{message}");
    let message = place.run("model approve m:1 --reason fine").fails(1);
    assert!(message.contains("nobody proposed it"), "{message}");
}

#[test]
fn challengers_and_shadows_stand_beside_the_champion() {
    let place = registered();
    place.run("model register m b.ruska").ok();
    bring_to_prod(&place, "m:1");
    place.run("model promote m:2 dev").ok();
    place.run("model promote m:2 test").ok();
    let shown = place.run("model promote m:2 prod --role challenger --weight 20%").ok();
    assert!(shown.contains("m:1 80 %, m:2 challenger 20 %"), "{shown}");
    place.run("model promote m:2 prod --role shadow").ok();
    let message = place.run("model promote m:1 prod --role challenger").fails(1);
    assert!(message.contains("m:1 in prod") && message.contains("champion"), "{message}");
    let listed = place.run("model list m --json").json();
    assert_eq!(listed[0]["deployments"][2]["role"], "shadow");
}

#[test]
fn a_card_tells_what_is_recorded_and_shows_names_as_they_are() {
    let place = Place::new();
    place.write("t.csv", small(120).replace("city", "<b>ci|ty"));
    place.run("fit t.csv --target y --trials 4 --holdout 0.2 --study s --register m").ok();
    bring_to_prod(&place, "m:1");
    place.run("model promote m:1 prod --reason none").ok();
    let card = place.run("model show m --card").ok();
    for heading in [
        "Purpose",
        "Data",
        "Results",
        "What was odd about the data",
        "Pipeline",
        "Lineage",
        "Columns a table must have",
        "Decisions",
        "Who approved, and where it stood",
        "Limits",
    ] {
        assert!(card.contains(&format!("\n## {heading}\n\n")), "{heading}: {card}");
    }
    assert!(card.starts_with("# Model card: m:1\n"), "{card}");
    assert!(card.contains("class column `y` has") && card.contains("`no`, `yes`"), "{card}");
    assert!(
        card.contains("Chosen among 4 trials") && card.contains("selection optimism"),
        "{card}"
    );
    assert!(card.contains("On 24 rows from which nothing was learned or chosen"), "{card}");
    assert!(card.contains("| `<b>ci\\|ty` | categorical |"), "{card}");
    assert!(card.contains("| prod | 1 | ann |"), "{card}");
    assert_eq!(place.run("model show m --card --json").json()["card"], card);
}

#[test]
fn environments_can_be_named() {
    let place = registered();
    assert_eq!(place.run("env list").ok(), "lab → dev → test → prod\n");
    place.run("env set lab live").ok();
    place.run("model promote m:1 live").ok();
    place.run("predict m t.csv").ok();
    let message = place.run("env set lab prod").fails(1);
    assert!(message.contains("m:1 stands in `live`"), "{message}");
}
