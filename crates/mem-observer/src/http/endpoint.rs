//! Where a model is, which key opens it, and what that costs: from the settings and the user's keys, nothing else.
//!
//! An address and the key for it go together: the key is never sent to an address that somebody less trusted named
//! (the environment may have been set by a project; settings and the data directory are the user's own).

use std::net::{IpAddr, Ipv4Addr};

use mem_core::fault::{Fault, FaultKind};
use mem_core::model::ModelKind;
use mem_core::settings::{ObserverSettings, Secret};
use ureq::http::Uri;

use super::keys::{Found, KeySource, Keys};

/// Who is spoken to, in as far as that changes what is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Anthropic's own API.
    Anthropic,
    /// A service that speaks `chat/completions`.
    OpenAi,
    /// OpenRouter, which adds prices to it.
    OpenRouter,
    /// Google, at its compatible address.
    Gemini,
}

/// What differs between them, as a table.
struct Row {
    address: &'static str,
    /// What follows the host of an address that has no path.
    path: &'static str,
    /// The setting of the address, and the variables that hold one.
    address_setting: &'static str,
    address_variables: &'static [&'static str],
    key_setting: &'static str,
    key_variables: &'static [&'static str],
    /// What is added to an address.
    call: &'static str,
    called: &'static str,
}

impl Dialect {
    fn row(self) -> Row {
        match self {
            Self::Anthropic => Row {
                address: "https://api.anthropic.com",
                path: "",
                address_setting: "CLAUDE_MEM_ANTHROPIC_BASE_URL",
                address_variables: &["ANTHROPIC_BASE_URL"],
                key_setting: "CLAUDE_MEM_ANTHROPIC_API_KEY",
                key_variables: &["ANTHROPIC_API_KEY", BEARER],
                call: "/v1/messages",
                called: "the Anthropic API",
            },
            Self::OpenAi => Row {
                address: "https://api.openai.com/v1",
                path: "/v1",
                address_setting: "CLAUDE_MEM_OPENAI_BASE_URL",
                address_variables: &["OPENAI_BASE_URL"],
                key_setting: "CLAUDE_MEM_OPENAI_API_KEY",
                key_variables: &["OPENAI_API_KEY"],
                call: "/chat/completions",
                called: "the compatible service",
            },
            Self::OpenRouter => Row {
                address: "https://openrouter.ai/api/v1",
                path: "/api/v1",
                address_setting: "CLAUDE_MEM_OPENROUTER_BASE_URL",
                address_variables: &["OPENROUTER_BASE_URL"],
                key_setting: "CLAUDE_MEM_OPENROUTER_API_KEY",
                key_variables: &["OPENROUTER_API_KEY"],
                call: "/chat/completions",
                called: "OpenRouter",
            },
            Self::Gemini => Row {
                address: "https://generativelanguage.googleapis.com/v1beta/openai",
                path: "/v1beta/openai",
                address_setting: "CLAUDE_MEM_GEMINI_BASE_URL",
                address_variables: &[],
                key_setting: "CLAUDE_MEM_GEMINI_API_KEY",
                key_variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
                call: "/chat/completions",
                called: "Gemini",
            },
        }
    }

    /// What it is called in a sentence.
    pub fn called(self) -> &'static str {
        self.row().called
    }
}

/// The variable whose value goes into `Authorization` instead of `x-api-key`.
const BEARER: &str = "ANTHROPIC_AUTH_TOKEN";
/// Where Ollama listens, as an example of a service of one's own.
pub const OWN_SERVICE: &str = "http://127.0.0.1:11434/v1";
/// The version of Anthropic's API that is spoken.
const ANTHROPIC_VERSION: &str = "2023-06-01";
/// How OpenRouter lists who called, to the user whose key it is.
const TITLE: &str = "claude-mem";

/// A model, where it is and what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Who is spoken to.
    pub dialect: Dialect,
    /// The address without the call, without a slash at its end and without a secret; may be shown.
    pub address: String,
    /// The model's name there.
    pub model: String,
    /// Whether it is on this machine or in its own network, and so free of cost.
    pub local: bool,
    /// Where the key was found; none where none is needed.
    pub key_from: Option<KeySource>,
    pub(super) key: Secret,
}

