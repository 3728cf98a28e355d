//! Sequence numbers without their wrap.

/// How far `sequence_number` is ahead of the low 16 bits of `reference`: -2^15 to 2^15 - 1.
fn distance(reference: u64, sequence_number: u16) -> i64 {
    i64::from(sequence_number.wrapping_sub(reference as u16) as i16)
}

/// The number nearest to `reference` whose low 16 bits are `sequence_number` (RFC 3711 appendix A); `None` if it would be
/// below 0. At a distance of exactly 2^15 the older one.
pub fn extend(reference: u64, sequence_number: u16) -> Option<u64> {
    reference.checked_add_signed(distance(reference, sequence_number))
}

/// Whether `a` comes after `b` (RFC 1982); at a distance of exactly 2^15 neither does.
pub fn is_newer(a: u16, b: u16) -> bool {
    a != b && a.wrapping_sub(b) < 0x8000
}

/// Extends a stream of 16-bit numbers, following its newest. Begins in the second cycle, so that a late packet before
/// the first one has a number too.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwrapper {
    newest: Option<u64>,
}

impl Unwrapper {
    pub fn unwrap(&mut self, sequence_number: u16) -> u64 {
        let Some(newest) = self.newest else {
            let first = 1 << 16 | u64::from(sequence_number);
            self.newest = Some(first);
            return first;
        };
        // Never below 2^15: the newest is at least 2^16 and never falls.
        let unwrapped = newest.saturating_add_signed(distance(newest, sequence_number));
        self.newest = Some(newest.max(unwrapped));
        unwrapped
    }

    pub fn newest(&self) -> Option<u64> {
        self.newest
    }
}
