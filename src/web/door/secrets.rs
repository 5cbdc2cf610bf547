//! Secrets that nobody can guess, and what is kept of them; passwords, and how often one may be tried.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::sync::Semaphore;

use crate::domain::{Digest, PersonId, Span, Time};
use crate::web::ask::Trouble;

/// As short as a password may be, in characters, and as long: NIST SP 800-63B, 5.1.1.1 and 5.1.1.2.
pub(in crate::web) const PASSWORD_MIN: usize = 8;
pub(in crate::web) const PASSWORD_MAX: usize = 128;
/// So many wrong ones are free; then every further one costs twice the time of the one before.
const FREE: u32 = 5;
const FIRST_WAIT: Span = Span::seconds(30);
const LONGEST_WAIT: Span = Span::minutes(15);
/// Of so many names wrong tries are remembered. More are made up.
const NAMES_MAX: usize = 1000;

/// A new secret of 256 bits, as text that stands in an address as it is.
pub(in crate::web) fn new_secret() -> Result<String, Trouble> {
    let mut bytes = [0; 32];
    // A hub without randomness lets nobody in, and says so.
    SystemRandom::new().fill(&mut bytes).map_err(|_unspecified| Trouble::NotStored)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// What is kept of a secret.
pub(in crate::web) fn digest_of(secret: &str) -> Digest {
    let mut kept = [0; 32];
    kept.iter_mut().zip(digest(&SHA256, secret.as_bytes()).as_ref()).for_each(|(k, d)| *k = *d);
    kept
}

/// The memory of wrong passwords, and the one place where passwords are worked on: each takes 19 MiB.
#[derive(Debug)]
pub(in crate::web) struct Passwords {
    bench: Semaphore,
    wrong: Mutex<BTreeMap<String, (u32, Time)>>,
}

impl Passwords {
    /// None was tried yet.
    pub(in crate::web) const fn new() -> Self {
        Self { bench: Semaphore::const_new(1), wrong: Mutex::new(BTreeMap::new()) }
    }

    /// The salted hash of a password.
    pub(in crate::web) async fn hash(&self, password: String) -> Result<String, Trouble> {
        let _permit = self.bench.acquire().await.map_err(|_closed| Trouble::Stopping)?;
        let hash = tokio::task::spawn_blocking(move || {
            Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
        });
        let hash = hash.await.map_err(|_cancelled| Trouble::Stopping)?;
        hash.map_err(|_error| Trouble::NotStored)
    }

    /// Whether it is the password of this hash. Without a hash it takes as long, and is not.
    pub(in crate::web) async fn is_right(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Trouble> {
        let Some(hash) = hash else { return self.hash(password).await.map(|_hash| false) };
        let _permit = self.bench.acquire().await.map_err(|_closed| Trouble::Stopping)?;
        let verified = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&hash);
            hash.is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
        });
        verified.await.map_err(|_cancelled| Trouble::Stopping)
    }

    /// How long whoever tries this name has to wait at `now`.
    pub(in crate::web) fn wait(&self, name: &str, now: Time) -> Option<Span> {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = wrong.get(name)?;
        let doubled = count.checked_sub(FREE)?.min(10);
        let wait = Span(FIRST_WAIT.0.saturating_mul(1 << doubled)).min(LONGEST_WAIT);
        let over = *last + wait;
        (now < over).then(|| over - now)
    }

    /// A wrong one was tried, or the right one.
    pub(in crate::web) fn note(&self, name: &str, is_right: bool, now: Time) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if is_right {
            wrong.remove(name);
            return;
        }
        // The oldest gives way; whoever makes up names does not fill the memory.
        if NAMES_MAX <= wrong.len() && !wrong.contains_key(name) {
            let oldest = wrong.iter().min_by_key(|(_, (_, last))| *last).map(|(n, _)| n.clone());
            if let Some(oldest) = oldest {
                wrong.remove(&oldest);
            }
        }
        let (count, last) = wrong.entry(name.to_owned()).or_insert((0, now));
        *count = count.saturating_add(1);
        *last = now;
    }
}

/// What is wrong with a password that somebody would have.
pub(in crate::web) fn refused(
    password: &str,
    who: &PersonId,
) -> Option<(&'static str, &'static str)> {
    let length = password.chars().count();
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        return Some(("密码须为 8 至 128 个字符", "A password has 8 to 128 characters"));
    }
    let first = password.chars().next();
    let is_one = password.chars().all(|c| Some(c) == first);
    let easy = ["12345678", "123456789", "1234567890", "password", "88888888", "careloop"];
    let is_easy = is_one || easy.contains(&password) || password.contains(who.as_str());
    is_easy.then_some(("这个密码太容易猜到", "This password is too easy to guess"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_passwords_cost_time_and_the_right_one_ends_it() {
        let passwords = Passwords::new();
        let now = Time(0);
        let wait = |name: &str, now| passwords.wait(name, now).map(|span| span.0 / 1000);
        for _ in 0..FREE - 1 {
            passwords.note("wang", false, now);
            assert_eq!(wait("wang", now), None);
        }
        let mut waits = Vec::new();
        for _ in 0..8 {
            passwords.note("wang", false, now);
            waits.extend(wait("wang", now));
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(wait("sun", now), None, "somebody else does not wait for it");
        assert_eq!(wait("wang", now + Span::minutes(15)), None);
        passwords.note("wang", true, now);
        assert_eq!(wait("wang", now), None);
    }

    #[test]
    fn made_up_names_do_not_fill_the_memory() {
        let passwords = Passwords::new();
        for n in 0..3 * NAMES_MAX {
            passwords.note(&format!("nobody{n}"), false, Time(i64::try_from(n).unwrap()));
        }
        assert_eq!(passwords.wrong.lock().unwrap().len(), NAMES_MAX);
    }
}
