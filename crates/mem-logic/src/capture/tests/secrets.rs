//! Holds the redaction against a table of secrets and a table of innocent lines.
//!
//! No whole key stands in this file: each is put together at run time, so that scanners of sources find none.

use proptest::prelude::*;

use super::super::secrets::{Counts, Redactor};
use mem_core::settings::Settings;

pub(super) fn redacted(text: &str) -> (String, Counts) {
    let mut text = text.to_owned();
    let counts = Redactor::new(&Settings::default()).redact(&mut text);
    (text, counts)
}

/// Random-looking text of `len` characters out of `alphabet`, the same every time.
fn body(alphabet: &str, len: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = 0x2545_F491_4F6C_DD1D_u64 ^ len as u64;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            letters[(state % letters.len() as u64) as usize]
        })
        .collect()
}

const PLAIN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const CAPS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

pub(super) fn plain(len: usize) -> String {
    body(PLAIN, len)
}

fn hex(len: usize) -> String {
    body(HEX, len)
}

pub(super) fn pem(label: &str, lines: usize) -> String {
    let rows: Vec<String> = (0..lines).map(|row| plain(64 - row % 2)).collect();
    format!("-----{} {label}-----\n{}\n", "BEGIN", rows.join("\n"))
}

/// Each: a name, the text that holds it, and the part that must be gone.
fn secrets() -> Vec<(&'static str, String, String)> {
    let mut all = bare();
    all.extend(in_context());
    all
}

/// Keys that are known by their own form.
pub(super) fn bare() -> Vec<(&'static str, String, String)> {
    let mut all: Vec<(&'static str, String, String)> = Vec::new();
    let mut key = |kind: &'static str, parts: &[&str]| {
        let whole = parts.concat();
        all.push((kind, whole.clone(), whole));
    };
    key("anthropic", &["sk-", "ant-", "api03-", &plain(80)]);
    key("anthropic", &["sk-", "ant-", "oat01-", &plain(80)]);
    key("openai", &["sk", "-", &plain(48)]);
    key("openai", &["sk-", "proj-", &plain(60), "_", &plain(20)]);
    key("openrouter", &["sk-", "or-", "v1-", &hex(64)]);
    key("aws", &["AK", "IA", &body(CAPS, 16)]);
    key("aws", &["AS", "IA", &body(CAPS, 16)]);
    key("aws", &["AK", "IA", "IOSFODNN7", "EXAMPLE"]);
    for prefix in ["ghp", "gho", "ghu", "ghs", "ghr"] {
        key("github", &[prefix, "_", &plain(36)]);
    }
    key("github", &["github", "_pat_", &plain(22), "_", &plain(59)]);
    key("gitlab", &["gl", "pat-", &plain(20)]);
    key("google", &["AI", "za", &plain(35)]);
    key("gcp", &["ya", "29.", &plain(60)]);
    for prefix in ["xoxb", "xoxp", "xoxa", "xoxr", "xoxs"] {
        key("slack", &[prefix, "-", "2401", "-", &plain(24)]);
    }
    key("slack", &["xa", "pp-1-A0-", &plain(40)]);
    key("slack-webhook", &["hooks.", "slack.com/services/T000/B000/", &plain(24)]);
    for prefix in ["sk_live", "rk_live", "sk_test"] {
        key("stripe", &[prefix, "_", &plain(24)]);
    }
    key("stripe", &["wh", "sec_", &plain(32)]);
    key("twilio", &["S", "K", &hex(32)]);
    key("sendgrid", &["S", "G.", &plain(22), ".", &plain(43)]);
    key("npm", &["np", "m_", &plain(36)]);
    key("pypi", &["py", "pi-", "AgEI", &plain(80)]);
    key("huggingface", &["h", "f_", &plain(34)]);
    key("digitalocean", &["do", "p_v1_", &hex(64)]);
    key("databricks", &["da", "pi", &hex(32)]);
    key("linear", &["lin", "_api_", &plain(40)]);
    key("notion", &["nt", "n_", &plain(46)]);
    key("notion", &["sec", "ret_", &plain(43)]);
    key("supabase", &["sb", "p_", &hex(40)]);
    key("vault", &["hv", "s.", &plain(90)]);
    key("age", &["AGE-", "SECRET-KEY-1", &body(CAPS, 58)]);
    key("docker", &["dckr", "_pat_", &plain(27)]);
    key("replicate", &["r", "8_", &plain(37)]);
    key("groq", &["gs", "k_", &plain(52)]);
    key("xai", &["xa", "i-", &plain(80)]);
    key("perplexity", &["pp", "lx-", &plain(48)]);
    key("sentry", &["sntr", "ys_", &plain(60)]);
    key("mailgun", &["ke", "y-", &hex(32)]);
    key("telegram", &["123456789", ":A", "A", &plain(33)]);
    key("discord", &["M", &plain(25), ".", "Gh1Jk2", ".", &plain(38)]);
    key("jwt", &["ey", "J", &plain(20), ".ey", "J", &plain(40), ".", &plain(43)]);
    all
}

