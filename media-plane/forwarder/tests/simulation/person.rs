//! One person: a transport, what they publish and what they watch.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::SocketAddr;
use std::time::Instant;

use aqlinks_forwarder::rtp::{Header, extend, split_osn};

use crate::network::Network;
use crate::peer::Peer;
use crate::stream::{Content, Stream};
use crate::viewing::Viewing;

/// Indices of an SSRC that are remembered.
const REMEMBERED: u64 = 4_096;

pub struct Person {
    pub room: u8,
    pub peer: Peer,
    pub network: Network,
    /// All that ever were theirs: an address is never another's.
    pub addresses: Vec<SocketAddr>,
    pub streams: Vec<Stream>,
    pub viewings: Vec<Viewing>,
    /// Those that the worker has had a check from: it takes media from nowhere else.
    pub checked: Vec<SocketAddr>,
    /// By the worker's own word.
    pub established: bool,
    /// SSRCs of subscriptions that ended: they may come again.
    pub ended_ssrcs: Vec<(u32, Option<u32>)>,
    pub next_tick: Instant,
    pub next_check: Instant,
    pub next_report: Instant,
    /// The control plane was told to end it, or it ended itself.
    pub leaving: bool,
    /// What each SSRC of the worker's sealed under which index.
    sealed: HashMap<u32, Sealed>,
}

#[derive(Default)]
struct Sealed {
    newest: Option<u64>,
    hashes: HashMap<u64, u64>,
}

/// Of a packet that the worker sent.
pub struct Seen {
    pub ssrc: u32,
    /// In the numbers of the subscription.
    pub index: u64,
}

impl Person {
    pub fn new(room: u8, peer: Peer, network: Network, now: Instant) -> Self {
        Self {
            room,
            addresses: vec![peer.address],
            peer,
            network,
            streams: Vec::new(),
            viewings: Vec::new(),
            checked: Vec::new(),
            established: false,
            ended_ssrcs: Vec::new(),
            next_tick: now,
            next_check: now,
            next_report: now,
            leaving: false,
            sealed: HashMap::new(),
        }
    }

    pub fn is_connected(&self) -> bool {
        self.peer.srtp.is_some()
    }

    /// Looks at RTP that the worker has just sent to this person, before any network. `None`: of a subscription that
    /// ended meanwhile.
    pub fn see_rtp(&mut self, datagram: &[u8]) -> Option<Seen> {
        let header = Header::parse(datagram).expect("sound RTP");
        let ssrc = header.fields.ssrc;
        let sealed = self.sealed.entry(ssrc).or_default();
        let newest = sealed.newest.unwrap_or(u64::from(header.fields.sequence_number));
        let index = extend(newest, header.fields.sequence_number).expect("an index");
        let mut hasher = DefaultHasher::new();
        datagram.hash(&mut hasher);
        let hash = hasher.finish();
        // AES-GCM: a nonce never protects two texts.
        let before = *sealed.hashes.entry(index).or_insert(hash);
        assert_eq!(before, hash, "index {index} of SSRC {ssrc} was used for two packets");
        sealed.newest = Some(newest.max(index));
        if sealed.hashes.len() as u64 > 2 * REMEMBERED {
            sealed.hashes.retain(|index, _| index + REMEMBERED > newest);
        }
        let mut packet = datagram.to_vec();
        let (_, opener) = self.peer.srtp.as_ref().expect("keys before RTP");
        let payload = opener.open_rtp(index, &mut packet, header.len).expect("authentic RTP").to_vec();

        let viewing =
            self.viewings.iter_mut().find(|viewing| viewing.ssrc == ssrc || viewing.rtx_ssrc == Some(ssrc))?;
        let (index, payload) = if viewing.ssrc == ssrc {
            (index, payload.as_slice())
        } else {
            let (number, payload) = split_osn(&payload).expect("an original number");
            let newest = self.sealed.get(&viewing.ssrc).and_then(|sealed| sealed.newest).expect("nothing to repeat");
            (extend(newest, number).expect("an index"), payload)
        };
        let content = Content::read_any(payload)?;
        assert_eq!(content.room, self.room, "a packet of another room");
        assert_eq!(content.track, viewing.track, "a packet of another track");
        viewing.see_sent(index, &content);
        Some(Seen { ssrc: viewing.ssrc, index })
    }
}
