//! ICE (RFC 8445) as a server needs it: controlled, no candidates of the peer, no check lists. Each check is answered,
//! and each new address gets one check of ours, so that no peer waits for its own next round.
//!
//! A check shows that somebody who has our password can write that source address, not that he is there. So once
//! anything but answers to checks was sent, the peer moves to another address only when it answered our check there:
//! else a participant could turn its media on a stranger.

use std::time::{Duration, Instant};

use crate::outbox::Path;
use crate::stun::{self, BindingRequest, IntegrityKey, Message, Role, TransactionId};

/// Addresses of one peer that are remembered; a browser has one for each of its interfaces and each NAT between.
const MAX_ADDRESSES: usize = 8;
/// Our check of an address is repeated with the peer's next ones if it stays unanswered.
const MAX_CHECKS: u8 = 4;
const CHECK_AGAIN_AFTER: Duration = Duration::from_millis(200);
/// Of a peer-reflexive candidate (RFC 8445 5.1.2.1).
const PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

pub(crate) struct Ice {
    ours: Credentials,
    /// Before a restart; good until the peer uses the new ones, so that media flows on (RFC 8445 9).
    retiring: Option<Credentials>,
    tie_breaker: u64,
    peer: Option<Peer>,
    addresses: Vec<Address>,
    selected: Option<Path>,
    /// DTLS goes to the selected address: another one must answer first.
    settled: bool,
}

/// Of one ICE session on our side.
struct Credentials {
    ufrag: String,
    key: IntegrityKey,
}

struct Peer {
    /// `theirs:ours`.
    username: String,
    key: IntegrityKey,
}

/// One that a check with our password came from.
struct Address {
    path: Path,
    /// Last.
    nominated_at: Option<Instant>,
    heard_at: Instant,
    check: Check,
}

/// Ours of an address.
enum Check {
    Unsent,
    Waiting { transaction_id: TransactionId, sent_at: Instant, tries: u8 },
    Answered { round_trip: Duration },
}

/// What a check changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Again,
    New { evicted: Option<Path> },
}

impl Ice {
    pub fn new(ufrag: String, password: &str, tie_breaker: u64) -> Self {
        let ours = Credentials::new(ufrag, password);
        let addresses = Vec::new();
        Self { ours, retiring: None, tie_breaker, peer: None, addresses, selected: None, settled: false }
    }

    /// By which the peer may name us now.
    pub fn ufrags(&self) -> impl Iterator<Item = &str> {
        [Some(&self.ours), self.retiring.as_ref()].into_iter().flatten().map(|credentials| credentials.ufrag.as_str())
    }

    /// Of our password under that ufrag.
    pub fn key(&self, ufrag: &str) -> Option<&IntegrityKey> {
        let both = [Some(&self.ours), self.retiring.as_ref()];
        both.into_iter().flatten().find(|credentials| credentials.ufrag == ufrag).map(|credentials| &credentials.key)
    }

    /// The peer is offered new credentials. Gives back the ufrag that is good no more: only one offer is in flight, so
    /// that the peer has left those before the last ones.
    pub fn restart(&mut self, ufrag: String, password: &str) -> Option<String> {
        let before = std::mem::replace(&mut self.ours, Credentials::new(ufrag, password));
        self.retiring.replace(before).map(|retired| retired.ufrag)
    }

    /// A check came under that ufrag: once it is the new one, the old one ends and is given back.
    pub fn used(&mut self, ufrag: &str) -> Option<String> {
        self.retiring.take_if(|_| self.ours.ufrag == ufrag).map(|retired| retired.ufrag)
    }

    /// The peer's credentials are known. With new ones (an ICE restart) every address is checked anew.
    pub fn connect(&mut self, ufrag: &str, password: &str) {
        let username = format!("{ufrag}:{}", self.ours.ufrag);
        if self.peer.as_ref().is_some_and(|peer| peer.username == username) {
            return;
        }
        self.peer = Some(Peer { username, key: IntegrityKey::new(password) });
        for address in &mut self.addresses {
            address.check = Check::Unsent;
        }
    }