/// Secrets that are known by what stands around them.
fn in_context() -> Vec<(&'static str, String, String)> {
    let mut all: Vec<(&'static str, String, String)> = Vec::new();
    let mut within = |kind: &'static str, before: &str, secret: String, after: &str| {
        all.push((kind, format!("{before}{secret}{after}"), secret));
    };
    within("private-key", "", pem("RSA PRIVATE KEY", 20) + "-----END RSA PRIVATE KEY-----", "\nafter");
    within("private-key", "x\n", pem("OPENSSH PRIVATE KEY", 9), "");
    within("private-key", "", pem("PGP PRIVATE KEY BLOCK", 9) + "-----END PGP PRIVATE KEY BLOCK-----", "");
    within(
        "private-key",
        "\"k\":\"",
        pem("PRIVATE KEY", 9).replace('\n', "\\n"),
        "-----END PRIVATE KEY-----\\n\"",
    );
    within(
        "private-key",
        "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 14\n",
        plain(64),
        "\nPrivate-MAC: 1",
    );
    within(
        "private-key",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "geheim99".into(),
        "\n-----END RSA PRIVATE KEY-----",
    );
    within("private-key", "-----BEGIN EC PRIVATE KEY-----\n  ", body(PLAIN, 30), "");
    within("url-password", "postgres://app:", "s3/cr@t".into(), "@db.example.org:5432/app");
    within("url-password", "redis://:", "hunter2".into(), "@localhost:6379/0");
    within("url-password", "git clone https://me:", plain(12), "@example.org/x.git");
    within("password", "Server=db;User Id=app;Password=", "hunter".into(), ";Encrypt=true");
    within("authorization", "Authorization: Bearer ", plain(32), "\n");
    within("authorization", "curl -H 'Authorization: Basic ", "dXNlcjpwYXNz".into(), "' https://example.org");
    within("basic-auth", "curl -s -u admin:", "hunter2".into(), " https://example.org/");
    within("cookie", "Set-Cookie: sid=", plain(32), "; Path=/; HttpOnly");
    within("cookie", "Cookie: theme=dark; session=", plain(32), "");
    within("password", "DB_PASSWORD=", "correcthorse".into(), "\n");
    within("password", "export DB_PASSWORD=\"", "two words".into(), "\"");
    within("password", "  POSTGRES_PASSWORD: ", "hunter2".into(), "\n");
    within("password", "{\"password\": \"", "hunter2!".into(), "\"}");
    within("password", "{\\\"password\\\": \\\"", "hunter2!".into(), "\\\"}");
    within("password", "password = \"", "hunter2".into(), "\"");
    within("password", "password: ", "hunter2".into(), "\n");
    within("password", "mysql --password=", "hunter2".into(), " -u root");
    within("password", "<password>", "hunter2".into(), "</password>");
    within("password", "define('DB_PASSWORD', '", "hunter2".into(), "');");
    within("token", "API_TOKEN=", plain(20), "");
    within("token", "https://example.org/?access_token=", plain(20), "&x=1");
    within("token", "//registry.example.org/:_authToken=", plain(36), "\n");
    within("secret", "CLIENT_SECRET='", plain(20), "'");
    within("secret", "aws_secret_access_key = ", plain(40), "\n");
    within("secret", "const clientSecret = `", "geheim-und-lang".into(), "`;");
    within("key", "COHERE_API_KEY=", plain(40), "\n");
    within("key", "apiKey: '", plain(20), "',");
    within("key", "const API_KEY: &str = \"", plain(20), "\";");
    within("key", "curl -H 'x-api-key: ", plain(20), "' https://example.org");
    within("key", "os.environ[\"STRIPE_API_KEY\"] = \"", plain(20), "\"");
    within("key", "'encryption_key' => '", plain(20), "',");
    within("key", "export OPENAI_KEY=", plain(32), "\n");
    within("key", "heroku config:set FOO_KEY=", plain(32), "");
    within("session", "export BW_SESSION=\"", plain(86) + "==", "\"");
    within("password", "SSHPASS=", "hunter2".into(), " sshpass -e ssh h");
    within("key", "echo -H \"X-Api-Key: ", plain(32), "\" | tee x");
    within("password", "password: |\n  ", plain(20), "\n");
    within("password", "pw: ", plain(14), "");
    within("password", "pwd: ", plain(14), "");
    for (before, after) in [
        ("mysql -u root -p", " db"),
        ("mysqldump -uroot -p'", "' db > x"),
        ("mariadb -p", ""),
        ("redis-cli -h h -a ", " ping"),
        ("docker login -u bob -p ", " registry.example.org"),
        ("az login --service-principal -u x -p ", " --tenant y"),
        ("zip -P ", " x.zip y"),
        ("zip -r -P ", " x.zip y"),
        ("unzip -P ", " x.zip"),
        ("7z a -p", " x.7z"),
        ("openssl rsa -passin pass:", " -in x"),
        ("openssl enc -aes-256-cbc -k ", " -in x"),
        ("ldapsearch -D cn=x -w ", ""),
        ("smbclient //h/s -U bob%", ""),
        ("sshpass -p ", " ssh h"),
        ("sshpass -p", " ssh h"),
    ] {
        within("password", before, plain(14), after);
    }
    within("key", "{\"name\":\"API_KEY\",\"value\":\"", plain(32), "\"}");
    within("key", "{\\\"value\\\": \\\"", plain(32), "\\\", \\\"name\\\": \\\"API_KEY\\\"}");
    within("password", "{ \"key\": \"password\", \"value\": \"", plain(14), "\" }");
    within("key", "- name: API_KEY\n  value: ", plain(32), "\n- name: X\n  value: y\n");
    within("key", "<add key=\"ApiKey\" value=\"", plain(32), "\"/>");
    within("password", "variable \"db_password\" {\n  default = \"", plain(14), "\"\n}");
    within("password", "machine api.example.org login bob password ", plain(16), "\n");
    within("password", "machine api.example.org\n  login bob\n  password ", plain(16), "\n");
    within("password", "localhost:5432:db:bob:", plain(14), "\n");
    within("password", "*:5432:*:bob:", plain(14), "\n");
    within("hash", "bob:", format!("$2{}$12${}", "y", plain(53)), "");
    within("hash", "root:", format!("${}$rounds=5000${}${}", 6, plain(16), plain(86)), ":19000:0:::");
    within("hash", "bob:", format!("$apr{}${}${}", 1, plain(8), plain(22)), "");
    within("signature", "https://b.s3.example.org/k?X-Amz-Signature=", hex(64), "");
    within("signature", "use this sig=", plain(43) + "%3D", " please");
    within("firebase", "", ["AAAAabcd123:APA", "91b", &plain(134)].concat(), "");
    within("basic-auth", "curl -u bob:", plain(14), " https://example.org");
    within("token", "vault login ", plain(26), "");
    within("token", "npm config set //r/:_authToken ", plain(36), "");
    within("token", "setx API_TOKEN ", plain(32), "");
    within("token", "set -gx API_TOKEN ", plain(32), "");
    within("secret", "fly secrets set FOO=", plain(32), "");
    within("token", "echo ", plain(40), " | gh auth login --with-token");
    within("token", "echo \"", plain(32), "\" | wrangler secret put FOO");
    within("passphrase", "passphrase: \"", "correct horse battery staple".into(), "\"");
    within("azure", "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=", plain(86) + "==", ";E");
    within("connection-string", "SENTRY_DSN=https://", hex(32), "@o1.example.org/1");
    within("signature", "https://x.example.org/c?sv=2024&sig=", plain(40), "");
    within("credential", "CREDENTIALS=", plain(20), "\n");
    all
}

