//! Which files hold secrets by their name, so that their contents are never kept, only their paths.
//!
//! Names only: nobody looks at the disk. A name is taken for secret when people use it for nothing else;
//! templates of such files (`.env.example`) and public halves of keys (`id_rsa.pub`) are ordinary files.
//! Of `id_*`, the four file names ssh makes are secret anywhere, and any name without an extension inside a
//! `.ssh` folder: `src/id_map.rs` or `id_generator` is somebody's source code.

/// Whether the file at `path` is one whose contents are never kept.
///
/// Either kind of slash separates; case is ignored, since some file systems ignore it too.
pub fn is_secret_path(path: &str) -> bool {
    let lower;
    let path = if path.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'\\') {
        lower = path.to_ascii_lowercase().replace('\\', "/");
        lower.as_str()
    } else {
        path
    };
    let path = path.strip_prefix("file://").unwrap_or(path).trim_end_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    NAMES.contains(&name)
        || is_env_file(name)
        || has_secret_extension(name)
        || is_ssh_key(folder, name)
        || ENDS
            .iter()
            .any(|end| path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/')))
        || (name.starts_with("service-account") || name.starts_with("service_account"))
            && name.ends_with(".json")
        || (in_folder(folder, "gcloud") && name.contains("credentials"))
}

/// Whether a shell command names a secret file, so that what it prints may hold its contents.
///
/// Reads words, not shell grammar: a doubtful word counts as a file, a call such as `f(x.key)` does not.
pub fn mentions_secret_path(command: &str) -> bool {
    command
        .split(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ';' | '|' | '&' | '<' | '>' | '=' | ',')
        })
        .any(word_is_secret_path)
}

fn word_is_secret_path(word: &str) -> bool {
    // The shortest secret names have four letters; most words of a command end here.
    if word.len() < 4 || !word.bytes().any(|byte| matches!(byte, b'.' | b'_' | b'/' | b'*')) {
        return false;
    }
    let word =
        word.trim_start_matches(['$', '(', '{', '[', '@']).trim_end_matches([')', '}', ']', '\\', ':', '?']);
    if word.contains('(') {
        return false;
    }
    // `host:.env` of scp, `main:.env` of git show, `volume:/etc/shadow`.
    let word = word.rsplit_once(':').map_or(word, |(_, file)| file);
    is_secret_path(word) || (word.ends_with('*') && is_secret_path(word.trim_end_matches(['*', '.'])))
}

/// File names that hold credentials wherever they lie.
const NAMES: [&str; 34] = [
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".mylogin.cnf",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".htpasswd",
    ".vault-token",
    ".vault_pass",
    ".boto",
    ".s3cfg",
    ".dockercfg",
    "application_default_credentials.json",
    "credentials.json",
    ".credentials.json",
    "credentials.toml",
    "client_secret.json",
    "client_secrets.json",
    "secrets.yml",
    "secrets.yaml",
    "secrets.json",
    "secrets.toml",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_ecdsa_sk",
    "id_ed25519_sk",
    "terraform.tfstate",
    "credentials.tfrc.json",
    "master.key",
    "kubeconfig",
];

/// Ends of paths: the folder makes the file secret.
const ENDS: [&str; 15] = [
    ".aws/credentials",
    ".azure/accesstokens.json",
    ".azure/msal_token_cache.json",
    ".cargo/credentials",
    ".codex/auth.json",
    ".local/share/opencode/auth.json",
    ".config/gh/hosts.yml",
    ".config/hub",
    ".docker/config.json",
    ".gem/credentials",
    ".kube/config",
    ".m2/settings.xml",
    ".gnupg/secring.gpg",
    "etc/shadow",
    "etc/gshadow",
];

const EXTENSIONS: [&str; 13] = [
    ".pem",
    ".key",
    ".p12",
    ".pfx",
    ".p8",
    ".jks",
    ".keystore",
    ".kdbx",
    ".ppk",
    ".asc.key",
    ".agekey",
    ".keytab",
    ".tfvars",
];

fn is_env_file(name: &str) -> bool {
    const TEMPLATES: [&str; 8] =
        ["example", "sample", "template", "tmpl", "dist", "defaults", "schema", "d.ts"];
    if name == ".env" || name == ".envrc" {
        return true;
    }
    let Some(rest) = name.strip_prefix(".env.") else {
        // `prod.env`, as docker compose likes to name them; `process.env` is a word of JavaScript.
        return name
            .strip_suffix(".env")
            .is_some_and(|stem| !stem.is_empty() && !matches!(stem, "process" | "import.meta" | "os"));
    };
    !rest.split('.').any(|part| TEMPLATES.contains(&part)) && !rest.ends_with(".ts")
}

