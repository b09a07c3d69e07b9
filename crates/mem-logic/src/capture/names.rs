//! Which names name a secret: `DB_PASSWORD` does, `PASSWORD_FIELD` and `max_tokens` do not.
//!
//! Names only, taken apart into words whatever the style they are written in. Must not look at values:
//! `assignments` does.

/// Which kind of secret a name names, and whether it hardly ever names anything else; `None` for other names.
///
/// A name is taken apart into its words. A word after the secret one may say that it is not the secret itself
/// but something about it: `TOKEN_URL`, `passwordField`, `API_KEY_HEADER`.
pub(super) fn secret_name(name: &[u8]) -> Option<(&'static str, bool)> {
    if matches!(name, b"pw" | b"PW") {
        return Some(("password", false)); // weak, so that only what looks random goes
    }
    let words = words_of(name);
    let mut found: Option<(&'static str, bool)> = None;
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| words[at].as_slice());
        match word_kind(word, before, words.len()) {
            Some(kind) if found.is_none_or(|(_, strong)| kind.1 || !strong) => found = Some(kind),
            None if found.is_some() && is_qualifier(word, found) => return None,
            _ => {}
        }
    }
    found.or_else(|| shouted(name, &words))
}

/// `OPENAI_KEY`, `BW_SESSION`, `SSHPASS`: variables of the environment, of which hardly any hold anything else.
fn shouted(name: &[u8], words: &[Vec<u8>]) -> Option<(&'static str, bool)> {
    const HARMLESS: [&[u8]; 40] = [
        b"primary",
        b"foreign",
        b"sort",
        b"cache",
        b"public",
        b"pub",
        b"partition",
        b"unique",
        b"index",
        b"group",
        b"hash",
        b"row",
        b"object",
        b"map",
        b"hot",
        b"shift",
        b"ctrl",
        b"control",
        b"alt",
        b"meta",
        b"arrow",
        b"escape",
        b"enter",
        b"tab",
        b"delete",
        b"query",
        b"route",
        b"lock",
        b"message",
        b"event",
        b"state",
        b"config",
        b"setting",
        b"registry",
        b"range",
        b"lookup",
        b"desktop",
        b"xdg",
        b"react",
        b"composite",
    ];
    if name.iter().any(u8::is_ascii_lowercase) {
        return None;
    }
    if name == b"SSHPASS" {
        return Some(("password", true));
    }
    let (last, before) = words.split_last()?;
    if before.is_empty() || before.iter().any(|word| HARMLESS.contains(&word.as_slice())) {
        return None;
    }
    match last.as_slice() {
        b"key" => Some(("key", false)),
        b"session" => Some(("session", false)),
        _ => None,
    }
}

fn word_kind(word: &[u8], before: Option<&[u8]>, words: usize) -> Option<(&'static str, bool)> {
    const KEYS: [&[u8]; 30] = [
        b"api",
        b"access",
        b"private",
        b"encryption",
        b"signing",
        b"master",
        b"account",
        b"secret",
        b"shared",
        b"storage",
        b"hmac",
        b"jwt",
        b"deploy",
        b"webhook",
        b"service",
        b"subscription",
        b"client",
        b"admin",
        b"auth",
        b"session",
        b"cipher",
        b"crypto",
        b"aes",
        b"license",
        b"app",
        b"application",
        b"ssh",
        b"write",
        b"anon",
        b"role",
    ];
    match word {
        b"passphrase" => Some(("passphrase", true)),
        b"pass" if words > 1 || before.is_none() => Some(("password", false)),
        b"secret" => Some(("secret", true)),
        b"token" if !matches!(before, Some(b"max" | b"num" | b"per" | b"next" | b"last" | b"page")) => {
            Some(("token", false))
        }
        b"credential" | b"credentials" => Some(("credential", true)),
        b"auth" => Some(("auth", false)),
        b"dsn" => Some(("connection-string", true)),
        b"string" if before == Some(b"connection") => Some(("connection-string", true)),
        b"connectionstring" => Some(("connection-string", true)),
        b"key" if before.is_some_and(|before| KEYS.contains(&before)) => Some(("key", false)),
        _ if word.ends_with(b"password")
            || word.ends_with(b"passwd")
            || word.ends_with(b"passwort")
            || word.ends_with(b"pwd") =>
        {
            Some(("password", true))
        }
        _ if word.ends_with(b"apikey")
            || word.ends_with(b"accesskey")
            || word.ends_with(b"secretkey")
            || word.ends_with(b"privatekey") =>
        {
            Some(("key", false))
        }
        _ if word.ends_with(b"secret") || (word.ends_with(b"token") && word.len() > 5) => {
            Some(if word.ends_with(b"secret") { ("secret", true) } else { ("token", false) })
        }
        _ => None,
    }
}

