//! Whose certificates are trusted.
//!
//! `SSL_CERT_FILE` alone where it is set, else the system's bundle, else the roots that are built in; and those of
//! `NODE_EXTRA_CA_CERTS` on top, which is how Claude Code is told of a company's own.

use std::path::Path;
use std::sync::Arc;

use mem_core::fault::{Fault, FaultKind};
use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use super::keys::Keys;
use crate::regular;

/// Where systems keep their bundle: Debian, Fedora, its elder, openSUSE, Alpine and macOS.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// Most bytes of a bundle; a system's has a quarter of a megabyte.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The roots to trust.
///
/// # Errors
/// A fault of setup when a file the user named gives no certificate.
pub(super) fn roots(keys: &Keys) -> Result<RootCerts, Fault> {
    let mut trusted = match named(keys, "SSL_CERT_FILE")? {
        Some(certificates) => certificates,
        None => BUNDLES.iter().find_map(|path| read(path).ok()).unwrap_or_default(),
    };
    // where there is no bundle the extra ones are all: whoever sets them sits behind a proxy that signs everything
    trusted.extend(named(keys, "NODE_EXTRA_CA_CERTS")?.unwrap_or_default());
    Ok(if trusted.is_empty() { RootCerts::WebPki } else { RootCerts::Specific(Arc::new(trusted)) })
}

fn named(keys: &Keys, variable: &'static str) -> Result<Option<Vec<Certificate<'static>>>, Fault> {
    let Some((_, path)) = keys.variable(&[variable]) else { return Ok(None) };
    let read = read(path).map_err(|why| {
        let said = format!("{variable} names {path}, which {why}: mend or unset it");
        Fault::free(FaultKind::Setup, said)
    })?;
    Ok(Some(read))
}

/// The certificates of a file; at least one. The error is words that follow its name.
fn read(path: &str) -> Result<Vec<Certificate<'static>>, String> {
    let bytes =
        regular::read(Path::new(path), LARGEST).map_err(|error| format!("cannot be read ({error})"))?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&bytes)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(certificates) }
}
