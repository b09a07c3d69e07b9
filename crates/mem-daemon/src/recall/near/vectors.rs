//! The vectors of all passages as one array in the order of the index, kept from one question to the next.
//!
//! A passage has a place whether it has a vector or not, so that what a filter keeps is the same set of bits for every leg.
//! What came since is read on; where that is much, or the index was begun anew, all of it is read again.

use mem_embed::{Flat, FlatBuf};
use mem_store::{Columns, Reader, StoreError, VectorModel, VectorModelId};

/// The share of all passages beyond which vectors that came since are not looked up one by one.
const FEW: u64 = 16;

/// Vectors by places.
#[derive(Debug, Default)]
pub(super) struct Vectors {
    model: Option<VectorModelId>,
    /// The state of the index, how many vectors the model had, and which was the last of any, when this was read.
    state: (u64, u64),
    known: u64,
    last: i64,
    /// The last row that was sealed then: what lies behind may have gone or be another one.
    sealed: usize,
    /// The vector up to which all were read.
    read_to: i64,
    /// None where there is no memory for them: then they are read for every question.
    held: Option<FlatBuf>,
}

impl Vectors {
    /// Brings them up to what the store has of a model.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read; then nothing is kept.
    pub(super) fn renew(
        &mut self,
        store: &Reader,
        columns: &Columns,
        model: &VectorModel,
    ) -> Result<(), StoreError> {
        let state = columns.state();
        let same = self.model == Some(model.id) && self.state.0 == state.0;
        // one may have come for each that went, so counting them is not enough
        let last = store.last_vector()?;
        if same && (self.state, self.last) == (state, last) {
            return Ok(());
        }
        let came = model.vectors.saturating_sub(self.known);
        let grown = if same && self.held.is_some() && came <= columns.len() as u64 / FEW {
            self.read_on(store, columns, model)
        } else {
            self.read_all(store, columns, model)
        };
        match grown {
            Ok(()) => {
                (self.state, self.known, self.last) = (state, model.vectors, last);
                self.sealed = columns.sealed();
                Ok(())
            }
            Err(error) => {
                *self = Self::default();
                Err(error)
            }
        }
    }

    /// Them, to be compared.
    pub(super) fn flat(&self) -> Option<Flat<'_>> {
        self.held.as_ref().map(FlatBuf::flat)
    }

    /// Calls `each` with the vector at a place, if there is one.
    pub(super) fn at(&self, place: usize, each: impl FnOnce(&[i8], f32)) {
        if let Some((values, scale)) = self.held.as_ref().and_then(|vectors| vectors.get(place)) {
            each(values, scale);
        }
    }

    fn read_all(&mut self, store: &Reader, columns: &Columns, model: &VectorModel) -> Result<(), StoreError> {
        let held = FlatBuf::of(model.dimension);
        *self = Self { model: Some(model.id), held, ..Self::default() };
        self.resize(columns.len());
        let places = Places::of(store)?;
        let read = store.read_vectors(model, 0, |hash, scale, values| {
            for place in places.with(hash) {
                self.set(place, scale, values);
            }
        })?;
        self.read_to = read.last;
        Ok(())
    }

    fn read_on(&mut self, store: &Reader, columns: &Columns, model: &VectorModel) -> Result<(), StoreError> {
        let firm = self.sealed.min(self.flat().map_or(0, |flat| flat.len()));
        self.resize(firm);
        self.resize(columns.len());
        if let Some(held) = &mut self.held {
            // what is gone would stand among the nearest in the place of what is there
            held.clear(|place| columns.doc[place] == 0);
        }
        let mut new = Vec::new();
        store.passage_texts(firm as i64 + 1, |row, hash| new.push((row as usize - 1, hash)))?;
        for (place, hash) in new {
            store.vector_of(model, hash, |scale, values| self.set(place, scale, values))?;
        }
        let mut came = Vec::new();
        let read = store.read_vectors(model, self.read_to, |hash, _, _| came.push(hash))?;
        for hash in came {
            let mut places = Vec::new();
            store.rows_of_text(hash, |row| places.push(row as usize - 1))?;
            store.vector_of(model, hash, |scale, values| {
                for place in places.into_iter().filter(|place| *place < firm) {
                    self.set(place, scale, values);
                }
            })?;
        }
        self.read_to = read.last.max(self.read_to);
        Ok(())
    }

    fn resize(&mut self, places: usize) {
        if self.held.as_mut().is_some_and(|vectors| vectors.resize(places).is_err()) {
            self.held = None;
        }
    }

    fn set(&mut self, place: usize, scale: f32, values: &[u8]) {
        if let Some(held) = &mut self.held {
            held.set(place, scale, values);
        }
    }
}

/// Where texts stand, by their hashes.
pub(super) struct Places(Vec<(i64, u32)>);

impl Places {
    /// Of all passages.
    pub(super) fn of(store: &Reader) -> Result<Self, StoreError> {
        let mut places = Vec::new();
        store.passage_texts(1, |row, hash| places.push((hash, (row - 1) as u32)))?;
        places.sort_unstable();
        Ok(Self(places))
    }

    /// The hashes of the texts, by places.
    pub(super) fn hashes(&self, places: usize) -> Vec<i64> {
        let mut hashes = vec![0; places];
        for (hash, place) in &self.0 {
            if let Some(known) = hashes.get_mut(*place as usize) {
                *known = *hash;
            }
        }
        hashes
    }

    /// The places of a text.
    pub(super) fn with(&self, hash: i64) -> impl Iterator<Item = usize> + '_ {
        let first = self.0.partition_point(|(known, _)| *known < hash);
        self.0[first..].iter().take_while(move |(known, _)| *known == hash).map(|(_, place)| *place as usize)
    }
}
