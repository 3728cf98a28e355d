//! As much of SDP (RFC 8866, RFC 8829) as a client needs that publishes at most one track: reads the server's offer and
//! answers it as a browser would.

use std::fmt::Write;
use std::net::SocketAddr;

use crate::ice::Credentials;

const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const TRANSPORT_WIDE: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Audio,
    Video,
}

impl Kind {
    fn codec(self) -> &'static str {
        match self {
            Kind::Audio => "opus/48000",
            Kind::Video => "vp8/90000",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Kind::Audio => "audio",
            Kind::Video => "video",
        }
    }
}

/// Of one m-section, as the server offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    SendOnly,
    ReceiveOnly,
    Inactive,
}

#[derive(Debug)]
struct Section<'a> {
    media: &'a str, // the words of the m= line
    kind: Option<Kind>,
    mid: &'a str,
    direction: Direction,
    attributes: Vec<&'a str>, // without `a=`
}

#[derive(Debug)]
pub struct Offer<'a> {
    pub credentials: Credentials,
    pub fingerprint: &'a str, // SHA-256
    pub candidates: Vec<SocketAddr>,
    sections: Vec<Section<'a>>,
    group: Option<&'a str>,
}

/// What this client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Publish { kind: Kind, ssrc: u32 },
    View,
}

/// Whom the answer speaks for.
pub struct Answerer<'a> {
    pub role: Role,
    pub credentials: &'a Credentials,
    pub fingerprint: &'a str,
    pub version: u64,
}

/// What offer and answer agreed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreed {
    /// Payload type of the track that this client publishes.
    pub publishes: Option<u8>,
    /// Of retransmissions (RFC 4588) to this client.
    pub retransmits: Option<u8>,
    pub transport_wide_id: Option<u8>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the server's offer {0}")]
