//! A process that is killed while it embeds: what it committed stays, and nothing is embedded twice.
//!
//! The test starts its own binary again, as a child that runs nothing but [`child_embedder`] in a folder with a mark in it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use mem_store::Store;

use super::library::{counted, embed, hashes, library, model, put_all};
use crate::desk::NOW;

const MARK: &str = "embed-until-killed";
const TEXTS: i64 = 400;

#[test]
fn kill_9_between_batches_loses_nothing_and_doubles_nothing() {
    let (desk, mut store) = library(TEXTS);
    let first = model(&mut store, "a");
    std::fs::write(desk.folder.path().join(MARK), b"").unwrap();
    let mut before = 0;
    for round in 0..12_u64 {
        let told = embed_and_kill(desk.folder.path(), round);
        let stretch = store.vector_stretch(first.id).unwrap();
        let (rows, counted) = counted(&desk, &store);
        assert!(rows >= before + told, "round {round}: {rows} of {before} and {told}");
        assert_eq!((rows, rows), (counted, stretch.embedded), "round {round}");
        before = rows;
    }
    assert!(before > 12, "the children did embed: {before}");
    assert_eq!(embed(&mut store, first.id, 16).len() as u64, TEXTS as u64 - before);
    assert_eq!(hashes(&store, &first).len() as i64, TEXTS);
    assert_eq!(store.quick_check().unwrap(), Vec::<String>::new());
}

/// Lets a child embed a few batches and kills it; how many texts it said it had committed.
fn embed_and_kill(folder: &Path, round: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "meaning::killed::child_embedder", "--nocapture", "--test-threads=1"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let count = |line: &str| line.split_once("embedded ").and_then(|(_, count)| count.parse::<u64>().ok());
    let mut told = 0;
    for _ in 0..=round % 4 {
        told = said.by_ref().map_while(Result::ok).find_map(|line| count(&line)).expect("it embeds");
    }
    for _ in 0..round * 53 {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    said.map_while(Result::ok).filter_map(|line| count(&line)).last().unwrap_or(told)
}

#[test]
fn child_embedder() {
    if !Path::new(MARK).exists() {
        return;
    }
    let mut store = Store::open(Path::new("memory.db"), NOW, Path::new("backups")).unwrap();
    let model = model(&mut store, "a");
    let mut embedded = 0;
    loop {
        let next = store.write(|tx| tx.texts_to_embed(model.id, 3)).unwrap();
        let hashes: Vec<i64> = next.texts.iter().map(|text| text.hash).collect();
        embedded += store.write(|tx| put_all(tx, model.id, &hashes)).unwrap();
        println!("embedded {embedded}");
    }
}
