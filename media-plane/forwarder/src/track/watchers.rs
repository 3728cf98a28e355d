//! Which layers of a simulcast anybody watches: the publisher is told to send no others.

use std::time::{Duration, Instant};

use crate::track::rates::SPATIAL;

/// A layer that nobody watches is sent on for so long: a viewer that turns away and back need not wait for a key frame.
const LINGER: Duration = Duration::from_secs(2);

/// Counts who wants what. The lowest layer is always wanted: whoever comes has a picture at once, and the publisher's
/// own estimate of its network stays alive.
#[derive(Debug)]
pub(crate) struct Watchers {
    layers: usize,
    counts: [u32; SPATIAL],
    /// Nobody watches it any more.
    left_at: [Option<Instant>; SPATIAL],
    /// What the publisher was told last; nothing yet: it sends all.
    told: [bool; SPATIAL],
    /// What [`Self::take_watched`] gave last.
    watched: u8,
}

impl Watchers {
    pub fn new(layers: usize, now: Instant) -> Self {
        Self { layers, counts: [0; SPATIAL], left_at: [Some(now); SPATIAL], told: [true; SPATIAL], watched: 0 }
    }

    /// A viewer watches another layer than before, or none. True: the publisher is to be told, now or later.
    pub fn change(&mut self, now: Instant, from: Option<u8>, to: Option<u8>) -> bool {
        if from == to || self.layers == 1 {
            return false;
        }
        if let Some(count) = to.and_then(|layer| self.counts.get_mut(usize::from(layer))) {
            *count += 1;
        }
        if let Some(layer) = from.map(usize::from).filter(|layer| *layer < SPATIAL) {
            self.counts[layer] = self.counts[layer].saturating_sub(1);
            if self.counts[layer] == 0 {
                self.left_at[layer] = Some(now);
            }
        }
        self.next().is_some()
    }

    /// What the publisher is to be told now, if that is something new.
    pub fn take_news(&mut self, now: Instant) -> Option<Vec<bool>> {
        let mut news = false;
        for layer in 1..self.layers {
            let wanted = self.counts[layer] > 0;
            if wanted != self.told[layer] && (wanted || self.expires_at(layer).is_some_and(|at| at <= now)) {
                self.told[layer] = wanted;
                news = true;
            }
        }
        news.then(|| self.told[..self.layers].to_vec())
    }

    /// For the worker of the publisher, if that is another one: the layers that anybody here watches, a bit each, if
    /// they are not those that were taken last, or if they are to be told again.
    pub fn take_watched(&mut self, again: bool) -> Option<u8> {
        let counts = self.counts.iter().zip(0..);
        let watched = counts.fold(0, |layers, (count, layer)| layers | u8::from(*count > 0) << layer);
        (std::mem::replace(&mut self.watched, watched) != watched || again).then_some(watched)
    }

    /// When [`Self::take_news`] will have some.
    pub fn next(&self) -> Option<Instant> {
        (1..self.layers)
            .filter_map(|layer| match (self.counts[layer] > 0, self.told[layer]) {
                (true, false) => self.left_at[layer],
                (false, true) => self.expires_at(layer),
                _ => None,
            })
            .min()
    }

    /// Whether the publisher sends it, as far as it was told.
    pub fn is_sent(&self, layer: usize) -> bool {
        self.told.get(layer).is_some_and(|told| *told)
    }

    fn expires_at(&self, layer: usize) -> Option<Instant> {
        self.left_at[layer].map(|at| at + LINGER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_lingers_when_nobody_watches_it_and_comes_back_at_once() {
        let start = Instant::now();
        let mut watchers = Watchers::new(3, start);
        watchers.change(start, None, Some(2));
        assert_eq!(watchers.take_news(start), None);
        assert_eq!(watchers.take_news(start + LINGER), Some(vec![true, false, true]));
        let later = start + LINGER * 2;
        assert!(watchers.change(later, Some(2), Some(0)));
        assert_eq!(watchers.take_news(later), None);
        assert_eq!(watchers.next(), Some(later + LINGER));
        assert_eq!(watchers.take_news(later + LINGER), Some(vec![true, false, false]));
        assert!(watchers.change(later + LINGER, None, Some(1)));
        assert_eq!(watchers.take_news(later + LINGER), Some(vec![true, true, false]));
        assert_eq!(watchers.next(), None);
    }

    #[test]
    fn a_single_stream_is_always_wanted() {
        let start = Instant::now();
        let mut watchers = Watchers::new(1, start);
        assert!(!watchers.change(start, None, Some(0)));
        assert_eq!((watchers.next(), watchers.take_news(start + LINGER * 9)), (None, None));
    }
}
