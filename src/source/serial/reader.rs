//! A device that speaks by itself: bytes in, frames out.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{ASK_WITHIN, DAMAGE_EVERY, Health};
use crate::device::{Deframer, Found, FrameError, Line, Origin, RawMessage};

/// After so many turns of [`DAMAGE_EVERY`] with nothing but noise, the noise is shown as well: most
/// likely the baud rate is wrong.
const NOISY_TURNS: u32 = 10;

/// One opening of a port on which one device speaks.
pub(super) struct Reader<'p> {
    path: &'p str,
    line: &'p Line,
    frames: &'p mpsc::Sender<RawMessage>,
    health: &'p watch::Sender<Health>,
    deframer: Deframer,
    /// Something came at all.
    pub(super) has_heard: bool,
    /// A damaged frame may be shown.
    may_show: bool,
    /// Turns since the last whole frame.
    turns: u32,
    /// Sorts of frame taken on in this turn, where only some are wanted …
    taken: BTreeSet<u16>,
    /// … and what the last of each that was taken on said at its signs.
    signs: BTreeMap<u16, Vec<Option<f64>>>,
}

impl<'p> Reader<'p> {
    pub(super) fn new(
        path: &'p str,
        line: &'p Line,
        frames: &'p mpsc::Sender<RawMessage>,
        health: &'p watch::Sender<Health>,
    ) -> Self {
        Self {
            path,
            line,
            frames,
            health,
            deframer: Deframer::new(line.framing),
            has_heard: false,
            may_show: true,
            turns: 0,
            taken: BTreeSet::new(),
            signs: BTreeMap::new(),
        }
    }

    /// Reads until the port is gone; says why it is.
    pub(super) async fn read(
        &mut self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
    ) -> io::Error {
        let every = |span: Duration| {
            let mut ticks = interval(span);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        };
        let line = self.line;
        let mut ask = every(line.ask_every.to_std().max(Duration::from_millis(100)));
        let mut turn = every(DAMAGE_EVERY);
        let thin = line.at_most_every.map_or(DAMAGE_EVERY, |span| span.to_std());
        let mut thin = every(thin.max(Duration::from_millis(1)));
        let mut buffer = [0; 1024];
        loop {
            tokio::select! {
                read = stream.read(&mut buffer) => match read {
                    // An unplugged adapter says either.
                    Ok(0) => return self.gone(io::ErrorKind::UnexpectedEof.into()).await,
                    Err(why) => return self.gone(why).await,
                    Ok(n) => {
                        self.has_heard = true;
                        let found = self.deframer.push(buffer.get(..n).unwrap_or_default());
                        self.take(found).await;
                    }
                },
                _ = ask.tick(), if !line.ask.is_empty() => {
                    let questions = line.ask.concat();
                    if let Ok(Err(why)) = timeout(ASK_WITHIN, stream.write_all(&questions)).await {
                        return self.gone(why).await;
                    }
                }
                _ = turn.tick() => {
                    self.may_show = true;
                    self.turns = self.turns.saturating_add(1);
                }
                _ = thin.tick(), if line.at_most_every.is_some() => self.taken.clear(),
            }
        }
    }

    async fn gone(&mut self, why: io::Error) -> io::Error {
        let found = self.deframer.end();
        self.take(found).await;
        why
    }

    async fn take(&mut self, found: Vec<Found>) {
        for one in found {
            match one {
                Found::Frame(frame) => {
                    self.turns = 0;
                    self.health.send_modify(|health| health.frames += 1);
                    if self.is_wanted(&frame) {
                        self.hand_over(frame).await;
                    }
                }
                Found::Damage { why, bytes } => {
                    self.health.send_modify(|health| *health.damage.entry(why).or_default() += 1);
                    let is_shown = why != FrameError::Noise || NOISY_TURNS <= self.turns;
                    if is_shown && self.may_show {
                        self.may_show = false;
                        self.turns = 0;
                        // The catalogue finds it damaged as well, and makes it a problem of the
                        // device that is bound to this port.
                        self.hand_over(bytes).await;
                    }
                }
            }
        }
    }

    fn is_wanted(&mut self, frame: &[u8]) -> bool {
        if self.line.at_most_every.is_none() {
            return true;
        }
        let Ok(content) = self.line.framing.open(frame) else { return false };
        let signs = self.line.signs(&content);
        let is_first = self.taken.insert(content.selector);
        if !is_first && self.signs.get(&content.selector) == Some(&signs) {
            return false;
        }
        self.signs.insert(content.selector, signs);
        true
    }

    /// Waits while too many wait: then the kernel's buffer fills, and bytes may be lost.
    async fn hand_over(&self, bytes: Vec<u8>) {
        // The other half ends only after this one.
        let origin = Origin::Serial(self.path.to_owned());
        let raw = RawMessage { origin, payload: bytes, retained: false };
        drop(self.frames.send(raw).await);
    }
}
