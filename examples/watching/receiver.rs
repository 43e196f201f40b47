//! A receiver of webhooks: takes events on a port of this machine, checks who signed them and prints one line for
//! each. It writes its port to a file, and ends after so many events or when nothing comes for a minute.
//!
//!     RUSKA_SECRET=… cargo run -p ruska-ops --example receiver -- PORT_FILE [EVENTS]

#![allow(clippy::print_stdout)]

use ruska_ops::alert::signature;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

const QUIET: Duration = Duration::from_mins(1);
const LARGEST: usize = 1 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().collect();
    let port_file = words.get(1).ok_or("name a file for the port")?;
    let most = words.get(2).map_or(Ok(usize::MAX), |n| n.parse())?;
    let secret = std::env::var("RUSKA_SECRET")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    std::fs::write(port_file, listener.local_addr()?.port().to_string())?;
    listener.set_nonblocking(true)?;
    let (mut taken, mut last) = (0, Instant::now());
    while taken < most && last.elapsed() < QUIET {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(Duration::from_secs(5)))?;
                take(stream, secret.as_bytes())?;
                (taken, last) = (taken + 1, Instant::now());
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

/// Reads a request, answers it and prints what it tells.
fn take(stream: TcpStream, key: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let mut reader = BufReader::new(stream);
    let (mut id, mut timestamp, mut signed, mut length) = (String::new(), 0, String::new(), 0);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.trim_end().split_once(':') {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "webhook-id" => value.clone_into(&mut id),
                "webhook-timestamp" => timestamp = value.parse()?,
                "webhook-signature" => value.clone_into(&mut signed),
                "content-length" => length = value.parse::<usize>()?.min(LARGEST),
                _ => {}
            }
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8(body)?;
    let genuine = signature(key, &id, timestamp, &body) == signed;
    let answer = if genuine { "204 No Content" } else { "401 Unauthorized" };
    write!(
        reader.get_mut(),
        "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )?;
    let event: serde_json::Value = serde_json::from_str(&body)?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mark = if genuine { "signed" } else { "FORGED" };
    println!("{mark} {} {}", text(&event["type"]), text(&event["data"]["reason"]));
    Ok(())
}
