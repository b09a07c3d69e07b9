//! The vocabulary of claude-mem: what every other crate speaks of.
//!
//! Owns the words (ids, events, observations, projects, settings, the frame format, the names of our
//! files). Must not do I/O, read a clock or the environment, or depend on serde: whoever crosses a
//! boundary mirrors these types there, so no file or wire format can freeze them.
//! Folders and files may use those listed above them.

pub mod event;
pub mod fault;
pub mod frame;
pub mod id;
pub mod layout;
pub mod model;
pub mod observation;
pub mod peek;
pub mod project;
pub mod recall;
pub mod settings;
pub mod text;
pub mod time;
