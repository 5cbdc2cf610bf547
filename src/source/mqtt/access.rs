//! Who may log in, and what they may publish and subscribe to.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ring::{hmac, rand};
use tokio::time::Instant;

use crate::secret::Secret;

use super::topic::Filter;

/// Failed logins of one address under one name, before it has to wait.
const TRIES_PER_NAME: u32 = 5;
/// Failed logins of one address under any names, before it has to wait.
const TRIES_PER_ADDRESS: u32 = 50;
/// How long it then waits, and how long failures are remembered.
const PENANCE: Duration = Duration::from_secs(60);
/// How many addresses and names are remembered.
const REMEMBERED_MAX: usize = 4096;
/// Our own topics: a wildcard in the first level does not give the right to publish there.
const OWN: &str = "careloop";

/// Somebody who may log in.
#[derive(Debug, Clone)]
pub struct Client {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// What they may do.
    pub rights: Rights,
}

/// Topics one may publish and subscribe to. In a filter `%u` stands for the user name and `%c` for
/// the client identifier. `careloop/…` and `$…` can be published to only by naming them.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    /// May publish to these.
    pub publish: Vec<Filter>,
    /// May subscribe to these and to whatever is narrower.
    pub subscribe: Vec<Filter>,
}

/// A login that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Wrong name or password.
    Wrong,
    /// No name was given, and one is needed.
    Nameless,
    /// Too many have failed; not even looked at.
    Throttled,
}

/// The rights of one client, placeholders filled in.
#[derive(Debug, Default)]
pub struct Permit {
    publish: Vec<Pattern>,
    subscribe: Vec<Pattern>,
}

/// Level by level, so that what replaces a placeholder is never taken for a wildcard or a slash.
#[derive(Debug)]
struct Pattern(Vec<Level>);

#[derive(Debug)]
enum Level {
    Is(String),
    Any,
    Rest,
}

/// How many logins failed from an address, under a name and (`None`) under any, and until when that
/// is remembered.
type Failures = BTreeMap<(IpAddr, Option<String>), (u32, Instant)>;

/// The door of the broker.
#[derive(Debug)]
pub struct Access {
    key: hmac::Key,
    known: BTreeMap<String, (hmac::Tag, Rights)>,
    anonymous: Option<Rights>,
    failures: Mutex<Failures>,
}

impl Access {
    /// A door for these. Passwords are kept as keyed digests, the key living only in this process.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new(
        clients: Vec<Client>,
        anonymous: Option<Rights>,
    ) -> Result<Self, ring::error::Unspecified> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &rand::SystemRandom::new())?;
        let known = clients
            .into_iter()
            .map(|c| (c.user, (hmac::sign(&key, c.password.reveal().as_bytes()), c.rights)))
            .collect();
        Ok(Self { key, known, anonymous, failures: Mutex::default() })
    }

    /// Whether somebody of this name may still log in.
    pub fn knows(&self, user: Option<&str>) -> bool {
        user.map_or(self.anonymous.is_some(), |user| self.known.contains_key(user))
    }

    /// Lets a client in, or not.
    ///
    /// # Errors
    /// Why not.
    pub fn login(
        &self,
        user: Option<&str>,
        password: Option<&[u8]>,
        client: &str,
        from: IpAddr,
        now: Instant,
    ) -> Result<Permit, Denied> {
        // Where nobody has a name, one that is given means nothing: some devices cannot do without.
        let Some(user) = user.filter(|_| self.anonymous.is_none() || !self.known.is_empty()) else {
            let rights = self.anonymous.as_ref().ok_or(Denied::Nameless)?;
            return Ok(Permit::new(rights, "", client));
        };
        if self.is_throttled(user, from, now) {
            return Err(Denied::Throttled);
        }
        let given = password.unwrap_or_default();
        match self.known.get(user) {
            // `hmac::verify` takes the same time wherever the two differ.
            Some((tag, rights)) if hmac::verify(&self.key, given, tag.as_ref()).is_ok() => {
                Ok(Permit::new(rights, user, client))
            }
            Some(_) => Err(self.failed(user, from, now)),
            None => {
                // As much work as for a known name.
                let _tag = hmac::sign(&self.key, given);
                Err(self.failed(user, from, now))
            }
        }
    }

    fn is_throttled(&self, user: &str, from: IpAddr, now: Instant) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        [(Some(user.to_owned()), TRIES_PER_NAME), (None, TRIES_PER_ADDRESS)].into_iter().any(
            |(name, tries)| {
                failures.get(&(from, name)).is_some_and(|(n, until)| tries <= *n && now < *until)
            },
        )
    }

    fn failed(&self, user: &str, from: IpAddr, now: Instant) -> Denied {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if REMEMBERED_MAX <= failures.len() {
            failures.retain(|_, (_, until)| now < *until);
        }
        for name in [Some(user.to_owned()), None] {
            let known = failures.contains_key(&(from, name.clone()));
            // When even the fresh ones are too many, one address tries many names: it is the
            // count of the address that stops it.
            if known || name.is_none() || failures.len() < REMEMBERED_MAX {
                let (n, until) = failures.entry((from, name)).or_insert((0, now));
                *n = if *until <= now { 1 } else { n.saturating_add(1) };
                *until = now + PENANCE;
            }
        }
        Denied::Wrong
    }
}

