//! A large file over a network that cuts, stalls, lies and forgets.

use std::time::Duration;

use mem_testkit::{FileServer, Proxy, Serve};
use proptest::prelude::*;
use tempfile::TempDir;
use ureq::http::Uri;

use super::super::fetch::{FetchError, Remote, join, range};
use super::scene::environment;

const NAME: &str = "big.bin";

/// A server of one file, and the file.
fn served() -> (TempDir, FileServer, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let file: Vec<u8> = (0..700_001_u32).map(|at| (at % 251) as u8).collect();
    std::fs::write(folder.path().join(NAME), &file).unwrap();
    let server = FileServer::start(folder.path());
    (folder, server, file)
}

/// What was taken, as whoever keeps the file takes it, and how it ended.
fn read(remote: &mut Remote<'_>, kept: &mut Vec<u8>) -> Result<(), FetchError> {
    let begun = kept.len() as u64;
    remote.read(begun, &mut |at, bytes| {
        kept.truncate(at as usize);
        assert_eq!(kept.len() as u64, at, "no gap");
        kept.extend(bytes);
        Ok(())
    })
}

fn url(server: &FileServer) -> String {
    format!("{}/deep/{NAME}", server.url())
}

#[test]
fn what_broke_off_is_gone_on_with() {
    let (_folder, server, file) = served();
    let keys = environment(&[]);
    server.tag("\"one\"");
    server.next(NAME, Serve::Cut(100_000));
    server.next(NAME, Serve::Cut(200_000));
    let mut remote = Remote::new(url(&server), file.len() as u64, &keys);
    let mut kept = Vec::new();
    for length in [100_000, 300_000] {
        let broke = read(&mut remote, &mut kept).unwrap_err();
        assert_eq!(kept.len(), length);
        let said = format!("{broke:?}");
        assert!(said.contains(&format!("broke off after {length} of 700001 bytes")), "{said}");
    }
    read(&mut remote, &mut kept).unwrap();
    assert!(kept == file);
    let asked: Vec<_> = server.asked().into_iter().map(|asked| (asked.range, asked.if_range)).collect();
    let named = || Some("\"one\"".to_owned());
    assert_eq!(
        asked,
        [
            (None, None),
            (Some("bytes=100000-".to_owned()), named()),
            (Some("bytes=300000-".to_owned()), named())
        ]
    );
}

#[test]
fn a_server_without_parts_or_with_another_version_begins_anew() {
    let (_folder, server, file) = served();
    let keys = environment(&[]);
    let mut remote = Remote::new(url(&server), file.len() as u64, &keys);
    let mut kept = file[..1000].to_vec();
    server.next(NAME, Serve::Whole);
    read(&mut remote, &mut kept).unwrap();
    assert!(kept == file);

    server.tag("\"one\"");
    server.next(NAME, Serve::Cut(1000));
    kept.clear();
    read(&mut remote, &mut kept).unwrap_err();
    server.tag("\"two\"");
    read(&mut remote, &mut kept).unwrap();
    assert!(kept == file);
    assert_eq!(server.asked().last().unwrap().if_range.as_deref(), Some("\"one\""));

    // a weak name is none
    server.tag("W/\"three\"");
    server.next(NAME, Serve::Cut(1000));
    kept.clear();
    read(&mut remote, &mut kept).unwrap_err();
    read(&mut remote, &mut kept).unwrap();
    assert_eq!(server.asked().last().unwrap().if_range, None);
    assert!(kept == file);
}

#[test]
fn a_server_that_cannot_begin_there_is_asked_for_all() {
    let (_folder, server, file) = served();
    let keys = environment(&[]);
    let mut kept = file[..1000].to_vec();
    server.next(NAME, Serve::Raw(b"HTTP/1.1 416 No\r\ncontent-length: 0\r\n\r\n".to_vec()));
    read(&mut Remote::new(url(&server), file.len() as u64, &keys), &mut kept).unwrap();
    assert!(kept == file);
}

#[test]
fn what_cannot_be_the_file_is_refused_and_no_more_is_read_than_it_has() {
    let (_folder, server, file) = served();
    let keys = environment(&[]);
    let raw = |text: &str| Serve::Raw(text.as_bytes().to_vec());
    for (begun, serve, words) in [
        (0, Serve::More(1), "sends more than the 700001 bytes"),
        (0, Serve::More(5_000_000), "sends more than the 700001 bytes"),
        (0, Serve::Page("<html>Log in</html>".to_owned()), "has 19 bytes, not 700001"),
        (0, raw("HTTP/1.1 206 Part\r\ncontent-length: 1\r\n\r\nx"), "does not say which part"),
        (
            10,
            raw("HTTP/1.1 206 Part\r\ncontent-range: bytes 11-12/700001\r\ncontent-length: 1\r\n\r\nx"),
            "another part",
        ),
        (
            10,
            raw("HTTP/1.1 206 Part\r\ncontent-range: bytes 10-11/12\r\ncontent-length: 1\r\n\r\nx"),
            "has 12 bytes",
        ),
    ] {
        server.next(NAME, serve);
        let mut kept = file[..begun].to_vec();
        match read(&mut Remote::new(url(&server), file.len() as u64, &keys), &mut kept) {
            Err(FetchError::Wrong(said)) => assert!(said.contains(words), "{said}"),
            other => panic!("{words}: {other:?}"),
        }
        assert!(kept.len() <= file.len());
    }
}

