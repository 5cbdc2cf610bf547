//! A line that several units share. None speaks unasked: they are asked one after the other, and one
//! that does not answer must not keep the others waiting.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::{ASK_WITHIN, DAMAGE_EVERY, Health};
use crate::device::modbus::{Poll, QUESTION, ReplyError};
use crate::device::{Bus, Modbus, Origin, RawMessage};

/// How long a unit may think before it answers; bytes on their way come on top. The slowest documented
/// one can be set to 350 ms.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);
/// A unit that was silent so often in a row …
const SILENT_AFTER: u32 = 3;
/// … is asked no more often than this until it answers.
const SILENT_EVERY: Duration = Duration::from_secs(30);
/// The same answer as before is handed on again only after this long: a door that is asked every second
/// need not be written down every second. The catalogue sees to it that no unit counts as quiet sooner.
const SAME_EVERY: Duration = Duration::from_secs(30);
/// After a failure the line must be silent for this long, so that an answer that comes late is not
/// taken for that to the next question …
const SETTLE: Duration = Duration::from_millis(100);
/// … but a line that is never silent is not waited for any longer than this.
const SETTLE_MAX: Duration = Duration::from_secs(1);
/// Of an answer no more bytes are listened to.
const HEARD_MAX: usize = 512;

/// One opening of a port on which several units answer.
pub(super) struct Poller<'p> {
    path: &'p str,
    baud: u32,
    units: Vec<Unit<'p>>,
    frames: &'p mpsc::Sender<RawMessage>,
    health: &'p watch::Sender<Health>,
    /// Something came at all.
    pub(super) has_heard: bool,
}

/// Who is asked, and how that went.
struct Unit<'p> {
    address: u8,
    modbus: &'p Modbus,
    due: Instant,
    /// How many questions in a row it left without a sound. Damaged answers do not count: it is
    /// there, and what it has to say may be a fire.
    silent: u32,
    /// What was last handed on of each poll, and when.
    told: BTreeMap<Poll, (Vec<u8>, Instant)>,
    /// When damage was last shown.
    shown: Option<Instant>,
}

impl<'p> Poller<'p> {
    pub(super) fn new(
        path: &'p str,
        bus: &'p Bus,
        frames: &'p mpsc::Sender<RawMessage>,
        health: &'p watch::Sender<Health>,
    ) -> Self {
        let due = Instant::now();
        let unit = |(address, modbus): (&u8, &'p Modbus)| Unit {
            address: *address,
            modbus,
            due,
            silent: 0,
            told: BTreeMap::new(),
            shown: None,
        };
        let units = bus.units.iter().map(unit).collect();
        Self { path, baud: bus.baud, units, frames, health, has_heard: false }
    }

    /// Asks until the port is gone; says why it is.
    pub(super) async fn poll(
        &mut self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
    ) -> io::Error {
        loop {
            let next = self.units.iter_mut().enumerate().min_by_key(|(_, unit)| unit.due);
            let Some((next, due)) = next.map(|(n, unit)| (n, unit.due)) else {
                return unspoken(&mut stream).await;
            };
            // Nobody speaks now; reading tells when the adapter is unplugged.
            tokio::select! {
                () = sleep_until(due) => {}
                why = unspoken(&mut stream) => return why,
            }
            if let Err(why) = self.visit(next, &mut stream).await {
                return why;
            }
        }
    }