fn is_qualifier(word: &[u8], found: Option<(&'static str, bool)>) -> bool {
    const ABOUT: [&str; 92] = [
        "header",
        "headers",
        "name",
        "names",
        "url",
        "uri",
        "path",
        "paths",
        "file",
        "files",
        "filename",
        "dir",
        "folder",
        "type",
        "types",
        "kind",
        "len",
        "length",
        "size",
        "count",
        "limit",
        "limits",
        "max",
        "min",
        "ttl",
        "expiry",
        "expires",
        "expired",
        "expiration",
        "timeout",
        "endpoint",
        "regex",
        "pattern",
        "prefix",
        "suffix",
        "field",
        "fields",
        "param",
        "params",
        "column",
        "enabled",
        "disabled",
        "required",
        "provider",
        "method",
        "mode",
        "scheme",
        "ids",
        "format",
        "version",
        "algorithm",
        "alg",
        "issuer",
        "audience",
        "scope",
        "scopes",
        "host",
        "port",
        "user",
        "username",
        "email",
        "domain",
        "hint",
        "label",
        "title",
        "message",
        "error",
        "errors",
        "status",
        "class",
        "budget",
        "usage",
        "color",
        "template",
        "policy",
        "callback",
        "redirect",
        "placeholder",
        "input",
        "form",
        "view",
        "strength",
        "validator",
        "rotation",
        "index",
        "position",
        "offset",
        "start",
        "end",
        "span",
        "verified",
        "arn",
    ];
    if word == b"id" {
        return found.is_some_and(|(kind, _)| kind != "secret"); // the secret id of Vault is a secret
    }
    ABOUT.iter().any(|about| about.as_bytes() == word)
}

/// The words of a name, in small letters: split at `_` and `-`, at digits, and where capitals begin.
fn words_of(name: &[u8]) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut word: Vec<u8> = Vec::new();
    for (at, byte) in name.iter().enumerate() {
        let before = at.checked_sub(1).map_or(0, |at| name[at]);
        let after = name.get(at + 1).copied().unwrap_or(0);
        let begins = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && after.is_ascii_lowercase()));
        if (begins || !byte.is_ascii_alphabetic()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if byte.is_ascii_alphabetic() {
            word.push(byte.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_their_words() {
        for (name, wanted) in [
            ("DB_PASSWORD", Some("password")),
            ("dbPassword", Some("password")),
            ("mypassword", Some("password")),
            ("aws_secret_access_key", Some("secret")),
            ("APIKey", Some("key")),
            ("x-api-key", Some("key")),
            ("_authToken", Some("token")),
            ("secret_id", Some("secret")),
            ("connectionString", Some("connection-string")),
            ("OPENAI_KEY", Some("key")),
            ("BW_SESSION", Some("session")),
            ("SSHPASS", Some("password")),
            ("openai_key", None),
            ("PRIMARY_KEY", None),
            ("GROUP_CACHE_KEY", None),
            ("DESKTOP_SESSION", None),
            ("KEY", None),
            ("SESSION", None),
            ("TOKEN_URL", None),
            ("passwordField", None),
            ("max_tokens", None),
            ("maxToken", None),
            ("AWS_ACCESS_KEY_ID", None),
            ("author", None),
            ("primary_key", None),
            ("compass", None),
            ("secretary", None),
        ] {
            assert_eq!(secret_name(name.as_bytes()).map(|(kind, _)| kind), wanted, "{name}");
        }
    }
}
