//! An impairing UDP relay: a bad network between any WebRTC client and the server, on one machine and without
//! privileges. [`Link`] is one direction of it and does no I/O; [`Relay`] is the sockets around many of them.

mod control;
mod impairment;
mod link;
mod mapping;
mod random;
mod relay;

pub use control::{Control, Directions, Report};
pub use impairment::{Bursts, Impairment};
pub use link::{Counters, Link};
pub use relay::{Options, Relay, Remote};
