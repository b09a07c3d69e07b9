//! The keeper of a child that one talks to, with children that do not behave.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use mem_observer::child::{RUN, Talk};
use mem_testkit::{FakeClaude, leftovers, wait};
use serde_json::json;

use crate::scene::{Scene, lines};

/// What is promised to be over within a second may take this long on a machine that is busy with other tests.
const A_SECOND: Duration = Duration::from_secs(10);

fn code(talk: &Talk) -> Option<i32> {
    let status = talk.line().wait(wait::SOON).expect("a keeper ends");
    status.code().or_else(|| status.signal().map(|signal| -signal))
}

/// A shell that has two descendants in sessions of their own that ignore SIGTERM, as it does; waits until all are there.
fn stubborn_family(scene: &Scene) -> Talk {
    let fake = FakeClaude::new(&scene.env, &json!({}));
    let script = r#"trap "" TERM
        "$1" --descend deaf,session & "$1" --descend deaf,session,orphan & echo; cat >/dev/null; sleep 100; sleep 100"#;
    let program = fake.program();
    let talk = scene.talk("/bin/sh", &["-c", script, "sh", program.to_str().unwrap()], &[]);
    wait::until("two deaf descendants", || {
        let there = |left: &&leftovers::Leftover| {
            left.shown.contains("--descend deaf,session") && !left.shown.contains("orphan")
        };
        let all = scene.env.processes();
        let deaf = all.iter().filter(there).filter(|left| ignores_term(left.pid)).count();
        (deaf == 2).then_some(())
    });
    talk
}

/// Whether a process catches or ignores SIGTERM (the 15th bit of the masks in `/proc/PID/status`, proc(5)).
fn ignores_term(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let masks =
        status.lines().filter_map(|line| line.strip_prefix("SigCgt:").or(line.strip_prefix("SigIgn:")));
    masks.filter_map(|mask| u64::from_str_radix(mask.trim(), 16).ok()).any(|mask| mask & (1 << 14) != 0)
}

#[test]
fn lines_go_in_and_come_out_after_the_child_was_named() {
    let scene = Scene::new();
    let talk = scene.talk("/bin/cat", &[], &[]);
    talk.line().say(b"hello").unwrap();
    talk.line().say(b"").unwrap();
    let said = lines(&talk, 3);
    let named: serde_json::Value = serde_json::from_str(&said[0]).unwrap();
    assert_eq!(named["type"], "claude-mem");
    let pid = u32::try_from(named["pid"].as_u64().unwrap()).unwrap();
    assert!(scene.env.processes().iter().any(|left| left.pid == pid && left.shown == "/bin/cat"));
    assert_eq!(said[1..], ["hello", ""]);
    talk.line().let_go();
    assert_eq!(code(&talk), Some(0));
    scene.wait_deserted();
}

#[test]
fn a_child_that_ends_by_itself_gives_its_code() {
    let scene = Scene::new();
    for (script, wanted) in
        [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("kill -HUP $$", 129)]
    {
        let talk = scene.talk("/bin/sh", &["-c", script], &[]);
        assert_eq!(code(&talk), Some(wanted), "{script}");
    }
    let talk = scene.talk("/no/such/program", &[], &[]);
    assert_eq!(code(&talk), Some(127));
    wait::until("the reason", || {
        talk.complaint().filter(|text| text.contains("/no/such/program cannot be run"))
    });
}

#[test]
fn what_a_child_leaves_behind_ends_with_it() {
    let scene = Scene::new();
    let fake = FakeClaude::new(&scene.env, &json!({}));
    let script = r#""$1" --descend deaf,session & sleep 0.2; exit 5"#;
    let talk = scene.talk("/bin/sh", &["-c", script, "sh", fake.program().to_str().unwrap()], &[]);
    assert_eq!(code(&talk), Some(5));
    assert_eq!(scene.env.processes(), []);
}