/// Who gets a request, whatever is asked there.
#[derive(Debug, Clone)]
pub(super) struct Whom {
    /// Where it goes.
    pub(super) url: String,
    /// Host and port, for texts.
    pub(super) host: String,
    /// What goes along besides the headers of its content.
    pub(super) headers: Vec<(&'static str, Secret)>,
    /// What must stand in no text.
    pub(super) key: Secret,
}

impl Whom {
    /// A service that takes its key as a bearer.
    pub(super) fn bearer(url: String, key: &Secret) -> Self {
        let headers = if key.0.is_empty() { Vec::new() } else { vec![bearer(key)] };
        Self { host: authority(&url), url, headers, key: key.clone() }
    }
}

fn bearer(key: &Secret) -> (&'static str, Secret) {
    ("authorization", Secret(format!("Bearer {}", key.0)))
}

/// Host and port of an address.
fn authority(address: &str) -> String {
    let uri: Uri = address.parse().unwrap_or_default();
    uri.authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default()
}

/// Where the chosen model is.
///
/// # Errors
/// A fault of setup with its remedy: no model is chosen or named, no key is found, the address cannot be used.
pub fn endpoint(settings: &ObserverSettings, keys: &Keys) -> Result<Endpoint, Fault> {
    let dialect = match settings.model.as_ref().map(|model| model.kind) {
        Some(ModelKind::Anthropic) => Dialect::Anthropic,
        Some(ModelKind::OpenRouter) => Dialect::OpenRouter,
        Some(ModelKind::OpenAi) => Dialect::OpenAi,
        Some(ModelKind::Gemini) => Dialect::Gemini,
        Some(ModelKind::Claude) | None => {
            return Err(setup("no model with an address is chosen: set CLAUDE_MEM_OBSERVER".to_owned()));
        }
    };
    let row = dialect.row();
    let (address, named_by) = address(settings, keys, &row)?;
    let local = is_local(&address);
    let model = settings.model.as_ref().map(|model| model.name.clone()).unwrap_or_default();
    if model.is_empty() {
        return Err(setup(format!("{} needs the name of a model: set CLAUDE_MEM_MODEL", row.called)));
    }
    let key = if settings.key.0.is_empty() {
        // a file that cannot be used matters only where a key is needed
        match keys.find(row.key_variables) {
            Err(_) if local => None,
            found => found?,
        }
    } else {
        Some(Found { value: settings.key.clone(), from: KeySource::Settings })
    };
    let Some(Found { value, from }) = key else {
        if local {
            return Ok(Endpoint { dialect, address, model, local, key_from: None, key: Secret::default() });
        }
        let own = match dialect {
            Dialect::OpenAi if named_by.is_none() => format!(
                "; for a service of your own, name its address with `claude-mem config set {} {OWN_SERVICE}`",
                row.address_setting
            ),
            _ => String::new(),
        };
        return Err(setup(format!(
            "{} needs a key: give it to `claude-mem config set {} -`, or set {} in the environment or in the data \
             directory's .env (mode 0600){own}",
            row.called, row.key_setting, row.key_variables[0]
        )));
    };
    let value = sound(&value, &from)?;
    if let (Some(KeySource::Environment(name)), false) =
        (&named_by, matches!(from, KeySource::Environment(_)))
    {
        return Err(setup(format!(
            "the address is {name} from the environment but the key is not: set {} to an address to send the key to",
            row.address_setting
        )));
    }
    Ok(Endpoint { dialect, address, model, local, key_from: Some(from), key: value })
}

/// A key without the space around it, where it can be one.
pub(super) fn sound(key: &Secret, from: &KeySource) -> Result<Secret, Fault> {
    let key = Secret(key.0.trim().to_owned());
    if !key.0.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(setup(format!("the key from {from} has characters that no key has: set it anew")));
    }
    Ok(key)
}

impl Endpoint {
    /// Where a request goes.
    pub fn url(&self) -> String {
        format!("{}{}", self.address, self.dialect.row().call)
    }

    /// Host and port, for texts.
    pub fn host(&self) -> String {
        authority(&self.address)
    }

    /// Who gets its requests.
    pub(super) fn whom(&self) -> Whom {
        Whom { url: self.url(), host: self.host(), headers: self.headers(), key: self.key.clone() }
    }

