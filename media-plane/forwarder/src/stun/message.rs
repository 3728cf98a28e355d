use std::net::SocketAddr;

use super::{ErrorCode, IntegrityKey, Role};

pub type TransactionId = [u8; 12];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Request,
    Indication,
    Success,
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StunError {
    #[error("STUN: shorter or longer than it says")]
    Length,
    #[error("STUN: not a message of RFC 8489")]
    NotStun,
    #[error("STUN: method is not Binding")]
    Method,
    #[error("STUN: malformed attribute")]
    Attribute,
    #[error("STUN: wrong FINGERPRINT")]
    Fingerprint,
}

/// A Binding message, read in place. Its structure, its FINGERPRINT if it has one, and the attributes below are checked
/// already; its integrity is not.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    pub class: Class,
    pub transaction_id: TransactionId,
    /// `receiver:sender`, as sent; untrusted bytes.
    pub username: Option<&'a [u8]>,
    pub priority: Option<u32>,
    pub use_candidate: bool,
    pub role: Option<Role>,
    pub mapped_address: Option<SocketAddr>,
    pub error: Option<ErrorCode>,
    pub has_fingerprint: bool,
    /// A comprehension-required attribute that we do not know: to be answered with 420.
    pub unknown_attribute: Option<u16>,
}

impl<'a> Message<'a> {
    pub fn parse(_datagram: &'a [u8]) -> Result<Self, StunError> {
        todo!()
    }

    /// The part of USERNAME before the colon: in a request to us our own ufrag.
    pub fn local_ufrag(&self) -> Option<&'a str> {
        todo!()
    }

    /// Whether MESSAGE-INTEGRITY is there and made with this password. What stands behind it is ignored by `parse`.
    pub fn verify_integrity(&self, _key: &IntegrityKey) -> bool {
        todo!()
    }
}
