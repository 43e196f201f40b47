//! Where something is sent: a URL that is read strictly, and its addresses, found once and checked.
//!
//! What is connected to are the addresses that were checked, never a name that is looked up again,
//! so that a name cannot stand for one address here and for another there (DNS rebinding). A URL
//! that two programs might read differently is refused rather than interpreted.

use super::address::{Reach, reach};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::Duration;

/// Longest URL in bytes.
const LONGEST: usize = 2048;

/// Ends of names that no public host has (RFC 6761, RFC 6762, RFC 8375, RFC 9476; `internal` is
/// ICANN's for private use).
const LOCAL_NAMES: [&str; 11] = [
    "localhost",
    "local",
    "internal",
    "localdomain",
    "home.arpa",
    "lan",
    "intranet",
    "invalid",
    "test",
    "onion",
    "alt",
];

/// A URL that may be posted to, as far as can be told without looking its host up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: String,
    secure: bool,
    host: Host,
    port: u16,
    allow_private: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Name(String),
    Address(IpAddr),
}

impl Target {
    /// Reads a URL.
    ///
    /// Fails with what is wrong and what would do: another scheme than https (http where private
    /// hosts are allowed), a user, a fragment, an address written in any but the usual way or one
    /// that may not be reached, a name that no public host has, a port below 1024 that is not the
    /// scheme's own.
    pub fn parse(url: &str, allow_private: bool) -> Result<Self, String> {
        if url.len() > LONGEST {
            return Err(format!("is longer than {LONGEST} bytes"));
        }
        if !url.bytes().all(|c| c.is_ascii_graphic()) || url.contains(['\\', '#', '<', '>', '"']) {
            return Err(
                "holds blanks, control characters, letters beyond ASCII or one of \\ # < > \
                        \"; write it percent-encoded, and a name in its ASCII form (xn--…)"
                    .into(),
            );
        }
        let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) if allow_private => (false, rest),
            (_, Some(_)) => {
                return Err(
                    "is not encrypted; write https://, or allow_private = true for a host of \
                            your own"
                        .into(),
                );
            }
            _ => return Err("is no https address; write https://host/path".into()),
        };
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err("names a user before an `@`; leave that out".into());
        }
        let (host, port) = host_and_port(authority)?;
        let own = if secure { 443 } else { 80 };
        let port = port.unwrap_or(own);
        if port < 1024 && port != own {
            return Err(format!("port {port} is another service's; use {own} or one from 1024"));
        }
        let target = Self { url: url.to_owned(), secure, host, port, allow_private };
        match &target.host {
            Host::Address(ip) => target.check(*ip).map(|()| target),
            Host::Name(name) if !allow_private && is_local(name) => Err(format!(
                "`{name}` is no public host; allow_private = true allows one of your own"
            )),
            Host::Name(_) => Ok(target),
        }
    }

    /// The URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Scheme, host and port: what of a URL may be shown, as its path may hold a secret.
    pub fn shown(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        let port = match (self.secure, self.port) {
            (true, 443) | (false, 80) => String::new(),
            (_, port) => format!(":{port}"),
        };
        match &self.host {
            Host::Name(name) => format!("{scheme}://{name}{port}"),
            Host::Address(IpAddr::V6(ip)) => format!("{scheme}://[{ip}]{port}"),
            Host::Address(ip) => format!("{scheme}://{ip}{port}"),
        }
    }

    /// Whether it is spoken to over TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    /// The addresses of its host, looked up within some time.
    ///
    /// Fails when there is none, and when any of them may not be reached.
    pub fn addresses(&self, limit: Duration) -> Result<Vec<SocketAddr>, String> {
        self.addresses_by(|name, port| look_up(name, port, limit))
    }

    /// The same with somebody else's word for what a name stands for.
    pub(super) fn addresses_by(
        &self,
        look_up: impl FnOnce(&str, u16) -> io::Result<Vec<SocketAddr>>,
    ) -> Result<Vec<SocketAddr>, String> {
        let found = match &self.host {
            Host::Address(ip) => vec![SocketAddr::new(*ip, self.port)],
            Host::Name(name) => {
                look_up(name, self.port).map_err(|e| format!("cannot be looked up: {e}"))?
            }
        };
        if found.is_empty() {
            return Err("has no address".into());
        }
        found.iter().try_for_each(|address| self.check(address.ip()))?;
        Ok(found)
    }

    fn check(&self, ip: IpAddr) -> Result<(), String> {
        match reach(ip) {
            Reach::Never(what) => Err(format!("{ip} is {what}; nothing is sent there")),
            Reach::Private(_) if self.allow_private => Ok(()),
            Reach::Private(what) => {
                Err(format!("{ip} is {what}; allow_private = true allows a host of your own"))
            }
            Reach::Public if self.secure => Ok(()),
            Reach::Public => Err(format!("{ip} is public, and http is not encrypted; write https")),
        }
    }
}

/// Host and port of what stands between `//` and the path.
fn host_and_port(authority: &str) -> Result<(Host, Option<u16>), String> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').ok_or("`[` without `]`")?;
        let ip: Ipv6Addr = address.parse().map_err(|_| format!("`[{address}]` is no address"))?;
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            Some(port) => Some(port),
            None => return Err("goes on after `]`".into()),
        };
        (Host::Address(ip.into()), port)
    } else {
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        (name_or_address(host)?, port)
    };
    let number = |text: &str| {
        let digits = (1..=5).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
        let port = text.parse().ok().filter(|port| digits && *port > 0);
        port.ok_or_else(|| format!("`{text}` is no port"))
    };
    Ok((host, port.map(number).transpose()?))
}

/// A name, or an address of four decimal numbers. Whatever some programs would take for an address
/// (one number, hexadecimal, octal, fewer than four parts) is refused.
fn name_or_address(text: &str) -> Result<Host, String> {
    let name = text.to_ascii_lowercase();
    let inner = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(inner)
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    if name.is_empty() || name.len() > 253 || !name.split('.').all(label) {
        return Err(format!("`{text}` is no name of a host"));
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|c| c.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|c| c.is_ascii_hexdigit()));
    if !numeric {
        return Ok(Host::Name(name));
    }
    let ip: Ipv4Addr = name.parse().map_err(|_| {
        format!("`{text}` is an odd way to write an address; write four decimal numbers")
    })?;
    Ok(Host::Address(ip.into()))
}

/// Whether a name is one that no public host has: a single word, or such an end.
fn is_local(name: &str) -> bool {
    let ends = |end: &str| {
        name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.contains('.') || LOCAL_NAMES.into_iter().any(ends)
}

/// Looks a name up on a thread of its own, as the system's resolver knows no limit of time.
fn look_up(name: &str, port: u16, limit: Duration) -> io::Result<Vec<SocketAddr>> {
    let (tell, told) = mpsc::sync_channel(1);
    let question = (name.to_owned(), port);
    std::thread::spawn(move || {
        let found = (question.0.as_str(), question.1).to_socket_addrs();
        // Nobody listens any more where it took too long.
        let _ = tell.send(found.map(Iterator::collect));
    });
    told.recv_timeout(limit).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
