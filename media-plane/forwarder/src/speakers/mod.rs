//! Who speaks in each room, and in large ones whose sound is forwarded at all.

mod voice;

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use crate::command::{GroupId, TrackId};
use crate::event::Event;
use voice::Voice;

/// Between two events about one group.
const INTERVAL: Duration = Duration::from_millis(250);
/// Whoever is to be told first must be so much stronger, in dB, than who is now.
const DOMINANCE: f32 = 3.0;
/// And whoever is to be heard, than one who is heard and speaks.
const DISPLACEMENT: f32 = 6.0;

/// The microphones of one room on this worker.
#[derive(Default)]
struct Group {
    voices: Vec<Entry>,
    dominant: Option<TrackId>,
    told: Vec<TrackId>,
    told_at: Option<Instant>,
    /// Only so many are forwarded.
    loudest: Option<usize>,
}

struct Entry {
    track: TrackId,
    voice: Voice,
    forwarded: bool,
}

#[derive(Default)]
pub(crate) struct Speakers {
    groups: FxHashMap<GroupId, Group>,
}

impl Speakers {
    /// A packet of a track of the group carries this level. Whether its sound is forwarded.
    pub fn hear(&mut self, now: Instant, group: GroupId, track: TrackId, level: u8) -> bool {
        let group = self.groups.entry(group).or_default();
        let at = group.voices.iter().position(|entry| entry.track == track).unwrap_or_else(|| {
            // Whoever comes while there is room is heard from the first packet on.
            let forwarded = group.loudest.is_none_or(|loudest| group.forwarded() < loudest);
            group.voices.push(Entry { track, voice: Voice::default(), forwarded });
            group.voices.len() - 1
        });
        group.voices[at].voice.hear(now, level);
        group.admit(now, at);
        group.loudest.is_none() || group.voices[at].forwarded
    }

    /// The track is gone.
    pub fn forget(&mut self, group: GroupId, track: TrackId) {
        let Some(found) = self.groups.get_mut(&group) else { return };
        found.voices.retain(|entry| entry.track != track);
        if found.voices.is_empty() && found.told.is_empty() && found.loudest.is_none() {
            self.groups.remove(&group);
        }
    }

    /// Forwards the sound of so many only; `None`: of all.
    pub fn limit(&mut self, now: Instant, group: GroupId, loudest: Option<usize>) {
        let found = self.groups.entry(group).or_default();
        if found.loudest == loudest {
            return;
        }
        found.loudest = loudest;
        let mut strongest: Vec<_> = (0..found.voices.len()).collect();
        strongest.sort_by(|a, b| {
            let strength = |at: usize| found.voices[at].voice.strength_at(now);
            strength(*b).total_cmp(&strength(*a))
        });
        for (rank, at) in strongest.into_iter().enumerate() {
            found.voices[at].forwarded = loudest.is_none_or(|loudest| rank < loudest);
        }
        if found.voices.is_empty() && loudest.is_none() {
            self.groups.remove(&group);
        }
    }

    /// Says who speaks in the group if that has changed, the dominant one first.
    pub fn tell(&mut self, now: Instant, group: GroupId) -> Option<Event> {
        let found = self.groups.get_mut(&group)?;
        for entry in &mut found.voices {
            entry.voice.settle(now);
        }
        if found.told_at.is_some_and(|at| now < at + INTERVAL) {
            return None;
        }
        let tracks = found.speaking(now);
        if tracks == found.told {
            return None;
        }
        found.told.clone_from(&tracks);
        found.told_at = Some(now);
        Some(Event::Speakers { group, tracks })
    }