impl Permit {
    fn new(rights: &Rights, user: &str, client: &str) -> Self {
        let fill = |filters: &[Filter]| {
            filters.iter().map(|filter| Pattern::new(filter, user, client)).collect()
        };
        Self { publish: fill(&rights.publish), subscribe: fill(&rights.subscribe) }
    }

    /// Whether a message may be published to this name.
    pub fn publish(&self, topic: &str) -> bool {
        let first = topic.split('/').next().unwrap_or_default();
        let named = first == OWN || first.starts_with('$');
        self.publish.iter().any(|p| p.covers(topic) && (!named || p.names_its_first_level()))
    }

    /// Whether all that matches this filter may be read.
    pub fn subscribe(&self, filter: &Filter) -> bool {
        self.subscribe.iter().any(|p| p.covers(filter.as_str()))
    }
}

impl Pattern {
    fn new(filter: &Filter, user: &str, client: &str) -> Self {
        let level = |text: &str| match text {
            "+" => Level::Any,
            "#" => Level::Rest,
            text => {
                // In one pass, so that a `%c` within a user name stays what it is.
                let parts = text.split("%u").map(|part| part.replace("%c", client));
                Level::Is(parts.collect::<Vec<_>>().join(user))
            }
        };
        Self(filter.as_str().split('/').map(level).collect())
    }

    /// Whether each name that matches `narrower`, a filter or a name, matches this.
    fn covers(&self, narrower: &str) -> bool {
        let mut levels = narrower.split('/');
        for level in &self.0 {
            match (level, levels.next()) {
                (Level::Rest, _) => return true,
                (Level::Any, Some(other)) if other != "#" => {}
                // A name that holds `+`, `#` or `/` after filling in covers nothing.
                (Level::Is(text), Some(other)) if text == other && other != "+" && other != "#" => {
                }
                _ => return false,
            }
        }
        levels.next().is_none()
    }

