//! Which addresses may be told anything.
//!
//! Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates) and
//! the IPv6 global unicast space 2000::/3 (RFC 4291). What the clouds call their metadata services
//! is added: some of it lies in space that is private or public otherwise.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// From where an address can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// From everywhere.
    Public,
    /// From this machine or this organisation: loopback, private, shared (CGNAT), unique local.
    Private(&'static str),
    /// It is no receiver, whatever a job allows: metadata services, link-local, multicast, reserved,
    /// and IPv6 that hides an IPv4 address.
    Never(&'static str),
}

/// A network, its prefix in bits, what it is, and whether a job may allow it.
type Net<A> = (A, u32, &'static str, bool);

const fn v4(a: u8, b: u8, c: u8, d: u8) -> Ipv4Addr {
    Ipv4Addr::new(a, b, c, d)
}

const NETS_V4: [Net<Ipv4Addr>; 20] = [
    (v4(168, 63, 129, 16), 32, "a metadata service", false),
    (v4(100, 100, 100, 200), 32, "a metadata service", false),
    (v4(192, 0, 0, 192), 32, "a metadata service", false),
    (v4(169, 254, 0, 0), 16, "link-local, where metadata services are", false),
    (v4(0, 0, 0, 0), 8, "unspecified", false),
    (v4(10, 0, 0, 0), 8, "private", true),
    (v4(100, 64, 0, 0), 10, "shared address space", true),
    (v4(127, 0, 0, 0), 8, "loopback", true),
    (v4(172, 16, 0, 0), 12, "private", true),
    (v4(192, 0, 0, 0), 24, "reserved", false),
    (v4(192, 0, 2, 0), 24, "for documentation", false),
    (v4(192, 31, 196, 0), 24, "reserved", false),
    (v4(192, 52, 193, 0), 24, "reserved", false),
    (v4(192, 88, 99, 0), 24, "reserved", false),
    (v4(192, 168, 0, 0), 16, "private", true),
    (v4(198, 18, 0, 0), 15, "for benchmarks", false),
    (v4(198, 51, 100, 0), 24, "for documentation", false),
    (v4(203, 0, 113, 0), 24, "for documentation", false),
    (v4(224, 0, 0, 0), 4, "multicast", false),
    (v4(240, 0, 0, 0), 4, "reserved", false),
];

const fn v6(a: u16, b: u16, c: u16) -> Ipv6Addr {
    Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)
}

/// Outside of 2000::/3 everything that is not named here is reserved.
const NETS_V6: [Net<Ipv6Addr>; 18] = [
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128, "a metadata service", false),
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128, "a metadata service", false),
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified", false),
    (Ipv6Addr::LOCALHOST, 128, "loopback", true),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "IPv4 in IPv6", false),
    (Ipv6Addr::UNSPECIFIED, 64, "IPv4 in IPv6", false),
    (v6(0x64, 0xff9b, 0), 96, "IPv4 behind NAT64", false),
    (v6(0x64, 0xff9b, 1), 48, "IPv4 behind NAT64", false),
    (v6(0x100, 0, 0), 64, "reserved", false),
    (v6(0x2001, 0, 0), 32, "IPv4 behind Teredo", false),
    (v6(0x2001, 0, 0), 23, "reserved", false),
    (v6(0x2001, 0xdb8, 0), 32, "for documentation", false),
    (v6(0x2002, 0, 0), 16, "IPv4 behind 6to4", false),
    (v6(0x3fff, 0, 0), 20, "for documentation", false),
    (v6(0xfc00, 0, 0), 7, "private", true),
    (v6(0xfe80, 0, 0), 10, "link-local", false),
    (v6(0xfec0, 0, 0), 10, "site-local", false),
    (v6(0xff00, 0, 0), 8, "multicast", false),
];

/// From where an address can be reached.
pub fn reach(address: IpAddr) -> Reach {
    let verdict = |what, allowed| if allowed { Reach::Private(what) } else { Reach::Never(what) };
    match address {
        IpAddr::V4(ip) => {
            let within =
                |net: &&Net<Ipv4Addr>| (ip.to_bits() ^ net.0.to_bits()) >> (32 - net.1) == 0;
            let found = NETS_V4.iter().find(within);
            found.map_or(Reach::Public, |net| verdict(net.2, net.3))
        }
        IpAddr::V6(ip) => {
            let within =
                |net: &&Net<Ipv6Addr>| (ip.to_bits() ^ net.0.to_bits()) >> (128 - net.1) == 0;
            let segments = ip.segments();
            // ISATAP (RFC 5214): the lower half names an IPv4 address.
            let isatap = segments[5] == 0x5efe && segments[4] & !0x200 == 0;
            match NETS_V6.iter().find(within) {
                Some(net) => verdict(net.2, net.3),
                None if isatap => Reach::Never("IPv4 behind ISATAP"),
                None if segments[0] >> 13 == 1 => Reach::Public,
                None => Reach::Never("reserved"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        let of = |text: &str| reach(text.parse().unwrap());
        for public in ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.1"] {
            assert_eq!(of(public), Reach::Public, "{public}");
        }
        for public in ["2606:4700:4700::1111", "2001:200::1", "2a00:1450::1", "3fff:1000::1"] {
            assert_eq!(of(public), Reach::Public, "{public}");
        }
        for private in ["10.255.255.255", "127.0.0.1", "127.255.0.9", "172.31.255.255"] {
            assert!(matches!(of(private), Reach::Private(_)), "{private}");
        }
        for private in ["192.168.0.1", "100.64.0.1", "::1", "fd12:3456::1", "fc00::1"] {
            assert!(matches!(of(private), Reach::Private(_)), "{private}");
        }
        let never = [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "198.19.0.1",
            "203.0.113.7",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "2002:7f00:1::",
            "2001:0:4136:e378::1",
            "2001:db8::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "2a00:1450::5efe:7f00:1",
            "100::1",
            "4000::1",
        ];
        for address in never {
            assert!(matches!(of(address), Reach::Never(_)), "{address}: {:?}", of(address));
        }
    }
}
