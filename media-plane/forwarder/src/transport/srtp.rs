//! The keys of an established transport, with the counters that belong to them.

use crate::outbox::{Outbox, Path};
use crate::srtp::{MAX_OVERHEAD, Opener, RtcpReplay, Sealer};

pub(crate) struct Srtp {
    pub opener: Opener,
    pub sealer: Sealer,
    pub rtcp_replay: RtcpReplay,
    rtcp_index: u32,
}

impl Srtp {
    pub fn new(opener: Opener, sealer: Sealer) -> Self {
        Self { opener, sealer, rtcp_replay: RtcpReplay::default(), rtcp_index: 0 }
    }

    /// Seals the compound packet and sends it. 2^31 of them would need the keys to be renewed (RFC 3711 9.2): at ten a
    /// second that is in seven years.
    pub fn send_rtcp(&mut self, compound: &mut Vec<u8>, path: &Path, outbox: &mut Outbox) {
        compound.reserve(MAX_OVERHEAD);
        if self.sealer.seal_rtcp(self.rtcp_index, compound, 0).is_ok() {
            self.rtcp_index += 1;
            outbox.push(path, compound);
        }
        compound.clear();
    }
}
