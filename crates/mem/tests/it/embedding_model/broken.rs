//! What broke off is gone on with: a cut, a kill, another server, and two at once.

use std::fs;
use std::process::{Child, Stdio};

use mem_testkit::{FileServer, Serve, TestEnv, tools, wait};
use serde_json::json;

use super::place::{WEIGHTS, assert_whole, begun, copied, damage, env, folder, install, names, status};

const NAME: &str = "model.safetensors";
const MIDDLE: u64 = 30_000_000;

fn ranges(server: &FileServer) -> Vec<Option<String>> {
    let asked = server.asked().into_iter().filter(|asked| asked.path.ends_with(NAME));
    asked.map(|asked| asked.range).collect()
}

fn from(byte: u64) -> Option<String> {
    Some(format!("bytes={byte}-"))
}

/// Starts an installation that stands still after [`MIDDLE`] bytes of the weights.
fn stalled(env: &TestEnv, server: &FileServer) -> Child {
    server.next(NAME, Serve::Stall(MIDDLE));
    let mut command = env.command(env.program());
    command.args(["model", "install", "--yes", "--from", &server.url()]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait::until("the half of the weights to be written", || {
        let length = fs::metadata(begun(env).join(NAME)).ok()?.len();
        (length == MIDDLE).then_some(())
    });
    child
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    let _status = child.wait().unwrap();
}

#[test]
fn a_cut_is_gone_on_with_at_once() {
    let env = env();
    let server = FileServer::start(&tools::model());
    server.tag("\"v1\"");
    server.next(NAME, Serve::Cut(MIDDLE));
    let done = install(&env, &server.url()).ok();
    assert!(done.stderr.contains("broke off after 30000000 of 90868376 bytes; trying again."), "{done}");
    assert!(done.stderr.contains("model.safetensors: 90.9 MB, of which 30.0 MB are here already"), "{done}");
    assert_eq!(ranges(&server), [None, from(MIDDLE)]);
    assert_eq!(server.asked().last().unwrap().if_range.as_deref(), Some("\"v1\""));
    assert_whole(&env);
}

#[test]
fn what_a_dead_network_left_is_kept_said_and_gone_on_with() {
    let env = env();
    let server = FileServer::start(&tools::model());
    server.next(NAME, Serve::Cut(MIDDLE));
    server.next(NAME, Serve::Status(503));
    let ended = install(&env, &server.url());
    assert!(ended.code == Some(1) && ended.stderr.contains("answered 503"), "{ended}");
    assert!(ended.stderr.contains("30.5 MB are kept: the same command goes on from there"), "{ended}");
    let found = status(&env);
    assert_eq!(
        (&found["standing"], &found["begun"]),
        (&json!("absent"), &json!(MIDDLE + 466_247)),
        "{found:#}"
    );
    let told = env.claude_mem(&["model", "status"]).ok();
    assert!(told.stdout.contains("30.5 MB, which the next `model install` goes on with"), "{told}");

    // a server that knows no parts begins anew
    server.next(NAME, Serve::Whole);
    let done = install(&env, &server.url()).ok();
    assert!(
        done.stderr.contains("60.9 MB in all") && done.stderr.contains("of which 30.0 MB are here"),
        "{done}"
    );
    assert_eq!(ranges(&server), [None, from(MIDDLE), from(MIDDLE)]);
    let tokens = server.asked().iter().filter(|asked| asked.path.ends_with("tokenizer.json")).count();
    assert_eq!(tokens, 1, "what was whole is not asked for again");
    assert_whole(&env);
}

#[test]
fn a_server_that_always_cuts_is_left_after_a_while() {
    let env = env();
    let server = FileServer::start(&tools::model());
    for _ in 0..20 {
        server.next(NAME, Serve::Cut(1000));
    }
    let ended = install(&env, &server.url());
    assert!(ended.code == Some(1) && ended.stderr.contains("broke off after 6000 of"), "{ended}");
    assert_eq!(ranges(&server).len(), 6);
}

#[test]
fn a_kill_in_the_middle_costs_only_the_rest() {
    let env = env();
    let server = FileServer::start(&tools::model());
    kill(stalled(&env, &server));
    assert_eq!(status(&env)["standing"], "absent", "nothing is in place before it is whole");
    let _done = install(&env, &server.url()).ok();
    assert_eq!(ranges(&server), [None, from(MIDDLE)]);
    assert_whole(&env);
}

#[test]
fn what_another_server_left_is_noticed_and_fetched_anew() {
    let env = env();
    let server = FileServer::start(&tools::model());
    fs::create_dir_all(begun(&env)).unwrap();
    fs::write(begun(&env).join(NAME), vec![b'?'; 1000]).unwrap();
    let done = install(&env, &server.url()).ok();
    assert!(done.stderr.contains("what came in parts does not fit together; trying again."), "{done}");
    assert_eq!(ranges(&server), [from(1000), None]);
    assert_whole(&env);
}

#[test]
fn a_file_that_changes_while_it_is_fetched_is_fetched_anew() {
    let env = env();
    let served = copied(&env, "served");
    let server = FileServer::start(&served);
    damage(&served.join(NAME), 100);
    let first = stalled(&env, &server);
    // the one that was begun was damaged, and its server has no name for its versions
    damage(&served.join(NAME), 100);
    kill(first);
    server.next(NAME, Serve::Cut(MIDDLE));
    let done = install(&env, &server.url()).ok();
    assert!(done.stderr.contains("what came in parts does not fit together; trying again."), "{done}");
    assert_eq!(ranges(&server), [None, from(MIDDLE), from(2 * MIDDLE), None]);
    assert_whole(&env);
}

#[test]
fn more_than_the_file_has_is_not_gone_on_with() {
    let env = env();
    let server = FileServer::start(&tools::model());
    fs::create_dir_all(begun(&env)).unwrap();
    let long = fs::File::create(begun(&env).join(NAME)).unwrap();
    long.set_len(WEIGHTS + 1).unwrap();
    let _done = install(&env, &server.url()).ok();
    assert_eq!(ranges(&server), [None]);
    assert_whole(&env);
}

#[test]
fn what_is_begun_gives_way_to_a_folder_on_this_disk() {
    let env = env();
    let server = FileServer::start(&tools::model());
    kill(stalled(&env, &server));
    let _done = install(&env, tools::model().to_str().unwrap()).ok();
    assert_whole(&env);
}

#[test]
fn two_at_once_do_not_meet() {
    let env = env();
    let server = FileServer::start(&tools::model());
    let first = stalled(&env, &server);
    for args in [&["model", "install", "--yes", "--from", &server.url()][..], &["model", "remove", "--yes"]] {
        let second = env.claude_mem(args);
        assert_eq!(second.code, Some(1), "{second}");
        assert!(second.stderr.contains("installed or removed by somebody else right now"), "{second}");
        assert_eq!(fs::metadata(begun(&env).join(NAME)).unwrap().len(), MIDDLE, "the first is left alone");
    }
    kill(first);
    let _removed = env.claude_mem(&["model", "remove", "--yes"]).ok();
    assert_eq!(names(&env.data_dir()), [""; 0]);
}

#[test]
fn what_was_whole_but_not_in_place_yet_needs_no_server() {
    let env = env();
    let _installed = install(&env, tools::model().to_str().unwrap()).ok();
    // as a kill between the two renames leaves it
    fs::create_dir(begun(&env)).unwrap();
    fs::rename(folder(&env).join(NAME), begun(&env).join(NAME)).unwrap();
    let found = status(&env);
    assert_eq!((&found["standing"], &found["begun"]), (&json!("faulty"), &json!(WEIGHTS)), "{found:#}");
    let _done = install(&env, "http://127.0.0.1:1/mini").ok();
    assert_whole(&env);
}
