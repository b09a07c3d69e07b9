//! Which model a batch is for, and how to come by it.
//!
//! Settings, keys, programs and modes meet here and nowhere else. Must not ask anything.
