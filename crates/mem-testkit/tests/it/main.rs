//! The test kit against the real client: what other tests stand on must itself stand.

mod real_client;
mod world;