#[test]
fn a_cut_line_ends_the_deaf_and_the_escaped_within_a_second() {
    let scene = Scene::new();
    let talk = stubborn_family(&scene);
    let start = Instant::now();
    talk.line().cut();
    assert_eq!(code(&talk), Some(137));
    assert!(start.elapsed() < A_SECOND, "{:?}", start.elapsed());
    assert_eq!(scene.env.processes(), []);
}

#[test]
fn an_owner_killed_by_sigkill_takes_everything_with_it_within_a_second() {
    let scene = Scene::new();
    let fake = FakeClaude::new(&scene.env, &json!({}));
    // the owner is whoever holds the other end of the pipe: here a process that does nothing else
    let mut owner = scene.env.command("/bin/sh");
    let child = r#"trap "" TERM; "$0" --descend deaf,session & cat >/dev/null; sleep 100"#;
    owner.args(["-c", r#"tail -f /dev/null | "$1" "$2" /bin/sh -c "$3" "$4""#, "sh"]);
    owner.arg(scene.env.program()).args([RUN, child]).arg(fake.program());
    let mut owner = owner.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    wait::until("the deaf child", || {
        let all = scene.env.processes();
        all.iter()
            .any(|left| left.shown.ends_with("--descend deaf,session") && ignores_term(left.pid))
            .then_some(())
    });
    let holder = scene.env.processes().into_iter().find(|left| left.shown.starts_with("tail")).unwrap();
    let start = Instant::now();
    leftovers::kill(holder.pid);
    owner.wait().unwrap();
    scene.wait_deserted();
    assert!(start.elapsed() < A_SECOND, "{:?}", start.elapsed());
}

#[test]
fn a_keeper_that_is_told_to_end_ends_everything_first() {
    let scene = Scene::new();
    let talk = stubborn_family(&scene);
    let pid = rustix::process::Pid::from_raw(i32::try_from(talk.line().keeper()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(code(&talk), Some(143));
    assert_eq!(scene.env.processes(), []);
}

#[test]
fn a_graceful_end_closes_the_input_first() {
    let scene = Scene::new();
    let talk = scene.talk("/bin/sh", &["-c", "cat; echo bye; exit 3"], &[]);
    let start = Instant::now();
    talk.line().say(b"last words").unwrap();
    talk.line().let_go();
    assert_eq!(lines(&talk, 3)[1..], ["last words", "bye"]);
    assert_eq!(code(&talk), Some(3));
    assert!(start.elapsed() < Duration::from_secs(15), "nobody had to be told: {:?}", start.elapsed());
}

#[test]
fn who_does_not_hear_the_input_close_is_told_after_two_seconds() {
    let scene = Scene::new();
    let script = "trap 'echo told; exit 4' TERM; echo ready; while :; do sleep 0.05; done";
    let talk = scene.talk("/bin/sh", &["-c", script], &[]);
    lines(&talk, 2);
    let start = Instant::now();
    talk.line().let_go();
    assert_eq!(lines(&talk, 1), ["told"]);
    assert!(start.elapsed() >= Duration::from_secs(2));
    assert_eq!(code(&talk), Some(4));
}

#[test]
fn who_does_not_listen_at_all_is_killed_after_seven_seconds() {
    let scene = Scene::new();
    let talk = stubborn_family(&scene);
    let start = Instant::now();
    talk.line().let_go();
    assert_eq!(code(&talk), Some(137));
    assert!(start.elapsed() >= Duration::from_secs(7), "{:?}", start.elapsed());
    assert_eq!(scene.env.processes(), []);
}

#[test]
fn a_cut_does_not_wait_for_a_graceful_end() {
    let scene = Scene::new();
    let talk = stubborn_family(&scene);
    talk.line().let_go();
    let start = Instant::now();
    talk.line().cut();
    assert_eq!(code(&talk), Some(137));
    assert!(start.elapsed() < A_SECOND, "{:?}", start.elapsed());
}

#[test]
fn a_child_that_reads_nothing_blocks_nobody() {
    let scene = Scene::new();
    let talk = scene.talk("/bin/sleep", &["100"], &[]);
    let line = vec![b'x'; 4 << 20];
    let start = Instant::now();
    talk.line().say(&line).unwrap();
    talk.line().cut();
    assert_eq!(code(&talk), Some(143));
    assert!(start.elapsed() < A_SECOND, "{:?}", start.elapsed());
}

/// Waits until the child has stopped its keeper (the state in `/proc/PID/stat`, proc(5)).
fn wait_stopped(talk: &Talk) {
    wait::until("the keeper to be stopped", || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", talk.line().keeper())).ok()?;
        stat.rsplit_once(')')?.1.trim_start().starts_with('T').then_some(())
    });
}

#[test]
fn a_keeper_that_was_stopped_does_its_work_when_its_line_is_cut() {
    let scene = Scene::new();
    let script = "trap '' TERM; kill -STOP $PPID; sleep 100; sleep 100";
    for gracefully in [false, true] {
        let talk = scene.talk("/bin/sh", &["-c", script], &[]);
        wait_stopped(&talk);
        let start = Instant::now();
        // more than the pipe holds, so whoever writes it waits
        talk.line().say(&vec![b'x'; 1 << 20]).unwrap();
        if gracefully {
            talk.line().let_go();
            assert_eq!(code(&talk), Some(137));
        } else {
            talk.line().cut();
            assert_eq!(code(&talk), Some(137));
            assert!(start.elapsed() < A_SECOND, "{:?}", start.elapsed());
        }
        assert_eq!(scene.env.processes(), []);
    }
}

#[test]
fn a_keeper_that_cannot_be_woken_holds_nobody_up() {
    let scene = Scene::new();
    let talk = scene.talk("/bin/sh", &["-c", "while :; do kill -STOP $PPID; echo flood; done"], &[]);
    wait_stopped(&talk);
    let start = Instant::now();
    let line = vec![b'x'; 1 << 20];
    let refused = wait::until("the queue to be full", || talk.line().say(&line).err());
    assert_eq!(refused.kind(), std::io::ErrorKind::WouldBlock);
    talk.line().cut();
    assert!(start.elapsed() < Duration::from_secs(10), "nobody waited: {:?}", start.elapsed());
    while talk.hear().is_some() {}
    assert!(start.elapsed() < A_SECOND, "{:?}", start.elapsed());
    talk.line().kill_keeper();
    assert!(talk.line().wait(wait::SOON).is_some());
    scene.wait_deserted();
}

#[test]
fn a_program_that_stops_its_keeper_is_late_and_no_more() {
    let scene = Scene::new();
    for script in ["kill -STOP $PPID; sleep 100", "while :; do kill -STOP $PPID; done"] {
        let start = Instant::now();
        let said = scene.launcher(&[]).output(
            "/bin/sh",
            &["-c", script],
            &scene.env.project(),
            Duration::from_millis(200),
        );
        assert_eq!(said, None, "{script}");
        assert!(start.elapsed() < Duration::from_secs(30), "{:?} {script}", start.elapsed());
        scene.wait_deserted();
    }
}

#[test]
fn a_child_that_nobody_listens_to_can_be_ended() {
    let scene = Scene::new();
    let talk = scene.talk("/bin/sh", &["-c", "while :; do echo flood; done"], &[]);
    lines(&talk, 2);
    talk.line().cut();
    assert_eq!(code(&talk), Some(143));
    scene.wait_deserted();
}

#[test]
fn only_the_last_of_many_complaints_is_kept() {
    let scene = Scene::new();
    let script = "i=0; while [ $i -lt 500 ]; do echo complaint $i >&2; i=$((i+1)); done";
    let talk = scene.talk("/bin/sh", &["-c", script], &[]);
    assert_eq!(code(&talk), Some(0));
    wait::until("the last complaint", || talk.complaint().filter(|text| text == "complaint 499"));
}