#[test]
fn a_refusal_is_one() {
    let (_folder, server, file) = served();
    let keys = environment(&[]);
    for (serve, words) in [
        (Serve::Status(404), "has no such file (it answered 404)"),
        (Serve::Status(403), "answered 403 instead of the file"),
        (Serve::Status(503), "answered 503 instead of the file"),
        (Serve::Status(204), "answered 204 instead of the file"),
        (Serve::To("ftp://files.example/".to_owned()), "no address of http or https"),
        (Serve::To(String::new()), "no address of http or https"),
    ] {
        server.next(NAME, serve);
        match read(&mut Remote::new(url(&server), file.len() as u64, &keys), &mut Vec::new()) {
            Err(FetchError::Refused(said)) => assert!(said.contains(words), "{said}"),
            other => panic!("{words}: {other:?}"),
        }
    }
}

#[test]
fn a_silent_server_is_given_up_on() {
    let (_folder, server, file) = served();
    let keys = environment(&[]);
    let mut remote =
        Remote::new(url(&server), file.len() as u64, &keys).patient_for(Duration::from_millis(100));
    for (serve, words) in [
        (Serve::Silence, "did not answer within 100ms"),
        (Serve::Stall(1000), "sent nothing for 100ms, after 1000 of 700001 bytes"),
        (Serve::Raw(b"SSH-2.0-OpenSSH\r\n".to_vec()), "does not speak HTTP"),
        (Serve::Raw(Vec::new()), ""),
    ] {
        server.next(NAME, serve);
        match read(&mut remote, &mut Vec::new()) {
            Err(FetchError::Broke(said)) => assert!(said.contains(words), "{said}"),
            other => panic!("{words}: {other:?}"),
        }
    }
    let nobody = Remote::new("http://127.0.0.1:1/x".to_owned(), 1, &keys).read(0, &mut |_, _| Ok(()));
    assert!(format!("{nobody:?}").contains("127.0.0.1:1 cannot be reached: "), "{nobody:?}");
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let (folder, server, file) = served();
    let keys = environment(&[]);
    let other = FileServer::start(folder.path());
    for (to, path) in [
        (format!("{}/elsewhere/{NAME}?signed=1#part", other.url()), "/elsewhere/big.bin?signed=1"),
        (format!("/root/{NAME}"), "/root/big.bin"),
        (format!("beside/{NAME}"), "/deep/beside/big.bin"),
        (other.url().replace("http:", "") + "/x/" + NAME, "/x/big.bin"),
    ] {
        server.next(NAME, Serve::To(to));
        let mut kept = file[..5].to_vec();
        read(&mut Remote::new(url(&server), file.len() as u64, &keys), &mut kept).unwrap();
        assert!(kept == file, "{path}");
        let all = [server.asked(), other.asked()].concat();
        let there = all.iter().find(|asked| asked.path.starts_with(path)).unwrap();
        assert_eq!(there.range.as_deref(), Some("bytes=5-"), "the part is asked for there, too");
    }
    for _ in 0..7 {
        server.next(NAME, Serve::To(format!("/deep/{NAME}")));
    }
    let round = read(&mut Remote::new(url(&server), file.len() as u64, &keys), &mut Vec::new());
    assert!(format!("{round:?}").contains("sends us on and on"), "{round:?}");
}

#[test]
fn proxies_lead_there_and_addresses_are_judged() {
    let (_folder, server, file) = served();
    let proxy = Proxy::start(server.url().trim_start_matches("http://"));
    let keys = environment(&[("HTTP_PROXY", &proxy.url())]);
    let mut kept = Vec::new();
    let far = format!("http://files.example/{NAME}");
    read(&mut Remote::new(far, file.len() as u64, &keys), &mut kept).unwrap();
    assert!(kept == file && proxy.heads()[0].starts_with("CONNECT files.example:80 "), "{:?}", proxy.heads());
    for (url, words) in [
        ("ftp://files.example/x", "ftp://files.example/x is no address"),
        ("http:///x", "is no address"),
        ("/just/a/path", "is no address"),
        ("http://me:secret@files.example/x", "has a login in it"),
    ] {
        match Remote::new(url.to_owned(), 1, &keys).read(0, &mut |_, _| Ok(())) {
            Err(FetchError::Setup(said)) => {
                assert!(said.contains(words) && !said.contains("secret"), "{said}");
            }
            other => panic!("{url}: {other:?}"),
        }
    }
}

#[test]
fn a_taker_that_cannot_go_on_ends_it() {
    let (_folder, server, file) = served();
    let keys = environment(&[]);
    let full = |_: u64, _: &[u8]| Err(std::io::ErrorKind::StorageFull.into());
    let ended = Remote::new(url(&server), file.len() as u64, &keys).read(0, &mut { full });
    assert!(matches!(&ended, Err(FetchError::Taken(why)) if why.kind() == std::io::ErrorKind::StorageFull));
}

#[test]
fn parts_are_read_as_servers_write_them() {
    for (text, wanted) in [
        ("bytes 100-199/200", Some((100, Some(200)))),
        (" bytes 100 - 199 / 200 ", Some((100, Some(200)))),
        ("bytes 0-9/*", Some((0, None))),
        ("bytes */200", None),
        ("bytes 99999999999999999999-1/2", None),
        ("lines 1-2/3", None),
        ("", None),
    ] {
        assert_eq!(range(text), wanted, "{text}");
    }
}

proptest! {
    #[test]
    fn whatever_a_server_says_leads_to_http_or_nowhere(to in ".{0,40}|[a-z:/?#@.%\\[\\]0-9]{0,40}", part in ".{0,40}") {
        let from: Uri = "https://models.example/mini/model.safetensors?x=1".parse().unwrap();
        if let Some(next) = join(&from, &to) {
            prop_assert!(matches!(next.scheme_str(), Some("http" | "https")));
            prop_assert!(next.host().is_some_and(|host| !host.is_empty()));
            prop_assert!(!next.authority().is_some_and(|authority| authority.as_str().contains('@')));
        }
        let _no_panic = range(&part);
    }
}
