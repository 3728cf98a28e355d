//! Which layer of its track a viewer is to have, and which packets of a stream with several layers pass.

use std::time::Instant;

use crate::codec::MAX_TEMPORAL;
use crate::command::{Limits, Target};
use crate::track::{Facts, Track};

/// A layer of three quarters of the shown size looks as good as one that fits.
const ENOUGH: (u32, u32) = (3, 4);

pub(crate) struct Selection {
    /// What the viewer's network allows, as the allocator says.
    target: Target,
    /// What the control plane allows: the size that is shown above all.
    limits: Limits,
    /// Layers of the one stream that pass now.
    spatial: u8,
    temporal: u8,
    /// Timestamp of the picture that is being sent.
    picture: Option<u32>,
    /// What it is counted as one of the watchers of.
    pub watched: Option<u8>,
    /// What the control plane was told last.
    pub told: Target,
}

impl Selection {
    pub fn new(limits: Limits) -> Self {
        Self {
            target: Target::ALL,
            limits,
            spatial: u8::MAX,
            temporal: MAX_TEMPORAL,
            picture: None,
            watched: None,
            told: Target::Layer { spatial: 0, temporal: 0 },
        }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The allocator's word.
    pub fn aim(&mut self, target: Target) {
        self.target = target;
    }

    pub fn target(&self) -> Target {
        self.target
    }

    /// The highest spatial and temporal layer that it may have, whatever its network allows; `None`: it is to have none.
    pub fn most(&self, track: &Track) -> Option<(u8, u8)> {
        if self.limits.paused {
            return None;
        }
        let highest = track.spatial_layers() - 1;
        let spatial = highest.min(self.limits.max_spatial).min(self.fitting(track, highest));
        Some((spatial, track.temporal_layers().saturating_sub(1).min(self.limits.max_temporal)))
    }

    pub fn is_paused(&self) -> bool {
        self.limits.paused || self.target == Target::Paused
    }

    /// The spatial layer that it is to have if it is there; `None`: none, it is paused.
    pub fn wanted(&self, track: &Track) -> Option<u8> {
        let Target::Layer { spatial, .. } = self.target else { return None };
        if self.is_paused() {
            return None;
        }
        let highest = track.spatial_layers() - 1;
        Some(highest.min(spatial).min(self.limits.max_spatial).min(self.fitting(track, highest)))
    }

    /// The stream that it is to have now: the one that is wanted, or what there is while that is dry.
    pub fn stream(&self, track: &Track, now: Instant) -> Option<u8> {
        let wanted = self.wanted(track)?;
        if !track.is_layered() {
            return Some(0);
        }
        let live = |layer: &u8| track.is_live(*layer, now);
        let below = (0..=wanted).rev().find(live);
        Some(below.or_else(|| (wanted..track.spatial_layers()).find(live)).unwrap_or(wanted))
    }

    /// Whether all packets of a stream pass without a look.
    pub fn is_open(&self, track: &Track, stream: u8) -> bool {
        let Some((spatial, temporal)) = track.layer(stream).map(|layer| layer.rates.highest()) else { return true };
        let simple = spatial == 0 && temporal == 0;
        simple || (self.spatial >= spatial && self.temporal >= temporal && self.allows(track, (spatial, temporal)))
    }

    /// A stream begins, with a key frame: the highest spatial layer of it.
    pub fn begin(&mut self, track: &Track) -> u8 {
        self.temporal = self.temporal_target();
        self.spatial = self.spatial_target(track);
        self.picture = None;
        self.spatial
    }

    /// Whether a new packet of a stream that is not open passes.
    pub fn passes(&mut self, track: &Track, facts: &Facts) -> bool {
        let temporal = self.temporal_target();
        if self.picture != Some(facts.timestamp) {
            self.picture = Some(facts.timestamp);
            self.temporal = self.temporal.min(temporal);
            self.spatial = self.spatial.min(self.spatial_target(track));
        }
        if facts.raises.to > self.temporal && self.temporal >= facts.raises.from {
            self.temporal = temporal.min(facts.raises.to).max(self.temporal);
        }
        if facts.key_frame {
            self.spatial = self.spatial_target(track);
        }
        facts.temporal <= self.temporal && facts.spatial <= self.spatial
    }

    /// The highest spatial layer of the one stream that passes.
    pub fn spatial(&self) -> u8 {
        self.spatial
    }

    /// Whether a key frame would bring more spatial layers of the one stream.
    pub fn lacks_spatial(&self, track: &Track) -> bool {
        !track.is_layered() && self.spatial < self.spatial_target(track)
    }

    /// What passes now of a stream.
    pub fn current(&self, track: &Track, stream: u8) -> Target {
        let (highest, temporal) = track.layer(stream).map_or((0, 0), |layer| layer.rates.highest());
        let spatial = if track.is_layered() { stream } else { highest.min(self.spatial) };
        Target::Layer { spatial, temporal: temporal.min(self.temporal) }
    }

    fn temporal_target(&self) -> u8 {
        match self.target {
            Target::Paused => 0,
            Target::Layer { temporal, .. } => temporal.min(self.limits.max_temporal),
        }
    }

    /// Of one stream; those of a simulcast pass whole.
    fn spatial_target(&self, track: &Track) -> u8 {
        match self.wanted(track) {
            Some(wanted) if !track.is_layered() && wanted + 1 < track.spatial_layers() => wanted,
            _ => u8::MAX,
        }
    }

    fn allows(&self, track: &Track, (spatial, temporal): (u8, u8)) -> bool {
        self.spatial_target(track) >= spatial && self.temporal_target() >= temporal
    }

    /// The lowest layer that fills the shown size.
    fn fitting(&self, track: &Track, highest: u8) -> u8 {
        let (Some(width), Some(height)) = (self.limits.max_width, self.limits.max_height) else { return highest };
        let is_enough = |shown: u16, has: u16| u32::from(has) * ENOUGH.1 >= u32::from(shown) * ENOUGH.0;
        let fills = |layer: &u8| {
            let size = track.size(*layer).unwrap_or_else(|| usual_size(*layer, highest));
            // Shown whole: the tighter side is the one that counts.
            is_enough(width, size.0) || is_enough(height, size.1)
        };
        (0..=highest).find(fills).unwrap_or(highest)
    }
}

/// Of a camera of 720 lines, before its first key frame.
fn usual_size(layer: u8, highest: u8) -> (u16, u16) {
    let halvings = highest - layer;
    (1_280 >> halvings, 720 >> halvings)
}
