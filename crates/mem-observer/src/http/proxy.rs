//! Which proxy leads to a host, by the variables everybody knows.
//!
//! As curl and most clients read them: the name in lower case before the one in upper case, the one of the scheme
//! before `ALL_PROXY`, and `NO_PROXY` as a list of hosts, endings, addresses and networks. This machine is never
//! reached through a proxy.

use std::net::IpAddr;

use super::endpoint::{bare, is_loopback};
use super::keys::Keys;

/// The variable and its value that lead to `host`; `None` to go there directly.
pub(super) fn proxy<'k>(
    keys: &'k Keys,
    scheme: &str,
    host: &str,
    port: u16,
) -> Option<(&'static str, &'k str)> {
    let ours: [&'static str; 2] =
        if scheme == "https" { ["https_proxy", "HTTPS_PROXY"] } else { ["http_proxy", "HTTP_PROXY"] };
    let found = keys.variable(&ours).or_else(|| keys.variable(&["all_proxy", "ALL_PROXY"]))?;
    let spared = keys.variable(&["no_proxy", "NO_PROXY"]).map(|(_, list)| list).unwrap_or_default();
    (!is_loopback(host) && !is_spared(spared, host, port)).then_some(found)
}

fn is_spared(list: &str, host: &str, port: u16) -> bool {
    let host = bare(host).to_ascii_lowercase();
    let entries = list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
    entries.map(str::to_ascii_lowercase).any(|entry| fits(&entry, &host, port))
}

fn fits(entry: &str, host: &str, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let (Some(network), Ok(ip)) = (entry.split_once('/'), host.parse::<IpAddr>()) {
        return lies_in(ip, network.0, network.1);
    }
    if let (Ok(entry), Ok(ip)) = (bare(entry).parse::<IpAddr>(), host.parse::<IpAddr>()) {
        return entry.to_canonical() == ip.to_canonical();
    }
    let entry = match entry.rsplit_once(':') {
        Some((name, given)) if given.parse::<u16>().is_ok() => {
            if given.parse() != Ok(port) {
                return false;
            }
            name
        }
        _ => entry,
    };
    let ending = bare(entry.trim_start_matches('*').trim_start_matches('.'));
    let before = host.strip_suffix(ending);
    !ending.is_empty() && before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn lies_in(ip: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (bare(network).parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (ip.to_canonical(), network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            bits <= 32 && u32::from(ip) ^ u32::from(network) < 1u32.checked_shl(32 - bits).unwrap_or(u32::MAX)
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            let differs = u128::from(ip) ^ u128::from(network);
            bits <= 128 && differs < 1u128.checked_shl(128 - bits).unwrap_or(u128::MAX)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn keys(given: &[(&str, &str)]) -> Keys {
        let environment: Vec<_> = given.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Keys::read(&environment, Path::new("/nonexistent"))
    }

    #[test]
    fn the_scheme_and_lower_case_come_first() {
        let all = keys(&[
            ("ALL_PROXY", "http://all"),
            ("HTTPS_PROXY", "http://upper"),
            ("https_proxy", "http://lower"),
        ]);
        assert_eq!(proxy(&all, "https", "a.example", 443), Some(("https_proxy", "http://lower")));
        assert_eq!(proxy(&all, "http", "a.example", 80), Some(("ALL_PROXY", "http://all")));
        assert_eq!(proxy(&all, "https", "127.0.0.1", 443), None);
        assert_eq!(proxy(&all, "http", "localhost", 80), None);
        assert_eq!(proxy(&keys(&[]), "https", "a.example", 443), None);
        assert_eq!(proxy(&keys(&[("HTTPS_PROXY", "")]), "https", "a.example", 443), None);
    }

    #[test]
    fn hosts_are_spared_as_other_clients_spare_them() {
        let rows = [
            ("*", "a.example", true),
            ("a.example", "a.example", true),
            ("a.example", "A.Example.", true),
            ("a.example", "b.a.example", true),
            (".a.example", "b.a.example", true),
            ("*.a.example", "b.a.example", true),
            ("a.example", "ba.example", false),
            ("other, a.example", "a.example", true),
            ("a.example:443", "a.example", true),
            ("a.example:80", "a.example", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("0.0.0.0/0", "11.1.2.3", true),
            ("10.0.0.0/99", "10.1.2.3", false),
            ("fd00::/8", "[fd12::1]", true),
            ("fd12::1", "[fd12::1]", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3/32", "10.1.2.4", false),
            ("::/0", "[fd12::1]", true),
            ("", "a.example", false),
            (".", "a.example", false),
        ];
        for (list, host, spared) in rows {
            assert_eq!(is_spared(list, host, 443), spared, "{list} {host}");
        }
    }
}
