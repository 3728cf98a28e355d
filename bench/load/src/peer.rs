//! One client: ICE, DTLS, SRTP and media of one connection, without socket or clock.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::dtls::{Handshake, Identity, Session, Step};
use crate::ice::{Agent, Credentials};
use crate::meter::Meter;
use crate::rtcp::{Feedback, SenderReport, receiver_report};
use crate::rtp::{self, Extender};
use crate::sdp::{Agreed, Answerer, Offer, Role};
use crate::source::{self, Frame, Media, Source};

const REPORT_INTERVAL: Duration = Duration::from_secs(1);
const FEEDBACK_INTERVAL: Duration = Duration::from_millis(100);

enum Connection {
    New,
    Checking {
        agent: Agent,
        fingerprint: String,
    },
    Handshaking {
        agent: Agent,
        handshake: Handshake,
        remote: SocketAddr,
    },
    Connected {
        agent: Agent,
        handshake: Handshake,
        remote: SocketAddr,
        session: Session,
    },
    /// To the bare limit: no ICE, no DTLS.
    Direct {
        remote: SocketAddr,
        session: Session,
    },
    Closed,
}

/// A stream that comes in.
struct Inbound {
    ssrc: u32,
    extender: Extender,
    highest: u64,
}

pub struct Peer {
    role: Role,
    media: Option<Media>,
    credentials: Credentials,
    answers: u64,
    connection: Connection,
    agreed: Agreed,
    transport_wide: Option<(u8, u16)>,
    source: Option<Source>,
    inbound: Vec<Inbound>,
    feedback: Feedback,
    rtcp_index: u32,
    own_ssrc: u32,
    next_report: Instant,
    next_feedback: Instant,
    first_media: Option<Instant>,
    outbox: Vec<(SocketAddr, Vec<u8>)>,
}

/// A datagram that came in.
pub struct Arrival {
    pub source: SocketAddr,
    pub at: Instant,
    pub since_unix: u64, // nanoseconds, the kernel's clock
}

impl Peer {
    /// `media`: what it publishes, if its role is to.
    pub fn new(role: Role, media: Option<Media>, now: Instant) -> Self {
        Peer {
            role,
            media,
            credentials: Credentials::random(),
            answers: 0,
            connection: Connection::New,
            agreed: Agreed::default(),
            transport_wide: None,
            source: None,
            inbound: Vec::new(),
            feedback: Feedback::default(),
            rtcp_index: 0,
            own_ssrc: match role {
                Role::Publish { ssrc, .. } => ssrc,
                Role::View => 1,
            },
            next_report: now + REPORT_INTERVAL,
            next_feedback: now + FEEDBACK_INTERVAL,
            first_media: None,
            outbox: Vec::new(),
        }
    }

    /// Connected from the start, with keys that both sides know.
    pub fn direct(role: Role, media: Option<Media>, session: Session, remote: SocketAddr, now: Instant) -> Self {
        let mut peer = Peer::new(role, media, now);
        peer.connection = Connection::Direct { remote, session };
        peer.agreed.publishes = Some(96);
        peer.start_source(now);
        peer
    }

    /// Gives the answer. The first one starts the checks.
    pub fn offer(&mut self, sdp: &str, identity: &Identity, now: Instant) -> Result<String, String> {
        let offer = Offer::parse(sdp).map_err(|error| error.to_string())?;
        self.answers += 1;
        let fingerprint = &identity.fingerprint();
        let by = Answerer { role: self.role, credentials: &self.credentials, fingerprint, version: self.answers };
        let (answer, agreed) = offer.answer(&by);
        self.agreed = agreed;
        if self.transport_wide.is_none() {
            self.transport_wide = agreed.transport_wide_id.map(|id| (id, 0));
        }
        if matches!(self.connection, Connection::New) {
            let agent = Agent::start(now, self.credentials.clone(), offer.credentials.clone(), &offer.candidates);
            self.connection = Connection::Checking { agent, fingerprint: offer.fingerprint.into() };
            self.collect_checks();
        }
        Ok(answer)
    }

    pub fn candidate(&mut self, remote: SocketAddr, now: Instant) {
        if let Connection::Checking { agent, .. } = &mut self.connection {
            agent.add_remote(now, remote);
            self.collect_checks();
        }
    }

    pub fn take_outbox(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        std::mem::take(&mut self.outbox)
    }

    pub fn is_connected(&self) -> bool {
        matches!(self.connection, Connection::Connected { .. } | Connection::Direct { .. })
    }

