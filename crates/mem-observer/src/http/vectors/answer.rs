//! What a service answered, read without trust: as many vectors as texts, all of one length, all of them numbers.
//!
//! An answer that is anything else was perhaps paid for and is worth nothing.

use mem_core::fault::{Fault, FaultKind};
use mem_core::model::MicroUsd;
use serde_json::Value;

/// Vectors, and what they took.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// A vector for each text, in their order; all of one length.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens that were read, where the service said so.
    pub tokens: Option<u64>,
    /// What it cost, where the service said so.
    pub cost: Option<MicroUsd>,
}

/// The vectors in a body that answers `texts` texts.
pub(super) fn read(body: &Value, texts: usize, host: &str) -> Result<Embedded, Fault> {
    let wrong = |what: String| Fault::perhaps_paid(FaultKind::Misbehaved, format!("{host} answered {what}"));
    let data = body["data"].as_array().ok_or_else(|| wrong("JSON without any vectors".to_owned()))?;
    if data.len() != texts {
        let vectors = if data.len() == 1 { "1 vector".to_owned() } else { format!("{} vectors", data.len()) };
        return Err(wrong(format!("{vectors} where {texts} were asked for")));
    }
    let mut vectors: Vec<Vec<f32>> = vec![Vec::new(); texts];
    for (at, one) in data.iter().enumerate() {
        // a service that numbers none has them in order
        let index = match &one["index"] {
            Value::Null => Some(at),
            index => index.as_u64().and_then(|index| usize::try_from(index).ok()),
        };
        let place = index.and_then(|index| vectors.get_mut(index)).filter(|place| place.is_empty());
        let Some(place) = place else {
            return Err(wrong("vectors whose numbers are not those of what was asked".to_owned()));
        };
        *place = numbers(&one["embedding"]).ok_or_else(|| wrong("a vector that is none".to_owned()))?;
    }
    let length = vectors.first().map_or(0, Vec::len);
    if let Some(other) = vectors.iter().find(|vector| vector.len() != length) {
        return Err(wrong(format!("vectors of {length} and of {} numbers at once", other.len())));
    }
    for vector in &mut vectors {
        normalise(vector);
    }
    let usage = &body["usage"];
    let tokens = [&usage["prompt_tokens"], &usage["total_tokens"]].into_iter().find_map(Value::as_u64);
    Ok(Embedded { vectors, tokens, cost: usage["cost"].as_f64().map(MicroUsd::of_dollars) })
}

/// The numbers of a vector; `None` where there are none, or one of them is none.
fn numbers(embedding: &Value) -> Option<Vec<f32>> {
    let all = embedding.as_array().filter(|all| !all.is_empty())?;
    all.iter().map(|number| number.as_f64().map(|number| number as f32).filter(|n| n.is_finite())).collect()
}

/// Makes the length 1, whatever it was; what is all zeros stays.
fn normalise(vector: &mut [f32]) {
    let square: f64 = vector.iter().map(|number| f64::from(*number) * f64::from(*number)).sum();
    let length = square.sqrt();
    if length > 0.0 {
        for number in vector {
            *number = (f64::from(*number) / length) as f32;
        }
    }
}
