//! Text messages by a modem with a SIM on a serial port: where the house has no other line left. Messages are in
//! PDU mode, in Chinese, as many parts as it takes; the network's reports say whether the telephone has them.
//!
//! Who answers `1` accepts the newest open incident that their number was told of. Whatever else they write is a
//! note that nobody reads: nothing is answered to it.

mod dialogue;
mod pdu;
mod post;
mod replies;

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{Notice, Verdict};
use crate::domain::{DeliveryId, Name};
use crate::inbox::Inbox;

/// How many messages wait for the modem, which takes a few seconds for each. Whoever is behind them is told by
/// another way at once.
const WAITING_MAX: usize = 4;
/// How long to wait before a modem that is not there is looked for again.
pub const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A modem.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its port: `/dev/ttyUSB2`.
    pub port: PathBuf,
    /// Bits a second.
    pub baud: u32,
    /// The country that numbers without one belong to: `86`.
    pub country: String,
}

/// Where replies and reports of the network go.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// The channel, as contacts name it.
    pub channel: Name,
    /// The one way in.
    pub inbox: Inbox,
    /// The database file.
    pub store: PathBuf,
}

/// Sends by a modem that somebody runs.
#[derive(Debug)]
pub struct Modem(mpsc::Sender<Errand>);

/// One message to send, and where to say what became of it.
#[derive(Debug)]
struct Errand {
    delivery: DeliveryId,
    to: String,
    text: String,
    verdict: oneshot::Sender<Verdict>,
}

/// The other end: whoever has the port.
#[derive(Debug)]
pub struct Operator {
    account: Account,
    mailbox: Mailbox,
    errands: mpsc::Receiver<Errand>,
    look_every: Duration,
}

impl Modem {
    /// A way to send, and the one who does it, who is to be [run](Operator::run). `look_every`: see
    /// [`LOOK_EVERY`].
    pub fn new(account: Account, mailbox: Mailbox, look_every: Duration) -> (Self, Operator) {
        let (sender, errands) = mpsc::channel(WAITING_MAX);
        (Self(sender), Operator { account, mailbox, errands, look_every })
    }

    /// One attempt. As the modem takes one after the other, it takes as long as those before it.
    pub(super) async fn tell(&self, notice: &Notice) -> Verdict {
        let (verdict, said) = oneshot::channel();
        let reply = notice.body.get("reply").and_then(serde_json::Value::as_str);
        let text = match reply {
            Some(reply) => format!("{}。{reply}", notice.text),
            None => notice.text.clone(),
        };
        let (delivery, to) = (notice.delivery.clone(), notice.to.clone());
        if self.0.try_send(Errand { delivery, to, text, verdict }).is_err() {
            return Verdict::later("the modem has more messages to send than it can");
        }
        said.await
            .unwrap_or_else(|_closed| Verdict::Unknown { why: "the modem is gone".to_owned() })
    }
}

impl Operator {
    /// Sends and receives until `stop`. A modem that is not there is looked for again and again.
    pub async fn run(mut self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.operate() => {}
        }
    }
}
