use crate::ice::Credentials;
use crate::sdp::{Agreed, Answerer, Kind, Offer, Role};

const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\na=ice-lite\r\n\
m=video 9 UDP/TLS/RTP/SAVPF 96 97 98\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=recvonly\r\na=ice-ufrag:uf\r\na=ice-pwd:password\r\n\
a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n\
a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:98 H264/90000\r\n\
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:5 urn:3gpp:video-orientation\r\n\
a=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host\r\na=candidate:2 1 tcp 1 127.0.0.1 9 typ host tcptype active\r\n\
m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n\
a=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host\r\n\
m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\na=sendonly\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n\
a=fmtp:97 apt=96\r\na=ssrc:7 cname:x\r\n";

fn answer(role: Role) -> (String, Agreed) {
    let offer = Offer::parse(OFFER).expect("an offer");
    assert_eq!(offer.candidates, [([127, 0, 0, 1], 5000).into()]);
    assert_eq!((offer.credentials.ufrag.as_str(), offer.fingerprint), ("uf", "AA:BB"));
    let credentials = &Credentials { ufrag: "us".into(), password: "our password".into() };
    offer.answer(&Answerer { role, credentials, fingerprint: "CC:DD", version: 1 })
}

fn directions(answer: &str) -> Vec<&str> {
    answer.lines().filter(|line| ["a=sendonly", "a=recvonly", "a=inactive"].contains(line)).collect()
}

#[test]
fn a_viewer_receives_what_is_offered_and_sends_nothing() {
    let (answer, agreed) = answer(Role::View);
    assert_eq!(directions(&answer), ["a=inactive", "a=inactive", "a=recvonly"]);
    assert_eq!(agreed, Agreed { publishes: None, retransmits: Some(97), transport_wide_id: Some(3) });
}

#[test]
fn a_publisher_sends_in_the_section_of_its_kind() {
    let (answer, agreed) = answer(Role::Publish { kind: Kind::Audio, ssrc: 42 });
    assert_eq!(directions(&answer), ["a=inactive", "a=sendonly", "a=recvonly"]);
    assert_eq!(agreed.publishes, Some(111));
    assert!(answer.contains("a=ssrc:42 "));
}

#[test]
fn an_answer_has_only_the_formats_and_extensions_that_it_takes() {
    let (answer, _) = answer(Role::View);
    assert!(answer.contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"));
    assert!(answer.contains("a=rtcp-fb:96 nack pli\r\n"));
    assert!(!answer.contains("H264") && !answer.contains("video-orientation"));
    assert_eq!(answer.matches("a=setup:active\r\n").count(), 3);
    assert!(answer.contains("a=group:BUNDLE 0 1 2\r\n"));
}

#[test]
fn an_offer_without_credentials_or_fingerprint_is_refused() {
    for missing in ["a=ice-ufrag:uf\r\n", "a=ice-pwd:password\r\n", "a=fingerprint:sha-256 AA:BB\r\n"] {
        assert!(Offer::parse(&OFFER.replace(missing, "")).is_err(), "{missing}");
    }
}