    fn headers(&self) -> Vec<(&'static str, Secret)> {
        let mut headers = Vec::new();
        match self.dialect {
            _ if self.key.0.is_empty() => {}
            Dialect::Anthropic
                if !matches!(
                    self.key_from,
                    Some(KeySource::Environment(BEARER) | KeySource::File(BEARER))
                ) =>
            {
                headers.push(("x-api-key", self.key.clone()));
            }
            _ => headers.push(bearer(&self.key)),
        }
        match self.dialect {
            Dialect::Anthropic => headers.push(("anthropic-version", Secret(ANTHROPIC_VERSION.to_owned()))),
            Dialect::OpenRouter => headers.push(("x-title", Secret(TITLE.to_owned()))),
            Dialect::OpenAi | Dialect::Gemini => {}
        }
        headers
    }
}

/// Whether an address is on this machine or in its own network: such a service needs no key, may be reached without
/// encryption, and costs nothing.
pub fn is_local(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else { return false };
    uri.scheme().is_some() && uri.host().is_some_and(is_local_host)
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = bare(host);
    let named = host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    named || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn is_local_host(host: &str) -> bool {
    if is_loopback(host) {
        return true;
    }
    let host = bare(host).to_ascii_lowercase();
    if let Ok(ip) = host.parse::<IpAddr>() {
        return match ip.to_canonical() {
            // 100.64/10 is what overlay networks and carriers use among themselves (RFC 6598)
            IpAddr::V4(ip) => {
                let shared = u32::from(ip) & 0xffc0_0000 == u32::from(Ipv4Addr::new(100, 64, 0, 0));
                ip.is_private() || ip.is_link_local() || ip.is_unspecified() || shared
            }
            IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified(),
        };
    }
    // names that no public name server gives: a bare word, and the private endings of RFC 6762 and RFC 8375; a bare
    // number is an address in disguise
    let bare_word = !host.contains('.') && host.starts_with(|first: char| first.is_ascii_alphabetic());
    let endings = [".local", ".internal", ".lan", ".localdomain", ".home.arpa"];
    bare_word || endings.iter().any(|ending| host.ends_with(ending))
}

/// A host without the brackets of IPv6 and the dot of a full name.
pub(super) fn bare(host: &str) -> &str {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host)
}

/// The address, tidy, and who named it; nobody did where it is the maker's own.
fn address(
    settings: &ObserverSettings,
    keys: &Keys,
    row: &Row,
) -> Result<(String, Option<KeySource>), Fault> {
    let found = if settings.base_url.is_empty() {
        // where the file may name one and cannot be used, a key is better sent nowhere
        keys.find(row.address_variables)?
    } else {
        Some(Found { value: Secret(settings.base_url.clone()), from: KeySource::Settings })
    };
    let Some(Found { value, from }) = found else { return Ok((row.address.to_owned(), None)) };
    let name = match from {
        KeySource::Settings => row.address_setting,
        KeySource::Environment(name) | KeySource::File(name) => name,
    };
    Ok((
        tidy(&value.0, row.address, row.call, row.path).map_err(|why| setup(format!("{name} {why}")))?,
        Some(from),
    ))
}

/// An address as it is written, without what people paste along. The error is words that follow its setting's name.
///
/// `example` is one as it should be, `call` what is added to it, `home` the path of an address that has none.
pub(super) fn tidy(written: &str, example: &str, call: &str, home: &str) -> Result<String, String> {
    let wrong = || format!("is no address: set it to one such as {example}");
    let uri: Uri = written.trim().parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(wrong()) };
    if authority.as_str().contains('@') || uri.query().is_some() {
        return Err("holds more than an address: set the key by itself".to_owned());
    }
    match scheme {
        "https" => {}
        "http" if is_local_host(authority.host()) => {}
        "http" => return Err("is not encrypted and leads out of this network: use https".to_owned()),
        _ => return Err(wrong()),
    }
    let path = uri.path().trim_end_matches('/');
    let path = path.strip_suffix(call).unwrap_or(path);
    // of `/v1/messages`, people also keep the half that other clients want
    let path = if call.starts_with("/v1/") { path.strip_suffix("/v1").unwrap_or(path) } else { path };
    let path = if path.is_empty() { home } else { path };
    Ok(format!("{scheme}://{authority}{path}"))
}

pub(super) fn setup(said: String) -> Fault {
    Fault::free(FaultKind::Setup, said)
}
