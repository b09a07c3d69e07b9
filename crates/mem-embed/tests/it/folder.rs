//! Folders that hold no model, half of one, or another one.

use std::fs::{File, copy, read, write};
use std::io::Write;
use std::path::Path;

use mem_embed::{Model, ModelError, Vector};
use serde_json::{Value, json};
use tempfile::TempDir;

const WEIGHTS: &str = "model.safetensors";
const TOKENS: &str = "tokenizer.json";

/// The header of the published weights.
fn header() -> Value {
    let file = read(mem_testkit::tools::model().join(WEIGHTS)).unwrap();
    let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    serde_json::from_slice(&file[8..8 + length]).unwrap()
}

/// A folder with the published tokeniser, and weights with this header, all of them 0.
fn with_header(header: &Value) -> TempDir {
    let folder = TempDir::new().unwrap();
    copy(mem_testkit::tools::model().join(TOKENS), folder.path().join(TOKENS)).unwrap();
    let text = header.to_string();
    let ends = header.as_object().unwrap().values().filter_map(|tensor| tensor["data_offsets"][1].as_u64());
    let mut file = File::create(folder.path().join(WEIGHTS)).unwrap();
    file.write_all(&(text.len() as u64).to_le_bytes()).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.set_len(8 + text.len() as u64 + ends.max().unwrap_or(0)).unwrap();
    folder
}

fn refused(folder: &Path) -> ModelError {
    let why = Model::load(folder).expect_err("this is no model");
    let words = why.to_string();
    assert!(words.contains(folder.to_str().unwrap()) && words.len() < 600, "{words}");
    why
}

/// Something done to a sound file.
type Change = fn(&mut Value);

fn named<'a>(header: &'a mut Value, name: &str) -> &'a mut Value {
    header.get_mut(name).unwrap()
}

#[test]
fn what_is_missing_is_named() {
    let folder = TempDir::new().unwrap();
    let is_missing = |name: &str| {
        let why = refused(folder.path());
        assert!(matches!(&why, ModelError::Missing { path } if path.ends_with(name)), "{why}");
    };
    is_missing(TOKENS);
    copy(mem_testkit::tools::model().join(TOKENS), folder.path().join(TOKENS)).unwrap();
    is_missing(WEIGHTS);
    std::fs::create_dir(folder.path().join(WEIGHTS)).unwrap();
    assert!(matches!(refused(folder.path()), ModelError::Damaged { .. }), "a folder is no file");
    let nowhere = folder.path().join("nowhere");
    assert!(matches!(refused(&nowhere), ModelError::Missing { .. }));
}

#[test]
fn weights_that_are_cut_short_are_told() {
    let folder = with_header(&header());
    let path = folder.path().join(WEIGHTS);
    let whole = std::fs::metadata(&path).unwrap().len();
    for length in [whole - 1, whole / 2, 20_000, 5_000, 9, 8, 7, 1, 0] {
        File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
        let why = refused(folder.path());
        assert!(
            matches!(why, ModelError::CutShort { is, should, .. } if is == length && should > is),
            "{length}: {why}"
        );
    }
    let longer = with_header(&header());
    File::options().append(true).open(longer.path().join(WEIGHTS)).unwrap().write_all(b"more").unwrap();
    assert!(matches!(refused(longer.path()), ModelError::Damaged { .. }));
}

#[test]
fn weights_of_another_kind_are_told() {
    let changes: [(&str, Change); 4] = [
        ("is of shape [15261, 768]", |header| {
            named(header, "embeddings.word_embeddings.weight")["shape"] = json!([15261, 768]);
        }),
        ("is of F16, not F32", |header| {
            named(header, "embeddings.word_embeddings.weight")["dtype"] = json!("F16");
        }),
        ("it has no encoder.layer.5.output.dense.bias", |header| {
            header.as_object_mut().unwrap().remove("encoder.layer.5.output.dense.bias");
        }),
        ("it has no", |header| *header = json!({})),
    ];
    for (what, change) in changes {
        let mut header = header();
        change(&mut header);
        let why = refused(with_header(&header).path());
        assert!(matches!(why, ModelError::Another { .. }) && why.to_string().contains(what), "{what}: {why}");
    }
}

#[test]
fn damaged_headers_are_told() {
    let word = "embeddings.word_embeddings.weight";
    let changes: [Change; 7] = [
        |tensor| tensor["data_offsets"] = json!([47_678_464, 796_672]),
        |tensor| tensor["data_offsets"] = json!([0, 46_881_792]),
        |tensor| tensor["data_offsets"] = json!([796_672]),
        |tensor| tensor["data_offsets"] = json!("everywhere"),
        |tensor| tensor["shape"] = json!([30_522, u64::MAX]),
        |tensor| tensor["shape"] = json!([-30_522, 384]),
        |tensor| *tensor = Value::Null,
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut header = header();
        change(named(&mut header, word));
        let why = refused(with_header(&header).path());
        assert!(matches!(why, ModelError::Damaged { .. }), "{at}: {why}");
    }
    let folder = with_header(&header());
    let path = folder.path().join(WEIGHTS);
    let huge = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    let words = [&2_u64.to_le_bytes()[..], b"[]"].concat();
    let deep = [&200_000_u64.to_le_bytes()[..], "[".repeat(200_000).as_bytes()].concat();
    for bytes in [huge, words, deep] {
        write(&path, bytes).unwrap();
        assert!(matches!(refused(folder.path()), ModelError::Damaged { .. }));
    }
}

