//! The `embeddings` of the scripted model: a vector that depends on nothing but the text.

use serde_json::{Value, json};

use super::{Reply, Request};

/// A rule that answers requests for vectors with those of [`embedding`], the last first, since services may do so.
pub fn embeddings(dimension: usize) -> impl FnMut(&Request) -> Option<Reply> + Send + 'static {
    move |request| {
        let texts = request.body["input"].as_array()?;
        let mut data: Vec<Value> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let vector = embedding(text.as_str().unwrap_or_default(), dimension);
                json!({ "object": "embedding", "index": index, "embedding": vector })
            })
            .collect();
        data.reverse();
        let tokens: usize =
            texts.iter().map(|text| text.as_str().unwrap_or_default().len().div_ceil(4)).sum();
        let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
        let body = json!({ "object": "list", "model": request.body["model"], "data": data, "usage": usage });
        Some(Reply::Raw { code: 200, body })
    }
}

/// Numbers of which each counts some of the words of a text, so that texts with the same words are alike.
pub fn embedding(text: &str, dimension: usize) -> Vec<f32> {
    let mut numbers = vec![0.25; dimension];
    for word in text.split_whitespace() {
        let hash = word.bytes().fold(7usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        numbers[hash % dimension] += 1.0;
    }
    numbers
}
