//! The DTLS handshake of a client (the active side), up to its SRTP keys.

use std::sync::Arc;
use std::time::Instant;

use dimpl::certificate::{calculate_fingerprint, format_fingerprint, generate_self_signed_certificate};
use dimpl::{Config, Dtls, DtlsCertificate, Output, SrtpProfile};

use crate::srtp::{Keys, Master, Suite};

/// What all clients of a process share.
pub struct Identity {
    config: Arc<Config>,
    certificate: DtlsCertificate,
}

impl Identity {
    pub fn new() -> Result<Self, String> {
        let certificate = generate_self_signed_certificate().map_err(|error| error.to_string())?;
        Ok(Identity { config: Arc::new(Config::default()), certificate })
    }

    /// As SDP writes it.
    pub fn fingerprint(&self) -> String {
        self.certificate.fingerprint_str()
    }
}

/// Session keys of both directions.
pub struct Session {
    pub outbound: Keys,
    pub inbound: Keys,
}

pub struct Handshake {
    dtls: Dtls,
    expected: String,
    timeout: Option<Instant>,
    buffer: Vec<u8>,
}

/// What came of driving the handshake a step further.
#[derive(Default)]
pub struct Step {
    pub packets: Vec<Vec<u8>>,
    pub session: Option<Session>,
    pub closed: bool,
}

impl Handshake {
    /// `fingerprint` of the other side, SHA-256, as SDP writes it. DTLS 1.2, as Pion speaks.
    pub fn start(identity: &Identity, fingerprint: &str, now: Instant) -> Result<(Self, Step), String> {
        let mut dtls = Dtls::new_12(identity.config.clone(), identity.certificate.clone(), now);
        dtls.set_active(true);
        let expected = fingerprint.to_ascii_uppercase();
        let mut handshake = Handshake { dtls, expected, timeout: None, buffer: vec![0; 4096] };
        handshake.dtls.handle_timeout(now).map_err(|error| error.to_string())?;
        let step = handshake.drain()?;
        Ok((handshake, step))
    }

    pub fn handle_packet(&mut self, packet: &[u8], now: Instant) -> Result<Step, String> {
        self.dtls.handle_timeout(now).map_err(|error| error.to_string())?;
        let mut step = self.drain()?;
        self.dtls.handle_packet(packet).map_err(|error| error.to_string())?;
        let after = self.drain()?;
        step.packets.extend(after.packets);
        step.session = after.session.or(step.session);
        step.closed |= after.closed;
        Ok(step)
    }

    pub fn handle_timeout(&mut self, now: Instant) -> Result<Step, String> {
        if self.timeout.is_none_or(|timeout| now < timeout) {
            return Ok(Step::default());
        }
        self.dtls.handle_timeout(now).map_err(|error| error.to_string())?;
        self.drain()
    }

    /// Tells the other side that this is the end.
    pub fn close(&mut self) -> Vec<Vec<u8>> {
        match self.dtls.close() {
            Ok(()) => self.drain().map(|step| step.packets).unwrap_or_default(),
            Err(_) => Vec::new(), // it never began
        }
    }

    fn drain(&mut self) -> Result<Step, String> {
        let mut step = Step::default();
        loop {
            match self.dtls.poll_output(&mut self.buffer) {
                Output::Packet(packet) => step.packets.push(packet.to_vec()),
                Output::BufferTooSmall { needed } => self.buffer.resize(needed, 0),
                Output::PeerCert(der) if format_fingerprint(&calculate_fingerprint(der)) != self.expected => {
                    return Err("the server's certificate is not the one of its offer".into());
                }
                Output::KeyingMaterial(material, profile) => step.session = Some(session(&material, profile)?),
                Output::CloseNotify => step.closed = true,
                Output::Timeout(at) => {
                    self.timeout = Some(at);
                    return Ok(step);
                }
                _ => {} // a certificate that fits; connected, as the keys say too; application data, of which there is none
            }
        }
    }
}

/// RFC 5764 4.2: client key, server key, client salt, server salt. We are the client.
fn session(material: &[u8], profile: SrtpProfile) -> Result<Session, String> {
    let suite = match profile {
        SrtpProfile::AEAD_AES_128_GCM => Suite::Aes128Gcm,
        SrtpProfile::AEAD_AES_256_GCM => Suite::Aes256Gcm,
        other => return Err(format!("the server chose the SRTP profile {other:?}; this client speaks AES-GCM only")),
    };
    let (key, salt) = (suite.key_len(), suite.salt_len());
    if material.len() < 2 * (key + salt) {
        return Err("DTLS gave too little keying material".into());
    }
    let (keys, salts) = material.split_at(2 * key);
    let derive = |key, salt| Keys::derive(&Master { suite, key, salt }).map_err(|error| error.to_string());
    Ok(Session {
        outbound: derive(&keys[..key], &salts[..salt])?,
        inbound: derive(&keys[key..], &salts[salt..2 * salt])?,
    })
}
