use aqlinks_forwarder::SrtpProfile;
use aqlinks_forwarder::srtp::{KeyError, MAX_OVERHEAD, MasterKey, OpenError, Opener, SealError, Sealer};
use proptest::prelude::*;

pub(crate) const PROFILES: [SrtpProfile; 3] =
    [SrtpProfile::AeadAes256Gcm, SrtpProfile::AeadAes128Gcm, SrtpProfile::Aes128CmSha1_80];

/// What DTLS would export: the same on both sides.
fn keying_material(profile: SrtpProfile) -> Vec<u8> {
    (0..2 * (profile.key_len() + profile.salt_len())).map(|byte| byte as u8 ^ 0x5a).collect()
}

/// The DTLS client's sealer and the server's opener for it.
pub(crate) fn pair(profile: SrtpProfile) -> (Sealer, Opener) {
    let (client, _) = MasterKey::from_dtls(profile, &keying_material(profile)).unwrap();
    (Sealer::new(&client).unwrap(), Opener::new(&client).unwrap())
}

/// A packet of SSRC 7 whose header is 12 bytes long.
pub(crate) fn seal(sealer: &Sealer, index: u64, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0; 12 + payload.len() + sealer.profile().tag_len()];
    packet[0] = 0x80;
    packet[2..4].copy_from_slice(&(index as u16).to_be_bytes());
    packet[11] = 7;
    sealer.seal_rtp(index, &mut packet, 12, payload).unwrap();
    packet
}

fn compound() -> Vec<u8> {
    [0x80, 201, 0, 1, 0, 0, 0, 7, 0x81, 206, 0, 2, 0, 0, 0, 7, 0, 0, 0, 9].to_vec()
}

fn profiles() -> impl Strategy<Value = SrtpProfile> {
    prop::sample::select(&PROFILES[..])
}

proptest! {
    #[test]
    fn rtp_round_trip(
        profile in profiles(),
        index in 0_u64..1 << 48,
        payload in prop::collection::vec(any::<u8>(), 0..1500),
        header in prop::collection::vec(any::<u8>(), 12..80),
    ) {
        let (sealer, opener) = pair(profile);
        let mut packet = header.clone();
        packet.resize(header.len() + payload.len() + profile.tag_len(), 0);
        sealer.seal_rtp(index, &mut packet, header.len(), &payload).unwrap();

        let mut in_place = header.clone();
        in_place.extend_from_slice(&payload);
        in_place.resize(packet.len(), 0xff);
        sealer.seal_rtp_in_place(index, &mut in_place, header.len()).unwrap();
        prop_assert_eq!(&in_place, &packet);

        prop_assert_eq!(&packet[..header.len()], &header);
        prop_assert_eq!(opener.open_rtp(index, &mut packet, header.len()).unwrap(), &payload);
    }

    #[test]
    fn rtcp_round_trip(
        profile in profiles(),
        index in 0_u32..1 << 31,
        plain in prop::collection::vec(any::<u8>(), 8..1200),
    ) {
        let (sealer, opener) = pair(profile);
        let mut packet = plain.clone();
        sealer.seal_rtcp(index, &mut packet, 0).unwrap();
        prop_assert_eq!(packet.len(), plain.len() + profile.rtcp_overhead());
        prop_assert!(profile.rtcp_overhead() <= MAX_OVERHEAD);
        let (opened_index, opened) = opener.open_rtcp(&mut packet).unwrap();
        prop_assert_eq!(opened_index, index);
        prop_assert_eq!(opened, &plain);
    }

    #[test]
    fn arbitrary_bytes_are_refused(
        profile in profiles(),
        index in any::<u64>(),
        header_len in 0_usize..100,
        mut packet in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let (_, opener) = pair(profile);
        prop_assert!(opener.open_rtp(index, &mut packet, header_len).is_err());
        prop_assert!(opener.open_rtcp(&mut packet).is_err());
    }
}

