//! Money: what a request will cost at most, what it did cost, and whether it may be made.
//!
//! Pure: what was spent, the settings and the moment are arguments. Must not keep a ledger; that is the store's. Prices
//! are estimates, and wherever we do not know better the dearer one counts, since a ceiling is a promise.
//! `ceilings` says what may still be spent, `price` what tokens cost, from the `table`, `embedding` what vectors cost; `days` says when a day begins.

mod ceilings;
mod days;
mod embedding;
mod price;
mod table;

pub use ceilings::{Ceiling, Spent, allowed};
pub use days::{day_start, month_start, next_day, next_month};
pub use embedding::{embedding_estimate, embedding_price};
pub use price::{PriceSource, estimate, price};
