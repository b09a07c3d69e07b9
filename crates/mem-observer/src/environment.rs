//! What a model may see of our environment: an allow-list, so that nothing of a surrounding session leaks in.
//!
//! Pure: the environment is handed in. A hook runs inside the agent's session and the daemon may descend from a hook, so
//! switches, sockets and ids of that session are around (`CLAUDECODE`, most of `CLAUDE_CODE_*`, our own
//! `CLAUDE_MEM_*`); what a login, a proxy or a certificate needs is around too, and is all that may pass.

use std::ffi::{OsStr, OsString};

/// A variable with its value.
pub type Variable = (OsString, OsString);

/// Says in a child of ours that its hooks are to do nothing.
pub const INTERNAL: &str = "CLAUDE_MEM_INTERNAL";

/// Names the run in every process that descends from it.
pub const RUN: &str = "CLAUDE_MEM_RUN";

/// What the `claude` program gets to see. A star stands for any characters. Which of them a login through Bedrock, Vertex
/// or Foundry needs is documented by Claude Code; the rest is what any program needs to find home, language and network.
pub const PASSED: [&str; 49] = [
    "HOME",
    "PATH",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_*",
    "TZ",
    "TZDIR",
    "TMPDIR",
    "XDG_*",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "npm_config_proxy",
    "npm_config_https_proxy",
    "npm_config_noproxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "ANTHROPIC_*",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
    "CLAUDE_CODE_CLIENT_CERT",
    "CLAUDE_CODE_CLIENT_KEY",
    "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
    "CLAUDE_CODE_API_KEY_HELPER_TTL_MS",
    "CLAUDE_CODE_CERT_STORE",
    "AWS_*",
    "AZURE_*",
    "CLOUD_ML_REGION",
    "CLOUDSDK_CONFIG",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
    "GCLOUD_PROJECT",
    "VERTEX_REGION_*",
];

/// Keys and addresses of models that are reached over HTTP; no program gets to see them.
pub const KEYS: [&str; 6] = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENROUTER_API_KEY",
    "OPENROUTER_BASE_URL",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
];

/// Whether the `claude` program may see a variable of that name.
pub fn passes(name: &OsStr) -> bool {
    // a name that is no text is none of these
    name.to_str().is_some_and(|name| PASSED.iter().any(|pattern| fits(pattern, name)))
}

/// Of `vars` what the `claude` program may see.
pub fn for_model(vars: &[Variable]) -> Vec<Variable> {
    vars.iter().filter(|(name, _)| passes(name)).cloned().collect()
}

/// `vars` without those of these names: what the settings of a project set must not decide whom we talk to.
pub fn without(vars: &[Variable], names: &[impl AsRef<OsStr>]) -> Vec<Variable> {
    let named = |name: &OsStr| names.iter().any(|other| other.as_ref() == name);
    vars.iter().filter(|(name, _)| !named(name)).cloned().collect()
}

/// `vars` with that value under that name, and no other.
pub(crate) fn set(vars: &mut Vec<Variable>, name: &str, value: impl Into<OsString>) {
    vars.retain(|(known, _)| known != name);
    vars.push((name.into(), value.into()));
}

/// The value of a variable that is set and not empty.
pub(crate) fn get<'a>(vars: &'a [Variable], name: &str) -> Option<&'a OsStr> {
    let value = vars.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.as_os_str());
    value.filter(|value| !value.is_empty())
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(names: &[&str]) -> Vec<Variable> {
        names.iter().map(|name| (OsString::from(name), OsString::from("v"))).collect()
    }

    fn names(vars: &[Variable]) -> Vec<&str> {
        vars.iter().filter_map(|(name, _)| name.to_str()).collect()
    }

    #[test]
    fn logins_proxies_and_certificates_pass() {
        let all = [
            "HOME",
            "LC_TIME",
            "XDG_RUNTIME_DIR",
            "https_proxy",
            "ALL_PROXY",
            "npm_config_noproxy",
            "NODE_EXTRA_CA_CERTS",
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_BASE_URL",
            "ANTHROPIC_BEDROCK_BASE_URL",
            "ANTHROPIC_VERTEX_PROJECT_ID",
            "CLAUDE_CONFIG_DIR",
            "CLAUDE_CODE_OAUTH_TOKEN",
            "CLAUDE_CODE_USE_VERTEX",
            "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
            "AWS_PROFILE",
            "AWS_BEARER_TOKEN_BEDROCK",
            "AZURE_CLIENT_ID",
            "VERTEX_REGION_CLAUDE_4_5_HAIKU",
        ];
        assert_eq!(names(&for_model(&vars(&all))), all);
    }

    #[test]
    fn nothing_of_a_surrounding_session_passes() {
        let none = [
            "CLAUDECODE",
            "CLAUDE_CODE_ENTRYPOINT",
            "CLAUDE_CODE_SESSION_ID",
            "CLAUDE_CODE_SSE_PORT",
            "CLAUDE_CODE_EFFORT_LEVEL",
            "CLAUDE_CODE_MESSAGING_SOCKET",
            "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
            "CLAUDE_PROJECT_DIR",
            "CLAUDE_PLUGIN_ROOT",
            "CLAUDE_MEM_INTERNAL",
            "CLAUDE_MEM_RUN",
            "CLAUDE_MEM_OPENAI_API_KEY",
            "MCP_SESSION_ID",
            "OPENAI_API_KEY",
            "GEMINI_API_KEY",
            "OPENROUTER_API_KEY",
            "GITHUB_TOKEN",
            "LD_PRELOAD",
            "NODE_OPTIONS",
            "BASH_ENV",
            "",
        ];
        assert_eq!(names(&for_model(&vars(&none))), [""; 0]);
    }

    #[test]
    fn what_a_project_sets_can_be_taken_away() {
        let left =
            without(&vars(&["HOME", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"]), &["ANTHROPIC_BASE_URL"]);
        assert_eq!(names(&left), ["HOME", "ANTHROPIC_API_KEY"]);
    }

    #[test]
    fn a_value_is_set_once() {
        let mut all = vars(&["A", "B", "A"]);
        set(&mut all, "A", "new");
        assert_eq!(names(&all), ["B", "A"]);
        assert_eq!(get(&all, "A"), Some(OsStr::new("new")));
    }
}