#[test]
fn every_changed_bit_of_rtp_is_found() {
    for profile in PROFILES {
        let (sealer, opener) = pair(profile);
        let packet = seal(&sealer, 5, b"payload");
        assert_eq!(opener.open_rtp(5, &mut packet.clone(), 12).unwrap(), b"payload");
        for bit in 0..packet.len() * 8 {
            let mut forged = packet.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(opener.open_rtp(5, &mut forged, 12), Err(OpenError::Unauthenticated), "{profile:?} bit {bit}");
        }
        for len in 0..packet.len() {
            assert!(opener.open_rtp(5, &mut packet[..len].to_vec(), 12).is_err(), "{profile:?} {len} bytes");
        }
    }
}

#[test]
fn every_changed_bit_of_rtcp_is_found() {
    for profile in PROFILES {
        let (sealer, opener) = pair(profile);
        let mut packet = compound();
        sealer.seal_rtcp(9, &mut packet, 0).unwrap();
        assert_eq!(opener.open_rtcp(&mut packet.clone()).unwrap(), (9, &mut compound()[..]));
        for bit in 0..packet.len() * 8 {
            let mut forged = packet.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open_rtcp(&mut forged).is_err(), "{profile:?} bit {bit}");
        }
        for len in 0..packet.len() {
            assert!(opener.open_rtcp(&mut packet[..len].to_vec()).is_err(), "{profile:?} {len} bytes");
        }
    }
}

#[test]
fn another_roll_over_counter_does_not_open() {
    for profile in PROFILES {
        let (sealer, opener) = pair(profile);
        let packet = seal(&sealer, 5 | 1 << 16, b"payload");
        assert!(opener.open_rtp(5, &mut packet.clone(), 12).is_err());
        assert!(opener.open_rtp(5 | 1 << 16, &mut packet.clone(), 12).is_ok());
    }
}

#[test]
fn the_two_directions_have_different_keys() {
    for profile in PROFILES {
        let (client, server) = MasterKey::from_dtls(profile, &keying_material(profile)).unwrap();
        let packet = seal(&Sealer::new(&client).unwrap(), 1, b"payload");
        assert!(Opener::new(&server).unwrap().open_rtp(1, &mut packet.clone(), 12).is_err());
    }
}

#[test]
fn wrong_lengths_of_keying_material_are_named() {
    for profile in PROFILES {
        let material = keying_material(profile);
        let short = MasterKey::from_dtls(profile, &material[1..]).unwrap_err();
        assert_eq!(short, KeyError::Length { needed: material.len(), actual: material.len() - 1 });
    }
}

#[test]
fn what_does_not_fit_is_not_sealed() {
    for profile in PROFILES {
        let (sealer, _) = pair(profile);
        let exact = 12 + 3 + profile.tag_len();
        for wrong in [0, 11, exact - 1, exact + 1] {
            assert_eq!(sealer.seal_rtp(0, &mut vec![0; wrong], 12, b"abc"), Err(SealError), "{profile:?} {wrong}");
        }
        assert_eq!(sealer.seal_rtp(0, &mut vec![0; exact - 1], 11, b"abc"), Err(SealError));
        assert_eq!(sealer.seal_rtp(1 << 48, &mut vec![0; exact], 12, b"abc"), Err(SealError));
        assert_eq!(sealer.seal_rtcp(1 << 31, &mut compound(), 0), Err(SealError));
        assert_eq!(sealer.seal_rtcp(0, &mut compound(), 13), Err(SealError));
        assert_eq!(sealer.seal_rtcp(0, &mut compound(), 99), Err(SealError));
    }
}

#[test]
fn keys_do_not_print() {
    let (client, _) = MasterKey::from_dtls(SrtpProfile::AeadAes128Gcm, &[0xab; 56]).unwrap();
    let (sealer, opener) = pair(SrtpProfile::AeadAes128Gcm);
    let printed = format!("{client:?} {sealer:?} {opener:?}");
    assert_eq!(printed, "MasterKey(AeadAes128Gcm, …) Sealer(AeadAes128Gcm, …) Opener(AeadAes128Gcm, …)");
}
