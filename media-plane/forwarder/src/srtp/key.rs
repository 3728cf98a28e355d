use crate::event::SrtpProfile;

/// A master key and salt of one direction.
pub struct MasterKey {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("SRTP: keying material of {actual} bytes, the profile needs {needed}")]
    Length { needed: usize, actual: usize },
    #[error("SRTP: the cipher refused the key")]
    Refused,
}

impl MasterKey {
    pub fn new(_profile: SrtpProfile, _key: &[u8], _salt: &[u8]) -> Result<Self, KeyError> {
        todo!()
    }

    /// Splits what DTLS exports (RFC 5764 4.2: client key, server key, client salt, server salt) into the DTLS client's
    /// and the DTLS server's key for sending.
    pub fn from_dtls(_profile: SrtpProfile, _keying_material: &[u8]) -> Result<(Self, Self), KeyError> {
        todo!()
    }
}
