//! Serial ports. A port may be missing at start, vanish and come back; bytes may be lost, frames may
//! not: a device cannot send one again, so each is offered until it is stored.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_serial::{SerialPort, SerialPortBuilderExt, SerialStream};
use tokio_util::sync::CancellationToken;

use crate::device::{FrameError, Parity, Port, RawMessage, Speech};
use crate::inbox::Inbox;

use modbus::Poller;
use reader::Reader;

mod modbus;
mod reader;

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
/// What is damaged is shown to the technician at most this often; all is counted.
const DAMAGE_EVERY: Duration = Duration::from_secs(1);

/// How a port is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// The port is open.
    pub is_up: bool,
    /// Why it is not, or was not the last time.
    pub why: String,
    /// Whole frames, or replies of units, received.
    pub frames: u64,
    /// What was no frame, by kind.
    pub damage: BTreeMap<FrameError, u64>,
    /// How often a unit answered that it does not have what it was asked.
    pub refusals: u64,
    /// How often a unit did not answer.
    pub silences: u64,
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
    tokio::join!(read, store(waiting, &inbox, &health, &cancel));
}

/// Opens the port, again and again.
async fn keep_open(port: &Port, frames: &mpsc::Sender<RawMessage>, health: &watch::Sender<Health>) {
    let mut retry = RETRY_FIRST;
    loop {
        let why = match open(port) {
            Err(why) => format!("cannot open `{}`: {why}", port.path),
            Ok(stream) => {
                health.send_modify(|health| {
                    health.is_up = true;
                    health.why.clear();
                });
                let (why, has_heard) = match &port.speech {
                    Speech::Frames(line) => {
                        let mut reader = Reader::new(&port.path, line, frames, health);
                        (reader.read(stream).await, reader.has_heard)
                    }
                    Speech::Modbus(bus) => {
                        let mut poller = Poller::new(&port.path, bus, frames, health);
                        (poller.poll(stream).await, poller.has_heard)
                    }
                };
                if has_heard {
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
    let (baud, parity) = match &port.speech {
        Speech::Frames(line) => (line.baud, line.parity),
        Speech::Modbus(bus) => (bus.baud, bus.parity),
    };
    let parity = match parity {
        Parity::None => tokio_serial::Parity::None,
        Parity::Odd => tokio_serial::Parity::Odd,
        Parity::Even => tokio_serial::Parity::Even,
    };
    let stream = tokio_serial::new(&port.path, baud).parity(parity).open_native_async()?;
    // What stood in the kernel's buffer may be hours old.
    stream.clear(tokio_serial::ClearBuffer::Input)?;
    Ok(stream)
}

/// Offers what was read, in its order, until it is stored.
async fn store(
    mut waiting: mpsc::Receiver<RawMessage>,
    inbox: &Inbox,
    health: &watch::Sender<Health>,
    cancel: &CancellationToken,
) {
    let mut batch = Vec::new();
    while 0 < waiting.recv_many(&mut batch, TOGETHER_MAX).await {
        while !batch.is_empty() {
            let stored = offer(&batch, inbox).await;
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
async fn offer(batch: &[RawMessage], inbox: &Inbox) -> usize {
    let mut receipts = Vec::new();
    for raw in batch {
        receipts.push(inbox.receive(raw.clone(), Vec::new()).await);
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
