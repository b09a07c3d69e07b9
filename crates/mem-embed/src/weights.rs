//! The model's weights in memory: eight bits a weight with a scale for each output, packed for this machine.
//!
//! They are made row by row while the file is read, so that the floats of the file are never in memory together.

use std::collections::HashMap;
use std::path::Path as FilePath;

use crate::error::ModelError;
use crate::native::Kernel;
use crate::pack::Layout;
use crate::room::{Part, Room, rounded};
use crate::safetensors::{Tensor, Tensors};
use crate::shape::{DIM, LAYERS, LONGEST, PLACES, WIDE, WORDS};
use crate::vector::quantise;

/// Outputs side by side in a matrix of floats.
const SIDE: usize = crate::native::LANES;

/// Everything the pass needs.
#[derive(Debug)]
pub(crate) struct Weights {
    /// What they are packed for.
    pub(crate) kernel: Kernel,
    /// Where the packed ones lie.
    pub(crate) room: Room,
    /// A row for each word.
    pub(crate) words: Matrix,
    /// A row for each place in a text, [`LONGEST`] of them.
    pub(crate) places: Vec<f32>,
    /// What follows the sum of the two.
    pub(crate) norm: Norm,
    /// The layers.
    pub(crate) layers: Vec<Layer>,
}

/// One layer of the transformer.
#[derive(Debug)]
pub(crate) struct Layer {
    /// To queries, keys and values; from what was attended to; to the wide part; back from it.
    pub(crate) matrices: [Matrix; 4],
    /// After attention, and after the wide part.
    pub(crate) norms: [Norm; 2],
}

/// A matrix with what is added to each output.
#[derive(Debug)]
pub(crate) struct Matrix {
    pub(crate) body: Body,
    pub(crate) depth: usize,
    /// What a weight of each output stands for, and the sum of its weights.
    pub(crate) scales: Vec<f32>,
    pub(crate) sums: Vec<i32>,
    pub(crate) shifts: Vec<f32>,
}

/// The weights of a matrix.
#[derive(Debug)]
pub(crate) enum Body {
    /// In the room, as the machine wants them.
    Packed(Part, Layout),
    /// As they were, in blocks of [`SIDE`] outputs: what rounding costs is measured against them.
    Floats(Vec<f32>),
}

/// Scale and shift of each number.
#[derive(Debug)]
pub(crate) struct Norm {
    pub(crate) scales: Vec<f32>,
    pub(crate) shifts: Vec<f32>,
}

/// Where a tensor of the file goes.
#[derive(Debug, Clone, Copy)]
enum Slot {
    Words,
    Places,
    /// Added to every place: we only ever have texts of the first kind.
    Kinds,
    Norm(Option<(usize, usize)>, Which),
    /// Layer, matrix, first output.
    Matrix(usize, usize, usize),
    Shifts(usize, usize, usize),
}

#[derive(Debug, Clone, Copy)]
enum Which {
    Scales,
    Shifts,
}

/// The matrices of a layer in the file: name, our matrix, first output in it, outputs, inputs.
const MATRICES: [(&str, usize, usize, usize, usize); 6] = [
    ("attention.self.query", 0, 0, DIM, DIM),
    ("attention.self.key", 0, DIM, DIM, DIM),
    ("attention.self.value", 0, 2 * DIM, DIM, DIM),
    ("attention.output.dense", 1, 0, DIM, DIM),
    ("intermediate.dense", 2, 0, WIDE, DIM),
    ("output.dense", 3, 0, DIM, WIDE),
];
/// Outputs and inputs of our matrices.
const SHAPES: [(usize, usize); 4] = [(3 * DIM, DIM), (DIM, DIM), (WIDE, DIM), (DIM, WIDE)];
/// The norms of a layer in the file.
const NORMS: [&str; 2] = ["attention.output.LayerNorm", "output.LayerNorm"];

impl Weights {
    /// Reads them; `exact` keeps the floats. Also the hash of the file.
    pub(crate) fn load(
        path: &FilePath,
        kernel: Kernel,
        exact: bool,
    ) -> Result<(Self, blake3::Hasher), ModelError> {
        let (mut file, tensors) = Tensors::open(path)?;
        let mut slots = slots();
        for tensor in &tensors {
            if let Some((shape, _)) = slots.get(&tensor.name) {
                check(path, tensor, shape)?;
            }
        }
        if let Some(name) =
            slots.keys().filter(|name| !tensors.iter().any(|tensor| tensor.name == **name)).min()
        {
            return Err(ModelError::another(path, format!("it has no {name}")));
        }
        let mut weights = Self::empty(kernel, exact).map_err(|why| ModelError::of_io(path, why))?;
        let mut kinds = vec![0.0; DIM];
        for tensor in &tensors {
            if let Some((shape, slot)) = slots.remove(&tensor.name) {
                let row = shape.last().map_or(0, |last| *last as usize);
                file.rows(tensor, row, |at, numbers| weights.take(slot, at, numbers, &mut kinds))?;
            }
        }
        for place in weights.places.chunks_exact_mut(DIM) {
            place.iter_mut().zip(&kinds).for_each(|(number, kind)| *number += kind);
        }
        Ok((weights, file.finish()?))
    }

