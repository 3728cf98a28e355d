//! The RTP streams that a transport's peer sends. SSRCs belong to a transport: what another one uses does not matter.

use crate::srtp::StreamReplay;
use crate::track::TrackKey;

/// More SSRCs than an honest peer has. The replay state of one that ended is kept, as the keys are.
const MAX_STREAMS: usize = 64;

#[derive(Default)]
pub(super) struct Streams {
    streams: Vec<Stream>,
    /// The one found last: packets come in bursts.
    last: usize,
}

pub(super) struct Stream {
    pub ssrc: u32,
    pub replay: StreamReplay,
    pub role: Role,
    /// What it was before its track was gone. A browser names a stream until it knows that it was heard, and never again:
    /// it sends the same one without a name when its section is used again.
    pub before: Option<Box<Before>>,
}

pub(super) struct Before {
    pub mid: String,
    pub layer: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Of this layer of the track.
    Media(TrackKey, u8),
    Retransmission(TrackKey, u8),
    /// Its track is gone.
    Unbound,
}

impl Streams {
    pub fn find(&mut self, ssrc: u32) -> Option<&mut Stream> {
        if self.streams.get(self.last).is_none_or(|stream| stream.ssrc != ssrc) {
            self.last = self.streams.iter().position(|stream| stream.ssrc == ssrc)?;
        }
        self.streams.get_mut(self.last)
    }

    /// Gives the SSRC its role; a stream before it in the same role is unbound. False: there are too many.
    pub fn bind(&mut self, ssrc: u32, role: Role) -> bool {
        for stream in self.streams.iter_mut().filter(|stream| stream.role == role && stream.ssrc != ssrc) {
            stream.role = Role::Unbound;
        }
        if let Some(stream) = self.find(ssrc) {
            (stream.role, stream.before) = (role, None);
            return true;
        }
        if self.streams.len() == MAX_STREAMS {
            let Some(oldest) = self.streams.iter().position(|stream| stream.role == Role::Unbound) else {
                return false;
            };
            self.streams.remove(oldest);
        }
        self.streams.push(Stream { ssrc, replay: StreamReplay::default(), role, before: None });
        true
    }

    pub fn unbind(&mut self, track: TrackKey, mid: &str) {
        for stream in &mut self.streams {
            let (Role::Media(of, layer) | Role::Retransmission(of, layer)) = stream.role else { continue };
            if of == track {
                stream.role = Role::Unbound;
                stream.before = Some(Box::new(Before { mid: mid.to_owned(), layer }));
            }
        }
    }
}
