//! Planted secrets and private words are in no file of ours once the inbox is drained.

use std::path::Path;

use crate::world::{World, bash, prompt, stop};

/// Made at run time, so that no key stands in this file.
fn keys() -> Vec<String> {
    let tail = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0";
    vec![
        format!("sk-ant-{}-{tail}", "api03"),
        format!("{}{}", "gh", format_args!("p_{}", &tail[..36])),
        format!("{}{}", "AK", format_args!("IA{}", "QWERTYUIOPASDFGH")),
        format!("{}-12345678901-{}", "xoxb", &tail[..24]),
        "hunter2hunter2".to_owned(),
    ]
}

#[test]
fn planted_keys_leave_no_trace() {
    let world = World::new();
    let keys = keys();
    world.put(
        &prompt(1).replace(
            "Do the thing",
            &format!("My key is {} <private>the blue door</private>, use it", keys[0]),
        ),
    );
    for (number, key) in keys.iter().enumerate().take(4) {
        world.put(&bash(
            &format!("t{number}"),
            &format!("curl -H 'x-api-key: {key}' h"),
            &format!("sent {key}\nok"),
        ));
    }
    world.put(&bash("env", "printenv", &format!("PATH=/bin\nDB_PASSWORD={}\n", keys[4])));
    world.put(&stop(&format!("I used {} as you said.", keys[0])));
    // cut in half, so that it is parked
    world.put(&format!(r#"{{"hook_event_name":"Stop","last_assistant_message":"key {} and"#, keys[1]));
    let brief = world.brief();
    assert!(!brief.is_empty());
    let mut searched = 0;
    walk(world.home.dir(), &mut |path, bytes| {
        searched += 1;
        for secret in keys.iter().map(String::as_str).chain(["the blue door"]) {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} stands in {}", path.display());
        }
    });
    assert!(searched >= 4, "only {searched} files searched");
    let tallies = world.store().tallies().unwrap();
    let redacted: u64 =
        tallies.iter().filter(|(name, _)| name.starts_with("redacted:")).map(|(_, n)| n).sum();
    assert!(redacted >= 10, "{tallies:?}");
    // payloads are compressed: read them back as they are
    let store = world.store();
    for session in store.sessions(None, 10).unwrap() {
        for turn in store.session_turns(session.id).unwrap() {
            let text = format!("{:?}", store.turn_events(turn.id).unwrap());
            for secret in &keys {
                assert!(!text.contains(secret.as_str()), "{secret} is stored: {text}");
            }
        }
    }
}

fn walk(dir: &Path, visit: &mut dyn FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, visit);
        } else if let Ok(bytes) = std::fs::read(&path) {
            visit(&path, &bytes);
        }
    }
}