    /// Asks one unit all that it is to be asked.
    async fn visit(
        &mut self,
        n: usize,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> io::Result<()> {
        let Some(unit) = self.units.get(n) else { return Ok(()) };
        let (address, modbus) = (unit.address, unit.modbus);
        for poll in &modbus.poll {
            let exchange = self.ask(address, *poll, stream).await?;
            if !self.take(n, *poll, exchange).await {
                settle(stream).await?;
                // It would keep the others waiting once more for each of its polls.
                break;
            }
        }
        if let Some(unit) = self.units.get_mut(n) {
            let every = unit.modbus.every.to_std();
            let is_silent = SILENT_AFTER <= unit.silent;
            unit.due = Instant::now() + if is_silent { every.max(SILENT_EVERY) } else { every };
        }
        Ok(())
    }

    /// Asks one question. Gives it with all that was heard until it was answered or nothing came.
    async fn ask(
        &mut self,
        address: u8,
        poll: Poll,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> io::Result<Vec<u8>> {
        // Between two messages there must be silence for three and a half bytes.
        let gap = self.on_the_line(4).max(Duration::from_millis(2));
        if let Ok(why) = timeout(gap, unspoken(stream)).await {
            return Err(why);
        }
        let mut exchange = poll.question(address).to_vec();
        timeout(ASK_WITHIN, stream.write_all(&exchange)).await??;
        let asked = exchange.len();
        let bytes = asked + poll.reply_bytes();
        let deadline = Instant::now() + ANSWER_WITHIN + self.on_the_line(bytes);
        let mut buffer = [0; 256];
        while exchange.len() < HEARD_MAX {
            match timeout_at(deadline, stream.read(&mut buffer)).await {
                Err(_too_late) => break,
                Ok(Err(why)) => return Err(why),
                Ok(Ok(0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(Ok(n)) => exchange.extend(buffer.get(..n).unwrap_or_default()),
            }
            self.has_heard = true;
            match poll.reply(address, exchange.get(asked..).unwrap_or_default()) {
                Ok(_) | Err(ReplyError::Refused(_)) => break,
                Err(ReplyError::Silence | ReplyError::Damaged(_)) => {}
            }
        }
        Ok(exchange)
    }

    /// Counts an exchange and hands it on, if it says anything new. False if there was no answer.
    async fn take(&mut self, n: usize, poll: Poll, exchange: Vec<u8>) -> bool {
        let Some(unit) = self.units.get_mut(n) else { return true };
        let heard = exchange.get(QUESTION..).unwrap_or_default();
        let now = Instant::now();
        match poll.reply(unit.address, heard) {
            Err(ReplyError::Silence) => {
                self.health.send_modify(|health| health.silences += 1);
                unit.was_silent(self.path);
                return false;
            }
            Err(ReplyError::Damaged(why)) => {
                self.health.send_modify(|health| *health.damage.entry(why).or_default() += 1);
                if unit.shown.is_none_or(|shown| DAMAGE_EVERY <= now - shown) {
                    unit.shown = Some(now);
                    // The catalogue finds it damaged as well, and makes it a problem of this unit.
                    self.hand_over(n, exchange).await;
                }
                return false;
            }
            Ok(_) => self.health.send_modify(|health| health.frames += 1),
            Err(ReplyError::Refused(_)) => self.health.send_modify(|health| health.refusals += 1),
        }
        unit.has_answered(self.path);
        let is_known = unit
            .told
            .get(&poll)
            .is_some_and(|(last, at)| *last == exchange && now - *at < SAME_EVERY);
        if !is_known {
            unit.told.insert(poll, (exchange.clone(), now));
            self.hand_over(n, exchange).await;
        }
        true
    }

    async fn hand_over(&self, n: usize, payload: Vec<u8>) {
        let Some(unit) = self.units.get(n) else { return };
        let origin = Origin::unit(self.path, unit.address);
        // The other half ends only after this one.
        drop(self.frames.send(RawMessage { origin, payload, retained: false }).await);
    }

    /// How long so many bytes take, with start, stop and parity bit.
    fn on_the_line(&self, bytes: usize) -> Duration {
        Duration::from_secs(11) * u32::try_from(bytes).unwrap_or(u32::MAX) / self.baud.max(1)
    }
}

impl Unit<'_> {
    fn was_silent(&mut self, path: &str) {
        self.silent = self.silent.saturating_add(1);
        if self.silent == SILENT_AFTER {
            tracing::warn!(port = path, unit = self.address, "a unit does not answer");
        }
    }

    fn has_answered(&mut self, path: &str) {
        if SILENT_AFTER <= self.silent {
            tracing::info!(port = path, unit = self.address, "a unit answers again");
        }
        self.silent = 0;
    }
}

/// Reads what nobody asked for, until the port is gone.
async fn unspoken(stream: &mut (impl AsyncRead + Unpin)) -> io::Error {
    let mut buffer = [0; 256];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
            Ok(_) => {}
            Err(why) => return why,
        }
    }
}

/// Waits until the line is silent.
async fn settle(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let deadline = Instant::now() + SETTLE_MAX;
    let mut buffer = [0; 256];
    while Instant::now() < deadline {
        match timeout(SETTLE, stream.read(&mut buffer)).await {
            Err(_silent) => return Ok(()),
            Ok(Ok(0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(Ok(_)) => {}
            Ok(Err(why)) => return Err(why),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
