//! Tests of reading: what is taken from every recorded reply, and what holds for any text.

mod broken;
mod properties;
mod shown;
mod whole;
