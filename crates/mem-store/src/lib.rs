//! Where memory is kept: one SQLite file, the truth and the indexes derived from it.
//!
//! Owns the schema (`migrations/`), every SQL statement (each in the file of its table) and the form of
//! stored payloads. Must not decide what is kept, redacted or distilled, must not read a clock (times are
//! handed in) and knows nothing of processes or sockets. One process writes at a time: [`Store::write`] is
//! the one door, [`Reader`] what everybody may ask, inside and outside of it.

mod batches;
mod error;
mod events;
mod index;
mod ledger;
mod meaning;
mod memory;
mod migrate;
mod open;
mod orders;
mod payload;
mod projects;
mod sessions;
mod tallies;
mod trials;
mod turns;
mod upkeep;
mod write;

pub use batches::{BatchRow, BatchState};
pub use error::StoreError;
pub use events::{EventRow, Put, Spot};
pub use index::{Columns, Document, IndexState, Passage, PassageRow, Sought};
pub use ledger::{AnsweredRow, CostRow, Lease, Next, Recovered, RequestRow};
pub use meaning::{
    NewVector, Stretch, TextToEmbed, ToEmbed, VectorModel, VectorModelId, VectorsRead, text_hash,
};
pub use memory::{Condition, TimelineRow};
pub use migrate::{KNOWN, newest_copy};
pub use open::{Reader, Store, Which};
pub use orders::{Again, Volume};
pub use projects::{Place, ProjectRow};
pub use sessions::SessionListing;
pub use tallies::Fault;
pub use trials::{OpenRequest, RunTotal};
pub use turns::TurnRow;
pub use upkeep::{Counts, Pruned, Sizes};
pub use write::Tx;
