//! Words of time: a stretch of it that a question means, and a moment that a filter names.
//!
//! Days, weeks and months are those of the user's calendar and zone. `window` reads a whole text and takes what is clearly
//! a time; `moment` reads the value of an option. Both read days with `reader`, in the words of `tables`, and count them
//! with `calendar`; `romance` has the words of French and Spanish, `unspaced` those of Chinese, Japanese and Korean.

mod calendar;
mod dates;
mod moment;
mod reader;
mod romance;
mod tables;
#[cfg(test)]
mod tests;
mod unspaced;
mod window;

pub use moment::moment;
pub use window::{Window, window};
