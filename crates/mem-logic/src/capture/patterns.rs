//! The table of key formats that are known by how they begin.
//!
//! One row: the kind shown in the placeholder, the beginning, what the body is written in, its least length,
//! and how sure the beginning alone makes us. Lengths are the published or commonly seen ones, with some
//! slack downwards, since a cut-off key is a leak too. Rows are data; `secrets` reads them.

use super::alphabet::Alphabet::{self, Base64, Dotted, Hex, Plain, Upper, Url};

/// A key format.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern {
    /// What the placeholder says.
    pub(super) kind: &'static str,
    /// How such a key begins, in this case of letters.
    pub(super) anchor: &'static str,
    /// What the rest is written in.
    pub(super) body: Alphabet,
    /// Least length of the rest, in bytes.
    pub(super) least: usize,
    /// How much the rest must look like a key.
    pub(super) sure: Sure,
}

/// How much the beginning of a key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// Enough: it is a key wherever it stands.
    Anywhere,
    /// Only at the beginning of a word.
    Word,
    /// Only at the beginning of a word, and if the rest looks random.
    Random,
}

const fn row(kind: &'static str, anchor: &'static str, body: Alphabet, least: usize, sure: Sure) -> Pattern {
    Pattern { kind, anchor, body, least, sure }
}

use Sure::{Anywhere, Random, Word};

