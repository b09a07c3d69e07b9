//! The daemon's life: one at a time, gone when told, when replaced, and nothing of it left when killed.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mem_core::frame::{self, Header};
use mem_core::layout;
use mem_core::time::Timestamp;
use mem_testkit::run::run;
use mem_testkit::wait;

use crate::hook_input::{prompt, settled, well_behaved, world};

#[test]
fn a_second_start_finds_the_first_and_leaves_at_once() {
    let env = world();
    let pid = env.daemon_start();
    let second = env.claude_mem(&["worker", "run"]).ok();
    assert!(second.took < Duration::from_secs(5));
    assert_eq!(env.daemon_pid(), Some(pid));
    let _done = env.claude_mem(&["worker", "start"]).ok();
    assert_eq!(env.daemon_pid(), Some(pid));
    let _done = env.claude_mem(&["worker", "restart"]).ok();
    let next = wait::until("the next daemon", || env.daemon_pid());
    assert_ne!(next, pid);
    env.daemon_stop();
    assert_eq!(env.daemon_pid(), None);
    let _done = env.claude_mem(&["worker", "stop"]).ok();
}

#[test]
fn a_signal_is_obeyed_and_nothing_is_lost() {
    let env = world();
    let pid = env.daemon_start();
    for number in 0..20 {
        env.hook(&prompt(&env, &format!("p{number}"), "Before the signal"));
    }
    let told = Instant::now();
    let mut kill = env.command("kill");
    kill.args(["-TERM", &pid.to_string()]);
    let _done = run(kill, b"", Duration::from_secs(5)).ok();
    wait::until("the daemon to leave", || {
        (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
    assert!(told.elapsed() < Duration::from_secs(20), "promised are two seconds, here on any machine");
    assert_eq!(settled(&env)["stored"], 20);
}

#[test]
fn a_daemon_whose_program_was_replaced_leaves() {
    let mut env = world();
    let copy = env.root().join("claude-mem-copy");
    std::fs::copy(env.program(), &copy).unwrap();
    env.set("CLAUDE_MEM_DATA_DIR", env.data_dir().to_string_lossy());
    let mut start = env.command(&copy);
    start.args(["worker", "start"]);
    let _done = run(start, b"", Duration::from_secs(60)).ok();
    let pid = wait::until("the daemon", || env.daemon_pid());
    let fresh = env.root().join("fresh");
    std::fs::copy(env.program(), &fresh).unwrap();
    std::fs::rename(&fresh, &copy).unwrap();
    well_behaved(&env.hook(&prompt(&env, "p1", "Finish this first")));
    wait::until("the old daemon to leave", || {
        (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
    assert_eq!(settled(&env)["stored"], 1);
}

#[test]
fn a_killed_daemon_takes_its_children_along() {
    let mut env = world();
    env.git_init();
    // a git that hangs, ignores what it is told, and makes a session of its own
    let bin = env.root().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let stubborn = "#!/bin/sh\ntrap '' TERM INT HUP\nexec setsid -w sleep 600\n";
    std::fs::write(bin.join("git"), stubborn).unwrap();
    std::fs::set_permissions(bin.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    env.set("PATH", format!("{}:{}", bin.display(), env.tools().path));
    env.hook(&prompt(&env, "p1", "Whose history is asked for"));
    let child = wait::until("the child that walks history", || {
        env.processes().into_iter().find(|left| left.shown.contains("sleep 600"))
    });
    assert!(env.kill_daemon());
    let killed = Instant::now();
    wait::until("the child to be gone", || {
        (!std::path::Path::new(&format!("/proc/{}", child.pid)).exists()).then_some(())
    });
    assert!(killed.elapsed() < Duration::from_secs(10), "promised is one second, here on any machine");
}

#[test]
fn a_daemon_that_cannot_start_is_not_started_by_every_hook() {
    let env = world();
    // the place of its lock is taken by a folder, so it fails at once
    std::fs::create_dir_all(env.data_dir().join("daemon.lock")).unwrap();
    for number in 0..10 {
        well_behaved(&env.hook(&prompt(&env, &format!("p{number}"), "Nobody comes")));
    }
    let attempts = std::fs::read_to_string(env.data_dir().join("daemon.start")).unwrap();
    let attempts: u32 = attempts.trim().parse().unwrap();
    assert!(attempts <= 3, "{attempts} attempts");
    assert_eq!(settled(&env)["stored"], 10, "what they kept is read by whoever asks");
}

#[test]
fn a_daemon_whose_data_dir_is_removed_leaves() {
    let env = world();
    let pid = env.daemon_start();
    std::fs::remove_dir_all(env.data_dir()).unwrap();
    // the next session lays a new one out, whose daemon must not be kept away by the old one
    well_behaved(&env.hook(&prompt(&env, "p1", "In a new place")));
    assert_eq!(settled(&env)["stored"], 1);
    let next = wait::until("the next daemon", || env.daemon_pid());
    assert_ne!(next, pid);
    let mut kill = env.command("kill");
    kill.args(["-TERM", &pid.to_string()]);
    let _it_may_be_gone = run(kill, b"", Duration::from_secs(5));
    wait::until("the old daemon to leave", || {
        (!std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
    assert_eq!(env.daemon_pid(), Some(next), "the old one left the new one's sockets alone");
}

#[test]
fn a_worker_in_a_flood_of_events_answers() {
    let env = world();
    let pid = env.daemon_start();
    let inbox = env.data_dir().join(layout::INBOX);
    for number in 0..4_000_u32 {
        let input = prompt(&env, &format!("p{number}"), &format!("Feed animal number {number} of the zoo"));
        let at = Timestamp(1_763_700_000_000 + i64::from(number));
        let header = Header { agent: "claude-code".to_owned(), at, ..Header::default() };
        let name = frame::new_id(1_763_700_000_000_000_000 + u128::from(number), 1);
        let bytes = frame::encode(&header, input.to_string().as_bytes());
        std::fs::write(inbox.join(format!("{name}.frame")), bytes).unwrap();
    }
    // as hooks do, more often than any round of work takes
    let nudges = UnixDatagram::unbound().unwrap();
    nudges.connect(env.data_dir().join(layout::NUDGE_SOCKET)).unwrap();
    nudges.set_nonblocking(true).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let _one_is_as_good_as_many = nudges.send(b"n");
                std::thread::park_timeout(Duration::from_millis(2));
            }
        });
        for _ in 0..6 {
            let status = env.claude_mem(&["worker", "status", "--json"]).json();
            over.store(status["state"] != "running", Ordering::Relaxed);
            assert_eq!((&status["state"], &status["pid"]), (&"running".into(), &pid.into()), "{status:#}");
        }
        over.store(true, Ordering::Relaxed);
    });
    wait::until("all to be read", || (env.status()["events"]["stored"] == 4_000).then_some(()));
}
