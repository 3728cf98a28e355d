use std::net::SocketAddr;

use super::attribute::{self, ATTRIBUTE_HEADER_LEN, ErrorCode, HEADER_LEN, Role, write_xor_address};
use super::integrity::{self, FINGERPRINT_LEN, IntegrityKey};
use super::message::TransactionId;

const REQUEST: u16 = 0x0001;
const SUCCESS: u16 = 0x0101;
const ERROR: u16 = 0x0111;

#[derive(Debug, Clone, Copy)]
pub struct BindingRequest<'a> {
    pub transaction_id: TransactionId,
    /// `receiver's ufrag:sender's ufrag`, below 513 bytes (RFC 8489 14.3).
    pub username: &'a str,
    pub priority: u32,
    pub role: Role,
    pub use_candidate: bool,
}

/// Appends a Binding request with MESSAGE-INTEGRITY (the receiver's password) and FINGERPRINT.
pub fn write_request(out: &mut Vec<u8>, request: &BindingRequest<'_>, key: &IntegrityKey) {
    let mut message = Writer::begin(out, REQUEST, &request.transaction_id);
    message.attribute(attribute::USERNAME, |out| out.extend_from_slice(request.username.as_bytes()));
    message.attribute(attribute::PRIORITY, |out| out.extend_from_slice(&request.priority.to_be_bytes()));
    let (role, tie_breaker) = match request.role {
        Role::Controlling { tie_breaker } => (attribute::ICE_CONTROLLING, tie_breaker),
        Role::Controlled { tie_breaker } => (attribute::ICE_CONTROLLED, tie_breaker),
    };
    message.attribute(role, |out| out.extend_from_slice(&tie_breaker.to_be_bytes()));
    if request.use_candidate {
        message.attribute(attribute::USE_CANDIDATE, |_| {});
    }
    message.finish(Some(key));
}

/// Appends a Binding success response with XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY (our password) and FINGERPRINT.
pub fn write_success(out: &mut Vec<u8>, transaction_id: TransactionId, mapped: SocketAddr, key: &IntegrityKey) {
    let mut message = Writer::begin(out, SUCCESS, &transaction_id);
    message.attribute(attribute::XOR_MAPPED_ADDRESS, |out| write_xor_address(out, mapped, &transaction_id));
    message.finish(Some(key));
}

/// Appends a Binding error response; without a key (400, 401: the request was not authenticated) without integrity.
pub fn write_error(out: &mut Vec<u8>, transaction_id: TransactionId, code: ErrorCode, key: Option<&IntegrityKey>) {
    let mut message = Writer::begin(out, ERROR, &transaction_id);
    message.attribute(attribute::ERROR_CODE, |out| code.write(out));
    message.finish(key);
}

/// Appends a 420 response that names the attribute (RFC 8489 6.3.1).
pub fn write_unknown_attribute(
    out: &mut Vec<u8>,
    transaction_id: TransactionId,
    unknown: u16,
    key: Option<&IntegrityKey>,
) {
    let mut message = Writer::begin(out, ERROR, &transaction_id);
    message.attribute(attribute::ERROR_CODE, |out| ErrorCode::UNKNOWN_ATTRIBUTE.write(out));
    message.attribute(attribute::UNKNOWN_ATTRIBUTES, |out| out.extend_from_slice(&unknown.to_be_bytes()));
    message.finish(key);
}

/// A message that grows at the end of a buffer.
struct Writer<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Writer<'a> {
    fn begin(out: &'a mut Vec<u8>, kind: u16, transaction_id: &TransactionId) -> Self {
        let start = out.len();
        out.extend_from_slice(&kind.to_be_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&attribute::MAGIC_COOKIE.to_be_bytes());
        out.extend_from_slice(transaction_id);
        Self { out, start }
    }

    fn attribute(&mut self, kind: u16, write_value: impl FnOnce(&mut Vec<u8>)) {
        self.out.extend_from_slice(&kind.to_be_bytes());
        let length_at = self.out.len();
        self.out.extend_from_slice(&[0, 0]);
        let value_at = self.out.len();
        write_value(self.out);
        let length = self.out.len() - value_at;
        self.set_length(length_at, length);
        self.out.resize(value_at + length.next_multiple_of(4), 0);
    }

    fn finish(mut self, key: Option<&IntegrityKey>) {
        if let Some(key) = key {
            let value = key.sign(&self.out[self.start..]);
            self.attribute(attribute::MESSAGE_INTEGRITY, |out| out.extend_from_slice(&value));
        }
        let length = self.out.len() - self.start - HEADER_LEN + ATTRIBUTE_HEADER_LEN + FINGERPRINT_LEN;
        self.set_length(self.start + 2, length);
        let value = integrity::fingerprint(&self.out[self.start..]);
        self.attribute(attribute::FINGERPRINT, |out| out.extend_from_slice(&value.to_be_bytes()));
    }

    fn set_length(&mut self, at: usize, length: usize) {
        // Everything written here is bounded by its caller, far below 2^16.
        self.out[at..at + 2].copy_from_slice(&(length as u16).to_be_bytes());
    }
}
