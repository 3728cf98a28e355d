//! Published vectors: RFC 3711 appendix B, RFC 6188 section 7, RFC 7714 sections 16 and 17, and those of libsrtp's own
//! tests, which begin at the master key.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::key::{MasterKey, SessionKey};
use super::{Opener, Sealer};
use crate::event::SrtpProfile;

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|digits| u8::from_str_radix(str::from_utf8(digits).unwrap(), 16).unwrap()).collect()
}

fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..text.len() / 2].copy_from_slice(&hex(text));
    bytes
}

/// A sealer and an opener on session keys, RTP and RTCP the same.
fn of_session(profile: SrtpProfile, key: &str, salt: &str) -> (Sealer, Opener) {
    let session = || SessionKey {
        key: Zeroizing::new(padded(key)),
        key_len: key.len() / 2,
        authentication: Zeroizing::default(),
        salt: padded(salt),
    };
    let cipher = || Cipher::new(profile, &session()).unwrap();
    (Sealer { profile, rtp: cipher(), rtcp: cipher() }, Opener { profile, rtp: cipher(), rtcp: cipher() })
}

fn of_master(profile: SrtpProfile, key: &str, salt: &str) -> (Sealer, Opener) {
    let master = MasterKey::new(profile, &hex(key), &hex(salt)).unwrap();
    (Sealer::new(&master).unwrap(), Opener::new(&master).unwrap())
}

fn assert_rtp((sealer, opener): &(Sealer, Opener), plain: &str, sealed: &str) {
    let (plain, sealed) = (hex(plain), hex(sealed));
    let index = u64::from(u16::from_be_bytes([plain[2], plain[3]]));

    let mut packet = vec![0; sealed.len()];
    packet[..12].copy_from_slice(&plain[..12]);
    sealer.seal_rtp(index, &mut packet, 12, &plain[12..]).unwrap();
    assert_eq!(packet, sealed);

    packet[..plain.len()].copy_from_slice(&plain);
    sealer.seal_rtp_in_place(index, &mut packet, 12).unwrap();
    assert_eq!(packet, sealed);

    assert_eq!(opener.open_rtp(index, &mut packet, 12).unwrap(), &plain[12..]);
}

fn assert_rtcp((sealer, opener): &(Sealer, Opener), plain: &str, sealed: &str, index: u32) {
    let (plain, mut sealed) = (hex(plain), hex(sealed));
    let mut buffer = b"in front".to_vec();
    let start = buffer.len();
    buffer.extend_from_slice(&plain);
    sealer.seal_rtcp(index, &mut buffer, start).unwrap();
    assert_eq!(buffer[start..], sealed);
    assert_eq!(buffer[..start], *b"in front");

    let (opened_index, opened) = opener.open_rtcp(&mut sealed).unwrap();
    assert_eq!((opened_index, &*opened), (index, &*plain));
}

const GALLIA: &str = "8040f17b8041f8d35501a0b2\
    47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
const MARS: &str = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61\
    deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
const KEY_256: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const KEY_128: &str = "000102030405060708090a0b0c0d0e0f";
const QUID_PRO_QUO: &str = "517569642070726f2071756f";

#[test]
fn rfc_7714_aes_128() {
    let keys = of_session(SrtpProfile::AeadAes128Gcm, KEY_128, QUID_PRO_QUO);
    let sealed = "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833\
        899d7f27beb16a9152cf765ee4390cce";
    assert_rtp(&keys, GALLIA, sealed);
    let sealed = "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded\
        0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4";
    assert_rtcp(&keys, MARS, sealed, 0x5d4);
}

#[test]
fn rfc_7714_aes_256() {
    let keys = of_session(SrtpProfile::AeadAes256Gcm, KEY_256, QUID_PRO_QUO);
    let sealed = "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b\
        7aa3db36dfffd6b0f9bb7878d7a76c13";
    assert_rtp(&keys, GALLIA, sealed);
    let sealed = "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de047\
        6f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4";
    assert_rtcp(&keys, MARS, sealed, 0x5d4);
}

#[test]
fn rfc_3711_b_2_keystream() {
    let (sealer, _) =
        of_session(SrtpProfile::Aes128CmSha1_80, "2b7e151628aed2a6abf7158809cf4f3c", "f0f1f2f3f4f5f6f7f8f9fafbfcfd");
    // Zeros under SSRC 0 and index 0 show the keystream itself, here to its last block but 254.
    let payload = [0; 0xff02 * 16];
    let mut packet = vec![0; 12 + payload.len() + 10];
    packet[0] = 0x80;
    sealer.seal_rtp(0, &mut packet, 12, &payload).unwrap();
    let keystream = &packet[12..];
    assert_eq!(
        keystream[..48],
        hex("e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0")
    );
    assert_eq!(
        keystream[0xfeff * 16..0xff02 * 16],
        hex("ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44")
    );
}

#[test]
fn rfc_3711_b_3_key_derivation() {
    let key = hex("e1f97a0d3e018be0d64fa32c06de4139");
    let salt = hex("0ec675ad498afeebb6960b3aabe6");
    let session = MasterKey::new(SrtpProfile::Aes128CmSha1_80, &key, &salt).unwrap().rtp().unwrap();
    assert_eq!(session.encryption(), hex("c61e7a93744f39ee10734afe3ff7a087"));
    assert_eq!(*session.authentication, *hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
    assert_eq!(session.salt, *hex("30cbbc08863d8c85d49db34a9ae1"));
}

/// The RFC's salt is 14 bytes long, that of our only profile with AES-256 is 12: so the last two of the derived are not
/// compared.
#[test]
fn rfc_6188_key_derivation() {
    let master = MasterKey {
        profile: SrtpProfile::AeadAes256Gcm,
        key: Zeroizing::new(padded("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6")),
        salt: Zeroizing::new(padded("3b04803de51ee7c96423ab5b78d2")),
    };
    let session = master.rtp().unwrap();
    assert_eq!(session.encryption(), hex("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"));
    assert_eq!(*session.authentication, *hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"));
    assert_eq!(session.salt[..12], hex("fa31791685ca444a9e07c6c64e93")[..12]);
}

const AB_RTP: &str = "800f1234decafbadcafebabeabababababababababababababababab";
const AB_RTCP: &str = "81c8000bcafebabeabababababababababababababababab";

#[test]
fn libsrtp_counter_mode() {
    let keys =
        of_master(SrtpProfile::Aes128CmSha1_80, "e1f97a0d3e018be0d64fa32c06de4139", "0ec675ad498afeebb6960b3aabe6");
    assert_rtp(&keys, AB_RTP, "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb");
    assert_rtcp(&keys, AB_RTCP, "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798", 1);
}

#[test]
fn libsrtp_gcm() {
    let keys = of_master(SrtpProfile::AeadAes128Gcm, KEY_128, "a0a1a2a3a4a5a6a7a8a9aaab");
    let sealed = "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392";
    assert_rtp(&keys, AB_RTP, sealed);
    let sealed = "81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001";
    assert_rtcp(&keys, AB_RTCP, sealed, 1);
}
