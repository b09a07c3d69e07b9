//! Whoever listens at the place of the daemon's socket may be anything: another version, mad, or silent. The search takes
//! place here then, with the same answer.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};

use mem_core::layout;
use mem_daemon::home::Home;
use mem_daemon::questions::{By, Searcher};
use mem_wire::exchange::{Answer, Hit, LONGEST_ANSWER, Question, Reply};

use super::shelf::{Shelf, ask, turn};

const PROGRAM: &str = "1.2.3";

fn shelf() -> (Shelf, Home, UnixListener) {
    let mut shelf = Shelf::new();
    shelf.tell_all(&[turn("a", 2, "umlauts vanish"), turn("b", 1, "umlauts survive")]);
    shelf.index();
    let folder = shelf.path().parent().unwrap().to_path_buf();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let home = Home::new(folder);
    let listener = UnixListener::bind(home.socket_folder().join(layout::ANSWER_SOCKET)).unwrap();
    (shelf, home, listener)
}

/// Takes one question; the line of it, and the way back.
fn taken(listener: &UnixListener) -> (String, UnixStream) {
    let (stream, _) = listener.accept().unwrap();
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).unwrap();
    (line, stream)
}

fn searched(searcher: &mut Searcher, home: &Home, shelf: &Shelf) -> (Answer, By) {
    searcher.search(home, PROGRAM, &shelf.store, &ask("umlauts"), || None).unwrap()
}

#[test]
fn whatever_is_no_answer_of_this_program_is_not_believed() {
    let (shelf, home, listener) = shelf();
    let wrong = Answer { total: 77, ..Answer::default() };
    let found = Reply::Found(Box::new(wrong));
    let whole = found.line(PROGRAM);
    let said: Vec<Vec<u8>> = vec![
        // a daemon from before there was such a question
        b"what?\n".to_vec(),
        found.line("1.2.4").into_bytes(),
        whole.replace("found 1/", "found 2/").into_bytes(),
        Reply::Refused("another store is meant".into()).line(PROGRAM).into_bytes(),
        whole.replace("\"hits\":[]", "\"hits\":[{}]").into_bytes(),
        whole.replace('{', "\u{fffd}").into_bytes(),
        b"\xff\xfe\n".to_vec(),
        // dies within its answer, and before it
        whole.as_bytes()[..whole.len() - 1].to_vec(),
        Vec::new(),
        vec![b'x'; LONGEST_ANSWER + 1],
    ];
    for said in said {
        let wanted = shelf.search(&ask("umlauts"));
        let (answer, by) = std::thread::scope(|scope| {
            scope.spawn(|| {
                let (_, mut stream) = taken(&listener);
                let _hung_up_where_it_is_too_long = stream.write_all(&said);
            });
            searched(&mut Searcher::default(), &home, &shelf)
        });
        let words = String::from_utf8_lossy(&said[..said.len().min(80)]).into_owned();
        assert_eq!((by, answer.total), (By::Here, wanted.total), "{words}");
        let ids = |hits: &[Hit]| hits.iter().map(|hit| hit.id).collect::<Vec<_>>();
        assert_eq!(ids(&answer.hits), wanted.hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), "{words}");
    }
}

#[test]
fn an_answer_of_this_program_is_taken_as_it_is() {
    let (shelf, home, listener) = shelf();
    let said = Answer { total: 77, ..Answer::default() };
    let (line, (answer, by)) = std::thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let (line, mut stream) = taken(&listener);
            stream.write_all(Reply::Found(Box::new(said.clone())).line(PROGRAM).as_bytes()).unwrap();
            line
        });
        let answered = searched(&mut Searcher::default(), &home, &shelf);
        (asked.join().unwrap(), answered)
    });
    assert_eq!((answer, by), (said, By::Daemon));
    let question = Question::read(line.trim_end().as_bytes(), PROGRAM).unwrap();
    assert_eq!((question.text.as_str(), question.limit), ("umlauts", 100));
    assert_eq!(question.store, shelf.store.which().unwrap().to_string());
}

#[test]
fn who_let_one_question_wait_in_vain_is_not_asked_the_next() {
    let (shelf, home, listener) = shelf();
    let mut searcher = Searcher::default();
    // the kernel takes the connection and the question, and nobody ever looks at them
    assert_eq!(searched(&mut searcher, &home, &shelf).1, By::Here);
    let (line, stream) = taken(&listener);
    assert!(line.starts_with("search "), "{line}");
    drop(stream);
    listener.set_nonblocking(true).unwrap();
    assert_eq!(searched(&mut searcher, &home, &shelf).1, By::Here);
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "not asked");
    // by another process it is
    assert_eq!(searched(&mut Searcher::default(), &home, &shelf).1, By::Here);
    assert!(listener.accept().is_ok());
}

#[test]
fn a_backlog_that_is_full_is_not_waited_for() {
    let (shelf, home, listener) = shelf();
    // one that takes no more than a connection or two before it looks at them
    rustix::net::listen(&listener, 0).unwrap();
    let mut searchers = Vec::new();
    for _ in 0..4 {
        let mut searcher = Searcher::default();
        assert_eq!(searched(&mut searcher, &home, &shelf).1, By::Here);
        searchers.push(searcher);
    }
    assert_eq!(mem_daemon::presence::state(&home), mem_daemon::presence::State::Absent);
}