#[test]
fn every_secret_goes_and_is_counted() {
    let all = secrets();
    assert!(all.len() >= 60);
    for (kind, text, secret) in all {
        let (after, counts) = redacted(&text);
        assert!(!after.contains(&secret), "{kind}: {text}\n → {after}");
        assert!(after.contains("[redacted:"), "{kind}: {after}");
        assert_eq!(counts.values().sum::<u32>(), 1, "{kind}: {text}\n → {after} {counts:?}");
        assert!(counts.contains_key(kind), "{kind}: {text}\n → {after} {counts:?}");
    }
}

#[test]
fn names_hosts_and_surroundings_stay() {
    for (given, wanted) in [
        ("postgres://app:s3cret@db:5432/x", "postgres://app:[redacted:url-password]@db:5432/x"),
        ("DB_PASSWORD=s3cret # local", "DB_PASSWORD=[redacted:password] # local"),
        ("{\"apiToken\":\"abc12345\",\"b\":1}", "{\"apiToken\":\"[redacted:token]\",\"b\":1}"),
        ("a\\nAPI_KEY=abc12345\\nB=2", "a\\nAPI_KEY=[redacted:key]\\nB=2"),
        ("curl -u me:s3cret https://h", "curl -u me:[redacted:basic-auth] https://h"),
        ("PASSWORD='a and b' next", "PASSWORD='[redacted:password]' next"),
        ("Password=hunter2;Server=x", "Password=[redacted:password];Server=x"),
        ("Authorization: Bearer abcdef1234567890", "Authorization: Bearer [redacted:authorization]"),
    ] {
        assert_eq!(redacted(given).0, wanted);
    }
}