    fn empty(kernel: Kernel, exact: bool) -> std::io::Result<Self> {
        let bytes = |(outputs, depth)| rounded(outputs * depth);
        let all = rounded(WORDS * DIM) + LAYERS * SHAPES.into_iter().map(bytes).sum::<usize>();
        let mut room = Room::of(if exact { 64 } else { all })?;
        let mut matrix = |outputs: usize, depth: usize, layout| Matrix {
            body: if exact {
                Body::Floats(vec![0.0; outputs * depth])
            } else {
                Body::Packed(room.part(outputs * depth), layout)
            },
            depth,
            scales: vec![0.0; outputs],
            sums: vec![0; outputs],
            shifts: vec![0.0; outputs],
        };
        let words = matrix(WORDS, DIM, Layout::PLAIN);
        let layers = (0..LAYERS).map(|_| Layer {
            matrices: SHAPES.map(|(outputs, depth)| matrix(outputs, depth, kernel.layout())),
            norms: [Norm::empty(), Norm::empty()],
        });
        let layers = layers.collect();
        Ok(Self { kernel, room, words, places: vec![0.0; LONGEST * DIM], norm: Norm::empty(), layers })
    }

    fn take(&mut self, slot: Slot, at: usize, numbers: &[f32], kinds: &mut [f32]) {
        match slot {
            Slot::Words => self.words.take(&mut self.room, at, numbers, 1),
            Slot::Places if at < LONGEST => self.places[at * DIM..][..DIM].copy_from_slice(numbers),
            Slot::Kinds if at == 0 => kinds.copy_from_slice(numbers),
            Slot::Places | Slot::Kinds => {}
            Slot::Norm(place, which) => {
                let norm = place.map_or(&mut self.norm, |(layer, norm)| &mut self.layers[layer].norms[norm]);
                match which {
                    Which::Scales => norm.scales.copy_from_slice(numbers),
                    Which::Shifts => norm.shifts.copy_from_slice(numbers),
                }
            }
            Slot::Matrix(layer, matrix, first) => {
                self.layers[layer].matrices[matrix].take(&mut self.room, first + at, numbers, SIDE);
            }
            Slot::Shifts(layer, matrix, first) => {
                let shifts = &mut self.layers[layer].matrices[matrix].shifts;
                shifts[first..][..numbers.len()].copy_from_slice(numbers);
            }
        }
    }
}

impl Matrix {
    fn take(&mut self, room: &mut Room, output: usize, numbers: &[f32], side: usize) {
        match &mut self.body {
            Body::Packed(part, layout) => {
                let mut row = [0_i8; WIDE];
                let row = &mut row[..numbers.len()];
                self.scales[output] = quantise(numbers, row).expect("numbers that are none were refused");
                self.sums[output] = row.iter().map(|weight| i32::from(*weight)).sum();
                layout.put(row, output, room.get_mut(*part));
            }
            Body::Floats(floats) => {
                let block = output / side * side * self.depth + output % side;
                for (input, number) in numbers.iter().enumerate() {
                    floats[block + input * side] = *number;
                }
            }
        }
    }
}

impl Norm {
    fn empty() -> Self {
        Self { scales: vec![0.0; DIM], shifts: vec![0.0; DIM] }
    }
}

fn check(path: &FilePath, tensor: &Tensor, shape: &[u64]) -> Result<(), ModelError> {
    if tensor.dtype != "F32" {
        return Err(ModelError::another(path, format!("{} is of {}, not F32", tensor.name, tensor.dtype)));
    }
    if tensor.shape != shape {
        let what = format!("{} is of shape {:?}, not {shape:?}", tensor.name, tensor.shape);
        return Err(ModelError::another(path, what));
    }
    Ok(())
}

/// Every tensor that is read, with its shape and where it goes.
fn slots() -> HashMap<String, (Vec<u64>, Slot)> {
    let mut slots = HashMap::new();
    let mut add = |name: String, shape: &[usize], slot| {
        slots.insert(name, (shape.iter().map(|side| *side as u64).collect(), slot));
    };
    add("embeddings.word_embeddings.weight".to_owned(), &[WORDS, DIM], Slot::Words);
    add("embeddings.position_embeddings.weight".to_owned(), &[PLACES, DIM], Slot::Places);
    add("embeddings.token_type_embeddings.weight".to_owned(), &[2, DIM], Slot::Kinds);
    let mut norms = vec![("embeddings.LayerNorm".to_owned(), None)];
    for layer in 0..LAYERS {
        let at = format!("encoder.layer.{layer}");
        for (name, matrix, first, outputs, depth) in MATRICES {
            add(format!("{at}.{name}.weight"), &[outputs, depth], Slot::Matrix(layer, matrix, first));
            add(format!("{at}.{name}.bias"), &[outputs], Slot::Shifts(layer, matrix, first));
        }
        norms.extend(
            NORMS.iter().enumerate().map(|(norm, name)| (format!("{at}.{name}"), Some((layer, norm)))),
        );
    }
    for (name, place) in norms {
        add(format!("{name}.weight"), &[DIM], Slot::Norm(place, Which::Scales));
        add(format!("{name}.bias"), &[DIM], Slot::Norm(place, Which::Shifts));
    }
    slots
}
