//! STUN Binding (RFC 8489) with the attributes of ICE (RFC 8445), as far as an ICE agent needs them.
//!
//! Ours, not the crate `stun-types`: that brings a second HMAC, SHA-1, MD5 and random generator beside aws-lc-rs and
//! derives the key for each message; for one method and nine attributes that costs more than it saves.

mod attribute;
mod build;
mod integrity;
mod message;

pub use attribute::{ErrorCode, Role};
pub use build::{BindingRequest, write_error, write_request, write_success, write_unknown_attribute};
pub use integrity::IntegrityKey;
pub use message::{Class, Message, StunError, TransactionId};

/// Whether a datagram that begins so is STUN, by RFC 7983.
pub fn is_stun(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(0..=3))
}
