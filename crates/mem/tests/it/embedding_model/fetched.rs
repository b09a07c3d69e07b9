//! From an address: what is asked for, what is said, and what a server that is no good source gets.

use mem_testkit::{FileServer, Proxy, Serve, tools};
use serde_json::json;

use super::place::{assert_failed_without_a_trace, assert_whole, copied, damage, env, install, status};

#[test]
fn two_files_are_asked_for_and_nothing_else() {
    let env = env();
    let server = FileServer::start(&tools::model());
    let from = format!("{}/mini/", server.url());
    let done = env.claude_mem(&["model", "install", "--yes", "--json", "--from", &from]);
    assert!(
        done.stderr.starts_with(&format!("This will be fetched from {}/mini:\n", server.url())),
        "{done}"
    );
    assert_eq!(done.json()["from"], json!(format!("{}/mini", server.url())));
    assert_whole(&env);
    let paths: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/mini/tokenizer.json", "/mini/model.safetensors"]);
    let again = install(&env, &from).ok();
    assert!(again.stdout.contains("in place already") && server.asked().len() == 2, "{again}");
}

#[test]
fn redirects_lead_there_and_the_proxy_is_taken() {
    let mut env = env();
    let server = FileServer::start(&tools::model());
    let proxy = Proxy::start(server.url().trim_start_matches("http://"));
    env.set("http_proxy", proxy.url());
    server.next(
        "model.safetensors",
        Serve::To("http://cdn.example/blob/model.safetensors?signed=yes".to_owned()),
    );
    let _done = install(&env, "http://models.example/mini").ok();
    assert_whole(&env);
    let heads = proxy.heads();
    let hosts: Vec<&str> = heads.iter().map(|head| head.split(' ').nth(1).unwrap()).collect();
    assert_eq!(hosts, ["models.example:80", "models.example:80", "cdn.example:80"]);
}

#[test]
fn a_bad_source_is_told_by_what_it_does_and_leaves_nothing() {
    let env = env();
    let copy = copied(&env, "served");
    let server = FileServer::start(&copy);
    for (serve, words) in [
        (Serve::Status(404), "has no such file (it answered 404)"),
        (Serve::Status(500), "answered 500 instead of the file"),
        (Serve::Page("<html>Log in first</html>".to_owned()), "has 25 bytes, not 466247"),
        (Serve::More(1), "sends more than the 466247 bytes"),
        (Serve::Garbage, "tokenizer.json is not a file of this model (its checksum is not"),
        (Serve::To("gopher://old.example/".to_owned()), "no address of http or https"),
        (Serve::Raw(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()), "does not speak HTTP"),
        (Serve::Cut(0), "broke off after 0 of 466247 bytes"),
    ] {
        server.next("tokenizer.json", serve);
        assert_failed_without_a_trace(&env, &install(&env, &server.url()), words);
    }
    // the weights come after the tokeniser, which is kept unless the source is a liar
    server.next("model.safetensors", Serve::Status(404));
    let half = install(&env, &server.url());
    assert!(half.stderr.contains("has no such file") && half.stderr.contains("466.2 kB are kept"), "{half}");
    assert_eq!((&status(&env)["standing"], &status(&env)["begun"]), (&json!("absent"), &json!(466_247)));
    let _dropped = env.claude_mem(&["model", "remove", "--yes"]).ok();
    std::fs::remove_dir(env.data_dir()).unwrap();
    damage(&copy.join("model.safetensors"), 77);
    assert_failed_without_a_trace(
        &env,
        &install(&env, &server.url()),
        "model.safetensors is not a file of this model",
    );
}

#[test]
fn nobody_there_is_told() {
    let env = env();
    for (address, words) in [
        ("http://127.0.0.1:1/mini", "127.0.0.1:1 cannot be reached: Connection refused"),
        ("http:///mini", "is no address of http or https"),
        ("http://me:secret@127.0.0.1:1/mini", "has a login in it"),
        ("http://127.0.0.1:1/mini?token=secret", "without ? and #"),
    ] {
        let refused = install(&env, address);
        assert_failed_without_a_trace(&env, &refused, words);
    }
}

#[test]
fn a_project_does_not_choose_the_road() {
    let mut env = env();
    let server = FileServer::start(&tools::model());
    let proxy = Proxy::start(server.url().trim_start_matches("http://"));
    env.write(".claude/settings.json", &json!({ "env": { "http_proxy": proxy.url() } }).to_string());
    let project = env.project().to_string_lossy().into_owned();
    for (name, value) in [("CLAUDECODE", "1"), ("CLAUDE_PROJECT_DIR", &project), ("http_proxy", &proxy.url())]
    {
        env.set(name, value);
    }
    // a label of more than 63 letters is refused by the resolver itself
    let far = format!("http://{}.example/mini", "n".repeat(64));
    assert_failed_without_a_trace(&env, &install(&env, &far), "cannot be reached: ");
    assert_eq!(proxy.heads(), [""; 0]);
    // the same proxy as the user's own
    env.write(".claude/settings.json", "{}");
    let _done = install(&env, &far).ok();
    assert_whole(&env);
}
