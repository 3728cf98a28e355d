//! A browser's end of a transport, as far as a media plane sees it: controlling ICE, DTLS, SRTP, RTP, RTCP.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use aqlinks_forwarder::rtp::{Element, Fields, Header, write_header};
use aqlinks_forwarder::srtp::{MAX_OVERHEAD, MasterKey, Opener, Sealer, StreamReplay};
use aqlinks_forwarder::stun::{self, BindingRequest, Class, IntegrityKey, Message, Role};
use aqlinks_forwarder::{ConnectTransport, DtlsRole, Fingerprint, HeaderExtensions, SrtpProfile, TransportId};
use dimpl::certificate::generate_self_signed_certificate;
use dimpl::{Config, Dtls, DtlsCertificate, Output};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    V1_2,
    V1_3,
}

pub struct Peer {
    pub transport: TransportId,
    pub address: SocketAddr,
    /// The worker's side: ufrag and password.
    pub server: (String, String),
    pub own: (String, String),
    pub certificate: DtlsCertificate,
    pub extensions: HeaderExtensions,
    /// The worker's role.
    pub server_role: DtlsRole,
    pub dtls: Option<Dtls>,
    pub dtls_wake: Option<Instant>,
    pub dtls_error: Option<String>,
    pub closed: bool,
    pub srtp: Option<(Sealer, Opener)>,
    /// Success responses and checks of the worker that came, each with the address they came to.
    pub answers: Vec<SocketAddr>,
    pub errors: Vec<u16>,
    pub checks: Vec<SocketAddr>,
    /// RTP that came, decrypted, in the order of coming.
    pub rtp: Vec<Media>,
    /// RTCP compounds that came, decrypted.
    pub rtcp: Vec<Vec<u8>>,
    /// Transport-wide numbers that came, when, and the packets' lengths.
    pub arrivals: Vec<(u16, Instant, usize)>,
    /// Every datagram that came, as it came.
    pub raw: Vec<Vec<u8>>,
    replay: HashMap<u32, StreamReplay>,
    indices: HashMap<u32, u64>,
    rtcp_index: u32,
    transactions: u8,
    outgoing: Vec<(SocketAddr, Vec<u8>)>,
}

/// A packet as a receiver sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    pub fields: Fields,
    pub elements: Vec<(u8, Vec<u8>)>,
    pub payload: Vec<u8>,
}

impl Peer {
    pub fn new(transport: TransportId, version: Version, now: Instant) -> Self {
        let certificate = generate_self_signed_certificate().expect("a certificate");
        let mut peer = Self {
            transport,
            address: SocketAddr::from(([10, 0, (transport >> 8) as u8, transport as u8], 40_000)),
            server: (format!("server{transport}"), format!("server-password-{transport:022}")),
            own: (format!("peer{transport}"), format!("peer-password-{transport:022}")),
            certificate,
            extensions: HeaderExtensions::default(),
            server_role: DtlsRole::Server,
            dtls: None,
            dtls_wake: None,
            dtls_error: None,
            closed: false,
            srtp: None,
            answers: Vec::new(),
            errors: Vec::new(),
            checks: Vec::new(),
            rtp: Vec::new(),
            rtcp: Vec::new(),
            arrivals: Vec::new(),
            raw: Vec::new(),
            replay: HashMap::new(),
            indices: HashMap::new(),
            rtcp_index: 0,
            transactions: 0,
            outgoing: Vec::new(),
        };
        peer.use_dtls(version, now);
        peer
    }

    pub fn use_dtls(&mut self, version: Version, now: Instant) {
        let config = Arc::new(Config::builder().build().expect("a configuration"));
        self.dtls = Some(match version {
            Version::V1_2 => Dtls::new_12(config, self.certificate.clone(), now),
            Version::V1_3 => Dtls::new_13(config, self.certificate.clone(), now),
        });
    }

    /// What the control plane says of this peer.
    pub fn answer(&self) -> ConnectTransport {
        ConnectTransport {
            transport: self.transport,
            ice_ufrag: self.own.0.clone(),
            ice_pwd: self.own.1.clone(),
            fingerprint: Fingerprint { algorithm: "sha-256".into(), value: self.certificate.fingerprint_str() },
            dtls_role: self.server_role,
            extensions: self.extensions,
        }
    }

    pub fn check(&mut self, nominate: bool) {
        self.check_as(Role::Controlling { tie_breaker: 1 }, nominate);
    }

    pub fn check_as(&mut self, role: Role, nominate: bool) {
        self.transactions = self.transactions.wrapping_add(1);
        let username = format!("{}:{}", self.server.0, self.own.0);
        let request = BindingRequest {
            transaction_id: [self.transactions; 12],
            username: &username,
            priority: 1,
            role,
            use_candidate: nominate,
        };
        let mut datagram = Vec::new();
        stun::write_request(&mut datagram, &request, &IntegrityKey::new(&self.server.1));
        self.send(datagram);
    }

    pub fn start_dtls(&mut self, now: Instant) {
        if let Some(dtls) = &mut self.dtls {
            dtls.set_active(self.server_role == DtlsRole::Server);
        }
        self.drive_dtls(now, None);
    }

    pub fn drive_dtls(&mut self, now: Instant, datagram: Option<&[u8]>) {
        let Some(mut dtls) = self.dtls.take() else { return };
        let mut result = dtls.handle_timeout(now);
        self.drain_dtls(&mut dtls);
        if let (Ok(()), Some(datagram)) = (&result, datagram) {
            result = dtls.handle_packet(datagram);
            self.drain_dtls(&mut dtls);
        }
        match result {
            Ok(()) => self.dtls = Some(dtls),
            Err(error) => self.dtls_error = Some(error.to_string()),
        }
    }

