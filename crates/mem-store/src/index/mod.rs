//! The index of recall: documents cut into passages, and the postings of their terms. Derived from the other tables.
//!
//! A document that changed is noted as due in the transaction that changed it; bringing the index up to date is a
//! transaction of its own, so that whatever is wrong with the index never holds up what is remembered. What the terms of
//! a text are is decided above: here they are opaque words. Whatever reads the index says [`StoreError::Index`](crate::StoreError::Index) when
//! it cannot be trusted, and [`Tx::begin_index`](crate::Tx::begin_index) lays it out anew from nothing.
//!
//! Files may use those listed before them.

mod due;

mod columns;
mod state;

mod documents;
mod passages;
mod postings;

pub use columns::Columns;
pub use documents::Document;
pub(crate) use documents::is_answer;
pub(crate) use due::{due, due_of_project};
pub(crate) use passages::piece;
pub use passages::{Passage, PassageRow};
pub use postings::Sought;
pub use state::IndexState;
pub(crate) use state::clear;
