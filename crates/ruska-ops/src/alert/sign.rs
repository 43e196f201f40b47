//! Signing events, so that a receiver knows who sent them and when.
//!
//! Source: Standard Webhooks, version 1 (<https://www.standardwebhooks.com>), symmetric signatures:
//! HMAC-SHA256 (RFC 2104, FIPS 180-4) over `id.timestamp.body`, as `v1,` and base64 in the header
//! `webhook-signature`, beside `webhook-id` and `webhook-timestamp`. The secret is `whsec_` and
//! base64, or any text, whose bytes are the key then.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fs::File;
use std::io::Read as _;

/// Fewest bytes of a secret.
const SHORTEST: usize = 16;
/// Most bytes of a file with a secret.
const LONGEST: u64 = 4096;

/// Where a secret is kept. The secret itself is read when it is needed, and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Secret {
    /// In a variable of the environment.
    Env(String),
    /// In a file, absolute.
    File(String),
}

impl Secret {
    /// The key.
    ///
    /// Fails when there is none, or when it is too short to be one.
    pub(super) fn key(&self) -> Result<Vec<u8>, String> {
        let (text, place) = match self {
            Self::Env(name) => {
                let text = std::env::var(name);
                (text.map_err(|_| format!("the variable {name} with its secret is not set"))?, name)
            }
            Self::File(path) => {
                let mut text = String::new();
                let read = File::open(path).and_then(|f| f.take(LONGEST).read_to_string(&mut text));
                read.map_err(|e| format!("its secret in {path} cannot be read: {e}"))?;
                (text, path)
            }
        };
        let text = text.trim();
        let key = match text.strip_prefix("whsec_") {
            Some(encoded) => STANDARD
                .decode(encoded)
                .map_err(|_| format!("its secret in {place} is not base64 after whsec_"))?,
            None => text.as_bytes().to_vec(),
        };
        if key.len() < SHORTEST {
            return Err(format!("its secret in {place} is shorter than {SHORTEST} bytes"));
        }
        Ok(key)
    }
}

/// The signature of a body that is sent at `timestamp`, seconds since 1970, under an id.
pub fn signature(key: &[u8], id: &str, timestamp: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Figures of `tests/reference/webhooks.py`: the `standardwebhooks` package for Python.
    #[test]
    fn signatures_are_those_of_the_standards_own_library() {
        let text = include_str!("../../../../tests/reference/webhooks.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        for case in &cases {
            let text = |key: &str| case[key].as_str().unwrap();
            std::fs::write(&path, format!("{}\n", text("secret"))).unwrap();
            let key = Secret::File(path.display().to_string()).key().unwrap();
            let timestamp = case["timestamp"].as_i64().unwrap();
            let made = signature(&key, text("id"), timestamp, text("body"));
            assert_eq!(made, text("signature"));
        }
        assert_eq!(cases.len(), 3);
    }

    #[test]
    fn a_secret_that_is_none_is_refused_and_never_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret").display().to_string();
        let file = || Secret::File(path.clone());
        assert!(file().key().is_err());
        for bad in ["", "short secret", "whsec_c2hvcnQ=", "whsec_not base64 at all!"] {
            std::fs::write(&path, bad).unwrap();
            let why = file().key().unwrap_err();
            assert!(bad.is_empty() || !why.contains(bad), "{why}");
        }
        assert!(Secret::Env("RUSKA_NO_SUCH_VARIABLE".into()).key().is_err());
    }
}
