//! Holds the redaction against secrets next to and inside each other, as attackers and logs write them.
//!
//! No whole key stands in this file: each is put together at run time, so that scanners of sources find none.

use proptest::prelude::*;

use super::secrets::{bare, pem, plain, redacted};

/// The secret key that documents of AWS show: one digit, so that it hardly looks random.
fn aws_key() -> String {
    ["wJalrXUtn", "FEMI/K7MDENG/", "bPxRfiCY", "EXAMPLEKEY"].concat()
}

/// A whole key file: two lines around `lines` lines of key.
fn whole_pem(lines: usize) -> String {
    pem("RSA PRIVATE KEY", lines) + "-----END RSA PRIVATE KEY-----"
}

/// The pieces of a secret of which none may be left: of each line, every so many bytes in a row.
fn pieces(secret: &str) -> Vec<String> {
    const LEAST: usize = 10;
    let lines = secret.replace("\\n", "\n");
    lines
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .flat_map(|line| match line.len() {
            0..=LEAST => vec![line.to_owned()],
            len => (0..=len - LEAST).map(|at| line[at..at + LEAST].to_owned()).collect(),
        })
        .filter(|piece| piece.len() >= 6)
        .collect()
}

fn assert_gone(text: &str, secret: &str) {
    let (after, _) = redacted(text);
    for piece in pieces(secret) {
        assert!(!after.contains(&piece), "{piece} of\n{text}\n → {after}");
    }
}

#[test]
fn no_rule_hides_a_secret_from_another() {
    let (aws, key) = (aws_key(), whole_pem(4));
    let access = ["AK", "IA", "IOSFODNN7", "EXAMPLQ"].concat();
    let word = "S3cr3tP4ssw0rd!".to_owned();
    let one_line = key.replace('\n', "\\n");
    for (before, secret, after) in [
        // Named by the word before, in a command that sets.
        ("aws configure set aws_secret_access_key ", &aws, ""),
        ("aws --profile x configure set profile.x.aws_secret_access_key '", &aws, "' --region y"),
        ("pulumi config set --secret dbPassword ", &word, ""),
        ("git config --global my.token ", &aws, ""),
        // In the middle of a line, in small letters, with blanks around the sign.
        ("foo aws_secret_access_key = ", &aws, " bar"),
        ("foo aws_secret_access_key: ", &aws, " bar"),
        (&format!("echo {access} aws_secret_access_key = "), &aws, " x"),
        (&format!("{access}:aws_secret_access_key = "), &aws, " x"),
        ("aws_secret_access_key=", &aws, " aws s3 ls"),
        // A key file that is assigned.
        ("PEM_TOKEN=", &key, ""),
        ("PRIVATE_KEY=", &key, "\nX=1"),
        ("PRIVATE_SECRET=\"", &key, "\""),
        ("export SSH_PRIVATE_KEY='", &key, "'"),
        ("SSH_TOKEN=", &one_line, ""),
        ("{\"PEM_TOKEN\":\"", &one_line, "\"}"),
        ("tls_secret: |\n", &key, ""),
        ("X_SECRET: ", &key, ""),
        ("TOKEN=\u{1b}[1m", &key, "\u{1b}[0m"),
        ("TOKEN=\u{200b}", &key, ""),
        ("A_TOKEN=B_TOKEN=", &key, ""),
        ("mysql -p", &key, ""),
        ("vault login ", &key, ""),
        // A name that is itself assigned.
        ("X_TOKEN=password: \"", &word, "\""),
        ("X_TOKEN=password: '", &word, "'"),
        ("X_TOKEN=DB_PASSWORD = '", &word, "'"),
        ("A_SECRET=B_SECRET=password=\"", &word, "\""),
        ("x_token: password: \"", &word, "\""),
        ("X_TOKEN=<password>", &word, "</password>"),
        ("X_TOKEN=https://me:", &word, "@example.org/"),
        ("DB_PASSWORD='see password: \"", &word, "\"'"),
        ("X_TOKEN=curl -u me:", &word, " https://example.org"),
    ] {
        assert_gone(&format!("{before}{secret}{after}"), secret);
    }
}

#[test]
fn the_longer_find_names_the_whole() {
    for (given, wanted) in [
        (format!("PEM_TOKEN={}\nX=1", whole_pem(3)), "PEM_TOKEN=[redacted:private-key]\nX=1"),
        ("X_TOKEN=password: \"S3cr3tP4ss\"".to_owned(), "X_TOKEN=[redacted:token] \"[redacted:password]\""),
        (
            format!("a aws_secret_access_key = {} b", aws_key()),
            "a aws_secret_access_key = [redacted:secret] b",
        ),
        (
            format!("aws configure set aws_secret_access_key {} b", aws_key()),
            "aws configure set aws_secret_access_key [redacted:secret] b",
        ),
    ] {
        assert_eq!(redacted(&given).0, wanted);
    }
}

