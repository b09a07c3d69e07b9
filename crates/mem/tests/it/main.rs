//! The promises of the program, held end to end: the real binary, the real client, real files, a scripted model.

mod scene;

mod cli;
mod daemon_gone;
mod daemon_life;
mod damaged_store;
mod demo_recording;
mod embedding;
mod embedding_model;
mod endpoint;
mod finding;
mod hook_input;
mod hook_places;
mod manners;
mod mcp;
mod meaning;
mod observer;
mod real_client;
mod turns;
