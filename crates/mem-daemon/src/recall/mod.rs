//! Recall: asking memory.
//!
//! `search` reads the store's index and has `mem-logic::recall` judge; it needs no daemon and no lock. `index` brings the
//! index up to date, for whoever holds the inbox lock.

mod ask;
mod check;
mod index;

mod allowed;
mod descending;
mod explain;
mod gather;
mod meets;
mod near;
mod phrases;
mod places;

mod hits;
mod ranking;
mod search;

pub use ask::{Answer, Ask, Coverage, Hit, How, Order, Reason};
pub use check::check;
pub(crate) use check::glance;
pub use index::{Indexed, begin_anew, index, merge};
pub use search::{Recall, has_words};
