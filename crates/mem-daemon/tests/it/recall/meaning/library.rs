//! A store whose passages have vectors of the real model, and what asks of it by meaning.

use std::collections::HashMap;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use mem_daemon::embedding_model;
use mem_daemon::home::Home;
use mem_daemon::recall::{Answer, Ask, Recall};
use mem_embed::{DIM, Model, NAME, Vector};
use mem_store::{NewVector, Store, VectorModel};
use mem_testkit::tools;

use crate::recall::shelf::Shelf;

/// The real model, which makes each vector once.
pub(in crate::recall) struct Embedding {
    model: Model,
    made: HashMap<i64, Vector>,
}

impl Embedding {
    pub(in crate::recall) fn new() -> Self {
        Self { model: Model::load(&tools::model()).unwrap(), made: HashMap::new() }
    }

    pub(super) fn fingerprint(&self) -> String {
        self.model.fingerprint().to_owned()
    }

    pub(super) fn of(&self, store: &mut Store) -> VectorModel {
        store.write(|tx| tx.vector_model(NAME, DIM, self.model.fingerprint())).unwrap()
    }

    /// Embeds at most so many texts, the newest first; how many there were.
    pub(super) fn embed(&mut self, store: &mut Store, most: usize) -> usize {
        let model = self.of(store);
        let texts = store.write(|tx| tx.texts_to_embed(model.id, most)).unwrap().texts;
        for one in &texts {
            self.made.entry(one.hash).or_insert_with(|| self.model.embed_one(&one.text));
        }
        let vectors: Vec<NewVector<'_>> = texts
            .iter()
            .map(|one| {
                let made = &self.made[&one.hash];
                NewVector { hash: one.hash, scale: made.scale, values: &made.values }
            })
            .collect();
        store.write(|tx| tx.put_vectors(model.id, &vectors)).unwrap();
        texts.len()
    }

    /// Embeds all there is.
    pub(in crate::recall) fn embed_all(&mut self, shelf: &mut Shelf) {
        while self.embed(&mut shelf.store, 64) > 0 {}
    }
}

impl Shelf {
    pub(in crate::recall) fn home(&self) -> Home {
        Home::new(self.path().parent().unwrap())
    }

    pub(super) fn model_folder(&self) -> PathBuf {
        embedding_model::folder(&self.home())
    }

    /// Lays the real model where it belongs.
    pub(in crate::recall) fn install(&self) {
        let folder = self.model_folder();
        std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
        symlink(tools::model(), folder).unwrap();
    }

    /// Lays a folder there with links to the real files, which can be changed one by one.
    pub(super) fn install_files(&self) {
        let folder = self.model_folder();
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["model.safetensors", "tokenizer.json"] {
            symlink(tools::model().join(name), folder.join(name)).unwrap();
        }
    }

    /// An answer by meaning, its vectors read for it.
    pub(super) fn meant(&self, ask: &Ask) -> Answer {
        Recall::with_meaning(&self.home(), false).search(&self.store, ask).unwrap()
    }
}
