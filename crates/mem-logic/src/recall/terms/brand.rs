//! Names in mixed case that are one word to everybody: split, they would stand for git, java, my or open.

/// In small letters, sorted.
const BRANDS: [&str; 38] = [
    "appstore",
    "bitbucket",
    "chatgpt",
    "clickhouse",
    "devops",
    "dynamodb",
    "eslint",
    "github",
    "gitlab",
    "graphql",
    "ios",
    "ipad",
    "iphone",
    "javascript",
    "jetbrains",
    "latex",
    "linkedin",
    "macbook",
    "macos",
    "mariadb",
    "mongodb",
    "mysql",
    "nosql",
    "numpy",
    "openai",
    "openapi",
    "openssl",
    "postgresql",
    "powershell",
    "pypi",
    "pytorch",
    "rabbitmq",
    "sqlite",
    "tensorflow",
    "typescript",
    "webassembly",
    "wifi",
    "youtube",
];

/// Whether this word (small ASCII letters) is never split at its capitals.
pub(super) fn is_brand(word: &str) -> bool {
    BRANDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_for_the_search() {
        assert!(BRANDS.is_sorted());
        assert!(is_brand("github") && is_brand("youtube") && is_brand("appstore") && !is_brand("git"));
    }
}
