//! Replies of every kind.
