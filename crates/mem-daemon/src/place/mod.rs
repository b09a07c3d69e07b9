//! What a directory is: the facts from which a project is known, gathered from the disk.
//!
//! `facts` only reads small files and may run anywhere, also in a hook; `history` asks git for the root commit
//! and belongs to the daemon alone, since that walks history. The judgement is `mem_core::project`.

mod facts;
mod history;

pub use facts::facts;
pub use history::root_commit;
