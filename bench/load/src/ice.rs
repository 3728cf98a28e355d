//! The controlling ICE agent of a client, behaving as Pion's does (pion/ice, `selection.go` and `agent.go`): it checks
//! all pairs as soon as it is started, then every 200 ms; it nominates a succeeded pair on such a tick, or at once when
//! a check of the other side arrives on it; the pair is selected when the nomination is answered.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::random;
use crate::stun::{self, Check, TransactionId};

const CHECK_INTERVAL: Duration = Duration::from_millis(200);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);
/// Of a host candidate with the highest local preference (RFC 8445 5.1.2).
const PRIORITY: u32 = 126 << 24 | 0xffff << 8 | 255;

#[derive(Debug, Clone)]
pub struct Credentials {
    pub ufrag: String,
    pub password: String,
}

impl Credentials {
    pub fn random() -> Self {
        Credentials { ufrag: random::text(8), password: random::text(24) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PairState {
    InProgress,
    Succeeded,
}

struct Pair {
    remote: SocketAddr,
    state: PairState,
}

struct Pending {
    transaction: TransactionId,
    pair: usize,
    nominates: bool,
}

/// Which pair it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selection {
    Checking,
    Nominated(usize),
    Selected(usize),
}

pub struct Agent {
    local: Credentials,
    remote: Credentials,
    username: String,
    tie_breaker: u64,
    pairs: Vec<Pair>,
    pending: VecDeque<Pending>,
    selection: Selection,
    next_contact: Instant,
    outbox: Vec<(SocketAddr, Vec<u8>)>,
}

impl Agent {
    /// Begins at once: the first checks are in the outbox. `remotes` are the other side's candidates, best first.
    pub fn start(now: Instant, local: Credentials, remote: Credentials, remotes: &[SocketAddr]) -> Self {
        let mut agent = Agent {
            username: format!("{}:{}", remote.ufrag, local.ufrag),
            local,
            remote,
            tie_breaker: random::number(),
            pairs: remotes.iter().map(|&remote| Pair { remote, state: PairState::InProgress }).collect(),
            pending: VecDeque::new(),
            selection: Selection::Checking,
            next_contact: now,
            outbox: Vec::new(),
        };
        agent.handle_timeout(now);
        agent
    }

    /// A candidate that was trickled; all pairs are checked at once.
    pub fn add_remote(&mut self, now: Instant, remote: SocketAddr) {
        if self.pairs.iter().all(|pair| pair.remote != remote) {
            self.pairs.push(Pair { remote, state: PairState::InProgress });
            self.next_contact = now;
            self.handle_timeout(now);
        }
    }

    pub fn selected(&self) -> Option<SocketAddr> {
        match self.selection {
            Selection::Selected(pair) => Some(self.pairs[pair].remote),
            Selection::Checking | Selection::Nominated(_) => None,
        }
    }

    pub fn take_outbox(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        std::mem::take(&mut self.outbox)
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        if now < self.next_contact {
            return;
        }
        match self.selection {
            Selection::Selected(pair) => self.check(pair, false),
            Selection::Nominated(pair) => self.check(pair, true),
            Selection::Checking => match self.pairs.iter().position(|pair| pair.state == PairState::Succeeded) {
                Some(pair) => self.nominate(pair),
                None => (0..self.pairs.len()).for_each(|pair| self.check(pair, false)),
            },
        }
        let selected = matches!(self.selection, Selection::Selected(_));
        self.next_contact = now + if selected { KEEPALIVE_INTERVAL } else { CHECK_INTERVAL };
    }

    pub fn handle_packet(&mut self, packet: &[u8], source: SocketAddr) {
        match stun::read(packet, &self.local.password, &self.remote.password) {
            Some(stun::Message::Request { transaction }) => self.handle_request(&transaction, source),
            Some(stun::Message::Success { transaction }) => self.handle_success(&transaction, source),
            Some(stun::Message::Other) | None => {}
        }
    }

    fn handle_request(&mut self, transaction: &TransactionId, source: SocketAddr) {
        self.outbox.push((source, stun::success(transaction, source, &self.local.password)));
        let pair = self.pairs.iter().position(|pair| pair.remote == source);
        let Some(pair) = pair else {
            self.pairs.push(Pair { remote: source, state: PairState::InProgress });
            return;
        };
        if self.selection == Selection::Checking && self.pairs[pair].state == PairState::Succeeded {
            self.nominate(pair);
        }
    }

    fn handle_success(&mut self, transaction: &TransactionId, source: SocketAddr) {
        let Some(at) = self.pending.iter().position(|pending| pending.transaction == *transaction) else { return };
        let Some(Pending { pair, nominates, .. }) = self.pending.remove(at) else { return };
        if self.pairs[pair].remote != source {
            return; // not symmetric (RFC 8445 7.2.5.2.1)
        }
        self.pairs[pair].state = PairState::Succeeded;
        if nominates && !matches!(self.selection, Selection::Selected(_)) {
            self.selection = Selection::Selected(pair);
        }
    }

    fn nominate(&mut self, pair: usize) {
        self.selection = Selection::Nominated(pair);
        self.check(pair, true);
    }

    fn check(&mut self, pair: usize, use_candidate: bool) {
        let mut transaction = TransactionId::default();
        random::fill(&mut transaction);
        let check = Check {
            transaction,
            username: &self.username,
            password: &self.remote.password,
            priority: PRIORITY,
            tie_breaker: self.tie_breaker,
            use_candidate,
        };
        self.outbox.push((self.pairs[pair].remote, check.write()));
        if self.pending.len() == 64 {
            self.pending.pop_front();
        }
        self.pending.push_back(Pending { transaction, pair, nominates: use_candidate });
    }
}
