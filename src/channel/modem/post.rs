//! Whoever has the port: looks for the modem, sends what is to be sent, and takes what comes in.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_serial::{SerialPort, SerialPortBuilderExt};

use super::dialogue::{Dialogue, Said, Trouble};
use super::pdu::{self, Incoming};
use super::{Errand, Operator, Verdict};
use crate::channel::in_short;
use crate::domain::{DeliveryId, Report, Span};
use crate::inbox::Arrival;

/// Messages that came in are looked for at least this often, and so is the modem itself.
const LOOK_IN_EVERY: Duration = Duration::from_secs(60);
/// A busy network, or none for a moment.
const SOON: Span = Span::seconds(20);

/// Parts that were sent, by the modem's reference, and whose they are.
#[derive(Debug, Default)]
struct Sent {
    parts: BTreeMap<u8, DeliveryId>,
    /// How many parts of each are not reported yet.
    left: BTreeMap<DeliveryId, usize>,
}

impl Operator {
    pub(super) async fn operate(&mut self) {
        loop {
            let why = match self.open().await {
                Ok(mut line) => {
                    tracing::info!(port = %self.account.port.display(), "the modem is ready");
                    self.serve(&mut line).await
                }
                Err(why) => why,
            };
            let why = in_short(&why.to_string());
            tracing::warn!(port = %self.account.port.display(), why, "no modem");
            self.send_nothing(&why).await;
        }
    }

    /// A modem that is there, has a SIM, and speaks as we do.
    async fn open(&self) -> Result<Dialogue, Trouble> {
        let path = self.account.port.to_string_lossy();
        let failed = |e| Trouble::Line(format!("cannot open `{path}`: {e}"));
        let stream = tokio_serial::new(&*path, self.account.baud).open_native_async();
        let stream = stream.map_err(failed)?;
        stream.clear(tokio_serial::ClearBuffer::Input).map_err(failed)?;
        let mut line = Dialogue::new(stream);
        // An escape ends a message that a former process began.
        line.ask("\x1BATE0").await.or_else(refused_is_fine)?;
        line.ask("AT+CMEE=1").await.or_else(refused_is_fine)?;
        let sim = line.ask("AT+CPIN?").await?;
        if !sim.iter().any(|said| said.contains("READY")) {
            return Err(Trouble::Line("the SIM wants a PIN: switch that off".to_owned()));
        }
        line.ask("AT+CMGF=0").await?;
        // Messages are kept until they are read, reports are told at once.
        line.ask("AT+CNMI=2,1,0,1,0").await?;
        Ok(line)
    }

    /// Refuses what is to be sent until it is time to look again.
    async fn send_nothing(&mut self, why: &str) {
        let until = Instant::now() + self.look_every;
        while let Ok(errand) = timeout_at(until, self.errands.recv()).await {
            match errand {
                Some(errand) => answer(errand, Verdict::later(why)),
                // Nobody sends any more.
                None => sleep_until(until).await,
            }
        }
    }

    /// Until the line is gone; returns why.
    async fn serve(&mut self, line: &mut Dialogue) -> Trouble {
        let mut sent = Sent::default();
        let mut look = Instant::now();
        loop {
            let step = tokio::select! {
                errand = self.errands.recv() => match errand {
                    Some(errand) => send(line, errand, &mut sent).await,
                    None => std::future::pending().await,
                },
                said = line.hear() => match said {
                    Ok(Said::Report(report)) => self.reported(&report, &mut sent).await,
                    Ok(Said::Stored(_)) => self.take_in(line).await,
                    Err(gone) => Err(gone),
                },
                () = sleep_until(look) => {
                    look = Instant::now() + LOOK_IN_EVERY;
                    self.take_in(line).await
                }
            };
            if let Err(gone) = step {
                return gone;
            }
        }
    }

    /// Takes what came in and lies there, also while nobody was listening. A message is removed from the SIM
    /// when what it says is on disk.
    async fn take_in(&self, line: &mut Dialogue) -> Result<(), Trouble> {
        let listed = match line.ask("AT+CMGL=4").await {
            Ok(listed) => listed,
            Err(Trouble::Refused { .. }) => return Ok(()),
            Err(gone) => return Err(gone),
        };
        for pair in listed.windows(2) {
            let [head, hex] = pair else { continue };
            let place = head.strip_prefix("+CMGL:").and_then(|head| head.split(',').next());
            let Some(place) = place.and_then(|place| place.trim().parse::<u32>().ok()) else {
                continue;
            };
            if self.is_done_with(pdu::incoming(hex)).await {
                line.ask(&format!("AT+CMGD={place}")).await.or_else(refused_is_fine)?;
            }
        }
        Ok(())
    }

    async fn is_done_with(&self, incoming: Option<Incoming>) -> bool {
        match incoming {
            Some(Incoming::Text { from, at, text }) => self.read(&from, at, &text).await,
            // Nobody reads it.
            Some(Incoming::Status { .. }) | None => true,
        }
    }

