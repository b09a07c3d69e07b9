//! Tests of what is sent: the instructions, whole turns as a model reads them, folding, injection, bounds.

mod bounds;
mod folding;
mod injection;
mod requests;
mod turn;
