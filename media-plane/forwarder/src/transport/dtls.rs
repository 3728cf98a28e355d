//! DTLS-SRTP (RFC 5764) over the crate `dimpl`.

use std::time::{Duration, Instant};

use dimpl::{Dtls, Output, ProtocolVersion};

use crate::command::DtlsRole;
use crate::event::{DtlsVersion, SrtpProfile};
use crate::identity::{ExpectedFingerprint, Identity};
use crate::srtp::{MasterKey, Opener, Sealer};

/// The crate wants room for the peer's whole certificate, whatever its length.
const BUFFER_LEN: usize = 64 * 1024;

/// The crate has no way to say "never": a deadline further away than this is none.
const IDLE: Duration = Duration::from_secs(60);

/// One DTLS association.
pub(crate) struct Session {
    dtls: Dtls,
    role: DtlsRole,
    expected: ExpectedFingerprint,
    /// The peer's certificate has the fingerprint that was signalled.
    verified: bool,
    state: State,
    wake_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Handshake,
    /// Done, but no keys yet: they follow at once, or the peer offered no SRTP.
    Connected,
    Keyed,
}

/// What a session came to.
pub(crate) enum Progress {
    /// Nothing that others must know.
    Going,
    Connected(Box<Keys>),
    PeerClosed,
}

pub(crate) struct Keys {
    pub version: DtlsVersion,
    pub profile: SrtpProfile,
    pub opener: Opener,
    pub sealer: Sealer,
}

/// The handshake is refused or broken: the transport ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DtlsError {
    #[error(transparent)]
    Protocol(#[from] dimpl::Error),
    #[error("the certificate is not the one that was signalled")]
    Fingerprint,
    #[error("no SRTP profile in common")]
    NoSrtp,
    #[error(transparent)]
    Key(#[from] crate::srtp::KeyError),
}

impl Session {
    /// Both versions: as server by the peer's hello, as client by the server's answer.
    pub fn new(identity: &Identity, role: DtlsRole, expected: ExpectedFingerprint, now: Instant) -> Self {
        let mut dtls = Dtls::new_auto(identity.dtls.clone(), identity.certificate.clone(), now);
        dtls.set_active(role == DtlsRole::Client);
        Self { dtls, role, expected, verified: false, state: State::Handshake, wake_at: Some(now) }
    }

    /// A datagram of the peer; `None`: time has passed. Datagrams to be sent are given to `send`.
    pub fn handle(
        &mut self,
        now: Instant,
        datagram: Option<&[u8]>,
        mut send: impl FnMut(&[u8]),
    ) -> Result<Progress, DtlsError> {
        // The crate wants to be drained after each of its calls.
        self.dtls.handle_timeout(now)?;
        let mut progress = self.drain(now, &mut send)?;
        if let Some(datagram) = datagram {
            self.dtls.handle_packet(datagram)?;
            match self.drain(now, &mut send)? {
                Progress::Going => {}
                further => progress = further,
            }
        }
        Ok(progress)
    }

    /// Says goodbye.
    pub fn close(&mut self, now: Instant, send: impl FnMut(&[u8])) {
        if self.state == State::Keyed && self.dtls.close().is_ok() {
            let _ = self.drain(now, send);
        }
    }

    /// When time matters to it next; at once for a client that did not begin.
    pub fn wake_at(&self) -> Option<Instant> {
        self.wake_at
    }

    fn drain(&mut self, now: Instant, mut send: impl FnMut(&[u8])) -> Result<Progress, DtlsError> {
        let mut buffer = vec![0; BUFFER_LEN];
        let mut progress = Progress::Going;
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(datagram) => send(datagram),
                Output::BufferTooSmall { needed } => buffer.resize(needed, 0),
                Output::PeerCert(certificate) => {
                    // Whatever waits behind an unwanted certificate, keys above all, stays unread.
                    if !self.expected.matches(certificate) {
                        return Err(DtlsError::Fingerprint);
                    }
                    self.verified = true;
                }
                Output::Connected => self.state = State::Connected,
                Output::KeyingMaterial(material, profile) => {
                    if !self.verified {
                        return Err(DtlsError::Fingerprint);
                    }
                    progress = Progress::Connected(Box::new(self.keys(&material, profile)?));
                    self.state = State::Keyed;
                }
                Output::CloseNotify => progress = Progress::PeerClosed,
                Output::Timeout(at) => {
                    self.wake_at = (at < now + IDLE).then_some(at);
                    break;
                }
                // Data channels are another issue.
                _ => {}
            }
        }
        if self.state == State::Connected {
            return Err(DtlsError::NoSrtp);
        }
        Ok(progress)
    }

    fn keys(&self, material: &[u8], profile: dimpl::SrtpProfile) -> Result<Keys, DtlsError> {
        let profile = match profile {
            dimpl::SrtpProfile::AEAD_AES_256_GCM => SrtpProfile::AeadAes256Gcm,
            dimpl::SrtpProfile::AEAD_AES_128_GCM => SrtpProfile::AeadAes128Gcm,
            dimpl::SrtpProfile::AES128_CM_SHA1_80 => SrtpProfile::Aes128CmSha1_80,
            _ => return Err(DtlsError::NoSrtp),
        };
        let (client, server) = MasterKey::from_dtls(profile, material)?;
        let (ours, theirs) = match self.role {
            DtlsRole::Client => (client, server),
            DtlsRole::Server => (server, client),
        };
        let version = match self.dtls.protocol_version() {
            Some(ProtocolVersion::DTLS1_3) => DtlsVersion::V1_3,
            _ => DtlsVersion::V1_2,
        };
        Ok(Keys { version, profile, opener: Opener::new(&theirs)?, sealer: Sealer::new(&ours)? })
    }
}
