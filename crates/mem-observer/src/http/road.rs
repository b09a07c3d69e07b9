//! The road to a host: over the user's proxy, trusting the user's certificates. Whoever goes out from here takes it.
//!
//! Redirects are not followed on it: where they may be, the next host has a road of its own. Must not know what is
//! carried.

use std::time::Duration;

use mem_core::fault::{Fault, FaultKind};
use ureq::config::ConfigBuilder;
use ureq::http::Uri;
use ureq::tls::TlsConfig;
use ureq::typestate::AgentScope;
use ureq::{Agent, Error, Proxy, ProxyProtocol};

use super::keys::Keys;
use super::proxy::proxy;
use super::roots::roots;

/// How to reach one host.
pub(super) struct Road {
    /// What an agent is made of, to which whoever goes adds how long it waits.
    pub(super) config: ConfigBuilder<AgentScope>,
    /// The proxy's variable, where one leads there.
    pub(super) by: Option<&'static str>,
}

/// The road to the host of an address; `connect` is how long its name and its connection are waited for, each.
///
/// # Errors
/// A fault of setup, with its remedy, when the proxy or a file of certificates that the user names cannot be used.
pub(super) fn road(uri: &Uri, keys: &Keys, connect: Duration) -> Result<Road, Fault> {
    let setup = |said: String| Fault::free(FaultKind::Setup, said);
    let (scheme, host) = (uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    let by = proxy(keys, scheme, host, port);
    let through = by
        .map(|(name, value)| {
            Proxy::new(value).map_err(|_| {
                setup(format!("{name} is no address of a proxy over http or https: mend or unset it"))
            })
        })
        .transpose()?;
    if let (Some((name, _)), Some(through)) = (by, &through)
        && !matches!(through.protocol(), ProxyProtocol::Http | ProxyProtocol::Https)
    {
        return Err(setup(format!(
            "{name} names a proxy of a kind we do not speak: name one over http, or add {host} to NO_PROXY"
        )));
    }
    let mut tls = TlsConfig::builder();
    if scheme == "https" || through.is_some() {
        tls = tls.root_certs(roots(keys)?);
    }
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(through)
        .tls_config(tls.build())
        .user_agent(concat!("claude-mem/", env!("CARGO_PKG_VERSION")))
        .max_idle_connections(0)
        .timeout_resolve(Some(connect))
        .timeout_connect(Some(connect));
    Ok(Road { config, by: by.map(|(name, _)| name) })
}

/// Why a host was not reached, by the proxy of that variable where there is one.
pub(super) fn blocked(host: &str, by: Option<&str>, error: &Error) -> String {
    if let Error::ConnectProxyFailed(why) = error
        && why.contains("407")
    {
        return format!("the proxy of {} wants a login: write it into that address", by.unwrap_or_default());
    }
    let said = match error {
        Error::Timeout(_) => "too slow".to_owned(),
        Error::Io(why) => plain(why),
        other => other.to_string(),
    };
    let hint = if said.contains("UnknownIssuer") {
        "; name the file of its certificate with SSL_CERT_FILE"
    } else {
        ""
    };
    format!("{host} cannot be reached{}: {said}{hint}", over(by))
}

/// The proxy in words that follow what it is about.
pub(super) fn over(by: Option<&str>) -> String {
    by.map(|name| format!(" (by the proxy of {name})")).unwrap_or_default()
}

/// What the system said, without its number.
pub(super) fn plain(error: &std::io::Error) -> String {
    let said = error.to_string();
    said.split(" (os error").next().unwrap_or_default().to_owned()
}