/// Where a secret stands: what is written before it and after it.
const FRAMES: [(&str, &str); 17] = [
    ("", ""),
    ("\"", "\""),
    ("'", "'"),
    ("X_TOKEN=", ""),
    ("X_TOKEN=\"", "\""),
    ("DB_PASSWORD='", "'"),
    ("password: \"", "\""),
    ("X_SECRET: ", ""),
    ("x_secret = \"", "\""),
    ("{\"apiToken\": \"", "\"}"),
    ("{\\\"apiToken\\\": \\\"", "\\\"}"),
    ("?access_token=", "&x=1"),
    ("--token ", ""),
    ("<secret>", "</secret>"),
    ("Authorization: Bearer ", ""),
    ("export SSH_PRIVATE_KEY=", ""),
    ("\u{1b}[31m", "\u{1b}[0m"),
];

/// What may stand between two secrets.
const BETWEEN: [&str; 10] = [" ", "\n", "\\n", ", ", "; ", ";", "&", "=", ": ", " = "];

/// Secrets every rule must know wherever they stand: by their own form.
fn shapes() -> Vec<String> {
    let mut all: Vec<String> = bare().into_iter().map(|(_, _, secret)| secret).collect();
    all.extend((1..12).map(whole_pem));
    all.extend((1..12).map(|lines| whole_pem(lines).replace('\n', "\\n")));
    all
}

/// Secrets only their names give away.
fn named() -> Vec<String> {
    vec![plain(24), aws_key(), "S3cr3tP4ssw0rd".to_owned()]
}

/// The frames that name what stands in them, so that it goes whatever it is.
fn names(frame: usize) -> bool {
    FRAMES[frame].0.contains(['=', ':']) && FRAMES[frame].0 != "Authorization: Bearer "
}

fn framed(frame: usize, inner: &str) -> String {
    format!("{}{inner}{}", FRAMES[frame].0, FRAMES[frame].1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn neighbours_and_the_nested_all_go(
        (outer, first, second) in (0..FRAMES.len(), 0..FRAMES.len(), 0..FRAMES.len()),
        (a, b, name) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        between in prop::sample::select(&BETWEEN[..]),
        known in any::<bool>(),
    ) {
        let (shapes, named) = (shapes(), named());
        let one = a.get(&shapes);
        let other = if known && names(second) { name.get(&named) } else { b.get(&shapes) };
        let text = framed(outer, &format!("{}{between}{}", framed(first, one), framed(second, other)));
        none_is_left(&text, &[one, other])?;
    }

    /// In the body of a key file, whose ends an assignment or a command may ask for too.
    #[test]
    fn a_secret_inside_a_key_file_goes_with_it(
        (outer, inner) in (0..FRAMES.len(), 0..FRAMES.len()),
        (a, b) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        (lines, row) in (2usize..12, 1usize..12),
        before in prop::sample::select(&["", "mysql -u x -p", "vault login ", "config set x.token ", "curl -u a:"][..]),
    ) {
        let mut shapes = shapes();
        shapes.extend(named());
        let (key, one, next) = (whole_pem(lines), a.get(&shapes), b.get(&shapes));
        let mut rows: Vec<&str> = key.lines().collect();
        let within = framed(inner, one);
        rows.insert(row.min(lines), &within);
        let text = format!("{before}{}\nX_SECRET=\"{next}\"", framed(outer, &rows.join("\n")));
        let next = if next.contains("-----") { one } else { next };
        none_is_left(&text, &[one, &key, next])?;
    }
}

/// Fails if a piece of one of the secrets is left of `text`, or if redacting again changes anything.
fn none_is_left(text: &str, secrets: &[&str]) -> Result<(), TestCaseError> {
    let (after, _) = redacted(text);
    for piece in secrets.iter().flat_map(|secret| pieces(secret)) {
        prop_assert!(!after.contains(&piece), "{piece} of\n{text}\n → {after}");
    }
    prop_assert_eq!(&redacted(&after).0, &after);
    Ok(())
}

/// Longer than what is read to judge a value: where it ends is found once for all names in it.
#[test]
fn long_values_inside_each_other_go_to_their_ends() {
    let long = plain(700);
    for text in [
        format!("PASSWORD={}", "token=a1b2c3".repeat(200)),
        format!("PASSWORD=\"see X_TOKEN='{long}\"{}' next", plain(30)),
        format!("A_TOKEN={long}B_TOKEN={long} C_TOKEN={long};D_TOKEN='{long}'"),
        format!("?token={long}.password={long}&x={long}"),
    ] {
        let (after, _) = redacted(&text);
        let left = after.replace(|c: char| !c.is_ascii_alphanumeric(), " ");
        // After `&x=` stands what no name calls a secret.
        let harmless = text.ends_with(&format!("&x={long}"));
        assert!(harmless || left.split(' ').all(|word| word.len() < 24), "{text}\n → {after}");
        assert!(!after.contains(&format!("password={long}")) && !after.contains("a1b2c3"), "{after}");
    }
}