#[test]
fn numbers_that_are_none_are_told() {
    let folder = TempDir::new().unwrap();
    for name in [WEIGHTS, TOKENS] {
        copy(mem_testkit::tools::model().join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join(WEIGHTS);
    let mut bytes = read(&path).unwrap();
    let at = bytes.len() / 8 * 4 + bytes.len() % 4;
    bytes[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    write(&path, bytes).unwrap();
    let why = refused(folder.path());
    assert!(matches!(why, ModelError::Damaged { .. }) && why.to_string().contains("no number"), "{why}");
}

#[test]
fn weights_of_nothing_make_nothing() {
    let mut model = Model::load(with_header(&header()).path()).unwrap();
    assert_eq!(model.embed_one("a text"), Vector::NOTHING);
    let published = Model::load(&mem_testkit::tools::model()).unwrap();
    assert_ne!(model.fingerprint(), published.fingerprint());
}

/// A mapped file would kill the process here.
#[test]
fn a_file_cut_short_while_it_is_in_use_changes_nothing() {
    let folder = with_header(&header());
    copy(mem_testkit::tools::model().join(WEIGHTS), folder.path().join(WEIGHTS)).unwrap();
    let mut model = Model::load(folder.path()).unwrap();
    let before = model.embed_one("before");
    File::options().write(true).open(folder.path().join(WEIGHTS)).unwrap().set_len(100).unwrap();
    assert_eq!(model.embed_one("before"), before);
    assert!(!model.embed_one("and after").is_nothing());
}

#[test]
fn tokenisers_of_another_model_are_told() {
    let folder = with_header(&header());
    let path = folder.path().join(TOKENS);
    let published: Value = serde_json::from_slice(&read(&path).unwrap()).unwrap();
    let changes: [Change; 12] = [
        |file| file["model"]["type"] = json!("BPE"),
        |file| file["model"]["continuing_subword_prefix"] = json!("@@"),
        |file| file["model"]["unk_token"] = json!("<unk>"),
        |file| file["model"]["max_input_chars_per_word"] = json!(1000),
        |file| file["normalizer"]["lowercase"] = json!(false),
        |file| file["normalizer"]["strip_accents"] = json!(false),
        |file| file["normalizer"] = Value::Null,
        |file| file["pre_tokenizer"] = json!({ "type": "Whitespace" }),
        |file| file["added_tokens"][0]["lstrip"] = json!(true),
        |file| file["added_tokens"][0]["content"] = json!(""),
        |file| file["added_tokens"][0]["id"] = json!(4_000_000_000_u32),
        |file| {
            file["model"]["vocab"].as_object_mut().unwrap().remove("the");
        },
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut file = published.clone();
        change(&mut file);
        write(&path, file.to_string()).unwrap();
        assert!(matches!(refused(folder.path()), ModelError::Another { .. }), "change {at}");
    }
    let damages: [Change; 4] = [
        |file| file["model"]["vocab"]["the"] = json!(30_522),
        |file| file["model"]["vocab"]["the"] = json!(5),
        |file| file["model"]["vocab"]["the"] = json!(-1),
        |file| file["model"] = json!([]),
    ];
    for (at, damage) in damages.into_iter().enumerate() {
        let mut file = published.clone();
        damage(&mut file);
        write(&path, file.to_string()).unwrap();
        assert!(matches!(refused(folder.path()), ModelError::Damaged { .. }), "damage {at}");
    }
}

#[test]
fn files_in_each_others_place_are_told() {
    let folder = with_header(&header());
    let (weights, tokens) = (folder.path().join(WEIGHTS), folder.path().join(TOKENS));
    let text = read(&tokens).unwrap();
    for cut in [0, 1, text.len() / 2, text.len() - 2] {
        write(&tokens, &text[..cut]).unwrap();
        assert!(matches!(refused(folder.path()), ModelError::Damaged { .. }), "cut to {cut}");
    }
    copy(&weights, &tokens).unwrap();
    assert!(matches!(refused(folder.path()), ModelError::Damaged { .. }), "too large for a tokeniser");
    write(&tokens, [0xff, 0xfe, b'{']).unwrap();
    assert!(matches!(refused(folder.path()), ModelError::Damaged { .. }), "no UTF-8");
    write(&tokens, &text).unwrap();
    write(&weights, &text).unwrap();
    assert!(matches!(refused(folder.path()), ModelError::Damaged { .. }));
}

#[test]
fn a_configuration_is_read_where_there_is_one() {
    let folder = with_header(&header());
    let path = folder.path().join("config.json");
    for (text, fits) in [
        (json!({}), true),
        (json!({ "hidden_size": 384, "hidden_act": "gelu" }), true),
        (json!({ "hidden_size": 768 }), false),
        (json!({ "num_hidden_layers": 12 }), false),
        (json!({ "num_attention_heads": "12" }), false),
        (json!({ "hidden_act": "relu" }), false),
        (json!({ "model_type": "mpnet" }), false),
    ] {
        write(&path, text.to_string()).unwrap();
        match Model::load(folder.path()) {
            Ok(_) => assert!(fits, "{text}"),
            Err(why) => assert!(!fits && matches!(why, ModelError::Another { .. }), "{text}: {why}"),
        }
    }
    write(&path, "[").unwrap();
    assert!(matches!(refused(folder.path()), ModelError::Damaged { .. }));
}
