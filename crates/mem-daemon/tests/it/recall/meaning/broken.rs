//! Models and vectors that are damaged, gone, or of something else: words go on as if there were no model.

use std::path::Path;

use mem_daemon::recall::{Answer, Recall};
use mem_embed::DIM;
use mem_store::{NewVector, StoreError};
use mem_testkit::tools;

use super::library::Embedding;
use crate::recall::shelf::{Shelf, Turn, ask, turn};

const WEIGHTS: &str = "model.safetensors";
const TOKENS: &str = "tokenizer.json";
/// Leads to what is said of the violin by meaning, and to what is said of gardens by a word.
const QUESTION: &str = "string instrument garden";

fn turns() -> Vec<Turn> {
    ["the violin is tuned", "the garden is watered", "the lawyer wrote", "the kernel boots"]
        .into_iter()
        .enumerate()
        .map(|(at, said)| turn(&format!("s{at}"), at as i64, said))
        .collect()
}

fn shelf() -> Shelf {
    let mut shelf = Shelf::new();
    shelf.tell_all(&turns());
    shelf.index();
    Embedding::new().embed_all(&mut shelf);
    shelf.install_files();
    shelf
}

fn by_meaning(answer: &Answer) -> bool {
    answer.how.legs.contains(&"meaning")
}

