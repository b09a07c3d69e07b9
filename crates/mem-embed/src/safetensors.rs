//! A safetensors file, read from its begin to its end once: its header, then its tensors in the order they lie in.
//!
//! It is read and never mapped: a file that somebody cuts short would kill a process that has it mapped. What was read is
//! hashed on the way.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::ModelError;
use crate::math::all_finite;

/// Longest header that is read; that of the model has eleven kilobytes.
const LONGEST_HEADER: u64 = 1 << 20;
/// Bytes read at once: enough for the hash to go over them with wide registers.
const AT_ONCE: usize = 1 << 18;

/// Where a tensor lies, in bytes behind the header, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) dtype: String,
    pub(crate) shape: Vec<u64>,
    begin: u64,
    end: u64,
}

/// The file on its way from begin to end.
#[derive(Debug)]
pub(crate) struct Tensors {
    path: PathBuf,
    file: BufReader<Hashed>,
    size: u64,
    at: u64,
    data: u64,
    bytes: Vec<u8>,
}

/// A file whose bytes are hashed as they are read.
#[derive(Debug)]
struct Hashed {
    file: File,
    hash: blake3::Hasher,
}

impl Read for Hashed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        self.hash.update(&into[..count]);
        Ok(count)
    }
}

impl Tensors {
    /// Opens the file and reads its header: the tensors in the order they lie in.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<Tensor>), ModelError> {
        let (file, size) = open(path)?;
        let mut tensors = Self {
            path: path.to_path_buf(),
            file: BufReader::with_capacity(AT_ONCE, Hashed { file, hash: blake3::Hasher::new() }),
            size,
            at: 0,
            data: 0,
            bytes: Vec::new(),
        };
        let length = tensors.read(8)?.try_into().map(u64::from_le_bytes).expect("eight bytes were read");
        if length > LONGEST_HEADER {
            return Err(ModelError::damaged(path, format!("a header of {length} bytes")));
        }
        let header = tensors.read(length as usize)?.to_vec();
        tensors.data = tensors.at;
        let mut found = header_of(&header).map_err(|what| ModelError::damaged(path, what))?;
        found.sort_by_key(|tensor| (tensor.begin, tensor.end));
        let end = found.last().map_or(0, |last| last.end);
        let should = tensors.data.saturating_add(end);
        if size < should {
            return Err(ModelError::CutShort { path: path.to_path_buf(), is: size, should });
        }
        if size > should {
            return Err(ModelError::damaged(path, format!("{} bytes behind its last tensor", size - should)));
        }
        if let Some(pair) = found.windows(2).find(|pair| pair[0].end > pair[1].begin) {
            return Err(ModelError::damaged(path, format!("{} lies in {}", pair[1].name, pair[0].name)));
        }
        Ok((tensors, found))
    }

    /// The numbers of a tensor of floats, `row` at a time; tensors must be asked for in the order they lie in.
    pub(crate) fn rows(
        &mut self,
        tensor: &Tensor,
        row: usize,
        mut each: impl FnMut(usize, &[f32]),
    ) -> Result<(), ModelError> {
        self.skip_to(self.data + tensor.begin)?;
        let rows = (tensor.end - tensor.begin) as usize / 4 / row;
        let mut numbers = Vec::with_capacity(row);
        for at in 0..rows {
            let bytes = self.read(row * 4)?;
            numbers.clear();
            numbers.extend(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)));
            if !all_finite(&numbers) {
                return Err(ModelError::damaged(
                    &self.path,
                    format!("{} holds what is no number", tensor.name),
                ));
            }
            each(at, &numbers);
        }
        Ok(())
    }

    /// Reads what is left; the hash of the whole file.
    pub(crate) fn finish(mut self) -> Result<blake3::Hasher, ModelError> {
        self.skip_to(self.size)?;
        Ok(self.file.into_inner().hash)
    }

    fn skip_to(&mut self, to: u64) -> Result<(), ModelError> {
        while self.at < to {
            self.read((to - self.at).min(1 << 16) as usize)?;
        }
        Ok(())
    }

    fn read(&mut self, len: usize) -> Result<&[u8], ModelError> {
        self.bytes.resize(len, 0);
        match self.file.read_exact(&mut self.bytes) {
            Ok(()) => {}
            Err(why) if why.kind() == io::ErrorKind::UnexpectedEof => {
                let should = self.size.max(self.at + len as u64);
                return Err(ModelError::CutShort {
                    path: self.path.clone(),
                    is: self.size.min(should - 1),
                    should,
                });
            }
            Err(why) => return Err(ModelError::of_io(&self.path, why)),
        }
        self.at += len as u64;
        Ok(&self.bytes)
    }
}

/// Opens a regular file; its size. Whatever else lies there (a pipe would wait for ever) is not opened.
pub(crate) fn open(path: &Path) -> Result<(File, u64), ModelError> {
    let about = std::fs::metadata(path).map_err(|why| ModelError::of_io(path, why))?;
    if !about.is_file() {
        return Err(ModelError::damaged(path, "no regular file"));
    }
    let file = File::open(path).map_err(|why| ModelError::of_io(path, why))?;
    Ok((file, about.len()))
}

fn header_of(text: &[u8]) -> Result<Vec<Tensor>, String> {
    let header: HashMap<String, Value> =
        serde_json::from_slice(text).map_err(|why| format!("its header: {why}"))?;
    let tensors = header.into_iter().filter(|(name, _)| name != "__metadata__");
    tensors
        .map(|(name, value)| tensor_of(&name, &value).ok_or_else(|| format!("its header: {name}")))
        .collect()
}

fn tensor_of(name: &str, value: &Value) -> Option<Tensor> {
    let numbers = |value: &Value| value.as_array()?.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>();
    let offsets = numbers(&value["data_offsets"])?;
    let &[begin, end] = offsets.as_slice() else { return None };
    let tensor = Tensor {
        name: name.to_owned(),
        dtype: value["dtype"].as_str()?.to_owned(),
        shape: numbers(&value["shape"])?,
        begin,
        end,
    };
    let count = tensor.shape.iter().try_fold(1_u64, |count, side| count.checked_mul(*side))?;
    let bytes = end.checked_sub(begin)?;
    (tensor.dtype != "F32" || count.checked_mul(4) == Some(bytes)).then_some(tensor)
}
