//! New inputs of old ones.

pub struct Mutator<'a> {
    state: u64,
    corpus: &'a [Vec<u8>],
}

/// As long as what comes in one datagram.
const MAX_LEN: usize = 1_500;
const INTERESTING: [u8; 10] = [0, 1, 4, 7, 0x10, 0x7f, 0x80, 0xbe, 0xde, 0xff];

impl<'a> Mutator<'a> {
    pub fn new(seed: u64, corpus: &'a [Vec<u8>]) -> Self {
        Self { state: seed, corpus }
    }

    pub fn next(&mut self) -> Vec<u8> {
        let mut input = self.kept().to_vec();
        for _ in 0..=self.below(6) {
            self.change(&mut input);
        }
        input.truncate(MAX_LEN);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let byte = self.byte();
        match self.below(7) {
            0 => input.truncate(at),
            1 => input.insert(at, byte),
            2 => {
                let other = self.kept();
                let (from, count) = (self.below(other.len() + 1), self.below(64));
                let piece: Vec<u8> = other[from..].iter().take(count).copied().collect();
                input.splice(at..at, piece);
            }
            3 if at < input.len() => drop(input.remove(at)),
            4 if at < input.len() => input[at] ^= 1 << (byte & 7),
            5 if at < input.len() => input[at] = input[at].wrapping_add(byte % 8).wrapping_sub(4),
            _ if at < input.len() => input[at] = byte,
            _ => input.push(byte),
        }
    }

    fn kept(&mut self) -> &'a [u8] {
        let at = self.below(self.corpus.len());
        &self.corpus[at]
    }

    fn byte(&mut self) -> u8 {
        let any = self.below(256) as u8;
        if self.below(2) == 0 { INTERESTING[usize::from(any) % INTERESTING.len()] } else { any }
    }

    /// SplitMix64.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }
}
