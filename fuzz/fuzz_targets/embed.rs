//! What the embedding model meets: any text in its tokeniser, any bytes as its tokenizer.json, any vectors in the scan.
#![no_main]

use std::path::Path as File;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use mem_embed::{Flat, LONGEST, Kernel, Tokens, scan_on};

const SIGNS: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// A vocabulary as small as the check of its size allows: letters, a few pieces, and words nobody writes.
fn tokens() -> &'static Tokens {
    static TOKENS: OnceLock<Tokens> = OnceLock::new();
    TOKENS.get_or_init(|| {
        let signs = SIGNS.map(str::to_owned);
        let letters = ('!'..='~').flat_map(|c| [c.to_string(), format!("##{c}")]);
        let pieces = ["the", "##ing", "中", "##\u{1161}", "\u{1112}"].map(str::to_owned);
        let fill = (0..).map(|at| format!("nobody{at}"));
        let words = signs.into_iter().chain(letters).chain(pieces).chain(fill).take(30_522).enumerate();
        let vocab: serde_json::Map<_, _> = words.map(|(id, word)| (word, id.into())).collect();
        let added: Vec<_> = (0..5_usize).map(|id| serde_json::json!({ "id": id, "content": SIGNS[id] })).collect();
        let file = serde_json::json!({
            "added_tokens": added,
            "normalizer": { "type": "BertNormalizer", "lowercase": true },
            "pre_tokenizer": { "type": "BertPreTokenizer" },
            "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "vocab": vocab },
        });
        Tokens::read(File::new("tokenizer.json"), file.to_string().as_bytes()).expect("a sound tokeniser")
    })
}

fuzz_target!(|input: (String, Vec<u8>, Vec<i8>, u8, u64)| {
    let (text, bytes, values, dim, keep) = input;
    let ids = tokens().of(&text);
    assert!((2..=LONGEST).contains(&ids.len()) && ids.iter().all(|id| *id < 30_522));
    assert_eq!((ids[0], ids[ids.len() - 1]), (2, 3));
    let _refused = Tokens::read(File::new("tokenizer.json"), &bytes);
    let dim = usize::from(dim).max(1);
    let count = values.len() / dim;
    if count > 1 {
        let scales = vec![0.01; count - 1];
        let (query, rest) = values[..count * dim].split_at(dim);
        let among = Flat::new(rest, &scales, dim).expect("lengths that fit");
        let plain = scan_on(Kernel::Plain, (query, 0.01), among, Some(&[keep]), 5);
        assert_eq!(scan_on(Kernel::best(), (query, 0.01), among, Some(&[keep]), 5), plain);
    }
});
