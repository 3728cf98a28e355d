//! Sequence numbers without their wrap.

/// The number nearest to `reference` whose low 16 bits are `sequence_number` (RFC 3711 appendix A); `None` if it would be
/// below 0. At a distance of exactly 2^15 the older one.
pub fn extend(_reference: u64, _sequence_number: u16) -> Option<u64> {
    todo!()
}

/// Whether `a` comes after `b` (RFC 1982); at a distance of exactly 2^15 neither does.
pub fn is_newer(a: u16, b: u16) -> bool {
    a != b && a.wrapping_sub(b) < 0x8000
}

/// Extends a stream of 16-bit numbers, following its newest. Begins in the second cycle, so that a late packet before
/// the first one has a number too.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwrapper {
    _newest: Option<u64>,
}

impl Unwrapper {
    pub fn unwrap(&mut self, _sequence_number: u16) -> u64 {
        todo!()
    }

    pub fn newest(&self) -> Option<u64> {
        todo!()
    }
}