fn has_secret_extension(name: &str) -> bool {
    EXTENSIONS.iter().any(|extension| name.strip_suffix(extension).is_some_and(|stem| !stem.is_empty()))
}

fn is_ssh_key(folder: &str, name: &str) -> bool {
    in_folder(folder, ".ssh") && name.starts_with("id_") && !name.contains('.')
}

fn in_folder(folder: &str, wanted: &str) -> bool {
    folder.split('/').any(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secret_files_by_name() {
        for path in [
            ".env",
            "/w/app/.env",
            ".env.local",
            "a/.env.production",
            ".envrc",
            "deploy/prod.env",
            "C:\\w\\.env",
            "server.pem",
            "/etc/ssl/private/site.key",
            "cert.P12",
            "a.pfx",
            "store.jks",
            "release.keystore",
            "/home/u/.ssh/id_rsa",
            "id_ed25519",
            "/home/u/.ssh/id_work",
            "~/.ssh/id_ecdsa",
            ".netrc",
            "~/.pgpass",
            ".npmrc",
            "/root/.pypirc",
            "~/.git-credentials",
            "/home/u/.aws/credentials",
            "~/.docker/config.json",
            "/home/u/.kube/config",
            "~/.config/gcloud/legacy_credentials",
            "x/application_default_credentials.json",
            "credentials.json",
            "service-account-prod.json",
            "~/.vault-token",
            "config/secrets.yml",
            "secrets.toml",
            "vault.kdbx",
            ".htpasswd",
            "/home/u/.claude/.credentials.json",
            "/home/u/.codex/auth.json",
            "/etc/shadow",
            "file:///w/.env",
            "ID_RSA",
            "terraform.tfvars",
        ] {
            assert!(is_secret_path(path), "{path}");
        }
    }

    #[test]
    fn ordinary_files_by_name() {
        for path in [
            "",
            "/",
            "src/main.rs",
            ".env.example",
            ".env.sample",
            "a/.env.template",
            ".env.local.example",
            "env.rs",
            "src/env.ts",
            "id_map.rs",
            "src/id_generator",
            "/home/u/.ssh/id_rsa.pub",
            "/home/u/.ssh/config",
            "/home/u/.ssh/known_hosts",
            "auth.json",
            "config.json",
            "config",
            "credentials.rs",
            "secrets.rs",
            "keyboard.js",
            ".key",
            "pem",
            "docs/pem.md",
            "key",
            "shadow",
            "src/etc/passwd",
            "environment.yml",
            "service-account.rs",
            ".gitignore",
            "process.env",
            "Cargo.toml",
            ".env.d.ts",
        ] {
            assert!(!is_secret_path(path), "{path}");
        }
    }

    #[test]
    fn commands_that_name_them() {
        for command in [
            "cat .env",
            "source ./.env && npm start",
            "less ~/.ssh/id_rsa",
            "openssl x509 < server.pem",
            "cat '.env'",
            "grep KEY .env.local | head",
            "docker run --env-file=.env app",
            "(cat server.key)",
            "x=$(cat ./.env)",
            "scp host:.env .",
            "git show HEAD:.env",
            "cat .env*",
            "cat *.pem",
            "python -c 'print(open(\".env\").read())'",
            "head -3 /etc/shadow; true",
            "cat ~/.aws/credentials",
            "base64 -w0<id_ed25519",
            "cat .env>x",
        ] {
            assert!(mentions_secret_path(command), "{command}");
        }
        for command in [
            "",
            "ls -la",
            "cargo test --workspace",
            "cat .env.example",
            "jq .key x.json",
            "node -e 'console.log(obj.key)'",
            "cat src/id_map.rs",
            "ssh-keygen -y",
            "cp ~/.ssh/id_rsa.pub .",
            "echo $KEY",
            "grep -rn token src/",
            "python -c 'import os; print(os.environ)'",
            "node -p process.env",
            "git log --format=%H",
            "cat README.md",
        ] {
            assert!(!mentions_secret_path(command), "{command}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,60}") {
            is_secret_path(&text);
            mentions_secret_path(&text);
        }
    }
}
