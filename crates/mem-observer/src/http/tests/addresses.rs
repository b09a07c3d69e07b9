//! Which address, which key, from where.

use std::os::unix::fs::PermissionsExt;

use mem_core::fault::FaultKind;
use mem_core::settings::Secret;
use mem_testkit::{ModelApi, Reply};

use super::super::endpoint::{Dialect, endpoint, is_local};
use super::super::keys::{KeySource, Keys};
use super::scene::{ask, environment, settings};

#[test]
fn addresses_are_taken_as_people_paste_them() {
    let rows = [
        ("anthropic", "", "https://api.anthropic.com/v1/messages"),
        ("anthropic", "https://gate.example", "https://gate.example/v1/messages"),
        ("anthropic", "https://gate.example/v1/", "https://gate.example/v1/messages"),
        ("anthropic", "https://gate.example/anthropic", "https://gate.example/anthropic/v1/messages"),
        ("anthropic", "https://gate.example/v1/messages", "https://gate.example/v1/messages"),
        ("openai", "", "https://api.openai.com/v1/chat/completions"),
        ("openai", "http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"),
        ("openai", "http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1/chat/completions"),
        ("openai", "https://gate.example/v1/chat/completions", "https://gate.example/v1/chat/completions"),
        ("openai", "http://[::1]:8000/api", "http://[::1]:8000/api/chat/completions"),
        ("openrouter", "", "https://openrouter.ai/api/v1/chat/completions"),
        ("openrouter", "https://openrouter.ai", "https://openrouter.ai/api/v1/chat/completions"),
        ("gemini", "", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"),
    ];
    for (observer, address, url) in rows {
        let setting = format!("CLAUDE_MEM_{}_BASE_URL", observer.to_uppercase());
        let key = format!("CLAUDE_MEM_{}_API_KEY", observer.to_uppercase());
        let settings = settings(&[
            ("CLAUDE_MEM_OBSERVER", observer),
            ("CLAUDE_MEM_MODEL", "m"),
            (&setting, address),
            (&key, "sk-1"),
        ]);
        let endpoint = endpoint(&settings, &environment(&[])).expect(address);
        assert_eq!(endpoint.url(), url);
        assert_eq!(endpoint.local, is_local(url));
    }
}

#[test]
fn what_is_missing_is_named_with_its_remedy() {
    let https = "https://gate.example/v1";
    let rows: [(&[(&str, &str)], &str); 11] = [
        (
            &[("CLAUDE_MEM_OBSERVER", "openai"), ("CLAUDE_MEM_MODEL", "small")],
            "the compatible service needs a key: give it to `claude-mem config set CLAUDE_MEM_OPENAI_API_KEY -`, or set OPENAI_API_KEY in the environment or in the data directory's .env (mode 0600); for a service of your own, name its address with `claude-mem config set CLAUDE_MEM_OPENAI_BASE_URL http://127.0.0.1:11434/v1`",
        ),
        (&[], "no model with an address is chosen: set CLAUDE_MEM_OBSERVER"),
        (&[("CLAUDE_MEM_OBSERVER", "claude")], "no model with an address is chosen: set CLAUDE_MEM_OBSERVER"),
        (
            &[("CLAUDE_MEM_OBSERVER", "anthropic")],
            "the Anthropic API needs a key: give it to `claude-mem config set CLAUDE_MEM_ANTHROPIC_API_KEY -`, or set ANTHROPIC_API_KEY in the environment or in the data directory's .env (mode 0600)",
        ),
        (
            &[("CLAUDE_MEM_OBSERVER", "gemini")],
            "Gemini needs a key: give it to `claude-mem config set CLAUDE_MEM_GEMINI_API_KEY -`, or set GEMINI_API_KEY in the environment or in the data directory's .env (mode 0600)",
        ),
        (
            &[("CLAUDE_MEM_OBSERVER", "openrouter")],
            "OpenRouter needs the name of a model: set CLAUDE_MEM_MODEL",
        ),
        (
            &[("CLAUDE_MEM_OBSERVER", "openai"), ("CLAUDE_MEM_OPENAI_BASE_URL", "localhost:11434/v1")],
            "CLAUDE_MEM_OPENAI_BASE_URL is no address: set it to one such as https://api.openai.com/v1",
        ),
        (
            &[("CLAUDE_MEM_OBSERVER", "openai"), ("CLAUDE_MEM_OPENAI_BASE_URL", "http://gate.example/v1")],
            "CLAUDE_MEM_OPENAI_BASE_URL is not encrypted and leads out of this network: use https",
        ),
        (
            &[
                ("CLAUDE_MEM_OBSERVER", "openai"),
                ("CLAUDE_MEM_OPENAI_BASE_URL", "https://me:pw@gate.example"),
            ],
            "CLAUDE_MEM_OPENAI_BASE_URL holds more than an address: set the key by itself",
        ),
        (
            &[("CLAUDE_MEM_OBSERVER", "openai"), ("CLAUDE_MEM_OPENAI_BASE_URL", "ftp://gate.example")],
            "CLAUDE_MEM_OPENAI_BASE_URL is no address: set it to one such as https://api.openai.com/v1",
        ),
        (
            &[
                ("CLAUDE_MEM_OBSERVER", "openai"),
                ("CLAUDE_MEM_MODEL", "m"),
                ("CLAUDE_MEM_OPENAI_BASE_URL", https),
                ("CLAUDE_MEM_OPENAI_API_KEY", "sk\u{e9}"),
            ],
            "the key from the settings has characters that no key has: set it anew",
        ),
    ];
    for (given, said) in rows {
        let fault = endpoint(&settings(given), &environment(&[])).expect_err(said);
        assert_eq!((fault.kind, fault.said.as_str(), fault.paid), (FaultKind::Setup, said, false));
    }
}

#[test]
fn keys_are_looked_up_in_order() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(".env");
    std::fs::write(&file, "ANTHROPIC_API_KEY='from file'\nGEMINI_API_KEY=file-gemini\n")
        .expect("it is written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    let found = |observer: &str, own: &str, environment: &[(&str, &str)]| {
        let key = format!("CLAUDE_MEM_{}_API_KEY", observer.to_uppercase());
        let settings = settings(&[("CLAUDE_MEM_OBSERVER", observer), ("CLAUDE_MEM_MODEL", "m"), (&key, own)]);
        let pairs: Vec<_> = environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let keys = Keys::read(&pairs, folder.path());
        assert!(!format!("{keys:?}").contains("from-"), "{keys:?}");
        endpoint(&settings, &keys).map(|endpoint| {
            assert!(!format!("{endpoint:?}").contains(&endpoint.key.0), "{endpoint:?}");
            (endpoint.key.0.clone(), endpoint.key_from.expect("a key from somewhere"))
        })
    };
    let both = [("GOOGLE_API_KEY", "from-google"), ("GEMINI_API_KEY", "from-env")];
    assert_eq!(found("gemini", "from-own", &both), Ok(("from-own".to_owned(), KeySource::Settings)));
    let env = KeySource::Environment("GEMINI_API_KEY");
    assert_eq!(found("gemini", "", &both), Ok(("from-env".to_owned(), env)));
    let google = KeySource::Environment("GOOGLE_API_KEY");
    assert_eq!(found("gemini", "", &both[..1]), Ok(("from-google".to_owned(), google)));
    let file_gemini = KeySource::File("GEMINI_API_KEY");
    assert_eq!(found("gemini", "", &[]), Ok(("file-gemini".to_owned(), file_gemini)));
    assert!(
        found("anthropic", "", &[]).is_err_and(|fault| fault.said.contains(".env")),
        "a blank is no key's"
    );

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    let fault = found("gemini", "", &[]).expect_err("others may read it");
    assert_eq!(fault.kind, FaultKind::Setup);
    assert!(fault.said.contains("`chmod 600 ") && fault.said.contains(".env"), "{fault}");
    assert!(found("gemini", "", &both).is_ok(), "nothing of the file is needed");

    let remove = || std::fs::remove_file(&file).expect("it is ours");
    remove();
    crate::regular::tests::pipe(&file);
    let fault = found("gemini", "", &[]).expect_err("nobody writes into it");
    assert_eq!(fault.kind, FaultKind::Setup);
    assert!(fault.said.ends_with(".env cannot be read: no regular file"), "{fault}");
    assert!(found("gemini", "", &both).is_ok(), "nothing of it is needed");
    remove();
    std::fs::write(&file, vec![b'\n'; 64 * 1024 + 1]).expect("it is written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    let fault = found("gemini", "", &[]).expect_err("half a file may hold half a key");
    assert!(fault.said.ends_with("larger than 64 kB"), "{fault}");
}

#[test]
fn a_key_is_not_sent_to_an_address_that_the_environment_named() {
    let gate = ("ANTHROPIC_BASE_URL", "https://gate.example");
    let of = |own: &str, variables: &[(&str, &str)]| {
        let settings =
            settings(&[("CLAUDE_MEM_OBSERVER", "anthropic"), ("CLAUDE_MEM_ANTHROPIC_API_KEY", own)]);
        endpoint(&settings, &environment(variables))
    };
    let fault = of("own", &[gate]).expect_err("the key is the user's, the address is not");
    assert!(fault.said.contains("CLAUDE_MEM_ANTHROPIC_BASE_URL"), "{fault}");
    let both = of("", &[gate, ("ANTHROPIC_AUTH_TOKEN", "tok")]).expect("both from one place");
    assert_eq!(both.url(), "https://gate.example/v1/messages");
    let bearer = ("authorization", Secret("Bearer tok".to_owned()));
    assert!(both.whom().headers.contains(&bearer), "a token is no x-api-key");
}

#[test]
fn a_model_of_ones_own_needs_no_key() {
    let api = ModelApi::start();
    api.next(Reply::text("yes"));
    let settings = settings(&[
        ("CLAUDE_MEM_OBSERVER", "openai"),
        ("CLAUDE_MEM_MODEL", "qwen3:8b"),
        ("CLAUDE_MEM_OPENAI_BASE_URL", &api.url().replace("127.0.0.1", "localhost")),
    ]);
    let endpoint = endpoint(&settings, &environment(&[])).expect("no key is needed");
    assert_eq!((endpoint.dialect, endpoint.local, &endpoint.key_from), (Dialect::OpenAi, true, &None));
    ask(&settings, &environment(&[])).expect("the name is resolved, in a static binary too");
    assert_eq!(api.requests()[0].header("authorization"), None);
}

#[test]
fn what_is_local_is_told_from_what_is_not() {
    let local = [
        "http://localhost:1",
        "http://a.localhost",
        "http://127.9.9.9",
        "http://[::1]:8",
        "http://10.0.0.1",
        "http://192.168.1.4/v1",
        "http://172.20.0.1",
        "http://169.254.1.1",
        "http://100.100.1.1",
        "http://0.0.0.0:11434",
        "http://[fd00::1]",
        "http://[fe80::1]",
        "http://[::ffff:10.0.0.1]",
        "http://ollama:11434",
        "http://host.docker.internal:11434",
        "http://nas.local",
    ];
    for address in local {
        assert!(is_local(address), "{address}");
    }
    let elsewhere = [
        "https://api.openai.com",
        "http://8.8.8.8",
        "http://100.128.0.1",
        "http://172.32.0.1",
        "http://[2001:db8::1]",
        "http://134744072",
        "http://0x8080808",
        "http://local.example.com",
        "http://localhost.example.com",
        "nonsense",
        "",
    ];
    for address in elsewhere {
        assert!(!is_local(address), "{address}");
    }
}
