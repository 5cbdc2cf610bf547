//! Serial ports. A port may be missing at start, vanish and come back; bytes may be lost, frames may
//! not: a device cannot send one again, so each is offered until it is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_serial::{SerialPort, SerialPortBuilderExt, SerialStream};
use tokio_util::sync::CancellationToken;

use crate::device::{Deframer, Found, FrameError, Origin, Parity, Port, RawMessage};
use crate::inbox::Inbox;

/// A missing port is tried again after this long …
const RETRY_FIRST: Duration = Duration::from_secs(1);
/// … and then after twice as long each time, up to this.
const RETRY_MAX: Duration = Duration::from_secs(30);
/// How many frames wait to be stored before the port is no longer read.
const WAITING_MAX: usize = 1024;
/// How many frames are on their way to the disk at once: one commit holds them all.
const TOGETHER_MAX: usize = 64;
/// A question that a port does not take within this long is not sent.
const ASK_WITHIN: Duration = Duration::from_secs(1);
/// Damaged frames are shown to the technician at most this often; all are counted.
const DAMAGE_EVERY: Duration = Duration::from_secs(1);
/// After so many turns of [`DAMAGE_EVERY`] with nothing but noise, the noise is shown as well: most
/// likely the baud rate is wrong.
const NOISY_TURNS: u32 = 10;

/// How a port is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// The port is open.
    pub is_up: bool,
    /// Why it is not, or was not the last time.
    pub why: String,
    /// Whole frames received.
    pub frames: u64,
    /// What was no frame, by kind.
    pub damage: BTreeMap<FrameError, u64>,
    /// How often a frame had to be offered again because it could not be stored.
    pub repeated: u64,
}

/// Reads a port until cancelled, and hands every frame to the inbox. Returns when what was read is
/// stored, or nobody stores any more.
pub async fn run(
    port: Port,
    inbox: Inbox,
    health: watch::Sender<Health>,
    cancel: CancellationToken,
) {
    let (frames, waiting) = mpsc::channel(WAITING_MAX);
    let read = async {
        // Dropping the sender ends the other half, once it has stored what waits.
        let frames = frames;
        tokio::select! {
            () = keep_open(&port, &frames, &health) => {}
            () = cancel.cancelled() => {}
        }
        health.send_modify(|health| health.is_up = false);
    };
    tokio::join!(read, store(&port.path, waiting, &inbox, &health, &cancel));
}

/// Opens the port, again and again.
async fn keep_open(port: &Port, frames: &mpsc::Sender<Vec<u8>>, health: &watch::Sender<Health>) {
    let mut retry = RETRY_FIRST;
    loop {
        let why = match open(port) {
            Err(why) => format!("cannot open `{}`: {why}", port.path),
            Ok(stream) => {
                health.send_modify(|health| {
                    health.is_up = true;
                    health.why.clear();
                });
                let mut reader = Reader::new(port, frames, health);
                let why = reader.read(stream).await;
                if reader.has_heard {
                    retry = RETRY_FIRST;
                }
                format!("`{}` is gone: {why}", port.path)
            }
        };
        health.send_modify(|health| {
            health.is_up = false;
            health.why = why;
        });
        sleep(retry).await;
        retry = RETRY_MAX.min(retry * 2);
    }
}

fn open(port: &Port) -> Result<SerialStream, tokio_serial::Error> {
    let parity = match port.line.parity {
        Parity::None => tokio_serial::Parity::None,
        Parity::Odd => tokio_serial::Parity::Odd,
        Parity::Even => tokio_serial::Parity::Even,
    };
    let stream =
        tokio_serial::new(&port.path, port.line.baud).parity(parity).open_native_async()?;
    // What stood in the kernel's buffer may be hours old.
    stream.clear(tokio_serial::ClearBuffer::Input)?;
    Ok(stream)
}

/// One opening of a port.
struct Reader<'p> {
    port: &'p Port,
    frames: &'p mpsc::Sender<Vec<u8>>,
    health: &'p watch::Sender<Health>,
    deframer: Deframer,
    /// Something came at all.
    has_heard: bool,
    /// A damaged frame may be shown.
    may_show: bool,
    /// Turns since the last whole frame.
    turns: u32,
    /// Sorts of frame taken on in this turn, where only some are wanted.
    taken: BTreeSet<u16>,
}

impl<'p> Reader<'p> {
    fn new(
        port: &'p Port,
        frames: &'p mpsc::Sender<Vec<u8>>,
        health: &'p watch::Sender<Health>,
    ) -> Self {
        Self {
            port,
            frames,
            health,
            deframer: Deframer::new(port.line.framing),
            has_heard: false,
            may_show: true,
            turns: 0,
            taken: BTreeSet::new(),
        }
    }

    /// Reads until the port is gone; says why it is.
    async fn read(&mut self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Error {
        let every = |span: Duration| {
            let mut ticks = interval(span);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        };
        let line = &self.port.line;
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
        if self.port.line.at_most_every.is_none() {
            return true;
        }
        let content = self.port.line.framing.open(frame);
        content.is_ok_and(|content| self.taken.insert(content.selector))
    }

    /// Waits while too many wait: then the kernel's buffer fills, and bytes may be lost.
    async fn hand_over(&self, bytes: Vec<u8>) {
        // The other half ends only after this one.
        drop(self.frames.send(bytes).await);
    }
}

/// Offers what was read, in its order, until it is stored.
async fn store(
    path: &str,
    mut waiting: mpsc::Receiver<Vec<u8>>,
    inbox: &Inbox,
    health: &watch::Sender<Health>,
    cancel: &CancellationToken,
) {
    let mut batch = Vec::new();
    while 0 < waiting.recv_many(&mut batch, TOGETHER_MAX).await {
        while !batch.is_empty() {
            let stored = offer(path, &batch, inbox).await;
            batch.drain(..stored);
            if batch.is_empty() {
                break;
            }
            if cancel.is_cancelled() {
                return;
            }
            health.send_modify(|health| health.repeated += 1);
            tokio::select! {
                () = sleep(RETRY_FIRST) => {}
                () = cancel.cancelled() => {}
            }
        }
    }
}

/// Offers all; gives how many from the first on are stored. Those after one that is not are offered
/// again with it: what a device says last must also be stored last.
async fn offer(path: &str, batch: &[Vec<u8>], inbox: &Inbox) -> usize {
    let mut receipts = Vec::new();
    for payload in batch {
        let origin = Origin::Serial(path.to_owned());
        let raw = RawMessage { origin, payload: payload.clone(), retained: false };
        receipts.push(inbox.receive(raw, Vec::new()).await);
    }
    let mut stored = 0;
    for receipt in receipts {
        if receipt.await.is_err() {
            break;
        }
        stored += 1;
    }
    stored
}

#[cfg(test)]
mod tests;
