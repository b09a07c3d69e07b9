//! What models were asked and what that cost: `cost`, making memories anew (`redistill`), the runs that live, and how it
//! all stands for `status`.
//!
//! `order` says which turns and which model an order means and what it will take, `money` how amounts are shown. Must
//! not decide what may be spent: that is `mem_logic::spend`'s.

pub(crate) mod cost;
mod money;
mod order;
pub(crate) mod redistill;
pub(super) mod runs;
pub(super) mod standing;

pub(super) use money::{priced, tokens};
