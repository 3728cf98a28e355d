//! Shares what a viewer's path carries over what the viewer is to have: sound first, then every picture in the order of
//! its priority as small as it comes, then better ones, again by priority. What does not fit is paused.

use crate::command::{Kind, Target};
use crate::track::{Rates, SPATIAL, TEMPORAL};

/// A rise must leave this part of the estimate free, so that it is not taken back with the next wave of a picture's rate.
const HEADROOM: f64 = 0.10;
/// A layer that nobody watched is not sent: it is taken for so much more than the one below.
const STEP: u32 = 3;
/// A picture whose lowest layer does not fit is kept for a while nevertheless, unless it takes so many times what there is.
const OVERDRAFT: f64 = 2.0;

/// What a viewer might have of one track.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub kind: Kind,
    /// The room's word: the higher, the dearer.
    pub priority: u8,
    /// Pixels of the largest layer that is wanted: of two pictures of one priority the larger is the dearer.
    pub size: u32,
    /// Bits a second of each layer alone.
    pub rates: Rates,
    /// Each spatial layer is a stream of its own (simulcast), not a part of the one above.
    pub apart: bool,
    /// The highest layers that it may have; `None`: it is to have nothing.
    pub most: Option<(u8, u8)>,
    /// What it was given last, and is given now.
    pub given: Target,
}

/// What is known of the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// Bits a second.
    pub estimate: f64,
    /// It was seen to be full at least once: else nothing is paused for a number that is only a beginning.
    pub proven: bool,
    /// Nothing was taken back just now.
    pub may_rise: bool,
    /// It has not carried what it is sent for some time: no picture is kept on credit any more.
    pub exhausted: bool,
}

/// Decides what each is given; `order` is room to sort in. Bits a second that everybody would take who has no limit.
pub(crate) fn share(budget: &Budget, candidates: &mut [Candidate], order: &mut Vec<usize>) -> f64 {
    order.clear();
    order.extend((0..candidates.len()).filter(|at| candidates[*at].most.is_some()));
    order.sort_by_key(|at| {
        let each = &candidates[*at];
        (each.kind == Kind::Video, std::cmp::Reverse((each.priority, each.size)))
    });
    let mut used = 0.0;
    let mut demand = 0.0;
    for &at in order.iter() {
        let each = &mut candidates[at];
        demand += each.cost(each.most.unwrap_or_default());
        let before = std::mem::replace(&mut each.given, Target::Paused);
        let cost = each.cost((0, 0));
        if each.kind == Kind::Audio || budget.keeps(used, cost, before) {
            each.given = each.target((0, 0));
            used += cost;
        }
        each.restore(before, &mut used, budget);
    }
    for &at in order.iter() {
        candidates[at].rise(&mut used, budget);
    }
    for each in candidates.iter_mut().filter(|each| each.most.is_none()) {
        each.given = Target::Paused;
    }
    demand
}

impl Budget {
    /// Whether the lowest layer of a picture is given.
    fn keeps(&self, used: f64, cost: f64, before: Target) -> bool {
        if !self.proven {
            return true;
        }
        let had = before != Target::Paused;
        let limit = match (had, self.exhausted) {
            (true, false) => OVERDRAFT * self.estimate,
            (true, true) => self.estimate,
            (false, _) if self.may_rise => (1.0 - HEADROOM) * self.estimate,
            (false, _) => 0.0,
        };
        used + cost <= limit
    }
}

impl Candidate {
    /// It is given less than it may have.
    pub fn is_held_back(&self) -> bool {
        self.most.is_some() && self.layer(self.given) != self.most
    }

    /// Bits a second of what it is given.
    pub fn given_cost(&self) -> f64 {
        self.layer(self.given).map_or(0.0, |layer| self.cost(layer))
    }

