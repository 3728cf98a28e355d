//! Whether somebody speaks, from the levels that their packets carry (RFC 6464).

use std::time::{Duration, Instant};

/// What a level must be above to be speech, whatever the noise is: -55 dBov.
const QUIET: f32 = 127.0 - 55.0;
/// Speech is so many dB above the noise around it.
const ABOVE_NOISE: f32 = 12.0;
/// The noise is what is left between the words: it falls at once and rises slowly, in dB a second, within bounds.
const NOISE_RISE: f32 = 3.0;
const MIN_NOISE: f32 = 127.0 - 90.0;
const MAX_NOISE: f32 = 127.0 - 45.0;
/// Packets in a row after which it is speech and no click: of 20 ms.
const WORD: u8 = 2;
/// Packets in a row after which it is a sentence.
const SENTENCE: u8 = 8;
/// Words have gaps: so long after its last loud packet a voice still speaks.
const HOLD: Duration = Duration::from_millis(600);
/// Without a packet for so long it is not loud right now.
const GAP: Duration = Duration::from_millis(60);
/// Of the mean over which voices are compared, in seconds.
const MEMORY: f32 = 0.4;

/// One microphone, on three scales of time as in Volfin and Cohen, "Dominant speaker identification for multipoint
/// videoconferencing" (2013): a packet, a word, the last sentence.
#[derive(Debug, Default)]
pub(super) struct Voice {
    noise: Option<f32>,
    heard_at: Option<Instant>,
    loud_at: Option<Instant>,
    /// Loud packets in a row, up to [`SENTENCE`].
    streak: u8,
    speaks: bool,
    /// Mean of the dB above the noise, as it was at `heard_at`.
    strength: f32,
}

impl Voice {
    /// `level`: 0 is the loudest, 127 silence.
    pub fn hear(&mut self, now: Instant, level: u8) {
        let loudness = 127.0 - f32::from(level.min(127));
        let elapsed = self.heard_at.map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f32());
        let noise = match self.noise {
            Some(noise) if loudness >= noise => (noise + NOISE_RISE * elapsed).min(loudness).min(MAX_NOISE),
            _ => loudness.clamp(MIN_NOISE, QUIET - ABOVE_NOISE),
        };
        self.strength = self.strength_at(now);
        self.noise = Some(noise);
        self.heard_at = Some(now);
        let is_loud = loudness >= QUIET.max(noise + ABOVE_NOISE);
        if !is_loud {
            self.streak = 0;
            return;
        }
        let weight = 1.0 - (-elapsed.clamp(0.005, 0.1) / MEMORY).exp();
        self.strength += weight * (loudness - noise) / (1.0 - weight).max(0.5);
        self.strength = self.strength.min(loudness - noise);
        self.loud_at = Some(now);
        self.streak = (self.streak + 1).min(SENTENCE);
        self.speaks |= self.streak >= WORD;
    }

    /// Ends what the silence since its last loud packet ended.
    pub fn settle(&mut self, now: Instant) {
        if self.ends_at().is_some_and(|at| at <= now) {
            self.speaks = false;
        }
    }

    pub fn speaks(&self) -> bool {
        self.speaks
    }

    /// Loud right now, for a word at least.
    pub fn says_a_word(&self, now: Instant) -> bool {
        self.streak >= WORD && self.loud_at.is_some_and(|at| now.saturating_duration_since(at) < GAP)
    }

    pub fn says_a_sentence(&self) -> bool {
        self.streak >= SENTENCE
    }

    pub fn loud_at(&self) -> Option<Instant> {
        self.loud_at
    }

    /// When it will have fallen silent, if nothing more is heard.
    pub fn ends_at(&self) -> Option<Instant> {
        self.loud_at.filter(|_| self.speaks).map(|at| at + HOLD)
    }

    /// In dB above its noise, over the last sentence.
    pub fn strength_at(&self, now: Instant) -> f32 {
        let elapsed = self.heard_at.map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f32());
        self.strength * (-elapsed / MEMORY).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(voice: &mut Voice, start: Instant, packets: std::ops::Range<u32>, level: u8) {
        for packet in packets {
            let now = start + Duration::from_millis(20) * packet;
            voice.hear(now, level);
            voice.settle(now);
        }
    }

    #[test]
    fn two_loud_packets_are_a_word_and_a_gap_ends_nothing() {
        let (mut voice, start) = (Voice::default(), Instant::now());
        hear(&mut voice, start, 0..10, 90);
        assert!(!voice.speaks());
        hear(&mut voice, start, 10..11, 30);
        assert!(!voice.speaks(), "a click");
        hear(&mut voice, start, 11..12, 30);
        assert!(voice.speaks(), "40 ms");
        hear(&mut voice, start, 12..40, 90);
        assert!(voice.speaks(), "a gap");
        hear(&mut voice, start, 40..45, 90);
        assert!(!voice.speaks());
    }

    #[test]
    fn noise_that_stays_is_no_speech_and_speech_above_it_is() {
        let (mut voice, start) = (Voice::default(), Instant::now());
        hear(&mut voice, start, 0..50, 127);
        hear(&mut voice, start, 50..600, 50); // a fan
        assert!(!voice.speaks(), "after some seconds");
        hear(&mut voice, start, 600..602, 30);
        assert!(voice.speaks());
    }

    #[test]
    fn the_louder_voice_is_stronger_and_silence_weakens_it() {
        let (mut loud, mut quiet, start) = (Voice::default(), Voice::default(), Instant::now());
        hear(&mut loud, start, 0..50, 20);
        hear(&mut quiet, start, 0..50, 40);
        let now = start + Duration::from_secs(1);
        assert!(loud.strength_at(now) > quiet.strength_at(now) + 6.0);
        assert!(loud.strength_at(now + Duration::from_secs(1)) < quiet.strength_at(now));
    }
}
