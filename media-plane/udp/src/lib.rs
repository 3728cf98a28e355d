//! Threads, sockets, batches and timers around the forwarder.
//!
//! [`MediaPlane::start`] opens one UDP socket and one thread a worker. A thread owns its socket and its forwarder
//! outright; commands reach it by a queue and a waker, events leave it once a round.

mod addresses;
mod driver;
mod event;
mod failure;
mod inbox;
mod mind;
mod neighbours;
mod plane;
mod rhythm;
mod socket;
mod tcp;
#[cfg(test)]
mod tests;

pub use event::{EventSink, PlaneEvent, WorkerId};
pub use inbox::SendError;
pub use plane::{MediaPlane, Options, StartError};