    /// Bits a second with all up to this layer.
    fn cost(&self, (spatial, temporal): (u8, u8)) -> f64 {
        let of = |spatial: usize| -> u32 {
            let temporal = usize::from(temporal).min(TEMPORAL - 1);
            self.rates[spatial][..=temporal].iter().fold(0, |sum, rate| sum.saturating_add(*rate))
        };
        let spatial = usize::from(spatial).min(SPATIAL - 1);
        let mut below = of(0);
        let mut sum = below;
        for layer in 1..=spatial {
            let rate = match of(layer) {
                0 if self.apart => below.saturating_mul(STEP),
                rate => rate,
            };
            (below, sum) = (rate, sum.saturating_add(rate));
        }
        f64::from(if self.apart { below } else { sum })
    }

    fn target(&self, layer: (u8, u8)) -> Target {
        // At the top there is nothing to hold back, whatever comes above.
        if Some(layer) == self.most {
            return Target::ALL;
        }
        Target::Layer { spatial: layer.0, temporal: layer.1 }
    }

    /// What it is given, within what it may have.
    fn layer(&self, target: Target) -> Option<(u8, u8)> {
        let most = self.most?;
        match target {
            Target::Paused => None,
            Target::Layer { spatial, temporal } => Some((spatial.min(most.0), temporal.min(most.1))),
        }
    }

    /// From the lowest to what it had, as far as the estimate goes: what it has it keeps without headroom. Only to be asked
    /// in the order of importance.
    fn restore(&mut self, before: Target, used: &mut f64, budget: &Budget) {
        let (Some(had), Some(now)) = (self.layer(before), self.layer(self.given)) else { return };
        self.climb(now, had, used, budget.estimate);
    }

    /// Above what it had.
    fn rise(&mut self, used: &mut f64, budget: &Budget) {
        let (Some(most), Some(now), true) = (self.most, self.layer(self.given), budget.may_rise) else { return };
        self.climb(now, most, used, (1.0 - HEADROOM) * budget.estimate);
    }

