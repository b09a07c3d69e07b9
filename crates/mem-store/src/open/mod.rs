//! Opening and closing the store: what lies at its place, whether its log is one, and the handle everybody reads through.

mod files;
pub(crate) mod log;
mod store;

pub(crate) use store::Access;
pub use store::{Reader, Store, Which};
