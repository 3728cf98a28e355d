//! The worker's tracks.

use rustc_hash::FxHashMap;
use slab::Slab;

use crate::command::TrackId;
use crate::speakers::Speakers;
use crate::track::Track;

/// Where a track lies; given to another one once it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TrackKey(u32);

#[derive(Default)]
pub(crate) struct Tracks {
    slab: Slab<Track>,
    by_id: FxHashMap<TrackId, TrackKey>,
    /// Those with packets that are not forwarded yet.
    pub fresh: Vec<TrackKey>,
    pub speakers: Speakers,
}

impl Tracks {
    /// `None`: the id is taken.
    pub fn insert(&mut self, track: Track) -> Option<TrackKey> {
        if self.by_id.contains_key(&track.id) {
            return None;
        }
        let id = track.id;
        let key = TrackKey(self.slab.insert(track) as u32);
        self.by_id.insert(id, key);
        Some(key)
    }

    pub fn remove(&mut self, key: TrackKey) -> Option<Track> {
        let track = self.slab.try_remove(key.0 as usize)?;
        self.by_id.remove(&track.id);
        self.fresh.retain(|fresh| *fresh != key);
        if let Some(group) = track.group {
            self.speakers.forget(group, track.id);
        }
        Some(track)
    }

    pub fn find(&self, id: TrackId) -> Option<TrackKey> {
        self.by_id.get(&id).copied()
    }

    pub fn get(&self, key: TrackKey) -> Option<&Track> {
        self.slab.get(key.0 as usize)
    }

    pub fn get_mut(&mut self, key: TrackKey) -> Option<&mut Track> {
        self.slab.get_mut(key.0 as usize)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Track> {
        self.slab.iter_mut().map(|(_, track)| track)
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.slab.is_empty() && self.by_id.is_empty() && self.fresh.is_empty() && self.speakers.is_empty()
    }
}
