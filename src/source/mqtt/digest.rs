//! What a client says, packet by packet, and what is done about it.

use std::fmt::Write as _;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::time::Instant;

use super::access::Denied;
use super::connect::Connect;
use super::connection::{Connection, End};
use super::pending::{PENDING_MAX, Then};
use super::router::{Guest, NoEntry, Seat, Seen};
use super::session::Subscription;
use super::topic::Filter;
use super::wire::{self, Broken, Message, Packet, Version, Wish};
use super::write::{self, Refusal};
use crate::store::keep::Keep;

/// Longer client identifiers are refused.
const IDENTIFIER_MAX: usize = 256;
/// The longest CONNECT that is taken, in bytes: whoever has not logged in costs little.
const HELLO_MAX: usize = 64 * 1024;
/// As much room for what is read stays when nothing is there.
const INPUT_IDLE: usize = 32 * 1024;
const NOT_ALLOWED: u8 = 0x87;

impl Connection<'_> {
    /// Understands what has been read, until too much is on its way to the disk.
    pub async fn digest(&mut self) -> Result<(), End> {
        if self.input.is_empty() {
            return Ok(());
        }
        let mut input = std::mem::take(&mut self.input);
        let mut at = 0;
        let result = self.digest_all(&input, &mut at).await;
        input.drain(..at);
        if input.is_empty() {
            // What one long packet needed is not held for ever.
            input.shrink_to(INPUT_IDLE);
        }
        self.input = input;
        result
    }

    async fn digest_all(&mut self, input: &[u8], at: &mut usize) -> Result<(), End> {
        let now = Instant::now();
        while self.pending.len() < PENDING_MAX {
            let rest = input.get(*at..).unwrap_or_default();
            let most = self.shared.settings.max_packet;
            let most = if self.seat.is_some() { most } else { most.min(HELLO_MAX) };
            let Some((first, body, end)) = wire::frame(rest, most)? else { break };
            if first >> 4 == 3 && !self.allowed_one_more(now) {
                break;
            }
            let packet = wire::parse(self.version, first, rest.get(body..end).unwrap_or(&[]), now);
            *at += end;
            match (packet, self.seat) {
                (Ok(Packet::Connect(connect)), None) => self.connect(*connect, now).await?,
                (Ok(packet), Some(seat)) => self.hear(packet, seat).await?,
                (Ok(_), None) => return Err(Broken::Protocol.into()),
                (Err(Broken::Version), _) => {
                    return Err(self.refuse(Version::Three, Refusal::Version));
                }
                (Err(broken), _) => return Err(broken.into()),
            }
        }
        Ok(())
    }

    fn allowed_one_more(&mut self, now: Instant) -> bool {
        let Some(rate) = self.shared.settings.max_rate else { return true };
        let (left, until) = &mut self.allowance;
        if *until <= now {
            (*left, *until) = (rate.max(1), now + Duration::from_secs(1));
        }
        let allowed = 0 < *left;
        *left = left.saturating_sub(1);
        allowed
    }

    async fn hear(&mut self, packet: Packet, seat: Seat) -> Result<(), End> {
        self.is_still_welcome()?;
        let version = self.version.unwrap_or(Version::Three);
        match packet {
            Packet::Connect(_) => return Err(Broken::Protocol.into()),
            Packet::Publish(message, id) => self.publish(message, id, seat, version).await?,
            Packet::Puback(id) | Packet::Pubcomp(id) | Packet::Pubrec(id, false) => {
                self.shared.router(|router| router.acknowledged(seat, id));
            }
            Packet::Pubrec(id, true) => {
                self.shared.router(|router| router.released(seat, id));
                write::acknowledge(&mut self.out, write::PUBREL, id);
            }
            Packet::Pubrel(id) => {
                let keep = self.shared.router(|router| router.release(seat, id))?;
                let mut bytes = Vec::new();
                write::acknowledge(&mut bytes, write::PUBCOMP, id);
                // Were it said before it is on disk, a new message under this identifier could
                // be taken for the old one after a restart.
                self.answer_after(keep.into_iter().collect(), Then::Say(bytes)).await;
            }
            Packet::Subscribe(id, wishes, number) => {
                self.subscribe(id, wishes, number, seat, version).await;
            }
            Packet::Unsubscribe(id, filters) => {
                self.unsubscribe(id, filters, seat, version).await;
            }
            Packet::Ping => write::pong(&mut self.out),
            Packet::Disconnect(will, expiry) => return Err(End::Left { will, expiry }),
        }
        Ok(())
    }

    fn refuse(&mut self, version: Version, refusal: Refusal) -> End {
        write::refused(&mut self.out, version, refusal);
        End::Refused
    }

    async fn connect(&mut self, connect: Connect, now: Instant) -> Result<(), End> {
        let version = connect.version;
        self.bridge = connect.bridge;
        let given = connect.client.is_empty();
        let unnamed = given && version == Version::Three && !connect.clean;
        if unnamed || IDENTIFIER_MAX < connect.client.len() {
            return Err(self.refuse(version, Refusal::Identifier));
        }
        let client = if given { fresh_identifier() } else { connect.client };
        let (user, password) = (connect.user.as_deref(), connect.password.as_deref());
        self.permit = self.shared.access.login(user, password, &client, self.from, now).map_err(
            |denied| {
                self.shared.counts.refused_logins.fetch_add(1, Relaxed);
                tracing::warn!(from = %self.from, user, client, ?denied, "an MQTT login failed");
                match denied {
                    Denied::Wrong => self.refuse(version, Refusal::Password),
                    Denied::Nameless => self.refuse(version, Refusal::NotAllowed),
                    Denied::Throttled => self.refuse(version, Refusal::TooOften),
                }
            },
        )?;
        self.client = Some(client.clone());
        let will = connect.will.filter(|will| {
            let allowed = self.permit.publish(&will.message.topic);
            if !allowed {
                self.no_right("publish its will", &will.message.topic);
            }
            allowed
        });
        let guest = Guest {
            client: client.clone(),
            user: connect.user,
            clean: connect.clean,
            expiry: connect.expiry,
            version,
            window: connect.window,
            max_packet: connect.max_packet,
            will,
        };
        let knows = |user: Option<&str>| self.shared.access.knows(user);
        let joined = self.shared.router(|router| {
            let mut joined = router.join(guest, knows, now)?;
            joined.keep.extend(router.withdraw(joined.seat, |f| self.permit.subscribe(f)));
            let former = joined.former.take().map(|will| {
                let (plan, keep) = router.plan(None, &will);
                (will, plan, keep)
            });
            Ok((joined, former))
        });
        let (joined, former) = joined.map_err(|no| match no {
            NoEntry::NotYours => self.refuse(version, Refusal::NotAllowed),
            NoEntry::Full => self.refuse(version, Refusal::Full),
        })?;
        self.version = Some(version);
        self.seat = Some(joined.seat);
        self.wake = joined.wake;
        (self.heard, self.joined) = (now, now);
        self.keep_alive = (connect.keep_alive != 0)
            .then(|| Duration::from_millis(u64::from(connect.keep_alive) * 1500));
        if let Some((will, plan, keep)) = former {
            // It went first, so it is heard first: `offline` before the new `online`.
            self.post(will, plan, keep, None).await;
        }
        let mut bytes = Vec::new();
        let window = u16::try_from(PENDING_MAX).unwrap_or(u16::MAX);
        let offer = (window, self.shared.settings.max_packet);
        write::connack(&mut bytes, version, joined.present, offer, given.then_some(&client));
        self.answer_after(joined.keep, Then::Open(bytes)).await;
        Ok(())
    }

    /// Counts what a client has no right to. The log has the first: it cannot tell the user itself.
    fn no_right(&mut self, to: &str, topic: &str) {
        self.shared.counts.refused.fetch_add(1, Relaxed);
        let (client, from) = (&self.client, self.from);
        // `$…` is nobody's; a bridge tries it each time.
        let minor = topic.starts_with('$');
        if self.warned || minor {
            tracing::debug!(%from, client, to, topic, "an MQTT client has no right to this");
        } else {
            tracing::warn!(%from, client, to, topic, "an MQTT client has no right to this; more of it is not logged");
        }
        self.warned |= !minor;
    }

    async fn publish(
        &mut self,
        message: Message,
        id: Option<u16>,
        seat: Seat,
        version: Version,
    ) -> Result<(), End> {
        if !self.permit.publish(&message.topic) {
            self.no_right("publish", &message.topic);
            if let Some(id) = id {
                // Version 3.1.1 can only say yes or hang up. A device with one topic too many
                // must still be able to call for help on the others, so it is a yes.
                let kind = if message.qos == 2 { write::PUBREC } else { write::PUBACK };
                let mut bytes = Vec::new();
                write::refuse(&mut bytes, version, kind, id);
                self.answer(bytes);
            }
            return Ok(());
        }
        let (seen, plan, keep) = self.shared.router(|router| {
            let twice = id.filter(|_| message.qos == 2);
            let seen = twice.map_or(Seen::New, |id| router.take(seat, id));
            if seen != Seen::New {
                return (seen, <_>::default(), Vec::new());
            }
            let (plan, mut keep) = router.plan(Some(seat), &message);
            if let Some(packet) = twice
                && let Some(client) = router.durable(seat)
            {
                keep.push(Keep::Taken { client, packet, done: false });
            }
            (seen, plan, keep)
        });
        match (seen, id) {
            (Seen::New, _) => self.post(message, plan, keep, id).await,
            (Seen::Stored, Some(id)) => {
                let mut bytes = Vec::new();
                write::acknowledge(&mut bytes, write::PUBREC, id);
                self.answer(bytes);
            }
            (Seen::Elsewhere, _) => return Err(End::Cut(0x83)),
            (Seen::Coming | Seen::Stored, _) => {}
        }
        Ok(())
    }

    async fn subscribe(
        &mut self,
        id: u16,
        wishes: Vec<Wish>,
        number: Option<u32>,
        seat: Seat,
        version: Version,
    ) {
        let bridge = self.bridge;
        let (mut codes, mut replay, mut forbidden) = (Vec::new(), Vec::new(), Vec::new());
        let keep = self.shared.router(|router| {
            for wish in wishes {
                let Wish { filter, qos, no_local, as_published, retained } = wish;
                // **Invariant:** a bridge does not hear again what it said, or its house hears
                // everything twice. Test: `a_bridge_in_both_directions_says_nothing_twice`.
                let (no_local, as_published) = (no_local || bridge, as_published || bridge);
                if filter.starts_with("$share/") {
                    codes.push(0x9e);
                    continue;
                }
                let Ok(filter) = filter.parse::<Filter>() else {
                    codes.push(0x8f);
                    continue;
                };
                if !self.permit.subscribe(&filter) {
                    forbidden.push(filter);
                    codes.push(NOT_ALLOWED);
                    continue;
                }
                let wanted = Subscription { qos, no_local, as_published, number };
                let Some(new) = router.subscribe(seat, filter.clone(), wanted.clone()) else {
                    codes.push(0x97);
                    continue;
                };
                codes.push(qos);
                if retained == 0 || (retained == 1 && new) {
                    replay.push((filter, wanted));
                }
            }
            router.keep(seat)
        });
        for filter in forbidden {
            self.no_right("subscribe to", filter.as_str());
        }
        if version == Version::Three {
            // It knows one word for no.
            codes.iter_mut().filter(|code| 2 < **code).for_each(|code| *code = 0x80);
        }
        let mut bytes = Vec::new();
        write::suback(&mut bytes, version, id, &codes);
        self.answer_after(keep, Then::Replay(bytes, replay)).await;
    }

    async fn unsubscribe(&mut self, id: u16, filters: Vec<String>, seat: Seat, version: Version) {
        let mut codes = Vec::new();
        let keep = self.shared.router(|router| {
            for filter in filters {
                codes.push(match filter.parse::<Filter>() {
                    Ok(filter) if router.unsubscribe(seat, &filter) => 0,
                    Ok(_) => 0x11,
                    Err(_) => 0x8f,
                });
            }
            router.keep(seat)
        });
        let mut bytes = Vec::new();
        write::unsuback(&mut bytes, version, id, &codes);
        self.answer_after(keep, Then::Say(bytes)).await;
    }
}

fn fresh_identifier() -> String {
    let mut random = [0; 12];
    let mut name = String::from("careloop-");
    if SystemRandom::new().fill(&mut random).is_err() {
        tracing::error!("the system has no random numbers");
    }
    for byte in random {
        write!(name, "{byte:02x}").expect("a text takes all");
    }
    name
}
