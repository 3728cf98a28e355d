//! The way between one person and the worker: what each datagram of it suffers.

use std::time::Duration;

use crate::random::Random;

#[derive(Debug, Clone, Copy)]
pub struct Network {
    delay: u64,
    jitter: u64,
    loss: u64,
    duplicate: u64,
    reorder: u64,
    /// Nothing gets through.
    pub dead: bool,
}

impl Network {
    pub fn any(random: &mut Random) -> Self {
        let bad = random.percent(50);
        Self {
            delay: random.below(1..120),
            jitter: if bad { random.below(0..40) } else { 0 },
            loss: if bad { random.pick(&[0, 1, 5, 10, 25]).unwrap_or(0) } else { 0 },
            duplicate: if bad { random.below(0..5) } else { 0 },
            reorder: if bad { random.below(0..10) } else { 0 },
            dead: false,
        }
    }

    /// How long each copy of a datagram takes; none if it is lost.
    pub fn carry(&self, datagram: &[u8], random: &mut Random) -> Vec<Duration> {
        // A handshake is of random bytes, and of as many datagrams as they need: its luck must not change the seed's.
        if !self.dead && matches!(datagram.first(), Some(20..=63)) {
            return vec![Duration::from_millis(self.delay)];
        }
        if self.dead || random.percent(self.loss) {
            return Vec::new();
        }
        let copies = if random.percent(self.duplicate) { 2 } else { 1 };
        let mut time = || {
            let held_back = if random.percent(self.reorder) { random.below(1..30) } else { 0 };
            Duration::from_millis(self.delay + random.below(0..self.jitter + 1) + held_back)
        };
        (0..copies).map(|_| time()).collect()
    }
}