    /// An authenticated check came. The peer's latest nomination decides; before one, the latest address is used.
    pub fn heard(&mut self, now: Instant, path: Path, nominates: bool) -> Heard {
        let known = self.addresses.iter_mut().find(|address| address.path.remote == path.remote);
        let heard = if let Some(address) = known {
            address.path = path;
            address.heard_at = now;
            if nominates {
                address.nominated_at = Some(now);
            }
            Heard::Again
        } else {
            let evicted = self.make_room();
            let nominated_at = nominates.then_some(now);
            self.addresses.push(Address { path, nominated_at, heard_at: now, check: Check::Unsent });
            Heard::New { evicted }
        };
        self.consider(&path);
        heard
    }

    /// From now on a new address must answer a check before it is used.
    pub fn settle(&mut self) {
        self.settled = true;
    }

    fn consider(&mut self, path: &Path) {
        let Some(candidate) = self.find(path) else { return };
        let selected = self.selected.and_then(|selected| self.find(&selected));
        let is_selected = selected.is_some_and(|selected| selected.path.remote == path.remote);
        let is_preferred = selected.is_none_or(|selected| candidate.nominated_at >= selected.nominated_at);
        if is_selected || (is_preferred && self.may_use(candidate)) {
            self.selected = Some(*path);
        }
    }

    fn may_use(&self, address: &Address) -> bool {
        !self.settled || matches!(address.check, Check::Answered { .. })
    }

    /// Writes our check of that address if one is due.
    pub fn write_check(&mut self, now: Instant, path: &Path, fresh: TransactionId, out: &mut Vec<u8>) {
        let Some(peer) = &self.peer else { return };
        let Some(address) = self.addresses.iter_mut().find(|address| address.path.remote == path.remote) else {
            return;
        };
        let tries = match address.check {
            Check::Unsent => 0,
            Check::Waiting { sent_at, tries, .. } if tries < MAX_CHECKS && now >= sent_at + CHECK_AGAIN_AFTER => tries,
            Check::Waiting { .. } | Check::Answered { .. } => return,
        };
        address.check = Check::Waiting { transaction_id: fresh, sent_at: now, tries: tries + 1 };
        let request = BindingRequest {
            transaction_id: fresh,
            username: &peer.username,
            priority: PRIORITY,
            role: Role::Controlled { tie_breaker: self.tie_breaker },
            use_candidate: false,
        };
        stun::write_request(out, &request, &peer.key);
    }

    /// The answer to a check of ours, from where that was sent to (RFC 8445 7.2.5.2.1); false if it is none.
    pub fn answered(&mut self, now: Instant, path: &Path, message: &Message<'_>) -> bool {
        let Some(peer) = &self.peer else { return false };
        let Some(address) = self.addresses.iter_mut().find(|address| address.path.remote == path.remote) else {
            return false;
        };
        match address.check {
            Check::Waiting { transaction_id, sent_at, .. }
                if transaction_id == message.transaction_id && message.verify_integrity(&peer.key) =>
            {
                address.check = Check::Answered { round_trip: now.saturating_duration_since(sent_at) };
                self.consider(path);
                true
            }
            _ => false,
        }
    }

    /// What our check of the selected address took.
    pub fn round_trip(&self) -> Option<Duration> {
        match self.find(&self.selected?)?.check {
            Check::Answered { round_trip } => Some(round_trip),
            Check::Unsent | Check::Waiting { .. } => None,
        }
    }

    /// Where to send to.
    pub fn selected(&self) -> Option<Path> {
        self.selected
    }

