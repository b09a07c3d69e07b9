//! Encryption: a server with a certificate that only its user trusts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use mem_core::fault::FaultKind;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::super::endpoint::Dialect;
use super::super::fetch::{FetchError, Remote};
use super::super::keys::Keys;
use super::scene::{ask, environment, pointed};

const ANSWER: &str = r#"{"content":[{"type":"text","text":"in private"}]}"#;

/// An answer of that first line and header.
fn answered(first: &str, body: &str) -> String {
    format!("HTTP/1.1 {first}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

#[test]
fn the_certificates_that_the_user_names_are_trusted_and_no_others() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = folder.path().join("ca.pem");
    let (ours, stranger) = (issuer("ours"), issuer("a stranger"));
    std::fs::write(&authority, ours.pem()).expect("it is written");
    for (variable, signed_by, trusted) in [
        ("SSL_CERT_FILE", &ours, true),
        ("NODE_EXTRA_CA_CERTS", &ours, true),
        ("SSL_CERT_FILE", &stranger, false),
        ("UNRELATED", &ours, false),
    ] {
        let port = serve_once(signed_by, answered("200 OK", ANSWER));
        let keys = environment(&[(variable, path(&authority))]);
        let answer = ask(&pointed(Dialect::Anthropic, &format!("https://localhost:{port}")), &keys);
        if trusted {
            assert_eq!(answer.map(|answer| answer.text), Ok("in private".to_owned()), "{variable}");
        } else {
            let fault = answer.expect_err("nobody vouches for it");
            assert_eq!((fault.kind, fault.paid), (FaultKind::Transport, false), "{fault}");
            assert!(fault.said.contains("SSL_CERT_FILE"), "the remedy: {fault}");
        }
    }
}

#[test]
fn a_file_is_fetched_from_whom_the_user_trusts_and_never_without_encryption_after_all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let authority = folder.path().join("ca.pem");
    let ours = issuer("ours");
    std::fs::write(&authority, ours.pem()).expect("it is written");
    let trusting = environment(&[("SSL_CERT_FILE", path(&authority))]);
    let read = |port: u16, keys: &Keys| {
        let mut file: Vec<u8> = Vec::new();
        let mut remote = Remote::new(format!("https://localhost:{port}/file"), 8, keys);
        let ended = remote.read(0, &mut |_, bytes| {
            file.extend(bytes);
            Ok(())
        });
        ended.map(|()| file)
    };
    let port = serve_once(&ours, answered("200 OK", "the file"));
    assert_eq!(read(port, &trusting).expect("it is trusted"), b"the file");
    let port = serve_once(&ours, answered("200 OK", "the file"));
    match read(port, &environment(&[])) {
        Err(FetchError::Broke(said)) => assert!(said.contains("SSL_CERT_FILE"), "{said}"),
        other => panic!("nobody vouches for it: {other:?}"),
    }
    let plain = "302 Found\r\nlocation: http://127.0.0.1:1/file";
    match read(serve_once(&ours, answered(plain, "")), &trusting) {
        Err(FetchError::Refused(said)) => assert!(said.contains("without encryption"), "{said}"),
        other => panic!("it went there: {other:?}"),
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// Somebody who signs certificates.
fn issuer(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("no names are fine");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("it signs itself")
}

/// A server that answers one request with this text and is gone; its port.
fn serve_once(issuer: &CertifiedIssuer<'static, KeyPair>, text: String) -> u16 {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, issuer).expect("it is signed");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("the key fits");
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let port = listener.local_addr().expect("it has an address").port();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody comes");
        let connection = ServerConnection::new(Arc::new(config)).expect("the configuration is whole");
        // a client that does not trust us leaves in the middle
        let _refused = answer(StreamOwned::new(connection, stream), &text);
    });
    port
}

fn answer(stream: StreamOwned<ServerConnection, std::net::TcpStream>, text: &str) -> std::io::Result<()> {
    let mut input = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        input.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length is a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    input.read_exact(&mut vec![0; length])?;
    let stream = input.get_mut();
    stream.write_all(text.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}
