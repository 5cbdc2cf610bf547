//! Trial messages: a code goes out by a way to reach somebody, and who says it back has had it. What is sent is
//! known here only, as a digest, and no longer than it counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;
use tokio::time::Instant;

use crate::channel::{Channel, Notice, Verdict};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{Contact, DeliveryId, IncidentId, Name, PersonId, Responder, Span, both};
use crate::registrar::{Edit, Refused, Tried};

/// How long a code counts, how often somebody may say it wrong, and how soon another may be sent.
const COUNTS_FOR: Span = Span::minutes(30);
const TRIES_MAX: u32 = 5;
const AGAIN_AFTER: Span = Span::minutes(1);
/// Codes are below this: four digits.
const CODES: u32 = 10_000;
/// What stands for an incident in a trial message; its number is the code.
const CASE: &str = "trial";

/// Ways to tell people, and the codes that were sent by them.
pub(in crate::app) struct Trials {
    channels: Arc<BTreeMap<Name, Channel>>,
    clock: Clock,
    sent: BTreeMap<(PersonId, Name), Trial>,
}

struct Trial {
    /// Of the salt, and the code.
    digest: Vec<u8>,
    salt: [u8; 16],
    /// Where it went.
    to: String,
    at: Instant,
    tries: u32,
}

/// A trial message that is to go out.
pub(super) struct Outgoing {
    channels: Arc<BTreeMap<Name, Channel>>,
    by: Name,
    notice: Notice,
}

impl Trials {
    pub(in crate::app) const fn new(channels: Arc<BTreeMap<Name, Channel>>, clock: Clock) -> Self {
        Self { channels, clock, sent: BTreeMap::new() }
    }

    /// Makes a code for a way to reach somebody; without a channel, for the first that nobody has tried.
    pub(super) fn begin(
        &mut self,
        config: &Config,
        who: &PersonId,
        channel: Option<&Name>,
    ) -> Result<Outgoing, Refused> {
        let (person, contact) = contact(config, who, channel)?;
        let by = contact.channel.clone();
        let key = (who.clone(), by.clone());
        if self.sent.get(&key).is_some_and(|trial| trial.at.elapsed() < AGAIN_AFTER.to_std()) {
            return Err(Refused::Conflict(both!(
                "刚刚已通过 {by} 给 {who} 发过验证码，请过 {AGAIN_AFTER} 再发",
                "a code went to `{who}` by {by} a moment ago: wait {AGAIN_AFTER}"
            )));
        }
        let (code, salt) = fresh()?;
        let home = CASE.parse().map_err(Refused::Conflict)?;
        let said = format!("{code:04}");
        let text = config.wording.trial(person.language, &said);
        let title = json!({ "zh": text, "en": text });
        let body = json!({ "level": "info", "group": "equipment", "title": title, "heading": text, "trial": said });
        let notice = Notice {
            delivery: DeliveryId { incident: IncidentId { home, n: code }, k: 1 },
            to: contact.to.clone(),
            body,
            text,
            at: self.clock.wall(),
        };
        let (digest, to) = (hashed(&salt, &said), contact.to.clone());
        self.sent.insert(key, Trial { digest, salt, to, at: Instant::now(), tries: 0 });
        Ok(Outgoing { channels: Arc::clone(&self.channels), by, notice })
    }

    /// Whether every code that these edits give is the one that was sent.
    pub(super) fn check(&mut self, config: &Config, edits: &[Edit]) -> Result<(), Refused> {
        for edit in edits {
            if let Edit::Verified { who, channel, code: Some(code), .. } = edit {
                self.check_one(config, who, channel, code)?;
            }
        }
        Ok(())
    }

    fn check_one(
        &mut self,
        config: &Config,
        who: &PersonId,
        channel: &Name,
        code: &str,
    ) -> Result<(), Refused> {
        let (_, contact) = contact(config, who, Some(channel))?;
        let key = (who.clone(), channel.clone());
        let counts = |trial: &&mut Trial| {
            trial.at.elapsed() < COUNTS_FOR.to_std()
                && trial.to == contact.to
                && trial.tries < TRIES_MAX
        };
        let Some(trial) = self.sent.get_mut(&key).filter(counts) else {
            return Err(Refused::Conflict(both!(
                "没有通过 {channel} 发给 {who} 的有效验证码：请先试发消息",
                "no code that counts was sent to `{who}` by {channel}: `careloop register try {who} --by {channel}`"
            )));
        };
        if hashed(&trial.salt, code.trim()) == trial.digest {
            return Ok(());
        }
        trial.tries += 1;
        let left = TRIES_MAX - trial.tries;
        Err(Refused::Conflict(both!(
            "不是发出的验证码，还可以试 {left} 次",
            "that is not the code that was sent; {left} more tries"
        )))
    }

    /// These are in force: a code counts once.
    pub(super) fn used(&mut self, edits: &[Edit]) {
        for edit in edits {
            if let Edit::Verified { who, channel, code: Some(_), .. } = edit {
                self.sent.remove(&(who.clone(), channel.clone()));
            }
        }
    }
}