    /// When there may be something new to tell, if nothing more is heard.
    pub fn next(&self, group: GroupId) -> Option<Instant> {
        let found = self.groups.get(&group)?;
        let ends = found.voices.iter().filter_map(|entry| entry.voice.ends_at()).min();
        // Told of one who speaks, or one who speaks and is not told of yet.
        let begins = found.voices.iter().any(|entry| entry.voice.speaks() && !found.told.contains(&entry.track));
        let gone = found.told.iter().any(|track| !found.voices.iter().any(|entry| entry.track == *track));
        let next = found.told_at.map(|at| at + INTERVAL);
        let soon = next.filter(|_| begins || gone);
        soon.into_iter().chain(ends.map(|at| next.map_or(at, |next| next.max(at)))).min()
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

impl Group {
    fn forwarded(&self) -> usize {
        self.voices.iter().filter(|entry| entry.forwarded).count()
    }

    /// Lets a voice that speaks be heard: at once where somebody is silent, be it between two words, in place of who has been
    /// so for the longest; where all speak, in place of a weaker one after a sentence.
    fn admit(&mut self, now: Instant, at: usize) {
        let (Some(loudest), entry) = (self.loudest, &self.voices[at]) else { return };
        if entry.forwarded || !entry.voice.says_a_word(now) {
            return;
        }
        if self.forwarded() >= loudest {
            let (strength, insists) = (entry.voice.strength_at(now), entry.voice.says_a_sentence());
            let heard = self.voices.iter_mut().filter(|entry| entry.forwarded);
            let silent = |entry: &&mut Entry| !entry.voice.says_a_word(now);
            let (mut idle, mut busy): (Vec<_>, Vec<_>) = heard.partition(silent);
            let weakest = busy.iter_mut().min_by(|a, b| a.voice.strength_at(now).total_cmp(&b.voice.strength_at(now)));
            let displaced = match (idle.iter_mut().min_by_key(|entry| entry.voice.loud_at()), weakest) {
                (Some(idle), _) => idle,
                (None, Some(weakest)) if insists && strength > weakest.voice.strength_at(now) + DISPLACEMENT => weakest,
                _ => return,
            };
            displaced.forwarded = false;
        }
        self.voices[at].forwarded = true;
    }

    /// Those who speak: the dominant one, then the others in the order of their coming.
    fn speaking(&mut self, now: Instant) -> Vec<TrackId> {
        let speaking = || self.voices.iter().filter(|entry| entry.voice.speaks());
        let strength = |entry: &Entry| entry.voice.strength_at(now);
        let strongest = speaking().max_by(|a, b| strength(a).total_cmp(&strength(b)));
        let current = speaking().find(|entry| Some(entry.track) == self.dominant);
        let dominant = match (current, strongest) {
            (Some(current), Some(strongest)) if strength(strongest) > strength(current) + DOMINANCE => Some(strongest),
            (Some(current), _) => Some(current),
            (None, strongest) => strongest,
        };
        let dominant = dominant.map(|entry| entry.track);
        let others = speaking().map(|entry| entry.track).filter(|track| Some(*track) != dominant);
        let tracks = dominant.into_iter().chain(others).collect();
        self.dominant = dominant;
        tracks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: u8 = 25;
    const SILENT: u8 = 100;

    /// Twenty milliseconds in which each of these voices has this level; who is forwarded, and what is told.
    fn step(speakers: &mut Speakers, now: &mut Instant, levels: &[u8]) -> (Vec<TrackId>, Option<Vec<TrackId>>) {
        *now += Duration::from_millis(20);
        let forwarded = levels.iter().zip(1..).filter(|(level, track)| speakers.hear(*now, 1, *track, **level));
        let forwarded = forwarded.map(|(_, track)| track).collect();
        let told = speakers.tell(*now, 1).map(|event| match event {
            Event::Speakers { tracks, .. } => tracks,
            other => panic!("{other:?}"),
        });
        (forwarded, told)
    }

    fn steps(speakers: &mut Speakers, now: &mut Instant, count: usize, levels: &[u8]) -> Vec<Vec<TrackId>> {
        (0..count).filter_map(|_| step(speakers, now, levels).1).collect()
    }

    #[test]
    fn who_speaks_is_told_on_change_and_not_too_often() {
        let (mut speakers, mut now) = (Speakers::default(), Instant::now());
        assert!(steps(&mut speakers, &mut now, 50, &[SILENT, SILENT]).is_empty());
        assert_eq!(steps(&mut speakers, &mut now, 50, &[LOUD, SILENT]), [[1]]);
        assert_eq!(steps(&mut speakers, &mut now, 50, &[SILENT, LOUD]), [vec![1, 2], vec![2, 1], vec![2]]);
        let begun = now;
        let mut events = 0;
        for round in 0..200 {
            let levels = if round % 4 < 2 { [LOUD, SILENT] } else { [SILENT, LOUD] };
            events += usize::from(step(&mut speakers, &mut now, &levels).1.is_some());
        }
        assert!(events <= 17, "{events} in {:?}", now - begun);
    }

    #[test]
    fn the_dominant_one_comes_first_and_is_not_displaced_by_a_cough() {
        let (mut speakers, mut now) = (Speakers::default(), Instant::now());
        steps(&mut speakers, &mut now, 50, &[SILENT, SILENT]);
        steps(&mut speakers, &mut now, 50, &[30, SILENT]);
        let told = steps(&mut speakers, &mut now, 4, &[30, 15]).concat();
        assert!(!told.starts_with(&[2]), "{told:?}");
        let told = steps(&mut speakers, &mut now, 50, &[30, 15]);
        assert_eq!(told.last(), Some(&vec![2, 1]));
    }

    #[test]
    fn of_many_the_loudest_are_forwarded_and_first_words_are_hardly_cut() {
        let (mut speakers, mut now) = (Speakers::default(), Instant::now());
        steps(&mut speakers, &mut now, 20, &[SILENT; 6]);
        speakers.limit(now, 1, Some(2));
        steps(&mut speakers, &mut now, 20, &[LOUD, LOUD, SILENT, SILENT, SILENT, SILENT]);
        let (forwarded, _) = step(&mut speakers, &mut now, &[LOUD, LOUD, SILENT, SILENT, SILENT, SILENT]);
        assert_eq!(forwarded, [1, 2]);
        // One of them falls silent; somebody else begins and is heard from the second packet on.
        steps(&mut speakers, &mut now, 40, &[LOUD, SILENT, SILENT, SILENT, SILENT, SILENT]);
        let (first, _) = step(&mut speakers, &mut now, &[LOUD, SILENT, SILENT, SILENT, LOUD, SILENT]);
        let (second, _) = step(&mut speakers, &mut now, &[LOUD, SILENT, SILENT, SILENT, LOUD, SILENT]);
        assert_eq!((first, second.contains(&5)), (vec![1, 2], true));
        // While both speak, a third of the same loudness does not displace them, and a much louder one does.
        steps(&mut speakers, &mut now, 30, &[LOUD, SILENT, SILENT, SILENT, LOUD, LOUD]);
        assert_eq!(step(&mut speakers, &mut now, &[LOUD, SILENT, SILENT, SILENT, LOUD, LOUD]).0, [1, 5]);
        steps(&mut speakers, &mut now, 50, &[LOUD, SILENT, SILENT, 5, LOUD, SILENT]);
        assert!(step(&mut speakers, &mut now, &[LOUD, SILENT, SILENT, 5, LOUD, SILENT]).0.contains(&4));
        speakers.limit(now, 1, None);
        assert_eq!(step(&mut speakers, &mut now, &[SILENT; 6]).0.len(), 6);
    }

    #[test]
    fn a_group_ends_with_its_last_voice() {
        let (mut speakers, mut now) = (Speakers::default(), Instant::now());
        steps(&mut speakers, &mut now, 20, &[LOUD, SILENT]);
        assert!(speakers.next(1).is_some());
        speakers.forget(1, 1);
        assert_eq!(steps(&mut speakers, &mut now, 20, &[]), [Vec::<TrackId>::new()]);
        speakers.forget(1, 2);
        assert!(speakers.is_empty());
        assert_eq!(speakers.next(1), None);
    }
}
