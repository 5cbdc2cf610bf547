//! Passwords of single devices on our own MQTT listener. Only their digests are kept.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::domain::{DeviceId, HomeId};

/// Random bytes in a password: 160 bits, which are 32 characters.
const RANDOM: usize = 20;

/// A device that logs in for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Where it is.
    pub home: HomeId,
    /// Which.
    pub device: DeviceId,
    /// What its password is compared with.
    pub digest: Digest,
}

/// SHA-256 of a password, `sha256:` and 64 hexadecimal digits. A fast digest without salt is enough
/// only because careloop makes these passwords itself: nobody can go through 160 random bits, and
/// no two devices have the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Credential {
    /// The name it logs in with, `home.device`.
    pub fn user(&self) -> String {
        user(&self.home, &self.device)
    }
}

/// The name a device logs in with.
pub(super) fn user(home: &HomeId, device: &DeviceId) -> String {
    format!("{home}.{device}")
}

/// A new password, in letters and digits that can be typed and stand in any command line.
///
/// # Errors
/// The system has no random numbers.
pub(super) fn fresh_password() -> Result<String, ring::error::Unspecified> {
    let mut random = [0; RANDOM];
    SystemRandom::new().fill(&mut random)?;
    Ok(BASE32_NOPAD.encode(&random).to_lowercase())
}

impl Digest {
    /// Of this password.
    pub fn of(password: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, password.as_bytes()).as_ref());
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(digest)")
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is `sha256:` and 64 hexadecimal digits".to_owned();
        let hex = text.strip_prefix("sha256:").ok_or_else(wrong)?;
        let bytes = HEXLOWER.decode(hex.as_bytes()).map_err(|_no_hex| wrong())?;
        bytes.try_into().map(Self).map_err(|_length| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_never_the_same_and_its_digest_reads_back() {
        let (one, two) = (fresh_password().unwrap(), fresh_password().unwrap());
        assert!(24 <= one.len() && one != two, "{one} {two}");
        let digest = Digest::of(&one);
        assert_eq!(digest.to_string().parse(), Ok(digest.clone()));
        assert_ne!(digest, Digest::of(&two));
        for wrong in ["", "sha256:", "sha256:00", "hunter2", "md5:00"] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