    fn names_its_first_level(&self) -> bool {
        matches!(self.0.first(), Some(Level::Is(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn filters(all: &[&str]) -> Vec<Filter> {
        all.iter().map(|f| f.parse().unwrap()).collect()
    }

    fn permit(publish: &[&str], subscribe: &[&str], user: &str, client: &str) -> Permit {
        let rights = Rights { publish: filters(publish), subscribe: filters(subscribe) };
        Permit::new(&rights, user, client)
    }

    fn door() -> Access {
        let client = |user: &str| Client {
            user: user.to_owned(),
            password: Secret::from(format!("{user}'s")),
            rights: Rights::default(),
        };
        Access::new(vec![client("wang"), client("li")], None).unwrap()
    }

    #[test]
    fn a_right_covers_what_is_narrower_and_nothing_else() {
        let permit = permit(&["a/+", "b/#"], &["a/+", "b/#", "c"], "", "");
        for (filter, allowed) in [
            ("a/x", true),
            ("a/+", true),
            ("a/#", false),
            ("b", true),
            ("b/+/x", true),
            ("#", false),
            ("+/x", false),
            ("c", true),
            ("c/x", false),
        ] {
            assert_eq!(permit.subscribe(&filter.parse().unwrap()), allowed, "{filter}");
        }
        assert!(permit.publish("a/x") && permit.publish("b") && !permit.publish("a/x/y"));
    }

    #[test]
    fn placeholders_give_each_client_its_own_topics() {
        let permit = permit(&["dev/%c/#", "u-%u/x"], &[], "wang", "pir-1");
        assert!(permit.publish("dev/pir-1/state") && permit.publish("u-wang/x"));
        assert!(!permit.publish("dev/pir-2/state"));
    }

    #[test]
    fn a_client_that_calls_itself_a_wildcard_gains_nothing() {
        for client in ["+", "#", "pir-1/x", "%u"] {
            let permit = permit(&["dev/%c/state"], &["dev/%c/state"], "pir-1", client);
            assert!(!permit.publish("dev/pir-1/state"), "{client}");
            assert!(!permit.subscribe(&"dev/+/state".parse().unwrap()), "{client}");
            assert!(!permit.subscribe(&"dev/pir-1/state".parse().unwrap()), "{client}");
        }
    }

    #[test]
    fn nobody_publishes_in_our_name_by_a_wildcard() {
        let all = permit(&["#", "+/x"], &["#"], "", "");
        assert!(!all.publish("careloop/incidents/1") && !all.publish("careloop/x"));
        assert!(!all.publish("$SYS/x") && all.publish("careloopx/x"));
        let named = permit(&["careloop/incidents/+/moves"], &[], "", "");
        assert!(named.publish("careloop/incidents/1/moves"));
    }

    #[tokio::test(start_paused = true)]
    async fn five_wrong_passwords_close_the_door_for_that_name_and_address_for_a_minute() {
        let door = door();
        let now = Instant::now();
        let login = |user, password: &str, from, now| {
            door.login(Some(user), Some(password.as_bytes()), "c", from, now).map(|_| ())
        };
        assert_eq!(login("wang", "wang's", HOME, now), Ok(()));
        for _ in 0..5 {
            assert_eq!(login("wang", "guess", HOME, now), Err(Denied::Wrong));
        }
        assert_eq!(login("wang", "wang's", HOME, now), Err(Denied::Throttled));
        assert_eq!(login("li", "li's", HOME, now), Ok(()), "another name behind the same address");
        let elsewhere = IpAddr::from([10, 0, 0, 7]);
        assert_eq!(login("wang", "wang's", elsewhere, now), Ok(()));
        assert_eq!(login("wang", "wang's", HOME, now + PENANCE), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn guessing_names_closes_the_door_for_the_address() {
        let door = door();
        let now = Instant::now();
        for n in 0..TRIES_PER_ADDRESS {
            let user = format!("user{n}");
            assert!(door.login(Some(&user), None, "c", HOME, now).is_err());
        }
        let last = door.login(Some("li"), Some(b"li's"), "c", HOME, now);
        assert_eq!(last.map(|_| ()), Err(Denied::Throttled));
    }

    #[test]
    fn without_a_name_one_comes_in_only_where_that_is_allowed() {
        let now = Instant::now();
        let refused = door().login(None, None, "c", HOME, now).map(|_| ());
        assert_eq!(refused, Err(Denied::Nameless));
        let rights = Rights { publish: filters(&["#"]), subscribe: Vec::new() };
        let open = Access::new(Vec::new(), Some(rights)).unwrap();
        assert!(open.login(None, None, "c", HOME, now).unwrap().publish("a"));
    }

    #[test]
    fn a_name_is_looked_at_only_where_somebody_has_one() {
        let now = Instant::now();
        let rights = || Rights { publish: filters(&["#"]), subscribe: Vec::new() };
        let open = Access::new(Vec::new(), Some(rights())).unwrap();
        assert!(open.login(Some("x"), Some(b"y"), "c", HOME, now).unwrap().publish("a"));
        let wang = || Client {
            user: "wang".to_owned(),
            password: Secret::from("wang's".to_owned()),
            rights: rights(),
        };
        let mixed = Access::new(vec![wang()], Some(rights())).unwrap();
        assert!(mixed.login(None, None, "c", HOME, now).is_ok());
        for (user, password) in [("x", "y"), ("wang", "guess")] {
            let refused = mixed.login(Some(user), Some(password.as_bytes()), "c", HOME, now);
            assert_eq!(refused.map(|_| ()), Err(Denied::Wrong), "{user}");
        }
        let closed = Access::new(Vec::new(), None).unwrap();
        assert!(closed.login(Some("x"), None, "c", HOME, now).is_err());
    }
}
