//! One POST over HTTP: to addresses that were checked, within a time, following nothing.

use super::event::MEDIA_TYPE;
use super::target::Target;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

/// Most bytes of the headers of an answer; its body is not read.
const LARGEST_HEADERS: usize = 16 << 10;

/// What is posted.
pub(super) struct Post<'a> {
    pub(super) id: &'a str,
    /// Seconds since 1970.
    pub(super) timestamp: i64,
    pub(super) signature: &'a str,
    pub(super) body: &'a str,
}

/// Posts to a target within some time, looking its host up included, and gives the status of the
/// answer.
///
/// Proxies of the environment are not used, redirects are not followed: both would reach hosts that
/// were not checked.
pub(super) fn post(target: &Target, post: &Post<'_>, limit: Duration) -> Result<u16, String> {
    let started = Instant::now();
    let pinned = Pinned(target.addresses(limit)?);
    let left = limit.saturating_sub(started.elapsed());
    if left.is_zero() {
        return Err("took too long to be looked up".into());
    }
    let mut config = Agent::config_builder()
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .https_only(target.is_secure())
        .max_response_header_size(LARGEST_HEADERS)
        .max_idle_connections(0)
        .timeout_global(Some(left))
        .user_agent(concat!("ruska/", env!("CARGO_PKG_VERSION")));
    if target.is_secure() {
        config = config.tls_config(tls()?);
    }
    let agent = Agent::with_parts(config.build(), DefaultConnector::new(), pinned);
    let request = agent
        .post(target.url())
        .header("content-type", MEDIA_TYPE)
        .header("webhook-id", post.id)
        .header("webhook-timestamp", post.timestamp.to_string())
        .header("webhook-signature", post.signature);
    match request.send(post.body) {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(Error::Timeout(_)) => Err(format!("did not answer within {} s", limit.as_secs())),
        // The path of a URL may hold a secret.
        Err(error) => Err(error.to_string().replace(target.url(), &target.shown())),
    }
}

/// The system's certificates, with the TLS of `ring`.
fn tls() -> Result<TlsConfig, String> {
    static ROOTS: OnceLock<Arc<Vec<Certificate<'static>>>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs().certs;
        Arc::new(found.iter().map(|c| Certificate::from_der(c.as_ref()).to_owned()).collect())
    });
    if roots.is_empty() {
        let why = "this machine has no certificates to check it by; install ca-certificates, or \
                   name them in SSL_CERT_FILE";
        return Err(why.into());
    }
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}

/// Addresses that were checked, whatever name is asked for.
struct Pinned(Vec<SocketAddr>);

impl fmt::Debug for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Resolver for Pinned {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        // So many fit.
        self.0.iter().take(16).for_each(|address| addresses.push(*address));
        Ok(addresses)
    }
}