    fn drain_dtls(&mut self, dtls: &mut Dtls) {
        let mut buffer = vec![0; 65_536];
        loop {
            match dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => self.outgoing.push((self.address, packet.to_vec())),
                Output::KeyingMaterial(material, profile) => {
                    let profile = match profile {
                        dimpl::SrtpProfile::AEAD_AES_256_GCM => SrtpProfile::AeadAes256Gcm,
                        dimpl::SrtpProfile::AEAD_AES_128_GCM => SrtpProfile::AeadAes128Gcm,
                        _ => SrtpProfile::Aes128CmSha1_80,
                    };
                    let (client, server) = MasterKey::from_dtls(profile, &material).expect("keys");
                    let (ours, theirs) =
                        if self.server_role == DtlsRole::Server { (client, server) } else { (server, client) };
                    self.srtp = Some((Sealer::new(&ours).expect("a sealer"), Opener::new(&theirs).expect("an opener")));
                }
                Output::CloseNotify => self.closed = true,
                Output::Timeout(at) => {
                    self.dtls_wake = Some(at);
                    return;
                }
                _ => {}
            }
        }
    }

    pub fn close_dtls(&mut self) {
        if let Some(mut dtls) = self.dtls.take() {
            dtls.close().expect("to close");
            self.drain_dtls(&mut dtls);
        }
    }

    pub fn send(&mut self, datagram: Vec<u8>) {
        self.outgoing.push((self.address, datagram));
    }

    pub fn take_outgoing(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        std::mem::take(&mut self.outgoing)
    }

    /// Seals a packet without sending it: the index follows the SSRC's last one.
    pub fn seal(&mut self, fields: &Fields, elements: &[Element<'_>], payload: &[u8]) -> Vec<u8> {
        let last = self.indices.get(&fields.ssrc).copied().unwrap_or(u64::from(fields.sequence_number));
        let index = aqlinks_forwarder::rtp::extend(last, fields.sequence_number).expect("an index");
        self.indices.insert(fields.ssrc, index.max(last));
        let mut packet = vec![0; 600 + payload.len() + MAX_OVERHEAD];
        let (sealer, _) = self.srtp.as_ref().expect("keys");
        let header_len = write_header(&mut packet, fields, elements).expect("room");
        packet.truncate(header_len + payload.len() + sealer.profile().tag_len());
        sealer.seal_rtp(index, &mut packet, header_len, payload).expect("sealed");
        packet
    }

    pub fn send_rtcp(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut compound = Vec::new();
        write(&mut compound);
        let (sealer, _) = self.srtp.as_ref().expect("keys");
        sealer.seal_rtcp(self.rtcp_index, &mut compound, 0).expect("sealed");
        self.rtcp_index += 1;
        self.send(compound);
    }

    pub fn receive(&mut self, now: Instant, to: SocketAddr, datagram: &[u8]) {
        self.raw.push(datagram.to_vec());
        match datagram.first() {
            Some(0..=3) => self.receive_stun(to, datagram),
            Some(20..=63) => self.drive_dtls(now, Some(datagram)),
            Some(128..=191) if aqlinks_forwarder::rtp::is_rtcp(datagram) => {
                let (_, opener) = self.srtp.as_ref().expect("keys before RTCP");
                let mut datagram = datagram.to_vec();
                let (_, compound) = opener.open_rtcp(&mut datagram).expect("authentic RTCP");
                self.rtcp.push(compound.to_vec());
            }
            _ => self.receive_rtp(now, datagram),
        }
    }

    fn receive_stun(&mut self, to: SocketAddr, datagram: &[u8]) {
        let message = Message::parse(datagram).expect("sound STUN");
        match message.class {
            Class::Success => {
                // What another made us get is not ours, as the check below.
                if !message.verify_integrity(&IntegrityKey::new(&self.server.1)) {
                    return;
                }
                assert_eq!(message.mapped_address, Some(to));
                self.answers.push(to);
            }
            Class::Request => {
                if message.local_ufrag() != Some(self.own.0.as_str()) {
                    return;
                }
                let key = IntegrityKey::new(&self.own.1);
                assert!(message.verify_integrity(&key));
                assert!(matches!(message.role, Some(Role::Controlled { .. })));
                assert!(!message.use_candidate);
                self.checks.push(to);
                let mut answer = Vec::new();
                stun::write_success(&mut answer, message.transaction_id, SocketAddr::from(([10, 9, 9, 9], 1)), &key);
                self.outgoing.push((to, answer));
            }
            Class::Error => self.errors.push(message.error.map_or(0, |error| error.0)),
            Class::Indication => {}
        }
    }

    fn receive_rtp(&mut self, now: Instant, datagram: &[u8]) {
        let header = Header::parse(datagram).expect("sound RTP");
        let number = self.extensions.transport_wide_cc.and_then(|id| header.element(datagram, id));
        if let Some([high, low]) = number {
            self.arrivals.push((u16::from_be_bytes([*high, *low]), now, datagram.len()));
        }
        let replay = self.replay.entry(header.fields.ssrc).or_default();
        // The same packet again is what a viewer without RTX asks for: it is seen in `raw`.
        let Some(index) = replay.index_of(header.fields.sequence_number) else { return };
        let mut packet = datagram.to_vec();
        let (_, opener) = self.srtp.as_ref().expect("keys before RTP");
        let payload = opener.open_rtp(index, &mut packet, header.len).expect("authentic RTP").to_vec();
        replay.accept(index);
        let elements = header.elements(datagram).map(|element| (element.id, element.data.to_vec())).collect();
        let payload = header.without_padding(&payload).expect("sound padding").to_vec();
        self.rtp.push(Media { fields: header.fields, elements, payload });
    }
}
