//! The STUN messages of ICE (RFC 8489, RFC 8445), both written and read.

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::hmac;

const MAGIC_COOKIE: u32 = 0x2112_a442;
const HEADER_LEN: usize = 20;
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const ICE_CONTROLLING: u16 = 0x802a;
const FINGERPRINT: u16 = 0x8028;
const FINGERPRINT_XOR: u32 = 0x5354_554e;

pub type TransactionId = [u8; 12];

/// A connectivity check of the controlling side.
pub struct Check<'a> {
    pub transaction: TransactionId,
    pub username: &'a str,
    pub password: &'a str, // the receiver's
    pub priority: u32,
    pub tie_breaker: u64,
    pub use_candidate: bool,
}

impl Check<'_> {
    pub fn write(&self) -> Vec<u8> {
        let mut message = begin(BINDING_REQUEST, &self.transaction);
        attribute(&mut message, USERNAME, self.username.as_bytes());
        attribute(&mut message, PRIORITY, &self.priority.to_be_bytes());
        attribute(&mut message, ICE_CONTROLLING, &self.tie_breaker.to_be_bytes());
        if self.use_candidate {
            attribute(&mut message, USE_CANDIDATE, &[]);
        }
        finish(message, self.password)
    }
}

/// The answer to a check; `password` is ours.
pub fn success(transaction: &TransactionId, mapped: SocketAddr, password: &str) -> Vec<u8> {
    let mut message = begin(BINDING_SUCCESS, transaction);
    let port = (mapped.port() ^ (MAGIC_COOKIE >> 16) as u16).to_be_bytes();
    let mut value = vec![0, if mapped.is_ipv4() { 1 } else { 2 }, port[0], port[1]];
    let mask: Vec<u8> = MAGIC_COOKIE.to_be_bytes().into_iter().chain(*transaction).collect();
    let masked = |octets: &[u8]| octets.iter().zip(&mask).map(|(octet, mask)| octet ^ mask).collect::<Vec<_>>();
    match mapped.ip() {
        IpAddr::V4(ip) => value.extend(masked(&ip.octets())),
        IpAddr::V6(ip) => value.extend(masked(&ip.octets())),
    }
    attribute(&mut message, XOR_MAPPED_ADDRESS, &value);
    finish(message, password)
}

/// A STUN message that came in. What is not listed here does not matter to the load generator.
#[derive(Debug, PartialEq, Eq)]
pub enum Message {
    Request { transaction: TransactionId },
    Success { transaction: TransactionId },
    Other,
}

/// `password`: ours for requests, the peer's for answers. `None`: not STUN, or its integrity does not verify.
pub fn read(packet: &[u8], our_password: &str, their_password: &str) -> Option<Message> {
    if packet.len() < HEADER_LEN || packet[4..8] != MAGIC_COOKIE.to_be_bytes() {
        return None;
    }
    let mut transaction = TransactionId::default();
    transaction.copy_from_slice(&packet[8..20]);
    match u16::from_be_bytes([packet[0], packet[1]]) {
        BINDING_REQUEST => verifies(packet, our_password).then_some(Message::Request { transaction }),
        BINDING_SUCCESS => verifies(packet, their_password).then_some(Message::Success { transaction }),
        _ => Some(Message::Other),
    }
}

/// RFC 8489 14.5: the HMAC covers all before it, with the length field as if the message ended after it.
fn verifies(packet: &[u8], password: &str) -> bool {
    let mut at = HEADER_LEN;
    while let Some(head) = packet.get(at..at + 4) {
        let (kind, len) = (u16::from_be_bytes([head[0], head[1]]), usize::from(u16::from_be_bytes([head[2], head[3]])));
        let Some(value) = packet.get(at + 4..at + 4 + len) else { return false };
        if kind == MESSAGE_INTEGRITY {
            let mut covered = packet[..at].to_vec();
            set_length(&mut covered, at + 24 - HEADER_LEN);
            return hmac::verify(&key(password), &covered, value).is_ok();
        }
        at += 4 + len.next_multiple_of(4);
    }
    false
}

fn begin(kind: u16, transaction: &TransactionId) -> Vec<u8> {
    let mut message = Vec::with_capacity(128);
    message.extend_from_slice(&kind.to_be_bytes());
    message.extend_from_slice(&[0, 0]);
    message.extend_from_slice(&MAGIC_COOKIE.to_be_bytes());
    message.extend_from_slice(transaction);
    message
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend_from_slice(&kind.to_be_bytes());
    message.extend_from_slice(&(value.len() as u16).to_be_bytes());
    message.extend_from_slice(value);
    message.resize(message.len().next_multiple_of(4), 0);
}

fn finish(mut message: Vec<u8>, password: &str) -> Vec<u8> {
    let covered = message.len() + 24 - HEADER_LEN;
    set_length(&mut message, covered);
    let tag = hmac::sign(&key(password), &message);
    attribute(&mut message, MESSAGE_INTEGRITY, tag.as_ref());
    let covered = message.len() + 8 - HEADER_LEN;
    set_length(&mut message, covered);
    let crc = crc32fast::hash(&message) ^ FINGERPRINT_XOR;
    attribute(&mut message, FINGERPRINT, &crc.to_be_bytes());
    message
}

fn set_length(message: &mut [u8], len: usize) {
    message[2..4].copy_from_slice(&(len as u16).to_be_bytes());
}

fn key(password: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes())
}
