use std::net::SocketAddr;

use super::{ErrorCode, IntegrityKey, Role, TransactionId};

#[derive(Debug, Clone, Copy)]
pub struct BindingRequest<'a> {
    pub transaction_id: TransactionId,
    /// `receiver's ufrag:sender's ufrag`.
    pub username: &'a str,
    pub priority: u32,
    pub role: Role,
    pub use_candidate: bool,
}

/// Appends a Binding request with MESSAGE-INTEGRITY (the receiver's password) and FINGERPRINT.
pub fn write_request(_out: &mut Vec<u8>, _request: &BindingRequest<'_>, _key: &IntegrityKey) {
    todo!()
}

/// Appends a Binding success response with XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY (our password) and FINGERPRINT.
pub fn write_success(_out: &mut Vec<u8>, _transaction_id: TransactionId, _mapped: SocketAddr, _key: &IntegrityKey) {
    todo!()
}

/// Appends a Binding error response; without a key (400, 401: the request was not authenticated) without integrity.
pub fn write_error(_out: &mut Vec<u8>, _transaction_id: TransactionId, _code: ErrorCode, _key: Option<&IntegrityKey>) {
    todo!()
}

/// Appends a 420 response that names the attribute (RFC 8489 6.3.1).
pub fn write_unknown_attribute(
    _out: &mut Vec<u8>,
    _transaction_id: TransactionId,
    _attribute: u16,
    _key: Option<&IntegrityKey>,
) {
    todo!()
}
