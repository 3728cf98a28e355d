//! Datagrams that arrive: told apart by their first bytes (RFC 7983) and brought to their transport.

use std::time::{Duration, Instant};

use crate::context::Context;
use crate::outbox::Path;
use crate::rtp::is_rtcp;
use crate::stun::{self, Class, ErrorCode, Message, Role};
use crate::transport::{Ending, Heard, TransportKey};
use crate::worker::{Received, Worker};

enum Content {
    Stun,
    Dtls,
    Rtp,
    Rtcp,
    Unknown,
}

fn content(datagram: &[u8]) -> Content {
    match datagram.first() {
        Some(0..=3) => Content::Stun,
        Some(20..=63) => Content::Dtls,
        Some(128..=191) if is_rtcp(datagram) => Content::Rtcp,
        Some(128..=191) => Content::Rtp,
        _ => Content::Unknown,
    }
}

impl Worker {
    pub(crate) fn receive(&mut self, now: Instant, received: Received<'_>) {
        let path = Path { remote: received.source, local: received.destination };
        let since_start = now.saturating_duration_since(self.start);
        let mut key = self.transports.find_address(&path.remote);
        for datagram in received.contents.chunks_mut(received.stride.max(1)) {
            let counters = &mut self.effects.counters;
            counters.datagrams_received += 1;
            counters.bytes_received += datagram.len() as u64;
            match content(datagram) {
                Content::Stun => {
                    self.receive_stun(now, path, datagram);
                    key = self.transports.find_address(&path.remote);
                }
                kind => match key {
                    Some(key) => self.receive_of(now, key, (kind, since_start), datagram),
                    None => self.effects.counters.dropped.unknown_address += 1,
                },
            }
        }
    }

    fn receive_of(&mut self, now: Instant, key: TransportKey, kind: (Content, Duration), datagram: &mut [u8]) {
        self.serving = Some(key);
        let Some(transport) = self.transports.get_mut(key) else { return };
        transport.stats.packets_received += 1;
        transport.stats.bytes_received += datagram.len() as u64;
        let mut cx = Context { now, tracks: &mut self.tracks, effects: &mut self.effects };
        let ending: Ending = match kind {
            (Content::Rtp, since_start) => {
                transport.receive_rtp(datagram, since_start, &mut cx);
                Ok(())
            }
            (Content::Rtcp, _) => {
                transport.receive_rtcp(datagram, &mut cx);
                Ok(())
            }
            (Content::Dtls, _) => transport.receive_dtls(Some(datagram), &mut cx),
            (Content::Stun | Content::Unknown, _) => {
                cx.effects.counters.dropped.bad_rtp += 1;
                Ok(())
            }
        };
        if let Err(reason) = ending {
            self.end(now, key, reason);
        }
    }

    /// A check of a peer, or the answer to one of ours. Nothing is answered that was not made with our password.
    fn receive_stun(&mut self, now: Instant, path: Path, datagram: &[u8]) {
        let dropped = &mut self.effects.counters.dropped;
        let Ok(message) = Message::parse(datagram) else {
            dropped.bad_stun += 1;
            return;
        };
        match message.class {
            Class::Request => self.receive_check(now, path, &message),
            Class::Success => {
                let key = TransportKey::of_transaction(message.transaction_id);
                let transport = self.transports.get_mut(key);
                if transport.is_some_and(|transport| transport.ice.answered(now, &path, &message)) {
                    self.transports.bind_address(key, &path);
                } else {
                    dropped.bad_stun += 1;
                }
            }
            // A keep-alive, or a refusal of our check: the peer's own checks decide.
            Class::Indication | Class::Error => {}
        }
    }

    fn receive_check(&mut self, now: Instant, path: Path, message: &Message<'_>) {
        let dropped = &mut self.effects.counters.dropped;
        let Some(ufrag) = message.local_ufrag() else {
            dropped.unknown_address += 1;
            return;
        };
        let Some(key) = self.transports.find_ufrag(ufrag) else {
            dropped.unknown_address += 1;
            return;
        };
        self.serving = Some(key);
        let Some(transport) = self.transports.get_mut(key) else { return };
        let Some(integrity) = transport.ice.key(ufrag).filter(|key| message.verify_integrity(key)) else {
            dropped.bad_stun += 1;
            return;
        };
        let out = &mut self.effects.scratch;
        let refused = if let Some(attribute) = message.unknown_attribute {
            stun::write_unknown_attribute(out, message.transaction_id, attribute, Some(integrity));
            true
        } else if matches!(message.role, Some(Role::Controlled { .. })) {
            stun::write_error(out, message.transaction_id, ErrorCode::ROLE_CONFLICT, Some(integrity));
            true
        } else {
            stun::write_success(out, message.transaction_id, path.remote.address, integrity);
            false
        };
        self.effects.outbox.push(&path, &self.effects.scratch);
        transport.stats.packets_received += 1;
        transport.stats.packets_sent += 1;
        transport.stats.bytes_sent += self.effects.scratch.len() as u64;
        self.effects.scratch.clear();
        if refused {
            return;
        }
        let retired = transport.ice.used(ufrag);
        let mut cx = Context { now, tracks: &mut self.tracks, effects: &mut self.effects };
        let heard = transport.heard(path, message.use_candidate, &mut cx);
        let ending = transport.wake_dtls(&mut cx);
        match heard {
            Heard::New { evicted } => self.transports.claim_address(key, &path, evicted),
            Heard::Again => self.transports.claim_address(key, &path, None),
        }
        if let Some(retired) = retired {
            self.transports.forget_ufrag(&retired);
        }
        if let Err(reason) = ending {
            self.end(now, key, reason);
        }
    }
}
