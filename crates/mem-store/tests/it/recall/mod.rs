//! What is asked of the store when somebody asks memory.

mod timeline;