const INNOCENT: &[&str] = &[
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  release.tar.gz",
    "id: 550e8400-e29b-41d4-a716-446655440000",
    "let token = parse_token(x);",
    "token = next_token()",
    "password: String,",
    "password: Option<String>,",
    "pub password: &'a str,",
    "let key = map.key();",
    "\"integrity\": \"sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg==\"",
    ".token { color: #ff00aa; }",
    "https://example.org/@scope/pkg@1.2.3/index.js",
    "https://example.org:8080/path?x=1#y",
    "write to jane.doe@example.org or http://example.org/",
    "pub const API_KEY_HEADER: &str = \"x-api-key\";",
    "if password == \"\" { return Err(Error::Empty) }",
    "if (token === expectedToken) {",
    "const apiKey = process.env.API_KEY;",
    "API_KEY = os.environ[\"API_KEY\"]",
    "API_KEY=$API_KEY cargo run",
    "export TOKEN=\"${GITHUB_TOKEN}\"",
    "GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}",
    "PASSWORD=<your password>",
    "API_KEY=your_api_key_here",
    "MAX_TOKENS=4096",
    "\"max_tokens\": 1024, \"input_tokens\": 1234567, \"cache_read_input_tokens\": 99120045",
    "PWD=/home/dev/project",
    "OLDPWD=/home/dev/2nd/place",
    "author: \"Jane Doe 2nd\"",
    "AUTHOR=jane.doe2",
    "fn authenticate(&self, token: &Token) -> Result<User>",
    "type Token = HashMap<String, u64>;",
    "match token.kind { TokenKind::Ident => 1, TokenKind::Number => 2 }",
    "Token::new(TokenType::String, 12..14)",
    "<input type=\"password\" name=\"password\" placeholder=\"Password\">",
    "password: 'Password must be at least 8 characters long',",
    "\"password\": \"string\"",
    "\"token\": null, \"secret\": false",
    "TOKEN_URL=https://auth.example.org/oauth2/token",
    "PASSWORD_FILE=/run/secrets/db_password1",
    "SSH_PRIVATE_KEY_PATH=~/.ssh/work2/key",
    "the secret: nobody reads 400 pages",
    "Passwords: see section 4.2",
    "bearer tokens are sent in the Authorization header",
    "if text.starts_with(\"-----BEGIN PRIVATE KEY-----\") && text.ends_with(\"-----END PRIVATE KEY-----\") {",
    "docker run -u 1000:1000 image:1.2.3",
    "task-runner-with-a-long-name-number-12 risk-assessment-2024-final-version",
    "class=\"sk-spinner-container-large sk-fading-circle-item-12\"",
    "npm_config_registry=https://registry.example.org/ npm_package_version=1.2.3",
    "keyboard: \"querty1234\", monkey = \"banana12\", keyframes: 'fade12in'",
    "primary_key: \"user_id_2024\", foreign_key = \"order_id_17\"",
    "key: \"value-1234-abcd\", keys: [\"a1\", \"b2\"]",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
    "git@github.com:owner/repo.git",
    "ssh://git@github.com/owner/repo.git",
    "version = \"1.2.3\" # rev 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "self.credentials = credentials;",
    "passed: 12, failed: 0, password_hasher.verify(x)",
    "compass = \"north-2024-east\"",
    "password = getpass.getpass()",
    "test parser::tests::token_is_read_2 ... ok",
    "cookie: CookieJar, cookies: Vec<Cookie>",
    "redis://localhost:6379/0 postgres://localhost/db mongodb://db1,db2/x",
    "secretKeyRef:\n  name: db\n  key: password",
    "    AUTH=CRAM-MD5, AUTH=PLAIN; serverAuth = \"1.3.6.1.5.5.7.3.1\"",
    "pub const IFLA_INET6_TOKEN: _bindgen_ty_5 = _bindgen_ty_5::IFLA_INET6_TOKEN;",
    "DEVSTAT_TYPE_PASS = 4096123, SECRET_BIT = 0x4000_0000,",
    "reads the lines before \"-----BEGIN RSA PRIVATE KEY-----\" and\nafter \"-----END RSA PRIVATE KEY-----\" as text",
    "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "PRIMARY_KEY=user_id_2024 SORT_KEY=created_2nd CACHE_KEY=v2-a1b2c3d4e5 PUBLIC_KEY=ssh-ed25519",
    "FOREIGN_KEY: &str = \"orders12_id\"; PARTITION_KEY='tenant1#2024'; DESKTOP_SESSION=gnome-xorg2",
    "const STORAGE_TAB_KEY = 'tab-2'; KEY=value1; SESSION=abc123",
    "pw: string, pwd: /home/dev, --password MyVault --token fromKeychain",
    "password: |\n  ${DB_PASSWORD}",
    "docker run -d --name mysql -p3306:3306 -p 3307:3306 mysql:8.4",
    "mysql -u root -p -h db; mysql --port 3306 -p$MYSQL_PWD app",
    "zip -r out.zip src && 7z x a.7z -oout; unzip -p a.zip x | head",
    "redis-cli -h localhost -n 2 keys 'user*2024'; set -x; setx PATH C:\\tools2",
    "vault login -method=github; az login --tenant abc12345; docker login -p $TOKEN",
    "openssl req -x509 -keyout key1.der -passin env:PASS2 -days 365",
    "echo $TOKEN | gh auth login --with-token; echo done12345678 | tee log",
    "the zip -P flag, the mysql -p flag and \"mysql -p\" or \"7z -p\" again",
    "{\"name\":\"REGION\",\"value\":\"eu-west-1a2b\"},{\"name\":\"API_KEY\"}",
    "- name: API_KEY\n  valueFrom:\n    secretKeyRef: {name: a1, key: b2}\n- name: PORT\n  value: 8080a1",
    "<input name=\"password\" value=\"\"> <input name=\"email\" value=\"jane12@example.org\">",
    "variable \"token\" { type = string, default = null }",
    "a machine learning model with login and password fields",
    "the machine host1 login fails, password reset works",
    "listening on 127.0.0.1:5432: ok; docker run -p 127.0.0.1:5432:5432 postgres:16",
    "perl -pe 's/(a)(b)/$2$1$2b$1/' and echo $1$2 $5$6",
    "sig=value, fn sig=a1b2c3d4e5f6g7h8, secret = MakeNewSecretForTheUserOfThisApp",
    "(auth) => auth.user, auth: AuthConfig, auth: true",
];

