#![allow(clippy::unwrap_used)]
use super::*;
use std::net::TcpListener;

/// Ways to reach this machine, the network behind it or a metadata service, each as somebody
/// hostile would write it. `PORT` is one on which something listens on loopback.
const HOSTILE: [&str; 67] = [
    // Addresses that are not public, plainly.
    "https://127.0.0.1:PORT/",
    "https://127.1.2.3:PORT/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://0.0.0.0:PORT/",
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/v2/credentials",
    "https://100.100.100.200/latest/meta-data/",
    "https://168.63.129.16/machine",
    "https://192.0.0.192/opc/v2/instance/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://240.0.0.1/",
    "https://198.18.0.1/",
    // One number, hexadecimal, octal, fewer parts, leading zeros.
    "https://2130706433:PORT/",
    "https://0x7f000001:PORT/",
    "https://0x7f.0.0.1:PORT/",
    "https://0x7f.1:PORT/",
    "https://017700000001:PORT/",
    "https://0177.0.0.1:PORT/",
    "https://0177.0.0.01:PORT/",
    "https://127.1:PORT/",
    "https://127.0.1:PORT/",
    "https://127.0.0.1.:PORT/",
    "https://127.0.0.01:PORT/",
    "https://127.000.000.001:PORT/",
    "https://0:PORT/",
    "https://2852039166/latest/meta-data/",
    "https://0xa9fea9fe/latest/meta-data/",
    "https://0251.0376.0251.0376/",
    "https://425.510.425.510/",
    // IPv6, plain and with an IPv4 address inside.
    "https://[::1]:PORT/",
    "https://[0:0:0:0:0:0:0:1]:PORT/",
    "https://[::]:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/",
    "https://[::ffff:7f00:1]:PORT/",
    "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
    "https://[::127.0.0.1]:PORT/",
    "https://[64:ff9b::127.0.0.1]:PORT/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]:PORT/",
    "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25lo]:PORT/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://[fc00::1]/",
    "https://[ff02::1]/",
    // Names of this machine or a private network.
    "https://localhost:PORT/",
    "https://LOCALHOST:PORT/",
    "https://a.localhost:PORT/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://printer.local/",
    "https://intranet/",
    // Another scheme or port.
    "http://127.0.0.1:PORT/",
    "http://hooks.example.org/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_POST",
    "https://hooks.example.org:22/",
    "https://hooks.example.org:25/",
    // Read one way here and another way there.
    "https://hooks.example.org@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT\\@hooks.example.org/",
    "https://127.0.0.1:PORT#@hooks.example.org/",
    "https://①②⑦.⓪.⓪.①:PORT/",
    "https://127。0。0。1:PORT/",
    "https://%31%32%37.0.0.1:PORT/",
];

#[test]
fn hostile_targets_are_refused_without_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let seconds = Duration::from_secs(5);
    for url in HOSTILE {
        let url = url.replace("PORT", &port);
        let refused = Target::parse(&url, false).and_then(|target| target.addresses(seconds));
        assert!(refused.is_err(), "{url}: {refused:?}");
    }
    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn what_is_allowed_for_a_host_of_ones_own_ends_at_metadata_and_hidden_addresses() {
    for url in
        ["http://127.0.0.1:8080/x", "http://10.0.0.7/", "https://[::1]/", "http://localhost/"]
    {
        Target::parse(url, true).unwrap();
    }
    let never = [
        "http://169.254.169.254/",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:10.0.0.1]/",
        "http://0x7f000001/",
        "http://0.0.0.0/",
        "http://user@10.0.0.7/",
        "http://8.8.8.8/",
    ];
    for url in never {
        assert!(Target::parse(url, true).is_err(), "{url}");
    }
}

#[test]
fn a_name_is_refused_when_any_of_its_addresses_is() {
    let target = Target::parse("https://hooks.example.org/x?token=1", false).unwrap();
    let with = |texts: &[&str]| {
        let found = texts.iter().map(|t| SocketAddr::new(t.parse().unwrap(), 443)).collect();
        target.addresses_by(|name, port| {
            assert_eq!((name, port), ("hooks.example.org", 443));
            Ok(found)
        })
    };
    assert_eq!(with(&["1.1.1.1", "2606:4700::1"]).unwrap().len(), 2);
    assert!(with(&[]).is_err());
    for private in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:1.1.1.1"] {
        assert!(with(&["1.1.1.1", private]).is_err(), "{private}");
    }
    // A public name over http would tell everybody on the way.
    let plain = Target::parse("http://hooks.example.org/", true).unwrap();
    let public = |_: &str, port| Ok(vec![SocketAddr::new("1.1.1.1".parse().unwrap(), port)]);
    assert!(plain.addresses_by(public).is_err());
    let private = |_: &str, port| Ok(vec![SocketAddr::new("10.1.1.1".parse().unwrap(), port)]);
    assert_eq!(plain.addresses_by(private).unwrap()[0].port(), 80);
}

#[test]
fn what_is_shown_of_a_target_keeps_its_path() {
    let shown = |url| Target::parse(url, true).unwrap().shown();
    assert_eq!(shown("https://Hooks.example.org:443/T0/secret"), "https://hooks.example.org");
    assert_eq!(
        shown("https://hooks.example.org:8443?key=secret"),
        "https://hooks.example.org:8443"
    );
    assert_eq!(shown("http://[::1]:8080/x"), "http://[::1]:8080");
}