/// All known formats, by provider.
pub(super) const PATTERNS: &[Pattern] = &[
    // Models.
    row("anthropic", "sk-ant-", Url, 16, Anywhere),
    row("openai", "sk-proj-", Url, 20, Word),
    row("openai", "sk-svcacct-", Url, 20, Word),
    row("openai", "sk-admin-", Url, 20, Word),
    row("openrouter", "sk-or-", Url, 20, Word),
    row("langfuse", "sk-lf-", Url, 20, Word),
    row("openai", "sk-", Url, 20, Random),
    row("google", "AIza", Url, 30, Anywhere),
    row("groq", "gsk_", Plain, 30, Word),
    row("xai", "xai-", Url, 40, Random),
    row("perplexity", "pplx-", Plain, 32, Word),
    row("replicate", "r8_", Plain, 30, Word),
    row("huggingface", "hf_", Plain, 30, Word),
    row("huggingface", "api_org_", Plain, 30, Word),
    row("nvidia", "nvapi-", Url, 40, Word),
    row("together", "tgp_v1_", Url, 30, Word),
    row("langsmith", "lsv2_pt_", Url, 30, Word),
    row("langsmith", "lsv2_sk_", Url, 30, Word),
    row("pinecone", "pcsk_", Url, 40, Word),
    row("tavily", "tvly-", Url, 24, Random),
    // Clouds.
    row("aws", "AKIA", Upper, 16, Word),
    row("aws", "ASIA", Upper, 16, Word),
    row("aws", "ABIA", Upper, 16, Word),
    row("aws", "ACCA", Upper, 16, Word),
    row("aws", "bedrock-api-key-", Base64, 40, Word),
    row("gcp", "ya29.", Dotted, 20, Word),
    row("gcp", "GOCSPX-", Url, 20, Word),
    row("gcp", "1//0", Url, 38, Word),
    row("azure", "AccountKey=", Base64, 30, Anywhere),
    row("azure", "SharedAccessKey=", Base64, 30, Anywhere),
    row("digitalocean", "dop_v1_", Hex, 40, Anywhere),
    row("digitalocean", "doo_v1_", Hex, 40, Anywhere),
    row("digitalocean", "dor_v1_", Hex, 40, Anywhere),
    row("cloudflare", "v1.0-", Hex, 24, Word),
    row("supabase", "sbp_", Hex, 40, Word),
    row("supabase", "sb_secret_", Url, 20, Word),
    row("planetscale", "pscale_tkn_", Dotted, 30, Word),
    row("planetscale", "pscale_pw_", Dotted, 30, Word),
    row("heroku", "HRKU-", Url, 30, Word),
    row("fly", "fm2_", Base64, 60, Word),
    row("tailscale", "tskey-", Url, 20, Word),
    row("alibaba", "LTAI", Plain, 16, Random),
    row("databricks", "dapi", Hex, 32, Word),
    row("vault", "hvs.", Url, 20, Word),
    row("vault", "hvb.", Url, 20, Word),
    row("doppler", "dp.pt.", Plain, 36, Word),
    row("doppler", "dp.st.", Dotted, 36, Word),
    row("1password", "ops_eyJ", Base64, 40, Word),
    row("age", "AGE-SECRET-KEY-1", Upper, 30, Anywhere),
    row("pulumi", "pul-", Hex, 40, Word),
    row("terraform", ".atlasv1.", Url, 40, Anywhere),
    // Code hosts, registries, builds.
    row("github", "ghp_", Plain, 30, Anywhere),
    row("github", "gho_", Plain, 30, Anywhere),
    row("github", "ghu_", Plain, 30, Anywhere),
    row("github", "ghs_", Dotted, 30, Anywhere),
    row("github", "ghr_", Plain, 30, Anywhere),
    row("github", "github_pat_", Url, 22, Anywhere),
    row("gitlab", "glpat-", Dotted, 20, Word),
    row("gitlab", "gldt-", Url, 20, Word),
    row("gitlab", "glrt-", Dotted, 20, Word),
    row("gitlab", "glptt-", Url, 20, Word),
    row("gitlab", "glcbt-", Url, 20, Word),
    row("bitbucket", "ATBB", Plain, 28, Random),
    row("atlassian", "ATATT3", Base64, 40, Word),
    row("npm", "npm_", Plain, 36, Word),
    row("pypi", "pypi-", Url, 50, Word),
    row("rubygems", "rubygems_", Hex, 48, Word),
    row("crates", "cio", Plain, 32, Random),
    row("docker", "dckr_pat_", Url, 20, Anywhere),
    row("docker", "dckr_oat_", Url, 20, Anywhere),
    row("buildkite", "bkua_", Hex, 36, Word),
    row("circleci", "CCIPAT_", Url, 30, Word),
    row("artifactory", "AKCp", Plain, 60, Word),
    row("sonar", "squ_", Hex, 36, Word),
    row("sonar", "sqp_", Hex, 36, Word),
    // Work and watching.
    row("slack", "xoxa-", Url, 16, Word),
    row("slack", "xoxb-", Url, 16, Word),
    row("slack", "xoxp-", Url, 16, Word),
    row("slack", "xoxr-", Url, 16, Word),
    row("slack", "xoxs-", Url, 16, Word),
    row("slack", "xoxc-", Url, 16, Word),
    row("slack", "xoxd-", Alphabet::Value, 16, Word),
    row("slack", "xoxe-", Url, 16, Word),
    row("slack", "xoxe.", Dotted, 16, Word),
    row("slack", "xapp-", Url, 16, Word),
    row("slack-webhook", "hooks.slack.com/services/", Base64, 16, Anywhere),
    row("slack-webhook", "hooks.slack.com/workflows/", Base64, 16, Anywhere),
    row("slack-webhook", "hooks.slack.com/triggers/", Base64, 16, Anywhere),
    row("discord-webhook", "discord.com/api/webhooks/", Base64, 40, Anywhere),
    row("discord-webhook", "discordapp.com/api/webhooks/", Base64, 40, Anywhere),
    row("linear", "lin_api_", Plain, 30, Word),
    row("linear", "lin_oauth_", Plain, 30, Word),
    row("notion", "secret_", Plain, 40, Random),
    row("notion", "ntn_", Plain, 36, Word),
    row("figma", "figd_", Url, 30, Word),
    row("airtable", "pat", Dotted, 70, Random),
    row("postman", "PMAK-", Url, 40, Word),
    row("sentry", "sntrys_", Base64, 30, Word),
    row("sentry", "sntryu_", Hex, 40, Word),
    row("grafana", "glc_", Base64, 30, Random),
    row("grafana", "glsa_", Url, 30, Word),
    row("newrelic", "NRAK-", Plain, 24, Word),
    row("posthog", "phx_", Url, 40, Word),
    // Money and mail.
    row("stripe", "sk_live_", Plain, 16, Anywhere),
    row("stripe", "sk_test_", Plain, 16, Anywhere),
    row("stripe", "rk_live_", Plain, 16, Anywhere),
    row("stripe", "rk_test_", Plain, 16, Anywhere),
    row("stripe", "whsec_", Base64, 20, Anywhere),
    row("square", "sq0csp-", Url, 40, Word),
    row("square", "sq0atp-", Url, 20, Word),
    row("shopify", "shpat_", Hex, 32, Word),
    row("shopify", "shpss_", Hex, 32, Word),
    row("shopify", "shpca_", Hex, 32, Word),
    row("twilio", "SK", Hex, 32, Word),
    row("twilio", "AC", Hex, 32, Word),
    row("sendgrid", "SG.", Dotted, 40, Word),
    row("mailgun", "key-", Hex, 32, Word),
    row("mailchimp", "md-", Url, 22, Random),
    row("brevo", "xkeysib-", Url, 60, Word),
    row("resend", "re_", Url, 30, Random),
];
