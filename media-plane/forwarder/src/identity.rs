//! What a worker shows of itself in DTLS.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;

use crate::command::Fingerprint;

/// The certificate of the process, and how we shake hands.
pub(crate) struct Identity {
    pub certificate: dimpl::DtlsCertificate,
    pub dtls: Arc<dimpl::Config>,
}

impl Identity {
    pub fn new(certificate: dimpl::DtlsCertificate) -> Self {
        // No cookie: an ICE check with our password came from that address before any DTLS is read.
        let dtls = dimpl::Config::builder()
            .use_server_cookie(false)
            .flight_start_rto(Duration::from_millis(100))
            .flight_retries(7) // 100 ms doubled: 12.7 s
            .handshake_timeout(Duration::from_secs(30))
            .build();
        #[expect(clippy::expect_used, reason = "constants that dimpl accepts: every test would fail")]
        let dtls = Arc::new(dtls.expect("a sound DTLS configuration"));
        Self { certificate, dtls }
    }

    pub fn fingerprint(&self) -> Fingerprint {
        let digest = digest::digest(&digest::SHA256, &self.certificate.certificate);
        Fingerprint { algorithm: "sha-256".to_owned(), value: hex(digest.as_ref()) }
    }
}

/// A fingerprint that a certificate can be compared with.
pub(crate) struct ExpectedFingerprint {
    algorithm: &'static digest::Algorithm,
    value: Vec<u8>,
}

impl ExpectedFingerprint {
    /// `None` for an algorithm that is too weak or unknown, and for a value that is not one of it.
    pub fn new(fingerprint: &Fingerprint) -> Option<Self> {
        let algorithm = match fingerprint.algorithm.to_ascii_lowercase().as_str() {
            "sha-256" => &digest::SHA256,
            "sha-384" => &digest::SHA384,
            "sha-512" => &digest::SHA512,
            _ => return None,
        };
        let value = fingerprint
            .value
            .split(':')
            .map(|pair| if pair.len() == 2 { u8::from_str_radix(pair, 16).ok() } else { None })
            .collect::<Option<Vec<u8>>>()?;
        (value.len() == algorithm.output_len()).then_some(Self { algorithm, value })
    }

    /// `certificate` in DER.
    pub fn matches(&self, certificate: &[u8]) -> bool {
        digest::digest(self.algorithm, certificate).as_ref() == self.value
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().enumerate().fold(String::with_capacity(bytes.len() * 3), |mut text, (at, byte)| {
        let colon = if at == 0 { "" } else { ":" };
        let _ = write!(text, "{colon}{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(algorithm: &str, value: &str) -> Fingerprint {
        Fingerprint { algorithm: algorithm.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_fingerprint_matches_its_certificate_only() {
        for (name, algorithm) in
            [("sha-256", &digest::SHA256), ("SHA-384", &digest::SHA384), ("sha-512", &digest::SHA512)]
        {
            let value = hex(digest::digest(algorithm, b"certificate").as_ref());
            let expected = ExpectedFingerprint::new(&fingerprint(name, &value));
            assert!(expected.as_ref().is_some_and(|expected| expected.matches(b"certificate")), "{name}");
            assert!(expected.is_some_and(|expected| !expected.matches(b"another")), "{name}");
        }
    }

    #[test]
    fn weak_and_malformed_fingerprints_are_refused() {
        for (name, value) in [("sha-1", "AB:CD"), ("sha-256", ""), ("sha-256", "AB:CD"), ("sha-256", "+1:ZZ")] {
            assert!(ExpectedFingerprint::new(&fingerprint(name, value)).is_none(), "{name} {value}");
        }
    }
}
