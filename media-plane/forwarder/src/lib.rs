//! The forwarder: RTP comes in and goes out here, without a socket, a clock, a thread or a runtime.
//!
//! One [`Worker`] owns its transports outright. It is driven by three calls: [`Worker::handle`] takes what happened,
//! [`Worker::poll`] gives back what is to be done until it answers [`Output::Timeout`], and that is all. The driver
//! hands in every datagram that waits before it polls, so that one poll builds the longest runs.

#[cfg(test)]
extern crate self as aqlinks_forwarder;

mod allocation;
pub mod codec;
mod command;
mod congestion;
mod context;
mod dispatch;
mod event;
mod identity;
mod obey;
mod outbox;
mod random;
mod relay;
pub mod rtcp;
pub mod rtp;
mod speakers;
pub mod srtp;
pub mod stun;
mod subscription;
#[cfg(test)]
mod tests;
mod timers;
mod track;
mod transport;
mod worker;

pub use command::*;
pub use event::*;
pub use relay::{Handover, WorkerIndex};
pub use worker::{Config, Input, Output, Protocol, Received, Remote, Run, Worker};