    /// How far it came, for whoever waits in vain.
    pub fn progress(&self) -> &'static str {
        match &self.connection {
            Connection::New => "no offer came",
            Connection::Checking { .. } => "no pair was selected",
            Connection::Handshaking { .. } => "the DTLS handshake does not end",
            Connection::Connected { .. } | Connection::Direct { .. } if self.inbound.is_empty() => "no media came",
            Connection::Connected { .. } | Connection::Direct { .. } => "media came",
            Connection::Closed => "it was closed",
        }
    }

    pub fn first_media(&self) -> Option<Instant> {
        self.first_media
    }

    /// How many streams it has received anything of.
    pub fn streams(&self) -> usize {
        self.inbound.len()
    }

    pub fn next_frame(&self) -> Option<Instant> {
        self.source.as_ref().map(Source::next)
    }

    /// Makes the frame that is due, sealed; `None` if it does not publish. `stamp`: nanoseconds since 1970.
    pub fn frame<'a>(&mut self, stamp: u64, arena: &'a mut Vec<u8>) -> Result<Option<(SocketAddr, Frame<'a>)>, String> {
        let Some(source) = &mut self.source else { return Ok(None) };
        let (remote, session) = match &self.connection {
            Connection::Connected { remote, session, .. } | Connection::Direct { remote, session } => {
                (*remote, session)
            }
            _ => return Ok(None),
        };
        let frame = source.frame(&session.outbound, stamp, &mut self.transport_wide, arena);
        Ok(Some((remote, frame.map_err(|error| error.to_string())?)))
    }

    /// The bytes are decrypted in place. What it counts goes to the meter.
    pub fn handle_packet(&mut self, packet: &mut [u8], arrival: &Arrival, meter: &mut Meter) -> Result<(), String> {
        match packet.first() {
            Some(0..=3) => self.handle_stun(packet, arrival),
            Some(20..=63) => self.handle_dtls(packet, arrival.at),
            Some(128..=191) if rtp::is_rtcp(packet) => self.handle_rtcp(packet, meter),
            Some(128..=191) => self.handle_rtp(packet, arrival, meter),
            _ => Ok(()),
        }
    }

    /// To be called every few milliseconds.
    pub fn handle_timeout(&mut self, now: Instant, since_unix: Duration) -> Result<(), String> {
        let step = match &mut self.connection {
            Connection::Checking { agent, .. } => {
                agent.handle_timeout(now);
                Step::default()
            }
            Connection::Handshaking { agent, handshake, .. } | Connection::Connected { agent, handshake, .. } => {
                agent.handle_timeout(now);
                handshake.handle_timeout(now)?
            }
            Connection::New | Connection::Direct { .. } | Connection::Closed => Step::default(),
        };
        self.collect_checks();
        self.follow(step, now)?;
        if matches!(self.connection, Connection::Connected { .. }) {
            self.report(now, since_unix)?;
        }
        Ok(())
    }

    /// Says goodbye; the outbox has the last datagrams.
    pub fn close(&mut self) {
        if let Connection::Connected { handshake, remote, .. } | Connection::Handshaking { handshake, remote, .. } =
            &mut self.connection
        {
            let packets = handshake.close();
            self.outbox.extend(packets.into_iter().map(|packet| (*remote, packet)));
        }
        self.connection = Connection::Closed;
    }

    fn handle_stun(&mut self, packet: &[u8], arrival: &Arrival) -> Result<(), String> {
        match &mut self.connection {
            Connection::Checking { agent, .. }
            | Connection::Handshaking { agent, .. }
            | Connection::Connected { agent, .. } => agent.handle_packet(packet, arrival.source),
            Connection::New | Connection::Direct { .. } | Connection::Closed => return Ok(()),
        }
        self.collect_checks();
        Ok(())
    }

    /// Begins DTLS as soon as a pair is selected.
    pub fn advance(&mut self, identity: &Identity, now: Instant) -> Result<(), String> {
        let Connection::Checking { agent, .. } = &self.connection else { return Ok(()) };
        let Some(remote) = agent.selected() else { return Ok(()) };
        let Connection::Checking { agent, fingerprint } = std::mem::replace(&mut self.connection, Connection::Closed)
        else {
            return Ok(());
        };
        let (handshake, step) = Handshake::start(identity, &fingerprint, now)?;
        self.connection = Connection::Handshaking { agent, handshake, remote };
        self.follow(step, now)
    }

    fn handle_dtls(&mut self, packet: &[u8], now: Instant) -> Result<(), String> {
        let step = match &mut self.connection {
            Connection::Handshaking { handshake, .. } | Connection::Connected { handshake, .. } => {
                handshake.handle_packet(packet, now)?
            }
            _ => return Ok(()),
        };
        self.follow(step, now)
    }

    fn follow(&mut self, step: Step, now: Instant) -> Result<(), String> {
        if step.closed {
            return Err("the server closed the DTLS connection".into());
        }
        if let Connection::Handshaking { remote, .. } | Connection::Connected { remote, .. } = &self.connection {
            self.outbox.extend(step.packets.into_iter().map(|packet| (*remote, packet)));
        }
        let Some(session) = step.session else { return Ok(()) };
        if let Connection::Handshaking { agent, handshake, remote } =
            std::mem::replace(&mut self.connection, Connection::Closed)
        {
            self.connection = Connection::Connected { agent, handshake, remote, session };
            self.start_source(now);
        }
        Ok(())
    }

    fn start_source(&mut self, now: Instant) {
        if let (Role::Publish { ssrc, .. }, Some(media), Some(payload_type)) =
            (self.role, self.media, self.agreed.publishes)
        {
            self.source = Some(Source::new(media, ssrc, payload_type, now));
        }
    }

    fn handle_rtcp(&mut self, packet: &mut [u8], meter: &mut Meter) -> Result<(), String> {
        if let Connection::Connected { session, .. } = &self.connection
            && session.inbound.open_rtcp(packet).is_err()
        {
            meter.unverified();
        }
        Ok(())
    }

    fn handle_rtp(&mut self, packet: &mut [u8], arrival: &Arrival, meter: &mut Meter) -> Result<(), String> {
        let session = match &self.connection {
            Connection::Connected { session, .. } | Connection::Direct { session, .. } => session,
            _ => return Ok(()), // ahead of our keys
        };
        let wide_id = self.transport_wide.map(|(id, _)| id);
        let Some(parsed) = rtp::parse(packet, wide_id) else { return Ok(()) };
        let ssrc = parsed.header.ssrc;
        let at = match self.inbound.iter().position(|stream| stream.ssrc == ssrc) {
            Some(at) => at,
            None if self.inbound.len() < 64 => {
                self.inbound.push(Inbound { ssrc, extender: Extender::default(), highest: 0 });
                self.inbound.len() - 1
            }
            None => return Ok(()),
        };
        let stream = &mut self.inbound[at];
        let index = stream.extender.extend(parsed.header.sequence);
        let Ok(payload) = session.inbound.open_rtp(packet, parsed.len, index) else {
            meter.unverified();
            return Ok(());
        };
        if let Some(number) = parsed.transport_wide {
            self.feedback.arrived(number, arrival.since_unix / 1000);
        }
        // A retransmission (RFC 4588) begins with the original sequence number: its stamp would stand two bytes later.
        if parsed.header.payload_type == self.agreed.retransmits.unwrap_or(128) {
            meter.repeated();
            return Ok(());
        }
        stream.highest = stream.highest.max(index);
        if let Some(stamp) = source::stamp(payload) {
            meter.received(stamp, arrival.since_unix);
            self.first_media.get_or_insert(arrival.at);
        }
        Ok(())
    }

    fn report(&mut self, now: Instant, since_unix: Duration) -> Result<(), String> {
        let mut packets = Vec::new();
        if now >= self.next_report {
            self.next_report = now + REPORT_INTERVAL;
            packets.extend(self.inbound.iter().map(|stream| {
                let highest = stream.highest as u32; // cycles and sequence number
                receiver_report(self.own_ssrc, stream.ssrc, highest)
            }));
            packets.extend(self.source.as_ref().map(|source| {
                let sent = source.sent() as u32;
                let octets = sent.wrapping_mul(self.media.map_or(0, |media| media.payload as u32));
                let (ssrc, rtp_timestamp) = (source.ssrc(), source.rtp_timestamp());
                SenderReport { ssrc, since_unix, rtp_timestamp, packets: sent, octets }.write()
            }));
        }
        if now >= self.next_feedback {
            self.next_feedback = now + FEEDBACK_INTERVAL;
            let about = self.inbound.first().map_or(0, |stream| stream.ssrc);
            packets.extend(self.feedback.write(self.own_ssrc, about));
        }
        let Connection::Connected { remote, session, .. } = &self.connection else { return Ok(()) };
        for mut packet in packets {
            session.outbound.seal_rtcp(&mut packet, self.rtcp_index).map_err(|error| error.to_string())?;
            self.rtcp_index += 1;
            self.outbox.push((*remote, packet));
        }
        Ok(())
    }

    fn collect_checks(&mut self) {
        if let Connection::Checking { agent, .. }
        | Connection::Handshaking { agent, .. }
        | Connection::Connected { agent, .. } = &mut self.connection
        {
            self.outbox.extend(agent.take_outbox());
        }
    }
}
