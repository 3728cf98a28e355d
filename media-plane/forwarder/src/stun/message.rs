use std::net::SocketAddr;

use super::attribute::{self, ATTRIBUTE_HEADER_LEN, ErrorCode, HEADER_LEN, Role, exactly, read_xor_address};
use super::integrity::{self, INTEGRITY_LEN, IntegrityKey};

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
/// already; its integrity is not. Of an attribute that comes twice the first counts (RFC 8489 section 14).
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
    integrity: Option<Integrity<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Integrity<'a> {
    /// What it covers.
    message: &'a [u8],
    value: &'a [u8; INTEGRITY_LEN],
}

impl<'a> Message<'a> {
    pub fn parse(datagram: &'a [u8]) -> Result<Self, StunError> {
        let mut message = Self::parse_header(datagram)?;
        let mut position = HEADER_LEN;
        while position < datagram.len() {
            if message.has_fingerprint {
                // It is the last (RFC 8489 14.7).
                return Err(StunError::Attribute);
            }
            let (kind, value) = read_attribute(&datagram[position..]).ok_or(StunError::Attribute)?;
            message.read(kind, value, &datagram[..position])?;
            position += ATTRIBUTE_HEADER_LEN + value.len().next_multiple_of(4);
        }
        Ok(message)
    }

    fn parse_header(datagram: &[u8]) -> Result<Self, StunError> {
        let header: &[u8; HEADER_LEN] = datagram.first_chunk().ok_or(StunError::Length)?;
        let [t0, t1, l0, l1, c0, c1, c2, c3, transaction_id @ ..] = *header;
        let kind = u16::from_be_bytes([t0, t1]);
        if kind & 0xc000 != 0 || u32::from_be_bytes([c0, c1, c2, c3]) != attribute::MAGIC_COOKIE {
            return Err(StunError::NotStun);
        }
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        if length % 4 != 0 || HEADER_LEN + length != datagram.len() {
            return Err(StunError::Length);
        }
        // The class's two bits stand at 0x0100 and 0x0010, among those of the method (RFC 8489 section 5).
        let class = match kind & 0x0110 {
            0x0000 => Class::Request,
            0x0010 => Class::Indication,
            0x0100 => Class::Success,
            _ => Class::Error,
        };
        if kind & !0x0110 != 0x0001 {
            return Err(StunError::Method);
        }
        Ok(Self {
            class,
            transaction_id,
            username: None,
            priority: None,
            use_candidate: false,
            role: None,
            mapped_address: None,
            error: None,
            has_fingerprint: false,
            unknown_attribute: None,
            integrity: None,
        })
    }

    /// Takes one attribute; `before` is the message in front of it.
    fn read(&mut self, kind: u16, value: &'a [u8], before: &'a [u8]) -> Result<(), StunError> {
        if kind == attribute::FINGERPRINT {
            let given = u32::from_be_bytes(*exactly(value).ok_or(StunError::Attribute)?);
            self.has_fingerprint = true;
            return if given == integrity::fingerprint(before) { Ok(()) } else { Err(StunError::Fingerprint) };
        }
        if self.integrity.is_some() {
            // Not authenticated, so ignored (RFC 8489 14.5).
            return Ok(());
        }
        self.read_value(kind, value, before).ok_or(StunError::Attribute)
    }

    fn read_value(&mut self, kind: u16, value: &'a [u8], before: &'a [u8]) -> Option<()> {
        match kind {
            attribute::USERNAME => _ = self.username.get_or_insert(value),
            attribute::PRIORITY => _ = self.priority.get_or_insert(u32::from_be_bytes(*exactly(value)?)),
            attribute::USE_CANDIDATE => self.use_candidate = true,
            attribute::ICE_CONTROLLED => {
                let tie_breaker = u64::from_be_bytes(*exactly(value)?);
                self.role.get_or_insert(Role::Controlled { tie_breaker });
            }
            attribute::ICE_CONTROLLING => {
                let tie_breaker = u64::from_be_bytes(*exactly(value)?);
                self.role.get_or_insert(Role::Controlling { tie_breaker });
            }
            attribute::XOR_MAPPED_ADDRESS => {
                let address = read_xor_address(value, &self.transaction_id)?;
                self.mapped_address.get_or_insert(address);
            }
            attribute::ERROR_CODE => _ = self.error.get_or_insert(ErrorCode::read(value)?),
            attribute::MESSAGE_INTEGRITY => {
                self.integrity = Some(Integrity { message: before, value: exactly(value)? });
            }
            attribute::MESSAGE_INTEGRITY_SHA256 => {}
            _ if attribute::comprehension_required(kind) && !attribute::IGNORED.contains(&kind) => {
                self.unknown_attribute.get_or_insert(kind);
            }
            _ => {}
        }
        Some(())
    }

    /// The part of USERNAME before the colon: in a request to us our own ufrag.
    pub fn local_ufrag(&self) -> Option<&'a str> {
        let username = self.username?;
        let colon = username.iter().position(|byte| *byte == b':')?;
        std::str::from_utf8(&username[..colon]).ok()
    }

    /// Whether MESSAGE-INTEGRITY is there and made with this password. What stands behind it is ignored by `parse`.
    pub fn verify_integrity(&self, key: &IntegrityKey) -> bool {
        self.integrity.is_some_and(|Integrity { message, value }| key.verify(message, value))
    }
}

/// Type and value (without padding) of the attribute that begins here.
fn read_attribute(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let ([t0, t1, l0, l1], rest) = bytes.split_first_chunk()?;
    let len = usize::from(u16::from_be_bytes([*l0, *l1]));
    // The padding must be there too; its content does not matter.
    rest.get(..len.next_multiple_of(4))?;
    Some((u16::from_be_bytes([*t0, *t1]), &rest[..len]))
}