/// Puts other bytes in the place of a file of the model, as a writer that knows nothing of us would.
fn replace(shelf: &Shelf, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let bytes = change(std::fs::read(tools::model().join(name)).unwrap());
    let path = shelf.model_folder().join(name);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn restore(folder: &Path, name: &str) {
    let _may_be_gone = std::fs::remove_file(folder.join(name));
    std::os::unix::fs::symlink(tools::model().join(name), folder.join(name)).unwrap();
}

#[test]
fn a_model_that_is_gone_or_damaged_meanwhile_leaves_the_words_and_comes_back() {
    let shelf = shelf();
    let by_words = shelf.search(&ask(QUESTION));
    assert!(!by_meaning(&by_words) && !by_words.hits.is_empty());
    let folder = shelf.model_folder();
    let damages: [(&str, &dyn Fn()); 7] = [
        ("no weights", &|| std::fs::remove_file(folder.join(WEIGHTS)).unwrap()),
        ("no tokeniser", &|| std::fs::remove_file(folder.join(TOKENS)).unwrap()),
        ("cut short", &|| replace(&shelf, WEIGHTS, |bytes| bytes[..1 << 20].to_vec())),
        ("a header of nothing", &|| replace(&shelf, WEIGHTS, |_| vec![0xff; 4096])),
        ("empty", &|| replace(&shelf, WEIGHTS, |_| Vec::new())),
        ("a tokeniser that is none", &|| replace(&shelf, TOKENS, |_| b"{\"model\":".to_vec())),
        ("files swapped", &|| {
            let tokens = std::fs::read(tools::model().join(TOKENS)).unwrap();
            replace(&shelf, WEIGHTS, |_| tokens);
        }),
    ];
    for keeps in [true, false] {
        let mut recall = Recall::with_meaning(&shelf.home(), keeps);
        let sound = recall.search(&shelf.store, &ask(QUESTION)).unwrap();
        assert!(by_meaning(&sound) && sound.hits.len() > by_words.hits.len(), "{sound:#?}");
        for (what, damage) in damages {
            damage();
            assert_eq!(recall.search(&shelf.store, &ask(QUESTION)).unwrap(), by_words, "{what}");
            restore(&folder, WEIGHTS);
            restore(&folder, TOKENS);
            assert_eq!(recall.search(&shelf.store, &ask(QUESTION)).unwrap(), sound, "after {what}");
            recall.rest();
        }
        let aside = folder.with_extension("aside");
        std::fs::rename(&folder, &aside).unwrap();
        assert_eq!(recall.search(&shelf.store, &ask(QUESTION)).unwrap(), by_words, "no folder");
        std::fs::rename(&aside, &folder).unwrap();
        assert_eq!(recall.search(&shelf.store, &ask(QUESTION)).unwrap(), sound, "moved back");
    }
}

#[test]
fn a_model_of_other_weights_is_not_compared_with_the_vectors_of_the_first() {
    let shelf = shelf();
    let by_words = shelf.search(&ask(QUESTION));
    // loads as before, and is another one
    replace(&shelf, WEIGHTS, |mut bytes| {
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        bytes
    });
    for keeps in [true, false] {
        let mut recall = Recall::with_meaning(&shelf.home(), keeps);
        assert_eq!(recall.search(&shelf.store, &ask(QUESTION)).unwrap(), by_words);
        restore(&shelf.model_folder(), WEIGHTS);
        assert!(by_meaning(&recall.search(&shelf.store, &ask(QUESTION)).unwrap()));
        replace(&shelf, WEIGHTS, |mut bytes| {
            let last = bytes.len() - 2;
            bytes[last] ^= 1;
            bytes
        });
        assert_eq!(recall.search(&shelf.store, &ask(QUESTION)).unwrap(), by_words, "replaced meanwhile");
    }
}

#[test]
fn vectors_that_cannot_be_compared_are_as_if_they_were_not_there() {
    let mut shelf = shelf();
    let by_words = shelf.search(&ask(QUESTION));
    let defects = [
        "UPDATE vectors SET vals = x'01'",
        "UPDATE vectors SET vals = zeroblob(4000000)",
        "UPDATE vectors SET vals = x''",
        "UPDATE vectors SET scale = 9e999",
        "UPDATE vectors SET scale = -1",
        "UPDATE vector_models SET dimension = 7",
        "UPDATE vector_models SET dimension = 0",
        "UPDATE vector_models SET dimension = -1",
    ];
    for sql in defects {
        shelf.damage(sql);
        for keeps in [true, false] {
            let found =
                Recall::with_meaning(&shelf.home(), keeps).search(&shelf.store, &ask(QUESTION)).unwrap();
            assert_eq!(found.hits, by_words.hits, "{sql}, kept: {keeps}");
        }
        shelf.damage(&format!(
            "DELETE FROM vectors; UPDATE vector_models SET dimension = {DIM}, vectors = 0, low = 1, high = 0"
        ));
        Embedding::new().embed_all(&mut shelf);
    }
    let sound = shelf.meant(&ask(QUESTION));
    assert!(by_meaning(&sound) && sound.hits.len() > by_words.hits.len());
    // of one defect among sound ones, the sound ones are compared
    shelf.damage("UPDATE vectors SET vals = x'0102' WHERE id = (SELECT max(id) FROM vectors)");
    let mut kept = Recall::with_meaning(&shelf.home(), true);
    let found = kept.search(&shelf.store, &ask(QUESTION)).unwrap();
    assert!(by_meaning(&found));
    assert_eq!(found, shelf.meant(&ask(QUESTION)));
}

#[test]
fn a_store_that_is_embedded_in_part_answers_by_words_for_the_rest() {
    let mut shelf = Shelf::new();
    shelf.install();
    let many: Vec<Turn> =
        (0..12).map(|at| turn(&format!("s{at}"), at, &format!("the garden {at}"))).collect();
    shelf.tell_all(&many);
    shelf.index();
    let mut embedding = Embedding::new();
    let mut kept = Recall::with_meaning(&shelf.home(), true);
    let by_words = shelf.found("garden");
    loop {
        let found = kept.search(&shelf.store, &ask("garden")).unwrap();
        assert_eq!(found, shelf.meant(&ask("garden")));
        let ids: Vec<_> = found.hits.iter().map(|hit| hit.id).collect();
        assert!(by_words.iter().all(|id| ids.contains(id)), "words find what they found: {ids:?}");
        if embedding.embed(&mut shelf.store, 2) == 0 {
            break;
        }
    }
    assert!(by_meaning(&kept.search(&shelf.store, &ask("garden")).unwrap()));
}

#[test]
fn a_model_with_no_vector_yet_and_one_whose_vectors_are_nothing_change_no_answer() {
    let mut shelf = Shelf::new();
    shelf.install();
    shelf.tell_all(&turns());
    shelf.index();
    let by_words = shelf.search(&ask(QUESTION));
    let embedding = Embedding::new();
    let model = embedding.of(&mut shelf.store);
    let meant = shelf.meant(&ask(QUESTION));
    assert_eq!((&meant.hits, &meant.how), (&by_words.hits, &by_words.how));
    assert_eq!(meant.coverage.meaning, Some(0), "only how far it has come is said besides");
    let texts = shelf.store.write(|tx| tx.texts_to_embed(model.id, 100)).unwrap().texts;
    let nothing = [0; DIM];
    let vectors: Vec<_> =
        texts.iter().map(|one| NewVector { hash: one.hash, scale: 0.0, values: &nothing }).collect();
    shelf.store.write(|tx| tx.put_vectors(model.id, &vectors)).unwrap();
    for keeps in [true, false] {
        let found = Recall::with_meaning(&shelf.home(), keeps).search(&shelf.store, &ask(QUESTION)).unwrap();
        assert_eq!(found.hits, by_words.hits);
    }
}

#[test]
fn whatever_is_asked_is_no_error() {
    let shelf = shelf();
    let megabyte = "x".repeat(1 << 20);
    let no_end = "violin".repeat(200_000);
    let questions = [
        "",
        " ",
        "\0",
        "\0violin\0",
        "🎻",
        "🎻 violin 🎻",
        "\u{202e}nilоiv",
        "[SEP] [CLS] [UNK]",
        "e\u{301}".repeat(5000).leak(),
        &megabyte,
        &no_end,
    ];
    for keeps in [true, false] {
        let mut recall = Recall::with_meaning(&shelf.home(), keeps);
        for question in questions {
            let begun = std::time::Instant::now();
            let found = recall.search(&shelf.store, &ask(question)).unwrap();
            let by_words = shelf.search(&ask(question));
            let lexical: Vec<_> = by_words.hits.iter().map(|hit| hit.id).collect();
            let ids: Vec<_> = found.hits.iter().map(|hit| hit.id).collect();
            assert!(lexical.iter().all(|id| ids.contains(id)), "{question:.30?}: {lexical:?} in {ids:?}");
            assert!(begun.elapsed().as_secs() < 20, "{question:.30?} took {:?}", begun.elapsed());
        }
        assert!(recall.search(&shelf.store, &ask("\0string instrument\0")).unwrap().hits.len() == 1);
    }
}

#[test]
fn postings_that_are_lost_show_whatever_meaning_finds() {
    for block in ["x'78'", "zeroblob(length(block))"] {
        let shelf = shelf();
        shelf.damage(&format!("UPDATE passage_terms_data SET block = {block} WHERE id > 10"));
        let found = Recall::with_meaning(&shelf.home(), true).search(&shelf.store, &ask("string instrument"));
        assert!(matches!(found, Err(StoreError::Index { .. })), "{block}: {found:?}");
    }
}

#[test]
fn tables_of_vectors_that_are_gone_are_laid_out_with_the_index() {
    for table in ["vectors", "vector_models"] {
        let mut shelf = shelf();
        shelf.damage(&format!("PRAGMA foreign_keys = OFF; DROP TABLE {table}"));
        let mut recall = Recall::with_meaning(&shelf.home(), false);
        let found = recall.search(&shelf.store, &ask(QUESTION));
        assert!(matches!(found, Err(StoreError::Index { .. })), "{table}: {found:?}");
        if table == "vector_models" {
            assert!(mem_daemon::recall::check(&shelf.store).unwrap().is_some(), "doctor sees it");
        }
        mem_daemon::recall::begin_anew(&mut shelf.store).unwrap();
        shelf.index();
        let found = recall.search(&shelf.store, &ask(QUESTION)).unwrap();
        assert!(!found.hits.is_empty() && !by_meaning(&found), "{table}: by words");
    }
}