    pub fn paths(&self) -> impl Iterator<Item = Path> + '_ {
        self.addresses.iter().map(|address| address.path)
    }

    /// Another transport's peer has this address now.
    pub fn forget(&mut self, path: &Path) {
        self.addresses.retain(|address| address.path.remote != path.remote);
        if self.selected.is_some_and(|selected| selected.remote == path.remote) {
            let usable = self.addresses.iter().filter(|address| self.may_use(address));
            self.selected = usable.max_by_key(|address| address.heard_at).map(|address| address.path);
        }
    }

    fn find(&self, path: &Path) -> Option<&Address> {
        self.addresses.iter().find(|address| address.path.remote == path.remote)
    }

    fn make_room(&mut self) -> Option<Path> {
        if self.addresses.len() < MAX_ADDRESSES {
            return None;
        }
        let selected = self.selected.map(|selected| selected.remote);
        let (oldest, _) = self
            .addresses
            .iter()
            .enumerate()
            .filter(|(_, address)| Some(address.path.remote) != selected)
            .min_by_key(|(_, address)| address.heard_at)?;
        Some(self.addresses.swap_remove(oldest).path)
    }
}

impl Credentials {
    fn new(ufrag: String, password: &str) -> Self {
        Self { ufrag, key: IntegrityKey::new(password) }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn path(port: u16) -> Path {
        Path { remote: SocketAddr::from(([192, 0, 2, 1], port)).into(), local: None }
    }

    fn ice() -> Ice {
        Ice::new("ours".to_owned(), "password-of-22-characters", 1)
    }

    #[test]
    fn the_latest_address_is_used_until_one_is_nominated() {
        let (mut ice, now) = (ice(), Instant::now());
        ice.heard(now, path(1), false);
        ice.heard(now, path(2), false);
        assert_eq!(ice.selected(), Some(path(2)));
        ice.heard(now, path(1), true);
        ice.heard(now, path(2), false);
        assert_eq!(ice.selected(), Some(path(1)));
        ice.heard(now, path(3), true);
        assert_eq!(ice.selected(), Some(path(3)));
    }

    #[test]
    fn the_oldest_address_makes_room_but_never_the_selected_one() {
        let (mut ice, start) = (ice(), Instant::now());
        ice.heard(start, path(1), true);
        for port in 2..=8 {
            ice.heard(start + Duration::from_millis(port.into()), path(port), false);
        }
        let heard = ice.heard(start + Duration::from_secs(1), path(9), false);
        assert_eq!(heard, Heard::New { evicted: Some(path(2)) });
        assert_eq!(ice.paths().count(), MAX_ADDRESSES);
        assert_eq!(ice.selected(), Some(path(1)));
    }

    #[test]
    fn a_restart_keeps_the_old_password_until_the_new_one_is_used() {
        let mut ice = ice();
        assert_eq!(ice.restart("second".to_owned(), "another-password-of-22"), None);
        assert!(ice.key("ours").is_some() && ice.key("second").is_some());
        assert_eq!(ice.used("ours"), None, "the peer has not seen the offer yet");
        assert_eq!(ice.used("second"), Some("ours".to_owned()));
        assert!(ice.key("ours").is_none());
    }

    #[test]
    fn a_second_restart_ends_what_came_before_the_first() {
        let mut ice = ice();
        ice.restart("second".to_owned(), "another-password-of-22");
        assert_eq!(ice.restart("third".to_owned(), "a-third-password-of-22"), Some("ours".to_owned()));
        assert_eq!(ice.ufrags().collect::<Vec<_>>(), ["third", "second"]);
    }

    #[test]
    fn a_forgotten_address_is_replaced_by_the_latest() {
        let (mut ice, start) = (ice(), Instant::now());
        ice.heard(start, path(1), false);
        ice.heard(start + Duration::from_millis(1), path(2), false);
        ice.heard(start + Duration::from_millis(2), path(3), true);
        ice.forget(&path(3));
        assert_eq!(ice.selected(), Some(path(2)));
    }
}
