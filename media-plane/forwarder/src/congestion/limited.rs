//! Whether less is sent than might be (libwebrtc's application-limited region): then what arrives says little of what
//! could.

/// Below this part of the estimate; and out of it again when the budget saved up is half used.
const SHARE: f64 = 0.65;
const BEGIN: f64 = 0.80;
const END: f64 = 0.50;
/// The budget is that of so much time.
const WINDOW_SECONDS: f64 = 0.5;

#[derive(Debug, Default)]
pub(super) struct Limited {
    /// Bytes not used, between minus and plus the window's.
    budget: f64,
    updated_at: Option<u64>,
    limited: bool,
}

impl Limited {
    pub fn is(&self) -> bool {
        self.limited
    }

    /// So many bytes were sent since the last call. `now` in microseconds, `estimate` in bits a second.
    pub fn update(&mut self, now: u64, bytes: u64, estimate: f64) {
        let elapsed = self.updated_at.map_or(0.0, |at| now.saturating_sub(at) as f64 / 1e6);
        self.updated_at = Some(now);
        let rate = SHARE * estimate / 8.0;
        let most = rate * WINDOW_SECONDS;
        self.budget = (self.budget + rate * elapsed - bytes as f64).clamp(-most, most);
        if self.budget > BEGIN * most {
            self.limited = true;
        } else if self.budget < END * most {
            self.limited = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sends_little_is_limited_until_he_sends_much() {
        let mut limited = Limited::default();
        let mut run = |from: u64, bytes: u64| {
            (from..from + 20).for_each(|step| limited.update(step * 100_000, bytes, 1e6));
            limited.is()
        };
        assert!(run(0, 3_000));
        assert!(!run(20, 12_500));
        assert!(run(40, 3_000));
    }
}
