//! Header extensions that pass from publisher to viewer: kept in a form without ids, written with the viewer's.

use crate::codec::DependencyDescriptor;
use crate::command::HeaderExtensions;
use crate::rtp::{Element, Elements};

/// Kinds of extensions that are forwarded. Transport-wide numbers and send times are per hop, and MID is the
/// viewer's own.
const KINDS: usize = 5;
/// Of the audio level.
const AUDIO_LEVEL: usize = 0;
/// Of the dependency descriptor.
const DEPENDENCY: usize = 4;
/// With those of the viewer's own: MID, transport-wide number or send time.
pub(crate) const MAX_ELEMENTS: usize = KINDS + OWN;
pub(crate) const OWN: usize = 2;
/// Room for every kind; only a dependency descriptor with its structure comes near.
const MAX_LEN: usize = 320;

/// Ids of the forwarded kinds as one transport negotiated them; 0: not negotiated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ForwardedIds([u8; KINDS]);

impl From<&HeaderExtensions> for ForwardedIds {
    fn from(ids: &HeaderExtensions) -> Self {
        let kinds = [
            ids.audio_level,
            ids.video_orientation,
            ids.abs_capture_time,
            ids.playout_delay,
            ids.dependency_descriptor,
        ];
        Self(kinds.map(|id| id.unwrap_or(0)))
    }
}

/// The forwarded extensions of one packet: kind, length and data of each, in a row.
pub(crate) struct Kept {
    bytes: [u8; MAX_LEN],
    len: usize,
}

impl Kept {
    /// `ids` are the publisher's.
    pub fn new(elements: Elements<'_>, ids: &ForwardedIds) -> Self {
        let mut kept = Self { bytes: [0; MAX_LEN], len: 0 };
        for element in elements {
            if let Some(kind) = ids.0.iter().position(|id| *id == element.id)
                && element.id != 0
            {
                kept.push(kind, element.data);
            }
        }
        kept
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, kind: usize, data: &[u8]) {
        let end = self.len + 2 + data.len();
        let Ok(len) = u8::try_from(data.len()) else { return };
        if end > MAX_LEN {
            return;
        }
        self.bytes[self.len] = kind as u8;
        self.bytes[self.len + 1] = len;
        self.bytes[self.len + 2..end].copy_from_slice(data);
        self.len = end;
    }
}

/// Of a packet's kept extensions.
pub(crate) fn dependency_descriptor(kept: &[u8]) -> Option<&[u8]> {
    each(kept).find_map(|(kind, data)| (kind == DEPENDENCY).then_some(data))
}

/// 0 is the loudest, 127 silence (RFC 6464); the flag in front of it, whether the encoder took it for voice, is not used
/// by all.
pub(crate) fn audio_level(kept: &[u8]) -> Option<u8> {
    each(kept).find_map(|(kind, data)| if kind == AUDIO_LEVEL { data.first().map(|byte| byte & 0x7f) } else { None })
}

fn each(kept: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = kept;
    std::iter::from_fn(move || {
        let [kind, len, tail @ ..] = rest else { return None };
        let (data, after) = tail.split_at_checked(usize::from(*len))?;
        rest = after;
        Some((usize::from(*kind), data))
    })
}

/// A packet's kept extensions with another frame number in its dependency descriptor.
pub(crate) struct Renumbered {
    bytes: [u8; MAX_LEN],
    len: usize,
}

impl Renumbered {
    pub fn new(kept: &[u8], shift: u16) -> Self {
        let mut copy = Self { bytes: [0; MAX_LEN], len: kept.len().min(MAX_LEN) };
        copy.bytes[..copy.len].copy_from_slice(&kept[..copy.len]);
        let mut at = 0;
        for (kind, data) in each(kept) {
            let (start, end) = (at + 2, at + 2 + data.len());
            if kind == DEPENDENCY
                && let Some(data) = copy.bytes.get_mut(start..end)
            {
                DependencyDescriptor::shift_frame_number(data, shift);
            }
            at = end;
        }
        copy
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// The elements for a viewer with these ids, behind its own.
#[derive(Clone, Copy)]
pub(crate) struct ElementList<'a> {
    elements: [Element<'a>; MAX_ELEMENTS],
    len: usize,
}

impl<'a> ElementList<'a> {
    #[inline]
    pub fn new(own: [Option<Element<'a>>; OWN], kept: &'a [u8], ids: &ForwardedIds) -> Self {
        let mut list = Self { elements: [Element { id: 0, data: &[] }; MAX_ELEMENTS], len: 0 };
        own.into_iter().flatten().for_each(|element| list.push(element));
        for (kind, data) in each(kept) {
            let id = ids.0.get(kind).copied().unwrap_or(0);
            if id != 0 {
                list.push(Element { id, data });
            }
        }
        list
    }

    pub fn as_slice(&self) -> &[Element<'a>] {
        &self.elements[..self.len]
    }

    fn push(&mut self, element: Element<'a>) {
        if self.len < MAX_ELEMENTS {
            self.elements[self.len] = element;
            self.len += 1;
        }
    }
}
