//! Vectors against those of the original model, on every kernel that this machine has.

use std::path::Path as FilePath;

use mem_embed::{DIM, Kernel, Model, PUBLISHED, Vector};

fn load(kernel: Kernel) -> Model {
    Model::load_on(&mem_testkit::tools::model(), kernel).unwrap()
}

fn kernels() -> Vec<Kernel> {
    Kernel::ALL.into_iter().filter(|kernel| kernel.is_here()).collect()
}

/// The texts of the fixture with the original's vectors.
fn references() -> Vec<(String, Vec<f32>)> {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let texts: Vec<String> =
        serde_json::from_slice(&std::fs::read(folder.join("texts.json")).unwrap()).unwrap();
    let bytes = std::fs::read(folder.join("vectors.f32")).unwrap();
    let numbers: Vec<f32> = bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
    assert_eq!(numbers.len(), texts.len() * DIM);
    texts.into_iter().zip(numbers.chunks(DIM).map(<[f32]>::to_vec)).collect()
}

fn cosine(one: &[f32], other: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
}

fn numbers(vector: &Vector) -> Vec<f32> {
    vector.values.iter().map(|value| f32::from(*value) * vector.scale).collect()
}

#[test]
fn unrounded_vectors_are_the_originals() {
    for kernel in kernels() {
        let mut model = Model::load_exact(&mem_testkit::tools::model(), kernel).unwrap();
        for (text, original) in references() {
            let ours = model.numbers(&text).unwrap();
            let off = ours.iter().zip(&original).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(off < 1e-5, "{kernel:?}: off by {off} for {text:?}");
        }
    }
}

#[test]
fn rounded_vectors_point_where_the_originals_do() {
    for kernel in kernels() {
        let mut model = load(kernel);
        let mut all = Vec::new();
        for (text, original) in references() {
            let close = cosine(&numbers(&model.embed_one(&text)), &original);
            assert!(close >= 0.98, "{kernel:?}: {close} for {text:?}");
            all.push(close);
        }
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        assert!(mean >= 0.998, "{kernel:?}: {mean} on average");
    }
}

/// Products are whole numbers on every kernel; what lies between them is rounded a little differently.
#[test]
fn every_path_comes_to_the_same() {
    let mut plain = load(Kernel::Plain);
    for kernel in kernels() {
        let mut model = load(kernel);
        assert_eq!((model.kernel(), model.fingerprint()), (kernel, plain.fingerprint()));
        for (text, _) in references().into_iter().take(12) {
            let close = cosine(&model.numbers(&text).unwrap(), &plain.numbers(&text).unwrap());
            assert!(close > 0.9995, "{kernel:?}: {close} for {text:?}");
        }
    }
}

#[test]
fn the_published_model_is_known_by_its_fingerprint() {
    assert_eq!(load(Kernel::best()).fingerprint(), PUBLISHED);
}

#[test]
fn what_has_no_word_is_similar_to_nothing() {
    let mut model = load(Kernel::best());
    let word = model.embed_one("word");
    for text in ["", " \n\t", "\u{0}\u{200b}", "\u{301}"] {
        let vector = model.embed_one(text);
        assert!(
            vector.is_nothing() && vector == Vector::NOTHING && model.numbers(text).is_none(),
            "{text:?}"
        );
        assert_eq!(vector.similarity(&word).to_bits(), 0.0_f32.to_bits());
    }
    assert!(word.similarity(&word) > 0.99);
}

#[test]
fn a_text_is_the_same_after_others_and_beyond_what_is_looked_at() {
    let mut model = load(Kernel::best());
    let first = model.embed_one("a short one");
    let long = "many words of a long text ".repeat(200);
    let of_long = model.embed_one(&long);
    assert_eq!(model.embed(&["a short one", &long]), [first, of_long]);
    assert_eq!(model.embed_one(&format!("{long} and an end that nobody sees")), of_long);
    let unknown = model.embed_one(&"x".repeat(1 << 20));
    assert_eq!(model.embed_one(&"y".repeat(200)), unknown, "one unknown word, however long");
}

#[test]
fn meaning_is_closer_than_chance() {
    let mut model = load(Kernel::best());
    let [asked, meant, other] =
        ["how do we avoid losing events", "nothing accepted may be lost", "the cat sat on the mat"]
            .map(|text| model.embed_one(text));
    assert!(asked.similarity(&meant) > asked.similarity(&other) + 0.1);
}

#[test]
fn numbers_that_are_none_make_nothing() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut numbers = [0.05; DIM];
        numbers[17] = bad;
        assert!(Vector::of(&numbers).is_nothing());
    }
    assert!(Vector::of(&[0.0; DIM]).is_nothing() && Vector::of(&[1e-42; DIM]).is_nothing());
}

#[test]
fn threads_that_share_the_weights_compute_the_same_at_once() {
    let mut model = load(Kernel::best());
    let texts: Vec<String> = references().into_iter().map(|(text, _)| text).collect();
    let alone = model.embed(&texts);
    let mut forks = [model.fork(), model.fork()];
    drop(model);
    let at_once: Vec<Vec<Vector>> = std::thread::scope(|scope| {
        let threads: Vec<_> = forks.iter_mut().map(|fork| scope.spawn(|| fork.embed(&texts))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(at_once, [alone.clone(), alone]);
    assert_eq!(forks[0].fingerprint(), PUBLISHED);
}