impl Outgoing {
    /// One attempt.
    pub(super) async fn go(self) -> Result<Tried, Refused> {
        let Self { channels, by, notice } = self;
        let verdict = match channels.get(&by) {
            Some(channel) => channel.tell(&notice).await,
            None => Verdict::never(format!("there is no channel `{by}`")),
        };
        let how = match verdict {
            Verdict::Sent => both!("已发出", "sent"),
            Verdict::Delivered => both!("已送达", "delivered"),
            Verdict::Unknown { why } => both!("可能已发出（{why}）", "perhaps sent: {why}"),
            Verdict::Failed { why, .. } => {
                return Err(Refused::NotStored(both!(
                    "通过 {by} 没有发出去（{why}）",
                    "by {by} it did not go out: {why}"
                )));
            }
        };
        Ok(Tried { channel: by, how, counts_for: COUNTS_FOR.to_string() })
    }
}

fn contact<'c>(
    config: &'c Config,
    who: &PersonId,
    channel: Option<&Name>,
) -> Result<(&'c Responder, &'c Contact), Refused> {
    let Some(person) = config.people.iter().find(|person| person.id == *who) else {
        return Err(Refused::Unknown(both!(
            "没有编号为 {who} 的人",
            "`{who}` is nobody of the register"
        )));
    };
    let contacts = &person.contacts;
    let untried =
        || contacts.iter().find(|contact| contact.verified.is_none()).or(contacts.first());
    let found = channel.map_or_else(untried, |by| contacts.iter().find(|c| c.channel == *by));
    found.map(|contact| (person, contact)).ok_or_else(|| {
        let by = channel.map_or(String::new(), |by| format!(" by {by}"));
        Refused::Unknown(both!("{who} 没有这一联系方式", "responder `{who}` has no contact{by}"))
    })
}

/// A code and a salt.
fn fresh() -> Result<(u32, [u8; 16]), Refused> {
    let (mut code, mut salt) = ([0; 4], [0; 16]);
    let random = SystemRandom::new();
    let filled = random.fill(&mut code).and_then(|()| random.fill(&mut salt));
    let none = |_| Refused::NotStored(both!("系统没有随机数", "the system has no random numbers"));
    filled.map_err(none)?;
    Ok((u32::from_le_bytes(code) % CODES, salt))
}

fn hashed(salt: &[u8], code: &str) -> Vec<u8> {
    digest(&SHA256, &[salt, code.as_bytes()].concat()).as_ref().to_vec()
}

impl std::fmt::Debug for Trials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trials").field("sent", &self.sent.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::time::advance;

    use super::*;

    const OF: (&str, &str) = ("daughter", "screen");

    fn said(code: &str) -> Vec<Edit> {
        let (who, channel) = (OF.0.parse().unwrap(), OF.1.parse().unwrap());
        let on = "2026-11-28".parse().unwrap();
        vec![Edit::Verified { who, channel, on, code: Some(code.to_owned()), by: None }]
    }

    fn start() -> (Trials, Config) {
        let config = crate::config::shipped(Path::new("."), |_, text| text.to_owned()).unwrap();
        (Trials::new(Arc::default(), Clock::start(None)), config)
    }

    /// Sends one. Returns its code, and another.
    fn send(trials: &mut Trials, config: &Config) -> (String, String) {
        let sent = trials.begin(config, &OF.0.parse().unwrap(), None).unwrap();
        let code = sent.notice.body["trial"].as_str().unwrap().to_owned();
        assert!(sent.notice.text.contains(&code) && code.len() == 4, "{}", sent.notice.text);
        assert_eq!(sent.notice.delivery.incident.n, code.parse::<u32>().unwrap());
        let other = if code == "0000" { "0001" } else { "0000" };
        (code, other.to_owned())
    }

    fn is_refused(trials: &mut Trials, config: &Config, code: &str, why: &str) {
        let refused = trials.check(config, &said(code)).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_counts_once_for_half_an_hour_and_five_tries() {
        let (mut trials, config) = start();
        is_refused(&mut trials, &config, "1234", "no code that counts");
        let (code, wrong) = send(&mut trials, &config);
        for left in (0..5).rev() {
            is_refused(&mut trials, &config, &wrong, &format!("{left} more tries"));
        }
        is_refused(&mut trials, &config, &code, "no code that counts");

        // Another, but not at once.
        assert!(trials.begin(&config, &OF.0.parse().unwrap(), None).is_err());
        advance(AGAIN_AFTER.to_std()).await;
        let (code, wrong) = send(&mut trials, &config);
        is_refused(&mut trials, &config, &wrong, "4 more tries");
        trials.check(&config, &said(&format!(" {code} "))).unwrap();
        trials.used(&said(&code));
        is_refused(&mut trials, &config, &code, "no code that counts");

        advance(AGAIN_AFTER.to_std()).await;
        let (code, _) = send(&mut trials, &config);
        advance(COUNTS_FOR.to_std()).await;
        is_refused(&mut trials, &config, &code, "no code that counts");
        assert!(!format!("{trials:?}").contains(&code));
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_is_no_word_for_another_number() {
        let (mut trials, mut config) = start();
        let (code, _) = send(&mut trials, &config);
        config.people.iter_mut().for_each(|person| person.contacts[0].to = "another".to_owned());
        is_refused(&mut trials, &config, &code, "no code that counts");
    }
}
