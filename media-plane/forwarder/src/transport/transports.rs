//! The worker's transports, and by what they are found.

use rustc_hash::FxHashMap;
use slab::Slab;

use crate::command::{SubscriptionId, TransportId};
use crate::outbox::Path;
use crate::stun::TransactionId;
use crate::subscription::{Subscriber, Subscription};
use crate::transport::Transport;
use crate::worker::Remote;

/// Where a transport lies; given to another one once it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TransportKey(u32);

impl TransportKey {
    /// Of the publisher of a track that another worker hands over: none of this worker's.
    pub const ELSEWHERE: Self = Self(u32::MAX);

    /// Of a check of this transport: the answer tells whose it is, whoever has the address it comes from.
    pub fn transaction_id(self, random: u64) -> TransactionId {
        let mut id = [0; 12];
        id[..4].copy_from_slice(&self.0.to_be_bytes());
        id[4..].copy_from_slice(&random.to_be_bytes());
        id
    }

    pub fn of_transaction([k0, k1, k2, k3, ..]: TransactionId) -> Self {
        Self(u32::from_be_bytes([k0, k1, k2, k3]))
    }
}

#[cfg(test)]
impl From<u32> for TransportKey {
    fn from(key: u32) -> Self {
        Self(key)
    }
}

#[derive(Default)]
pub(crate) struct Transports {
    slab: Slab<Transport>,
    by_id: FxHashMap<TransportId, TransportKey>,
    by_ufrag: FxHashMap<String, TransportKey>,
    /// Addresses that an authenticated check came from.
    by_address: FxHashMap<Remote, TransportKey>,
    subscriptions: FxHashMap<SubscriptionId, Subscriber>,
}

impl Transports {
    /// Nothing happens if the id or the ufrag is taken.
    pub fn open(
        &mut self,
        id: TransportId,
        ufrag: &str,
        make: impl FnOnce(TransportKey) -> Transport,
    ) -> Option<TransportKey> {
        if self.by_id.contains_key(&id) || self.by_ufrag.contains_key(ufrag) {
            return None;
        }
        let entry = self.slab.vacant_entry();
        let key = TransportKey(entry.key() as u32);
        entry.insert(make(key));
        self.by_id.insert(id, key);
        self.by_ufrag.insert(ufrag.to_owned(), key);
        Some(key)
    }

    /// The transport itself; what it published and received is the caller's to end.
    pub fn remove(&mut self, key: TransportKey) -> Option<Transport> {
        let transport = self.slab.try_remove(key.0 as usize)?;
        self.by_id.remove(&transport.id);
        for ufrag in transport.ice.ufrags() {
            self.by_ufrag.remove(ufrag);
        }
        for path in transport.ice.paths() {
            if self.by_address.get(&path.remote) == Some(&key) {
                self.by_address.remove(&path.remote);
            }
        }
        Some(transport)
    }

    /// New credentials beside those in use. Nothing happens if the ufrag is taken.
    pub fn restart_ice(&mut self, key: TransportKey, ufrag: &str, password: &str) {
        if self.by_ufrag.contains_key(ufrag) {
            return;
        }
        let Some(transport) = self.slab.get_mut(key.0 as usize) else { return };
        if let Some(dropped) = transport.ice.restart(ufrag.to_owned(), password) {
            self.by_ufrag.remove(&dropped);
        }
        self.by_ufrag.insert(ufrag.to_owned(), key);
    }

    /// The ufrag is not the transport's any more.
    pub fn forget_ufrag(&mut self, ufrag: &str) {
        self.by_ufrag.remove(ufrag);
    }

    pub fn get_mut(&mut self, key: TransportKey) -> Option<&mut Transport> {
        self.slab.get_mut(key.0 as usize)
    }

    pub fn find(&self, id: TransportId) -> Option<TransportKey> {
        self.by_id.get(&id).copied()
    }

    pub fn find_ufrag(&self, ufrag: &str) -> Option<TransportKey> {
        self.by_ufrag.get(ufrag).copied()
    }

    pub fn find_address(&self, remote: &Remote) -> Option<TransportKey> {
        self.by_address.get(remote).copied()
    }

    /// A check of the transport's peer came from there. An address that is another one's stays so until an answer to a
    /// check of ours shows that the peer is there.
    pub fn claim_address(&mut self, key: TransportKey, path: &Path, evicted: Option<Path>) {
        if let Some(evicted) = evicted
            && self.by_address.get(&evicted.remote) == Some(&key)
        {
            self.by_address.remove(&evicted.remote);
        }
        self.by_address.entry(path.remote).or_insert(key);
    }

    /// The address belongs to the transport from now on.
    pub fn bind_address(&mut self, key: TransportKey, path: &Path) {
        if let Some(before) = self.by_address.insert(path.remote, key)
            && before != key
            && let Some(before) = self.get_mut(before)
        {
            before.ice.forget(path);
        }
    }

    /// Nothing happens if the id or one of its SSRCs is taken.
    pub fn subscribe(&mut self, key: TransportKey, mut subscription: Subscription) -> Option<Subscriber> {
        let transport = self.slab.get_mut(key.0 as usize)?;
        let taken = |ssrc| transport.subscriptions.iter().any(|(_, other)| other.ssrcs().any(|own| own == ssrc));
        if self.subscriptions.contains_key(&subscription.id) || subscription.ssrcs().any(taken) {
            return None;
        }
        let id = subscription.id;
        transport.bandwidth.subscribed(&mut subscription);
        let index = transport.subscriptions.insert(subscription) as u32;
        let subscriber = Subscriber { transport: key, index };
        self.subscriptions.insert(id, subscriber);
        Some(subscriber)
    }

    pub fn find_subscription(&self, id: SubscriptionId) -> Option<Subscriber> {
        self.subscriptions.get(&id).copied()
    }

    /// Takes it from its transport, whose peer is told.
    pub fn unsubscribe(&mut self, subscriber: Subscriber) -> Option<Subscription> {
        let transport = self.slab.get_mut(subscriber.transport.0 as usize)?;
        let subscription = transport.subscriptions.try_remove(subscriber.index as usize)?;
        transport.pending.retain(|index| *index != subscriber.index);
        transport.used_numbers.remember(&subscription);
        transport.stats.remote_packets_lost += subscription.reports.remote_lost;
        if transport.is_established() {
            transport.byes.push(subscription.ssrc);
        }
        self.subscriptions.remove(&subscription.id);
        Some(subscription)
    }

    /// Of a transport that is gone already.
    pub fn forget_subscription(&mut self, id: SubscriptionId) {
        self.subscriptions.remove(&id);
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Transport> {
        self.slab.iter_mut().map(|(_, transport)| transport)
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.slab.is_empty()
            && self.by_id.is_empty()
            && self.by_ufrag.is_empty()
            && self.by_address.is_empty()
            && self.subscriptions.is_empty()
    }
}
