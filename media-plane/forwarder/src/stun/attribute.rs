//! The attributes of Binding and of ICE, and their values.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::message::TransactionId;

pub(super) const HEADER_LEN: usize = 20;
pub(super) const ATTRIBUTE_HEADER_LEN: usize = 4;
pub(super) const MAGIC_COOKIE: u32 = 0x2112_a442;

pub(super) const USERNAME: u16 = 0x0006;
pub(super) const MESSAGE_INTEGRITY: u16 = 0x0008;
pub(super) const ERROR_CODE: u16 = 0x0009;
pub(super) const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
pub(super) const MESSAGE_INTEGRITY_SHA256: u16 = 0x001c;
pub(super) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
pub(super) const PRIORITY: u16 = 0x0024;
pub(super) const USE_CANDIDATE: u16 = 0x0025;
pub(super) const FINGERPRINT: u16 = 0x8028;
pub(super) const ICE_CONTROLLED: u16 = 0x8029;
pub(super) const ICE_CONTROLLING: u16 = 0x802a;

/// Comprehension-required attributes that a Binding message may carry and that change nothing for ICE: MAPPED-ADDRESS,
/// UNKNOWN-ATTRIBUTES, REALM, NONCE, PASSWORD-ALGORITHM, USERHASH.
pub(super) const IGNORED: [u16; 6] = [0x0001, UNKNOWN_ATTRIBUTES, 0x0014, 0x0015, 0x001d, 0x001e];

pub(super) const fn comprehension_required(attribute: u16) -> bool {
    attribute < 0x8000
}

/// ICE role and tie-breaker, as ICE-CONTROLLING or ICE-CONTROLLED carries it (RFC 8445 7.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Controlling { tie_breaker: u64 },
    Controlled { tie_breaker: u64 },
}

/// 300–699.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode(pub u16);

impl ErrorCode {
    pub const BAD_REQUEST: Self = Self(400);
    pub const UNAUTHENTICATED: Self = Self(401);
    pub const UNKNOWN_ATTRIBUTE: Self = Self(420);
    pub const ROLE_CONFLICT: Self = Self(487);

    fn reason(self) -> &'static str {
        match self {
            Self::BAD_REQUEST => "Bad Request",
            Self::UNAUTHENTICATED => "Unauthenticated",
            Self::UNKNOWN_ATTRIBUTE => "Unknown Attribute",
            Self::ROLE_CONFLICT => "Role Conflict",
            _ => "",
        }
    }

    /// RFC 8489 14.8.
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let [_, _, class, number] = *value.first_chunk()?;
        let class = class & 0x07;
        ((3..=6).contains(&class) && number < 100).then(|| Self(u16::from(class) * 100 + u16::from(number)))
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0, 0, (self.0 / 100) as u8 & 0x07, (self.0 % 100) as u8]);
        out.extend_from_slice(self.reason().as_bytes());
    }
}

/// XOR-MAPPED-ADDRESS (RFC 8489 14.2): the port and address under magic cookie and transaction id.
pub(super) fn read_xor_address(value: &[u8], transaction_id: &TransactionId) -> Option<SocketAddr> {
    let ([_, family, p0, p1], address) = value.split_first_chunk()?;
    let port = u16::from_be_bytes([*p0, *p1]) ^ (MAGIC_COOKIE >> 16) as u16;
    let ip = match family {
        1 => IpAddr::V4(Ipv4Addr::from_bits(u32::from_be_bytes(*exactly(address)?) ^ MAGIC_COOKIE)),
        2 => IpAddr::V6(Ipv6Addr::from_bits(u128::from_be_bytes(*exactly(address)?) ^ mask_v6(transaction_id))),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

pub(super) fn write_xor_address(out: &mut Vec<u8>, address: SocketAddr, transaction_id: &TransactionId) {
    let port = (address.port() ^ (MAGIC_COOKIE >> 16) as u16).to_be_bytes();
    // A dual-stack socket names IPv4 peers as mapped IPv6 addresses; they know themselves as IPv4.
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => {
            out.extend_from_slice(&[0, 1, port[0], port[1]]);
            out.extend_from_slice(&(ip.to_bits() ^ MAGIC_COOKIE).to_be_bytes());
        }
        IpAddr::V6(ip) => {
            out.extend_from_slice(&[0, 2, port[0], port[1]]);
            out.extend_from_slice(&(ip.to_bits() ^ mask_v6(transaction_id)).to_be_bytes());
        }
    }
}

fn mask_v6(transaction_id: &TransactionId) -> u128 {
    let low = transaction_id.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte));
    u128::from(MAGIC_COOKIE) << 96 | low
}

/// The value if it has the length of its type.
pub(super) fn exactly<const N: usize>(value: &[u8]) -> Option<&[u8; N]> {
    value.try_into().ok()
}
