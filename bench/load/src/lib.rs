//! Load generator and bare limit of the benchmarks: clients with real ICE, DTLS and SRTP that speak the plain protocol,
//! all in one thread, and the least that a forwarder must do to compare a server with.

mod dtls;
mod ice;
mod join;
mod limit;
mod meter;
mod peer;
mod random;
mod rtcp;
mod rtp;
mod sdp;
mod signalling;
mod socket;
mod source;
mod srtp;
mod stun;
mod throughput;
mod token;
mod watch;
mod world;

pub use join::{Join, JoinReport};
pub use limit::Limit;
pub use sdp::Kind;
pub use socket::Offload;
pub use source::{MIN_PAYLOAD, Media};
pub use throughput::{Target, Throughput, ThroughputReport};
pub use watch::{Cpu, rss};

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test may fail")]
mod tests;
