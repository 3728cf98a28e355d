//! Packet status chunks (draft section 3.1.1–3.1.4): 16 bits that tell of 7, 14 or up to 8,191 packets.

/// What is told of one packet; the discriminants are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Lost = 0,
    /// Received; the delta is one byte, not negative.
    SmallDelta = 1,
    /// Received; the delta is two bytes, signed.
    LargeDelta = 2,
}

impl Status {
    fn from_symbol(symbol: u16) -> Option<Self> {
        match symbol {
            0 => Some(Self::Lost),
            1 => Some(Self::SmallDelta),
            2 => Some(Self::LargeDelta),
            _ => None,
        }
    }

    pub(super) fn delta_len(self) -> usize {
        self as usize
    }
}

const MAX_RUN: u16 = 0x1fff;
const ONE_BIT_SYMBOLS: usize = 14;
const TWO_BIT_SYMBOLS: usize = 7;

/// A chunk that is being read: its statuses in turn, as often as asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Chunk {
    Run {
        symbol: u16,
        left: u16,
    },
    /// The next symbol stands in the highest of 14 bits.
    Vector {
        bits: u16,
        symbol_bits: u8,
        left: u8,
    },
}

impl Chunk {
    pub(super) fn read(word: [u8; 2]) -> Self {
        let word = u16::from_be_bytes(word);
        match word >> 14 {
            0b00 | 0b01 => Self::Run { symbol: word >> 13 & 0x03, left: word & MAX_RUN },
            0b10 => Self::Vector { bits: word & 0x3fff, symbol_bits: 1, left: ONE_BIT_SYMBOLS as u8 },
            _ => Self::Vector { bits: word & 0x3fff, symbol_bits: 2, left: TWO_BIT_SYMBOLS as u8 },
        }
    }

    pub(super) const EMPTY: Self = Self::Run { symbol: 0, left: 0 };

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Run { left: 0, .. } | Self::Vector { left: 0, .. })
    }

    /// The next status; `None` for the reserved symbol. Not to be asked of an empty chunk.
    pub(super) fn next_status(&mut self) -> Option<Status> {
        match self {
            Self::Run { symbol, left } => {
                *left -= 1;
                Status::from_symbol(*symbol)
            }
            Self::Vector { bits, symbol_bits, left } => {
                let symbol = *bits >> (14 - *symbol_bits);
                *bits = *bits << *symbol_bits & 0x3fff;
                *left -= 1;
                Status::from_symbol(symbol)
            }
        }
    }
}

/// Packs statuses into chunks: a run as long as it lasts, else 14 symbols of one bit, or 7 of two where a large delta
/// is among them.
#[derive(Debug)]
pub(super) struct Packer {
    /// Not written yet. If they are all equal there may be more of them than have room here.
    pending: [Status; ONE_BIT_SYMBOLS],
    len: u16,
    all_equal: bool,
    any_large: bool,
}

impl Packer {
    pub(super) fn new() -> Self {
        Self { pending: [Status::Lost; ONE_BIT_SYMBOLS], len: 0, all_equal: true, any_large: false }
    }

    pub(super) fn push(&mut self, status: Status, out: &mut Vec<u8>) {
        while !self.has_room(status) {
            self.write_one(false, out);
        }
        self.append(status);
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        while self.len > 0 {
            self.write_one(true, out);
        }
    }

    fn has_room(&self, status: Status) -> bool {
        let continues_run = self.all_equal && (self.len == 0 || status == self.pending[0]);
        let two_bit = self.any_large || status == Status::LargeDelta;
        let vector_len = if two_bit { TWO_BIT_SYMBOLS } else { ONE_BIT_SYMBOLS };
        continues_run && self.len < MAX_RUN || usize::from(self.len) < vector_len
    }

    fn append(&mut self, status: Status) {
        self.all_equal &= self.len == 0 || status == self.pending[0];
        self.any_large |= status == Status::LargeDelta;
        if let Some(place) = self.pending.get_mut(usize::from(self.len)) {
            *place = status;
        }
        self.len += 1;
    }

    /// Writes the chunk that covers the most of what is pending, and keeps the rest. Only the last chunk may have more
    /// symbols than there are statuses: any other would tell of packets that it does not know.
    fn write_one(&mut self, last: bool, out: &mut Vec<u8>) {
        let pending = self.pending;
        let len = usize::from(self.len);
        let (word, written) = if self.all_equal {
            ((pending[0] as u16) << 13 | self.len, len)
        } else if !self.any_large && (last || len == ONE_BIT_SYMBOLS) {
            (vector(0b10, &pending[..len], ONE_BIT_SYMBOLS), len)
        } else {
            let written = len.min(TWO_BIT_SYMBOLS);
            (vector(0b11, &pending[..written], TWO_BIT_SYMBOLS), written)
        };
        out.extend_from_slice(&word.to_be_bytes());
        *self = Self::new();
        if written < len {
            pending[written..len].iter().for_each(|status| self.append(*status));
        }
    }
}

/// A status vector chunk of `room` symbols; those behind the last status are zero, and not counted by the reader.
fn vector(kind: u16, statuses: &[Status], room: usize) -> u16 {
    let symbol_bits = 14 / room;
    let bits =
        (0..room).fold(0, |bits, place| bits << symbol_bits | statuses.get(place).map_or(0, |status| *status as u16));
    kind << 14 | bits
}