#[test]
fn ordinary_lines_stay_as_they_are() {
    assert!(INNOCENT.len() >= 40);
    for line in INNOCENT {
        assert_eq!(redacted(line), ((*line).to_owned(), Counts::new()));
    }
}

#[test]
fn a_cut_off_key_goes_and_what_follows_stays() {
    let text = format!("a\n{}and then we went on with the work\n", pem("RSA PRIVATE KEY", 5));
    let (after, _) = redacted(&text);
    assert!(after.starts_with("a\n[redacted:private-key]") && after.ends_with("with the work\n"), "{after}");
}

#[test]
fn planted_in_ansi_escapes_and_quotes() {
    for (kind, text, secret) in secrets() {
        for (before, after) in [
            ("\u{1b}[31m", "\u{1b}[0m"),
            ("\\u001b[1;31m", "\\u001b[0m"),
            ("\"", "\""),
            ("\\\"", "\\\""),
            ("first\\n", "\\nlast"),
            ("(", ")"),
            ("- ", "."),
            ("é", "ü"),
        ] {
            let (now, _) = redacted(&format!("{before}{text}{after}"));
            assert!(!now.contains(&secret), "{kind}: {before}{text}{after}\n → {now}");
        }
    }
}

/// Whatever stands in the middle of a key and is not seen, or is seen as one of its letters.
#[test]
fn disguised_keys_are_seen_through() {
    let rest = plain(36);
    for (kind, text) in [
        ("github", format!("gh{}\u{1b}[m\u{1b}[K{rest}", "p_")),
        ("github", format!("\u{1b}[01;31m\u{1b}[Kgh{}{}\u{1b}[1m{}", "p_", &rest[..18], &rest[18..])),
        ("github", format!("gh{}{}\\u001b[1m{}", "p_", &rest[..18], &rest[18..])),
        ("github", format!("gh{}{}\u{200b}{}", "p_", &rest[..18], &rest[18..])),
        ("github", format!("gh{}{}\\u200b{}", "p_", &rest[..18], &rest[18..])),
        ("github", format!("\"gh\\u0070\\u005f{rest}\"").to_owned()),
        ("github", format!("\\\"gh\\\\u0070_{rest}\\\"")),
        ("password", format!("pass\u{1b}[1mword\u{1b}[0m = \"{rest}\"")),
        ("key", format!("API_KEY\\u003d{rest}")),
    ] {
        let (after, counts) = redacted(&format!("é {text}\u{1b}[0m ü"));
        assert!(!after.contains(&rest[..16]) && !after.contains(&rest[20..]), "{text}\n → {after}");
        assert_eq!(counts, Counts::from([(kind, 1)]), "{text}\n → {after}");
        assert!(after.starts_with("é ") && after.ends_with("\u{1b}[0m ü"), "{after}");
    }
    for text in
        ["\u{1b}[32mok\u{1b}[0m 12 passed", "👩\u{200d}💻 \\u0041\\u001b[0m", "\\u003cb\\u003e \u{feff}x"]
    {
        assert_eq!(redacted(text), (text.to_owned(), Counts::new()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn planted_anywhere_it_is_gone_and_once_is_enough(
        at in 0usize..60, before in "\\PC{0,60}", after in "\\PC{0,60}"
    ) {
        let all = secrets();
        let (kind, text, secret) = &all[at % all.len()];
        let mut now = format!("{before}\n{text}\n{after}");
        let redactor = Redactor::new(&Settings::default());
        redactor.redact(&mut now);
        prop_assert!(!now.contains(secret.as_str()), "{}: {}", kind, now);
        let once = now.clone();
        prop_assert!(redactor.redact(&mut now).is_empty());
        prop_assert_eq!(now, once);
    }

    #[test]
    fn soup_of_anchors_is_survived_and_once_is_enough(soup in proptest::collection::vec(
        prop_oneof![
            Just("PASSWORD"), Just("token"), Just("="), Just(": "), Just("\""), Just("\\\""), Just("\\n"), Just("é"),
            Just("-----BEGIN RSA PRIVATE KEY-----"), Just("-----END"), Just("://"), Just("@"), Just(":"), Just("eyJ"),
            Just("abc123DEF456ghi789jkl012mno"), Just("Cookie: "), Just("; "), Just("curl -u "), Just("."), Just("\n"),
            Just("Authorization"), Just("Bearer "), Just("\u{200b}"), Just("\\u0061"), Just("\\u001b[1m"), Just("mysql -p"),
            Just("{\"name\": \"API_KEY\""), Just("value"), Just("zip -P "), Just("echo "), Just("| x --with-token"),
            Just("machine a login b password "), Just("$6$"), Just("a:5432:b:c:"), Just("vault login "), Just("|"), Just("[redacted:token]"), Just("\u{1b}[0m"), Just("\\u0022"),
        ], 0..40)
    ) {
        let mut text = soup.concat();
        let redactor = Redactor::new(&Settings::default());
        redactor.redact(&mut text);
        let once = text.clone();
        redactor.redact(&mut text);
        prop_assert_eq!(text, once);
    }
}

/// The work grows with the text, not with its square, whatever it is made of.
#[test]
fn long_texts_of_anchors_come_to_an_end() {
    let redactor = Redactor::new(&Settings::default());
    for piece in [
        "-----BEGIN PRIVATE KEY----- ",
        "PASSWORD=\"",
        "password: '",
        "token=a",
        "Cookie: a=b; c=d",
        "sk-",
        "\\\"token\\\": \\\"",
        "://a:",
        "Cookie: a=b; ",
        "curl -u ",
        "eyJ.",
        "secret_",
        "mysql ",
        "machine ",
        ":5432:",
        "$2a$",
        "value=",
        "name: value: ",
        "zip -P",
        "zip '",
        "echo | --with-token",
        "\\\\\\\\",
        "Private-Lines: ",
        "Authorization: Bearer ",
        "authorization:",
        "cookie:a=",
        "TOKEN=-----BEGIN PRIVATE KEY-----\n",
        "PASSWORD=aaaa1/",
        "config set token abcd ",
        "\u{1b}[0mTOKEN=a",
    ] {
        let mut text = piece.repeat(40_000 / piece.len());
        redactor.redact(&mut text);
    }
}
