//! One transport's turn: everything that is due for its peer.

use crate::context::Context;
use crate::event::TransportClosed;
use crate::transport::{Ending, Security, Transport};

impl Transport {
    pub fn serve(&mut self, cx: &mut Context<'_>) -> Ending {
        #[cfg(test)]
        assert!(!self.sabotaged, "sabotaged by a test");
        let rang = std::mem::take(&mut self.rang);
        if rang {
            if self.expires_at().is_some_and(|at| at <= cx.now) {
                return Err(TransportClosed::Timeout);
            }
            self.wake_dtls(cx)?;
        }
        if rang || self.bandwidth.is_probing() {
            self.probe(cx);
        }
        self.pend_behind();
        // Woken without new media, there may be a publisher's first report: all streams are looked at.
        let first_reports = self.pending.is_empty() || self.fan_out(cx);
        // Last, so that a report of a viewer, shorter than its media, rides at the end of the same run.
        if self.is_established() {
            self.send_rtcp(first_reports, cx);
            // A viewer's alarm is set as it is; only a publisher's packets may have brought something earlier.
            if rang || !self.tracks.is_empty() {
                let next = self.next_rtcp(cx);
                self.alarm_at(next, cx);
            }
        }
        if rang && let Some(at) = self.expires_at() {
            self.alarm_at(at, cx);
        }
        Ok(())
    }

    /// DTLS may have to repeat itself; as client, to begin.
    pub fn wake_dtls(&mut self, cx: &mut Context<'_>) -> Ending {
        let wake_at = match &self.security {
            Security::Waiting { .. } => None,
            Security::Handshake { session, .. } | Security::Established { session, .. } => session.wake_at(),
        };
        match wake_at {
            Some(at) if at <= cx.now => self.receive_dtls(None, cx),
            Some(at) => {
                self.alarm_at(at, cx);
                Ok(())
            }
            None => Ok(()),
        }
    }
}
