//! What a subscription needs of its transport to send.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use crate::command::HeaderExtensions;
use crate::congestion::{Congestion, Stamp};
use crate::outbox::Path;
use crate::rtp::Element;
use crate::srtp::Sealer;
use crate::track::{ForwardedIds, OWN};

pub(crate) struct Way<'a> {
    pub path: Path,
    pub sealer: &'a Sealer,
    pub ids: ForwardedIds,
    pub mid: Option<u8>,
    pub departure: Departure<'a>,
    /// Bytes that video may still be sent now; `None`: all that there is.
    pub budget: Option<Cell<i64>>,
}

/// How the peer learns when a packet left.
pub(crate) enum Departure<'a> {
    /// By its number, which it tells the arrival of.
    Numbered {
        id: u8,
        congestion: RefCell<&'a mut Congestion>,
        stamp: Stamp,
    },
    /// By the time itself, of which it makes its own estimate (REMB).
    Timed {
        id: u8,
        time: [u8; 3],
    },
    Untold,
}

/// What the header says of a packet's departure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Number(u16, [u8; 2]),
    Time([u8; 3]),
    Nothing,
}

impl<'a> Departure<'a> {
    /// `since_start`: now, since any fixed moment.
    pub fn new(ids: &HeaderExtensions, congestion: Option<(&'a mut Congestion, Stamp)>, since_start: Duration) -> Self {
        match (ids.transport_wide_cc, congestion, ids.abs_send_time) {
            (Some(id), Some((congestion, stamp)), _) => {
                Self::Numbered { id, congestion: RefCell::new(congestion), stamp }
            }
            (None, _, Some(id)) => Self::Timed { id, time: abs_send_time(since_start) },
            _ => Self::Untold,
        }
    }

    /// Of the next packet. `wants`: the viewer tells of the arrival of this subscription's packets.
    pub fn next(&self, wants: bool) -> Told {
        match self {
            Self::Numbered { congestion, .. } if wants => Told::number(congestion.borrow().number()),
            Self::Timed { time, .. } => Told::Time(*time),
            Self::Numbered { .. } | Self::Untold => Told::Nothing,
        }
    }

    /// A packet of `len` bytes left under the number that was told.
    pub fn sent(&self, told: Told, len: usize) {
        if let (Self::Numbered { congestion, stamp, .. }, Told::Number(..)) = (self, told) {
            congestion.borrow_mut().sent(*stamp, len);
        }
    }

    fn id(&self) -> u8 {
        match self {
            Self::Numbered { id, .. } | Self::Timed { id, .. } => *id,
            Self::Untold => 0,
        }
    }
}

impl Told {
    pub fn number(number: u16) -> Self {
        Self::Number(number, number.to_be_bytes())
    }

    fn data(&self) -> Option<&[u8]> {
        match self {
            Self::Number(_, data) => Some(data),
            Self::Time(data) => Some(data),
            Self::Nothing => None,
        }
    }
}

impl Way<'_> {
    /// Whether new pictures wait for the next burst.
    pub fn is_full(&self) -> bool {
        self.budget.as_ref().is_some_and(|left| left.get() <= 0)
    }

    pub fn spend(&self, len: usize) {
        if let Some(left) = &self.budget {
            left.set(left.get() - len as i64);
        }
    }

    /// The extensions that are the viewer's own. All of its packets have them in the same length, so that runs stay equal.
    pub fn own<'e>(&self, mid: &'e str, told: &'e Told) -> [Option<Element<'e>>; OWN] {
        let mid = self.mid.map(|id| Element { id, data: mid.as_bytes() });
        [mid, told.data().map(|data| Element { id: self.departure.id(), data })]
    }
}

/// Seconds in 6.18 bits, wrapping every 64 s.
fn abs_send_time(since_start: Duration) -> [u8; 3] {
    let [.., a, b, c] = ((since_start.as_micros() << 18) / 1_000_000).to_be_bytes();
    [a, b, c]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_send_time_is_in_parts_of_a_second_and_wraps() {
        assert_eq!(abs_send_time(Duration::from_millis(1_500)), [0x06, 0, 0]);
        assert_eq!(abs_send_time(Duration::from_millis(64_250)), [0x01, 0, 0]);
    }
}
