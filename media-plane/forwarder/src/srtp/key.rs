//! Key derivation (RFC 3711 4.3, RFC 6188 for AES-256, RFC 7714 section 11) with a derivation rate of 0.

use std::fmt;

use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipher};
use aes::{Aes128Enc, Aes256Enc};
use ctr::{Ctr128BE, CtrCore};
use zeroize::Zeroizing;

use crate::event::SrtpProfile;

const MAX_KEY_LEN: usize = 32;
/// RFC 3711's; the 12 bytes of RFC 7714 stand in front of two zeros.
pub(super) const SALT_LEN: usize = 14;
pub(super) const AUTHENTICATION_KEY_LEN: usize = 20;

/// A master key and salt of one direction.
pub struct MasterKey {
    pub(super) profile: SrtpProfile,
    pub(super) key: Zeroizing<[u8; MAX_KEY_LEN]>,
    pub(super) salt: Zeroizing<[u8; SALT_LEN]>,
}

/// What protects the packets of one direction, RTP or RTCP.
pub(super) struct SessionKey {
    pub(super) key: Zeroizing<[u8; MAX_KEY_LEN]>,
    pub(super) key_len: usize,
    pub(super) authentication: Zeroizing<[u8; AUTHENTICATION_KEY_LEN]>,
    pub(super) salt: [u8; SALT_LEN],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("SRTP: keying material of {actual} bytes, the profile needs {needed}")]
    Length { needed: usize, actual: usize },
    #[error("SRTP: the cipher refused the key")]
    Refused,
}

impl MasterKey {
    pub fn new(profile: SrtpProfile, key: &[u8], salt: &[u8]) -> Result<Self, KeyError> {
        let needed = profile.key_len() + profile.salt_len();
        if key.len() != profile.key_len() || salt.len() != profile.salt_len() {
            return Err(KeyError::Length { needed, actual: key.len() + salt.len() });
        }
        let mut master = Self { profile, key: Zeroizing::default(), salt: Zeroizing::default() };
        master.key[..key.len()].copy_from_slice(key);
        master.salt[..salt.len()].copy_from_slice(salt);
        Ok(master)
    }

    /// Splits what DTLS exports (RFC 5764 4.2: client key, server key, client salt, server salt) into the DTLS client's
    /// and the DTLS server's key for sending.
    pub fn from_dtls(profile: SrtpProfile, keying_material: &[u8]) -> Result<(Self, Self), KeyError> {
        let needed = 2 * (profile.key_len() + profile.salt_len());
        if keying_material.len() != needed {
            return Err(KeyError::Length { needed, actual: keying_material.len() });
        }
        let (keys, salts) = keying_material.split_at(2 * profile.key_len());
        let (client_key, server_key) = keys.split_at(profile.key_len());
        let (client_salt, server_salt) = salts.split_at(profile.salt_len());
        Ok((Self::new(profile, client_key, client_salt)?, Self::new(profile, server_key, server_salt)?))
    }

    pub(super) fn rtp(&self) -> Result<SessionKey, KeyError> {
        self.derive([0, 1, 2])
    }

    pub(super) fn rtcp(&self) -> Result<SessionKey, KeyError> {
        self.derive([3, 4, 5])
    }

    /// Labels of the encryption key, the authentication key and the salt.
    fn derive(&self, [encryption, authentication, salt]: [u8; 3]) -> Result<SessionKey, KeyError> {
        let mut session = SessionKey {
            key: Zeroizing::default(),
            key_len: self.profile.key_len(),
            authentication: Zeroizing::default(),
            salt: [0; SALT_LEN],
        };
        self.expand(encryption, &mut session.key[..self.profile.key_len()])?;
        self.expand(authentication, &mut *session.authentication)?;
        self.expand(salt, &mut session.salt[..self.profile.salt_len()])?;
        Ok(session)
    }

    /// The pseudorandom function: AES counter mode of zeros, the salt with the label in it as the counter's start.
    fn expand(&self, label: u8, out: &mut [u8]) -> Result<(), KeyError> {
        let key = &self.key[..self.profile.key_len()];
        let mut start = [0; 16];
        start[..SALT_LEN].copy_from_slice(&*self.salt);
        // The label stands above the 48 bits of index / rate, which is 0.
        start[7] ^= label;
        match self.profile {
            SrtpProfile::AeadAes256Gcm => {
                write_keystream(Aes256Enc::new_from_slice(key).map_err(|_| KeyError::Refused)?, start, out);
            }
            SrtpProfile::AeadAes128Gcm | SrtpProfile::Aes128CmSha1_80 => {
                write_keystream(Aes128Enc::new_from_slice(key).map_err(|_| KeyError::Refused)?, start, out);
            }
        }
        Ok(())
    }
}

fn write_keystream(cipher: impl BlockCipherEncrypt<BlockSize = U16>, start: [u8; 16], out: &mut [u8]) {
    Ctr128BE::from_core(CtrCore::inner_iv_init(cipher, &start.into())).write_keystream(out);
}

impl SessionKey {
    pub(super) fn encryption(&self) -> &[u8] {
        &self.key[..self.key_len]
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({:?}, …)", self.profile)
    }
}
