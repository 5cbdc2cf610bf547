//! Web Push: a message to a browser, on the phone or at the desk, through the push service of whoever made the
//! browser. Only the browser can read it (RFC 8291), and the service knows who sends (RFC 8292).
//!
//! Written here, on `ring`: the crates there are bring OpenSSL or a second TLS provider.

use data_encoding::BASE64URL_NOPAD as BASE64;
use reqwest::Url;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::digest::{SHA256, digest};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::json;

use super::http::{Line, Post};
use super::{Notice, Verdict};
use crate::domain::{Level, Span, Time};
use crate::secret::Secret;

/// How long a service keeps a message for a phone that is off, in seconds: four hours.
const KEPT_FOR: &str = "14400";
/// How long a token of ours is good; no service takes a day.
const TOKEN_FOR: Span = Span::hours(12);
/// A text is no longer, in bytes: a message may have 4096 as a whole.
const TEXT_MAX: usize = 2048;
/// One record holds the whole message.
const RECORD: u32 = 4096;

/// Who pushes.
#[derive(Debug, Clone)]
pub struct Account {
    /// A key of P-256, in PEM.
    pub key: Secret,
    /// Whom a service may write to: `mailto:care@example.org`.
    pub contact: String,
}

/// A key that cannot be used; it is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key is none of P-256 in PEM: make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`"
)]
pub struct KeyError;

/// Pushes to browsers.
#[derive(Debug)]
pub struct Push {
    line: Line,
    key: EcdsaKeyPair,
    contact: String,
    random: SystemRandom,
}

/// What a browser gives to whoever may push to it; a contact's `to` is this, in JSON.
#[derive(Deserialize)]
struct Subscription {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl Push {
    /// # Errors
    /// When the key is none.
    pub fn new(line: Line, account: Account) -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let pem = account.key.reveal().as_bytes();
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_is_secret| KeyError)?;
        let der = der.secret_pkcs8_der();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &random);
        let key = key.map_err(|_is_secret| KeyError)?;
        Ok(Self { line, key, contact: account.contact, random })
    }

    /// What a page needs to subscribe: `applicationServerKey`.
    pub fn public_key(&self) -> String {
        BASE64.encode(self.key.public_key().as_ref())
    }

    /// One attempt. That the service has it does not say that the phone has.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        let Ok(to) = serde_json::from_str::<Subscription>(&notice.to) else {
            return Verdict::never("the contact's `to` is no push subscription in JSON");
        };
        let post = match self.post(&to, notice) {
            Ok(post) => post,
            Err(why) => return Verdict::never(why),
        };
        match self.line.post(post, notice.at).await {
            Ok(_) => Verdict::Sent,
            // 404, 410: nobody has subscribed there any more.
            Err(verdict) => verdict,
        }
    }

    fn post(&self, to: &Subscription, notice: &Notice) -> Result<Post, &'static str> {
        let url = Url::parse(&to.endpoint).ok().filter(Url::has_host);
        let url = url.ok_or("the subscription's endpoint is no address")?;
        let text = super::robot::cut(&notice.text, TEXT_MAX);
        let case = notice.delivery.incident.to_string();
        let shown = json!({ "title": notice.heading(), "body": text, "incident": case,
            "level": notice.level().name() });
        let body = self.sealed(to, shown.to_string().as_bytes())?;
        let token = self.token(&url, notice.at).map_err(|Unspecified| "it cannot be signed")?;
        let urgency = match notice.level() {
            Level::Info => "low",
            Level::Normal => "normal",
            Level::Serious | Level::Urgent => "high",
        };
        // The same over all attempts: what still waits for the phone is replaced, and not shown twice.
        let topic = digest(&SHA256, notice.delivery.to_string().as_bytes());
        let topic = topic.as_ref().get(..16).unwrap_or_default();
        let post = Post { url: to.endpoint.clone().into(), headers: Vec::new(), body };
        Ok(post
            .with("content-type", "application/octet-stream".to_owned())
            .with("content-encoding", "aes128gcm".to_owned())
            .with("authorization", format!("vapid t={token}, k={}", self.public_key()))
            .with("ttl", KEPT_FOR.to_owned())
            .with("topic", BASE64.encode(topic))
            .with("urgency", urgency.to_owned()))
    }

    /// Who we are, for this service and half a day (RFC 8292).
    fn token(&self, url: &Url, now: Time) -> Result<String, Unspecified> {
        let expires = (now + TOKEN_FOR).0.div_euclid(1000);
        let service = url.origin().ascii_serialization();
        let claims = json!({ "aud": service, "exp": expires, "sub": self.contact }).to_string();
        let head = BASE64.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", BASE64.encode(claims.as_bytes()));
        let signature = self.key.sign(&self.random, signed.as_bytes())?;
        Ok(format!("{signed}.{}", BASE64.encode(signature.as_ref())))
    }

    /// What only that browser can open.
    fn sealed(&self, to: &Subscription, text: &[u8]) -> Result<Vec<u8>, &'static str> {
        let read = |text: &str| BASE64.decode(text.trim_end_matches('=').as_bytes()).ok();
        let wrong = "the subscription's keys are none";
        let browser = read(&to.keys.p256dh).ok_or(wrong)?;
        let auth = read(&to.keys.auth).ok_or(wrong)?;
        let mut salt = [0; 16];
        let failed = |Unspecified| "it cannot be encrypted";
        self.random.fill(&mut salt).map_err(failed)?;
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &self.random).map_err(failed)?;
        let own_public = own.compute_public_key().map_err(failed)?;
        let peer = UnparsedPublicKey::new(&ECDH_P256, &browser);
        agree_ephemeral(own, &peer, |shared| {
            seal(shared, own_public.as_ref(), &browser, &auth, salt, text)
        })
        .map_err(|Unspecified| wrong)?
        .map_err(failed)
    }
}

/// So many bytes of a key.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

/// The body of RFC 8291: salt, size of a record, our key, and one record.
fn seal(
    shared: &[u8],
    own: &[u8],
    browser: &[u8],
    auth: &[u8],
    salt: [u8; 16],
    text: &[u8],
) -> Result<Vec<u8>, Unspecified> {
    let mut input = [0; 32];
    let for_both = [b"WebPush: info\0".as_slice(), browser, own];
    let by_auth = Salt::new(HKDF_SHA256, auth).extract(shared);
    by_auth.expand(&for_both, Bytes(32))?.fill(&mut input)?;
    let by_salt = Salt::new(HKDF_SHA256, &salt).extract(&input);
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    by_salt.expand(&[b"Content-Encoding: aes128gcm\0"], Bytes(16))?.fill(&mut key)?;
    by_salt.expand(&[b"Content-Encoding: nonce\0"], Bytes(12))?.fill(&mut nonce)?;
    // The last record ends with a two.
    let mut record = [text, &[2]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record)?;
    let length = u8::try_from(own.len()).map_err(|_too_long| Unspecified)?;
    Ok([salt.as_slice(), &RECORD.to_be_bytes(), &[length], own, &record].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8291, appendix A.
    #[test]
    fn it_seals_as_the_standard_says() {
        let read = |text: &str| BASE64.decode(text.as_bytes()).unwrap();
        let own = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
        let browser = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let sealed = seal(
            &read("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"),
            &read(own),
            &read(browser),
            &read("BTBZMqHH6r4Tts7J_aSIgg"),
            read("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap(),
            b"When I grow up, I want to be a watermelon",
        )
        .unwrap();
        assert_eq!(
            BASE64.encode(&sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz\
             AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }
}
