//! Grandchildren that do not want to end, and its own deafness.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Longest life of what a test forgot to end.
const LIFE: Duration = Duration::from_secs(120);

/// Starts a grandchild of that manner and waits until it is deaf, or gone to its new session.
pub(crate) fn start(manner: &str) {
    let program = std::env::current_exe().expect("it knows its own path");
    let child = Command::new(program)
        .arg0("claude-grandchild")
        .args(["--descend", manner])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let mut stdout = child.expect("it can start itself").stdout.take().expect("its output was asked for");
    let mut word = [0; 1];
    std::io::Read::read_exact(&mut stdout, &mut word).expect("a grandchild says that it is ready");
}

/// Is a grandchild: `deaf` to SIGTERM, in a `session` of its own, an `orphan` whose parent has left.
pub(crate) fn descend(manner: &str) {
    let mut words: Vec<&str> = manner.split(',').collect();
    if let Some(at) = words.iter().position(|word| *word == "orphan") {
        words.remove(at);
        let program = std::env::current_exe().expect("it knows its own path");
        let mut command = Command::new(program);
        command.arg0("claude-grandchild").args(["--descend", &words.join(",")]);
        #[expect(clippy::zombie_processes, reason = "whoever started us is to inherit it")]
        let _lives_on_without_us = command.spawn().expect("it can start itself");
        return;
    }
    if words.contains(&"deaf") {
        ignore_term();
    }
    if words.contains(&"session") {
        rustix::process::setsid().expect("it leads no group yet");
    }
    let mut stdout = std::io::stdout();
    std::io::Write::write_all(&mut stdout, b"!").expect("who started it listens");
    std::io::Write::flush(&mut stdout).expect("who started it listens");
    stay();
}

/// Ignores SIGTERM from now on.
pub(crate) fn ignore_term() {
    let unread = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, unread).expect("a signal can be caught");
}

/// Does nothing for as long as any test lasts.
pub(crate) fn stay() {
    let start = std::time::Instant::now();
    while start.elapsed() < LIFE {
        std::thread::park_timeout(LIFE);
    }
}
