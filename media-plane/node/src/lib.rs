//! The Node addon: converts commands and batches of events, nothing else.
//!
//! Commands and events cross the border as JSON text, one text a batch: V8 writes and reads it faster than it would build
//! the objects field by field through Node-API, and serde's errors name what is wrong. The words are those of
//! `server/src/media/media-plane.ts`.

// Without Node there is nobody to register the functions with, so `napi` leaves that out of test builds.
#![cfg_attr(test, allow(dead_code))]

mod close;
mod convert;
mod events;
mod handle;
mod log;
