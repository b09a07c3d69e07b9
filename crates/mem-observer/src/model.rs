//! The trait of a model, and the rope that ends one from outside.
//!
//! Everything that can be asked answers in the same way: one [`Ask`] in, one [`Answer`] or one [`Fault`] out, blocking,
//! on a thread of its own. Who waits for it watches from another thread and holds its [`Rope`]. Must not know which
//! models there are.

use std::fmt;
use std::sync::Arc;

use mem_core::fault::Fault;
use mem_core::model::{Answer, Ask};

/// A model that can be asked.
pub trait Model: Send {
    /// Asks once. Blocks until the answer is whole or it is clear that there will be none; `heard` is called whenever
    /// something arrives, so that silence can be told from slowness.
    fn ask(&mut self, ask: &Ask, heard: &dyn Fn()) -> Result<Answer, Fault>;

    /// Ends it gracefully; returns when whatever it runs is really gone.
    fn end(self: Box<Self>);
}

/// What ends a model from another thread, also while it is being asked.
#[derive(Clone)]
pub struct Rope(Option<Arc<dyn Ends>>);

/// Something that can be ended from any thread.
pub trait Ends: Send + Sync {
    /// All of it is gone within a second.
    fn cut(&self);

    /// It may finish what it does, is then told, and is ended where it does not listen.
    fn let_go(&self);
}

impl Rope {
    /// A rope with something at its end.
    pub fn to(what: Arc<dyn Ends>) -> Self {
        Self(Some(what))
    }

    /// The rope of a model that runs nothing.
    pub fn slack() -> Self {
        Self(None)
    }

    /// Ends it at once: whatever it runs is gone within a second. Does not wait for that.
    pub fn cut(&self) {
        if let Some(what) = &self.0 {
            what.cut();
        }
    }

    /// Ends it gracefully. Does not wait for that.
    pub fn let_go(&self) {
        if let Some(what) = &self.0 {
            what.let_go();
        }
    }
}

impl fmt::Debug for Rope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Rope(taut)" } else { "Rope(slack)" })
    }
}
