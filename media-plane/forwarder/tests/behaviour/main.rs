//! What a worker does, seen from its peers: without network and clock.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod addresses;
mod bandwidth;
mod connect;
mod forwarding;
mod harness;
mod hostile;
mod key_frames;
mod layers;
mod loss;
mod relay;
mod reports;
mod simulcast;
mod speakers;
mod svc;