    /// To the best layer up to `to` that fits: temporal layers go before spatial ones.
    fn climb(&mut self, from: (u8, u8), to: (u8, u8), used: &mut f64, limit: f64) {
        let others = *used - self.cost(from);
        let steps = (from.0..=to.0).rev().flat_map(|spatial| {
            let most = self.most.map_or(0, |most| most.1);
            let highest = if spatial == to.0 { to.1 } else { most };
            (0..=highest).rev().map(move |temporal| (spatial, temporal))
        });
        let best = steps.take_while(|step| *step > from).find(|step| others + self.cost(*step) <= limit);
        if let Some(step) = best {
            self.given = self.target(step);
            *used = others + self.cost(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: Rates = [[100_000, 50_000, 0], [350_000, 150_000, 0], [1_000_000, 500_000, 0]];

    fn camera(priority: u8) -> Candidate {
        let (kind, most) = (Kind::Video, Some((2, 1)));
        Candidate { kind, priority, size: 1, rates: CAMERA, apart: true, most, given: Target::Paused }
    }

    fn single(rate: u32) -> Candidate {
        Candidate { rates: [[rate, 0, 0], [0; 3], [0; 3]], apart: false, most: Some((0, 0)), ..camera(0) }
    }

    fn sound() -> Candidate {
        Candidate { kind: Kind::Audio, ..single(40_000) }
    }

    fn proven(estimate: f64) -> Budget {
        Budget { estimate, proven: true, may_rise: true, exhausted: true }
    }

    fn shared(budget: &Budget, candidates: &mut [Candidate]) -> Vec<Target> {
        share(budget, candidates, &mut Vec::new());
        candidates.iter().map(|each| each.given).collect()
    }

    fn layer(spatial: u8, temporal: u8) -> Target {
        Target::Layer { spatial, temporal }
    }

    #[test]
    fn sound_comes_first_then_every_picture_then_better_ones_by_priority() {
        let mut all = [camera(1), camera(9), sound(), camera(1)];
        assert_eq!(shared(&proven(10e6), &mut all), [Target::ALL; 4]);
        let mut all = [camera(1), camera(9), sound(), camera(1)];
        assert_eq!(shared(&proven(2.0e6), &mut all), [layer(0, 1), Target::ALL, Target::ALL, layer(0, 0)]);
        let mut all = [camera(1), camera(9), sound(), camera(1)];
        assert_eq!(shared(&proven(3e5), &mut all), [layer(0, 0), layer(0, 0), Target::ALL, Target::Paused]);
        let mut all = [camera(1), camera(9), sound(), camera(1)];
        assert_eq!(shared(&proven(1e4), &mut all), [Target::Paused, Target::Paused, Target::ALL, Target::Paused]);
    }

    #[test]
    fn temporal_layers_go_before_spatial_ones() {
        let mut one = [camera(0)];
        let rates = [1.7e6, 1.2e6, 0.6e6, 0.4e6, 0.2e6, 0.13e6, 0.1e6];
        let given: Vec<_> = rates.iter().flat_map(|rate| shared(&proven(*rate), &mut one)).collect();
        let down = [layer(2, 1), layer(2, 0), layer(1, 1), layer(1, 0), layer(0, 1), layer(0, 0), layer(0, 0)];
        let all = |target: &Target| if *target == layer(2, 1) { Target::ALL } else { *target };
        assert_eq!(given, down.iter().map(all).collect::<Vec<_>>());
    }

    #[test]
    fn what_it_has_it_keeps_within_the_headroom() {
        let mut one = [camera(0)];
        assert_eq!(shared(&proven(1.7e6), &mut one), [Target::ALL]);
        assert_eq!(shared(&proven(1.55e6), &mut one), [Target::ALL], "kept");
        assert_eq!(shared(&proven(1.45e6), &mut one), [layer(2, 0)]);
        assert_eq!(shared(&proven(1.6e6), &mut one), [layer(2, 0)], "not risen again");
        let hold = Budget { may_rise: false, ..proven(9e6) };
        assert_eq!(shared(&hold, &mut one), [layer(2, 0)]);
        assert_eq!(shared(&proven(9e6), &mut one), [Target::ALL]);
    }

    #[test]
    fn a_picture_is_paused_only_if_it_does_not_fit_for_some_time_or_not_by_far() {
        let mut one = [Candidate { given: Target::ALL, ..single(1_000_000) }];
        let first = Budget { exhausted: false, ..proven(0.9e6) };
        assert_eq!(shared(&first, &mut one), [Target::ALL]);
        assert_eq!(shared(&proven(0.9e6), &mut one), [Target::Paused]);
        assert_eq!(shared(&proven(1.05e6), &mut one), [Target::Paused]);
        assert_eq!(shared(&proven(1.2e6), &mut one), [Target::ALL]);
        assert_eq!(shared(&Budget { estimate: 0.4e6, ..first }, &mut one), [Target::Paused]);
    }

    #[test]
    fn nothing_is_paused_for_an_estimate_that_was_never_tried() {
        let unproven = Budget { proven: false, ..proven(1e6) };
        let mut all = [single(5_000_000), camera(0), camera(0)];
        assert_eq!(shared(&unproven, &mut all), [Target::ALL, layer(0, 0), layer(0, 0)]);
    }

    #[test]
    fn an_unwatched_layer_is_taken_for_three_times_the_one_below() {
        let mut one = [Candidate { rates: [[150_000, 0, 0], [0; 3], [0; 3]], most: Some((2, 0)), ..camera(0) }];
        assert_eq!(shared(&proven(6e5), &mut one), [layer(1, 0)]);
        assert!((share(&proven(6e5), &mut one, &mut Vec::new()) - 1.35e6).abs() < 1.0);
    }

    #[test]
    fn layers_of_one_stream_add_up() {
        let mut one = [Candidate { apart: false, ..camera(0) }];
        assert_eq!(shared(&proven(1.9e6), &mut one), [layer(2, 0)]);
        assert_eq!(shared(&proven(2.4e6), &mut one), [Target::ALL]);
    }

    #[test]
    fn what_the_control_plane_paused_is_paused() {
        let mut all = [Candidate { most: None, given: Target::ALL, ..camera(0) }];
        assert_eq!(shared(&proven(9e6), &mut all), [Target::Paused]);
    }
}