    /// The network says what became of a part. Only when all have arrived the message has.
    async fn reported(&self, report: &str, sent: &mut Sent) -> Result<(), Trouble> {
        let Some(Incoming::Status { reference, status }) = pdu::incoming(report) else {
            return Ok(());
        };
        // 0x20 and above: it still tries.
        if (0x20..0x40).contains(&status) {
            return Ok(());
        }
        let Some(delivery) = sent.parts.remove(&reference) else { return Ok(()) };
        let report = if status < 0x20 {
            match sent.left.get_mut(&delivery) {
                Some(left) if 1 < *left => {
                    *left -= 1;
                    return Ok(());
                }
                Some(_) => Report::Delivered,
                // Another part was lost: that was told.
                None => return Ok(()),
            }
        } else {
            // Below 0x60 it says that trying again is of no use; above, it has given up all the same.
            let why = format!("the network could not deliver it: status {status:#04x}");
            Report::Failed { why, last: status < 0x60 }
        };
        sent.left.remove(&delivery);
        let DeliveryId { incident, k } = delivery;
        let (home, incident) = (incident.home, incident.n);
        let arrival = Arrival::Attempt { home, incident, k, report, again_in: None };
        // If it cannot be stored the message stays "sent": it was.
        drop(self.mailbox.inbox.post(arrival).await.await);
        Ok(())
    }
}

/// Sends one. An error is the end of the line; the errand is answered all the same.
async fn send(line: &mut Dialogue, errand: Errand, sent: &mut Sent) -> Result<(), Trouble> {
    let nth = u8::try_from(errand.delivery.k % 256).unwrap_or(0);
    let Some(parts) = pdu::submits(&errand.to, &errand.text, nth) else {
        answer(errand, Verdict::never("the contact's `to` is no telephone number"));
        return Ok(());
    };
    let trouble = match is_on_air(line).await {
        Ok(true) => send_parts(line, &errand.delivery, &parts, sent).await.err(),
        Ok(false) => {
            let why = "the modem has no network".to_owned();
            let verdict = Verdict::Failed { why, last: false, again_in: Some(SOON) };
            answer(errand, verdict);
            return Ok(());
        }
        Err(trouble) => Some(trouble),
    };
    let Some(trouble) = trouble else {
        answer(errand, Verdict::Sent);
        return Ok(());
    };
    let why = trouble.to_string();
    match trouble {
        Trouble::Refused { code, .. } => answer(errand, refusal(code, why)),
        Trouble::Untold => {
            answer(errand, Verdict::Unknown { why });
            return Err(Trouble::Untold);
        }
        Trouble::Line(_) => {
            answer(errand, Verdict::later(why));
            return Err(trouble);
        }
    }
    Ok(())
}

async fn send_parts(
    line: &mut Dialogue,
    delivery: &DeliveryId,
    parts: &[pdu::Submit],
    sent: &mut Sent,
) -> Result<(), Trouble> {
    sent.left.insert(delivery.clone(), parts.len());
    for part in parts {
        match line.send(part.octets, &part.hex).await {
            Ok(reference) => {
                // A reference is used again after 256 messages: what it meant before is not reported any more.
                let before = sent.parts.insert(reference, delivery.clone());
                let is_left = |delivery: &DeliveryId, parts: &BTreeMap<u8, DeliveryId>| {
                    parts.values().any(|other| other == delivery)
                };
                if let Some(before) = before.filter(|before| !is_left(before, &sent.parts)) {
                    sent.left.remove(&before);
                }
            }
            Err(trouble) => {
                // Half a message is none.
                sent.left.remove(delivery);
                return Err(trouble);
            }
        }
    }
    Ok(())
}

/// Whether the modem is registered with a network, its own or another's.
async fn is_on_air(line: &mut Dialogue) -> Result<bool, Trouble> {
    for command in ["AT+CREG?", "AT+CEREG?"] {
        let said = match line.ask(command).await {
            Ok(said) => said,
            Err(Trouble::Refused { .. }) => continue,
            Err(gone) => return Err(gone),
        };
        let state = said.iter().find_map(|line| line.split_once("REG:")?.1.split(',').nth(1));
        if matches!(state.map(str::trim), Some("1" | "5" | "6" | "7")) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a code of the modem or the network means (3GPP TS 27.005 §3.2.5, TS 24.011 annex E).
fn refusal(code: Option<u32>, why: String) -> Verdict {
    match code {
        // No such number, barred, or no subscriber; the SIM is missing, locked or broken; no service centre.
        Some(1 | 8 | 10 | 28..=30 | 50 | 69 | 310..=313 | 315..=318 | 330) => Verdict::never(why),
        Some(_) | None => Verdict::Failed { why, last: false, again_in: Some(SOON) },
    }
}

fn answer(errand: Errand, verdict: Verdict) {
    // Whoever waits for it may be gone.
    drop(errand.verdict.send(verdict));
}

/// Not every modem knows every command.
fn refused_is_fine(trouble: Trouble) -> Result<Vec<String>, Trouble> {
    match trouble {
        Trouble::Refused { .. } => Ok(Vec::new()),
        Trouble::Line(_) | Trouble::Untold => Err(trouble),
    }
}
