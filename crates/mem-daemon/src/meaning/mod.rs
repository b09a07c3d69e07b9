//! Vectors of what is remembered: a model in a folder, a thread that embeds, and the rows that come of it.
//!
//! The thread computes and reports; what is next, and what is written, is the business of whoever owns the store. Without a
//! model in the folder, and without a service that makes vectors, nothing here does anything. Why so: docs/design/013-embedding.md.
//!
//! Files may use those listed before them.

mod endpoint;
mod look;
mod rest;
mod serving;
mod spending;
mod trouble;

mod ask;
mod caller;
mod embedder;

mod remote;
mod standing;
mod trial;
mod work;

pub use ask::Asker;
pub use caller::Answered;
pub use embedder::News;
pub(crate) use embedder::open;
pub use endpoint::{Endpoint, fingerprint, known};
pub(crate) use look::Look;
pub use serving::{Sources, Vectors, serves, serving, so_far};
pub use spending::RUN;
pub use standing::{EndpointStanding, Standing, endpoint_standing, standing};
pub use trial::{Trial, Wrong};
pub use trouble::{forgotten, is_of_files, of_installed, remedy, remedy_of};
pub use work::{Meaning, Stepped};