pub struct OfferError(&'static str);

impl<'a> Offer<'a> {
    pub fn parse(sdp: &'a str) -> Result<Self, OfferError> {
        let mut session = Vec::new();
        let mut sections: Vec<Section<'a>> = Vec::new();
        for line in sdp.lines() {
            if let Some(media) = line.strip_prefix("m=") {
                let kind = [Kind::Audio, Kind::Video].into_iter().find(|kind| media.starts_with(kind.word()));
                let direction = Direction::Inactive;
                sections.push(Section { media, kind, mid: "", direction, attributes: Vec::new() });
            } else if let Some(attribute) = line.strip_prefix("a=") {
                match sections.last_mut() {
                    Some(section) => section.add(attribute),
                    None => session.push(attribute),
                }
            }
        }
        let all = || session.iter().chain(sections.iter().flat_map(|section| &section.attributes)).copied();
        let find = |name| all().find_map(|attribute| value(attribute, name));
        let offer = Offer {
            credentials: Credentials {
                ufrag: find("ice-ufrag").ok_or(OfferError("has no ice-ufrag"))?.into(),
                password: find("ice-pwd").ok_or(OfferError("has no ice-pwd"))?.into(),
            },
            fingerprint: all()
                .find_map(|attribute| value(attribute, "fingerprint")?.strip_prefix("sha-256 "))
                .ok_or(OfferError("has no SHA-256 fingerprint"))?,
            candidates: candidates(all()),
            group: session.iter().find_map(|attribute| value(attribute, "group")),
            sections,
        };
        Ok(offer)
    }

    pub fn answer(&self, by: &Answerer<'_>) -> (String, Agreed) {
        let mut agreed = Agreed::default();
        let mut sdp = format!("v=0\r\no=- 1 {} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", by.version);
        if let Some(group) = self.group {
            line(&mut sdp, format_args!("a=group:{group}"));
        }
        for section in &self.sections {
            section.answer(by, &mut agreed, &mut sdp);
        }
        (sdp, agreed)
    }
}

impl<'a> Section<'a> {
    fn add(&mut self, attribute: &'a str) {
        match attribute {
            "sendonly" | "sendrecv" => self.direction = Direction::SendOnly,
            "recvonly" => self.direction = Direction::ReceiveOnly,
            _ => {}
        }
        if let Some(mid) = value(attribute, "mid") {
            self.mid = mid;
        }
        self.attributes.push(attribute);
    }

    fn answer(&self, by: &Answerer<'_>, agreed: &mut Agreed, sdp: &mut String) {
        let codec = self.kind.and_then(|kind| self.payload_type(kind.codec()));
        let rejected = self.media.split(' ').nth(1) == Some("0");
        let (Some(kind), Some(payload_type), false) = (self.kind, codec, rejected) else {
            let mut words = self.media.split(' ');
            let media = words.next().unwrap_or("video");
            let rest = words.skip(1).collect::<Vec<_>>().join(" ");
            line(sdp, format_args!("m={media} 0 {rest}\r\nc=IN IP4 0.0.0.0\r\na=mid:{}\r\na=inactive", self.mid));
            return;
        };
        let rtx = self.rtx_of(payload_type);
        let formats: Vec<u8> = [Some(payload_type), rtx].into_iter().flatten().collect();
        let list = formats.iter().map(u8::to_string).collect::<Vec<_>>().join(" ");
        line(
            sdp,
            format_args!("m={} 9 UDP/TLS/RTP/SAVPF {list}\r\nc=IN IP4 0.0.0.0\r\na=mid:{}", kind.word(), self.mid),
        );
        line(sdp, format_args!("a=ice-ufrag:{}\r\na=ice-pwd:{}", by.credentials.ufrag, by.credentials.password));
        line(sdp, format_args!("a=fingerprint:sha-256 {}\r\na=setup:active\r\na=rtcp-mux", by.fingerprint));
        for attribute in &self.attributes {
            let known = ["rtpmap", "fmtp", "rtcp-fb"].iter().find_map(|name| value(attribute, name));
            let ours = known.and_then(|rest| rest.split(' ').next()?.parse().ok());
            let extension =
                value(attribute, "extmap").is_some_and(|rest| rest.ends_with(MID) || rest.ends_with(TRANSPORT_WIDE));
            if ours.is_some_and(|format: u8| formats.contains(&format)) || extension || *attribute == "rtcp-rsize" {
                line(sdp, format_args!("a={attribute}"));
            }
        }
        agreed.transport_wide_id = agreed.transport_wide_id.or(self.extension(TRANSPORT_WIDE));
        match (self.direction, by.role) {
            (Direction::ReceiveOnly, Role::Publish { kind: published, ssrc })
                if published == kind && agreed.publishes.is_none() =>
            {
                agreed.publishes = Some(payload_type);
                line(sdp, format_args!("a=sendonly\r\na=msid:load load-{ssrc}\r\na=ssrc:{ssrc} cname:load"));
            }
            (Direction::SendOnly, _) => {
                agreed.retransmits = agreed.retransmits.or(rtx);
                line(sdp, format_args!("a=recvonly"));
            }
            (Direction::ReceiveOnly | Direction::Inactive, _) => line(sdp, format_args!("a=inactive")),
        }
    }

    /// `codec` in lower case, as `opus/48000`.
    fn payload_type(&self, codec: &str) -> Option<u8> {
        self.attributes.iter().find_map(|attribute| {
            let (payload_type, encoding) = value(attribute, "rtpmap")?.split_once(' ')?;
            encoding.to_ascii_lowercase().starts_with(codec).then(|| payload_type.parse().ok())?
        })
    }

    fn rtx_of(&self, payload_type: u8) -> Option<u8> {
        self.attributes.iter().find_map(|attribute| {
            let (rtx, parameters) = value(attribute, "fmtp")?.split_once(' ')?;
            let apt: u8 = parameters.strip_prefix("apt=")?.split(';').next()?.parse().ok()?;
            (apt == payload_type).then(|| rtx.parse().ok())?
        })
    }

    fn extension(&self, uri: &str) -> Option<u8> {
        self.attributes.iter().find_map(|attribute| {
            let (id, rest) = value(attribute, "extmap")?.split_once(' ')?;
            (rest == uri).then(|| id.split('/').next()?.parse().ok())?
        })
    }
}

fn value<'a>(attribute: &'a str, name: &str) -> Option<&'a str> {
    attribute.strip_prefix(name)?.strip_prefix(':')
}

/// UDP candidates of the first component, without repetition, in the order of the offer.
fn candidates<'a>(attributes: impl Iterator<Item = &'a str>) -> Vec<SocketAddr> {
    let mut found = Vec::new();
    for attribute in attributes {
        let Some(candidate) = value(attribute, "candidate").and_then(candidate) else { continue };
        if !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found
}

/// `foundation component transport priority address port …` (RFC 8839 5.1).
pub fn candidate(line: &str) -> Option<SocketAddr> {
    let words: Vec<&str> = line.split(' ').collect();
    let &[_, "1", transport, _, address, port, ..] = words.as_slice() else { return None };
    if !transport.eq_ignore_ascii_case("udp") {
        return None;
    }
    Some(SocketAddr::new(address.parse().ok()?, port.parse().ok()?))
}

fn line(sdp: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = write!(sdp, "{text}\r\n");
}
